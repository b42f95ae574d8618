package pasted

import (
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// parseFetch reads calls of fetch() with literal arguments, one or many.
func (s *source) parseFetch() (*Pasted, error) {
	p := &Pasted{Form: FetchCall}
	r := &jsReader{source: s, at: s.start}
	for {
		for more := true; more; { // Chrome puts " ;" between the calls it copies
			var err error
			if more, err = r.accept(';'); err != nil {
				return nil, err
			}
		}
		if r.at >= r.end {
			return p, nil
		}
		if len(p.Requests) == maxFound {
			return nil, s.errorf(r.at, "more than %d requests", maxFound)
		}
		kept := len(statement.FindString(r.text[r.at:r.end]))
		r.at += kept
		call, err := r.call()
		if err != nil {
			return nil, err
		}
		found, err := call.found(p)
		if err != nil {
			return nil, err
		}
		p.Requests = append(p.Requests, found)
		if r.peek() == '.' || kept > 0 && goesOn(r.text[r.at:r.end]) {
			addNote(&p.Requests[len(p.Requests)-1].Notes, RestIgnored, "", "what the page does with the response was not read")
			return p, nil
		}
	}
}

// goesOn reports whether a script does something else than to fetch again.
func goesOn(script string) bool { return withoutComments(script) != "" && !beginsFetch(script) }

// A call is fetch(input, init).
type call struct {
	*source
	at   int
	url  literal
	init literal
}

func (r *jsReader) call() (*call, error) {
	c := &call{source: r.source, at: r.at}
	name := r.callee()
	open, err := r.accept('(')
	switch {
	case err != nil:
		return nil, err
	case name != "fetch" || !open:
		return nil, r.errorf(c.at, "expected fetch(…) and nothing else: nothing is evaluated")
	}
	if c.url, err = r.value(); err != nil {
		return nil, err
	}
	if c.url.kind != aString {
		return nil, r.errorf(c.url.at, "the address is %s: it must be a string", c.url.kind)
	}
	if comma, err := r.accept(','); err != nil {
		return nil, err
	} else if comma && r.peek() != ')' {
		if err := r.skip(); err != nil {
			return nil, err
		}
		if r.peek() != ')' {
			if c.init, err = r.value(); err != nil {
				return nil, err
			}
		}
		if _, err := r.accept(','); err != nil {
			return nil, err
		}
	}
	if c.init.kind != anObject && c.init.kind != aNull && c.init.kind != "" {
		return nil, r.errorf(c.init.at, "the options are %s: they must be an object", c.init.kind)
	}
	closed, err := r.accept(')')
	if err == nil && !closed {
		err = r.errorf(r.at, "expected the parenthesis that closes fetch(…)")
	}
	if err == nil {
		err = r.skip()
	}
	return c, err
}

// callee reads what is called. Only the ways to name fetch are passed over.
func (r *jsReader) callee() string {
	name := r.identifier()
	if name == "await" {
		_ = r.skip()
		name = r.identifier()
	}
	for _, object := range []string{"window", "globalThis", "self"} {
		if name == object && r.peek() == '.' {
			r.at++
			return r.identifier()
		}
	}
	return name
}

// found makes the request that the page would have made.
func (c *call) found(p *Pasted) (Found, error) {
	f := Found{Line: c.line(c.at), Message: -1, Request: fetch.Request{URL: c.url.text}}
	copied := c.isCopied()
	if copied {
		p.Browser = c.browser()
		if c.init.get("mode") == nil && c.init.get("credentials") == nil {
			p.Form = NodeFetch
		}
	}
	for _, m := range c.init.members {
		if err := c.option(&f, m); err != nil {
			return f, err
		}
	}
	if copied {
		f.sortHeaders(f.Request.Header)
		f.creditDevTools(p)
	} else {
		f.tellForbidden()
	}
	f.placePage(c.init.get("referrer"))
	return f, nil
}

// isCopied reports whether DevTools wrote the call: all names are quoted as in
// JSON, and options that people rarely write are there.
func (c *call) isCopied() bool {
	unquoted := func(m member) bool { return !m.quoted }
	return len(c.init.members) > 0 && !slices.ContainsFunc(c.init.members, unquoted) &&
		c.init.get("method") != nil && (c.init.get("body") != nil || c.init.get("credentials") != nil)
}

// browser tells DevTools apart: only Safari's write the redirect mode, and
// Firefox's begin with the credentials mode.
func (c *call) browser() string {
	switch {
	case c.init.get("redirect") != nil:
		return "safari"
	case c.init.members[0].name == "credentials":
		return "firefox"
	}
	return "chrome"
}

// option takes one option of the call. Modes are taken as they are: the engine
// says what the browser says to those that do not exist.
func (c *call) option(f *Found, m member) error {
	r := &f.Request
	switch m.name {
	case "headers":
		return c.headers(f, &m.value)
	case "body":
		return c.body(f, &m.value)
	}
	known := map[string]func(string){
		"method":             func(v string) { r.Method = v },
		"mode":               func(v string) { f.takeMode(v) },
		"credentials":        func(v string) { r.Credentials = fetch.Credentials(v) },
		"redirect":           func(v string) { r.Redirect = fetch.RedirectMode(v) },
		"cache":              func(v string) { r.Cache = fetch.CacheMode(v) },
		"referrerPolicy":     func(v string) { r.ReferrerPolicy = fetch.ReferrerPolicy(v) },
		"targetAddressSpace": func(v string) { r.TargetAddressSpace = fetch.AddressSpace(v) },
		"referrer":           func(string) {}, // placePage takes it
	}
	take, ok := known[m.name]
	switch {
	case !ok:
		f.note(OptionIgnored, m.name, "the option %q does not touch CORS", shorten(m.name, 32))
	case m.value.kind == aNull:
	case m.value.kind != aString:
		return c.errorf(m.value.at, "%q is %s: it must be a string", m.name, m.value.kind)
	default:
		take(m.value.text)
	}
	return nil
}

// takeMode takes a mode that fetch() has. Others are those of navigations and
// sockets, which DevTools copy as if they were calls.
func (f *Found) takeMode(mode string) {
	switch mode {
	case "navigate", "websocket":
		f.note(ModeAssumed, mode, "a page cannot fetch in mode %q: cors is assumed, fetch()'s default", mode)
	default:
		f.Request.Mode = fetch.Mode(mode)
	}
}

// headers takes the forms that a Headers object can be made of.
//
// https://fetch.spec.whatwg.org/#typedefdef-headersinit
func (c *call) headers(f *Found, l *literal) error {
	switch l.kind {
	case aNull:
		return nil
	case anObject:
		for _, m := range l.members {
			if err := c.header(f, m.name, &m.value); err != nil {
				return err
			}
		}
		return nil
	case anArray:
		for _, pair := range l.items {
			if pair.kind != anArray || len(pair.items) != 2 || pair.items[0].kind != aString {
				return c.errorf(pair.at, "a header in an array is a pair of strings: [name, value]")
			}
			if err := c.header(f, pair.items[0].text, &pair.items[1]); err != nil {
				return err
			}
		}
		return nil
	}
	return c.errorf(l.at, "headers are %s: they must be an object or an array of pairs", l.kind)
}

func (c *call) header(f *Found, name string, value *literal) error {
	if value.kind == anObject || value.kind == anArray {
		return c.errorf(value.at, "the header %q is %s: it must be a string", shorten(name, 32), value.kind)
	}
	bytes, ok := byteString(value.text)
	if !ok {
		return c.errorf(value.at, "the header %q has characters beyond U+00FF: fetch() throws a TypeError", shorten(name, 32))
	}
	f.Request.Header.Add(name, bytes)
	return nil
}

// byteString is what a string becomes where a byte a character is wanted.
//
// https://webidl.spec.whatwg.org/#idl-ByteString
func byteString(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return "", false
		}
		b = append(b, byte(r))
	}
	return string(b), true
}

func (c *call) body(f *Found, l *literal) error {
	switch l.kind {
	case aNull:
		return nil
	case aString:
		f.Request.Body = []byte(l.text)
		f.Request.BodyType = "text/plain;charset=UTF-8"
		return nil
	}
	return c.errorf(l.at, "the body is %s: only a string is read", l.kind)
}

// tellForbidden names what a script sets in vain.
func (f *Found) tellForbidden() {
	for _, h := range f.Request.Header {
		if fetch.IsForbiddenRequestHeader(h.Name, h.Value) {
			f.note(ForbiddenHeader, h.Name, "browsers ignore %q when a script sets it", shorten(h.Name, 32))
		}
	}
}

// creditDevTools says what DevTools could not know.
func (f *Found) creditDevTools(p *Pasted) {
	r := &f.Request
	if p.Form == NodeFetch {
		f.assumeCredentials()
		return
	}
	if r.Credentials != "" && r.Credentials != fetch.CredentialsSameOrigin {
		f.note(CredentialsGuessed, "credentials",
			"DevTools write credentials %q from whether the request had cookies or Authorization; the page may have said otherwise", r.Credentials)
	}
	if p.Browser != "safari" {
		f.note(OptionIgnored, "redirect", "DevTools do not copy the redirect mode: follow is assumed")
	}
}

// placePage takes the page from the referrer, which the default policy cuts to
// the origin.
func (f *Found) placePage(referrer *literal) {
	switch {
	case f.Request.Origin != "":
	case referrer != nil && referrer.kind == aString:
		f.pageFromReferrer(referrer.text)
	case len(f.Removed) > 0:
		for _, removed := range f.Removed {
			if strings.EqualFold(removed.Name, "referer") {
				f.pageFromReferrer(removed.Value)
			}
		}
	}
	if f.Request.Origin == "" {
		f.note(OriginUnknown, "", "the page's origin is not in the paste")
	}
}

func (f *Found) pageFromReferrer(referrer string) {
	u, err := fetch.ParseURL(referrer)
	if err != nil || !u.IsHTTP() {
		return
	}
	f.Request.Origin = u.Origin().String()
	f.Request.Page = u.WithoutFragment()
	f.note(OriginFromReferrer, "", "the page's origin is taken from the referrer: %s", f.Request.Origin)
}
