package pasted

import (
	"cmp"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// parsePowerShell reads Invoke-WebRequest and Invoke-RestMethod, with the lines
// that DevTools put before them: a session that carries user agent and cookies.
func (s *source) parsePowerShell() (*Pasted, error) {
	p := &Pasted{Form: PowerShell}
	r := &pwshReader{source: s, at: s.start}
	var session webSession
	for {
		if err := r.blank(true); err != nil {
			return nil, err
		}
		switch {
		case r.at >= r.end:
			if len(p.Requests) == 0 {
				return nil, s.errorf(r.at, "there is no Invoke-WebRequest")
			}
			return p, nil
		case r.text[r.at] == ';':
			r.at++
			continue
		case r.text[r.at] == '$':
			if err := r.statement(&session); err != nil {
				return nil, err
			}
			continue
		case len(p.Requests) == maxFound:
			return nil, s.errorf(r.at, "more than %d requests", maxFound)
		}
		found, err := r.webRequest(session, p)
		if err != nil {
			return nil, err
		}
		p.Requests = append(p.Requests, found)
		if r.at < r.end && (r.text[r.at] == '|' || r.text[r.at] == '>') {
			addNote(&p.Requests[len(p.Requests)-1].Notes, RestIgnored, "", "what is done with the answer was not read: %q", shorten(r.next(), 32))
			return p, nil
		}
	}
}

// webSession is what DevTools put into $session.
type webSession struct {
	userAgent string
	cookies   []string
}

// statement reads one of the three lines that DevTools write about a session.
func (r *pwshReader) statement(session *webSession) error {
	at := r.at
	r.at++
	name := r.variable()
	switch property := ""; {
	case r.has("."):
		r.at++
		property = r.variable()
		if strings.EqualFold(property, "UserAgent") {
			return r.assignment(func() (err error) {
				session.userAgent, err = r.literal()
				return err
			})
		}
		if strings.EqualFold(property, "Cookies") {
			return r.cookie(session)
		}
	default:
		return r.assignment(func() error {
			line, _, _ := strings.Cut(r.next(), "\n")
			if words := strings.Fields(line); len(words) != 2 || !strings.EqualFold(words[0], "New-Object") || !strings.HasSuffix(strings.ToLower(words[1]), ".webrequestsession") {
				return r.errorf(r.at, "only the session that DevTools make is read: nothing is evaluated")
			}
			*session = webSession{}
			r.at += len(line)
			return nil
		})
	}
	return r.errorf(at, "%q: only the session that DevTools make is read, nothing is evaluated", "$"+shorten(name, 32))
}

func (r *pwshReader) variable() string {
	start := r.at
	for r.at < r.end && isIdentifierByte(r.text[r.at]) {
		r.at++
	}
	return r.text[start:r.at]
}

func (r *pwshReader) assignment(value func() error) error {
	if err := r.expect("="); err != nil {
		return err
	}
	if err := r.blank(false); err != nil {
		return err
	}
	return value()
}

// expect passes over blanks and then over text, in any case.
func (r *pwshReader) expect(text string) error {
	if err := r.blank(false); err != nil {
		return err
	}
	if len(r.next()) < len(text) || !strings.EqualFold(r.next()[:len(text)], text) {
		return r.errorf(r.at, "expected %q", text)
	}
	r.at += len(text)
	return nil
}

// literal reads a string and nothing else.
func (r *pwshReader) literal() (string, error) {
	if err := r.blank(false); err != nil {
		return "", err
	}
	if r.at >= r.end || !(r.text[r.at] == '"' || r.text[r.at] == '\'' || r.has(`@"`) || r.has("@'")) {
		return "", r.errorf(r.at, "expected a string: nothing is evaluated")
	}
	return r.str()
}

// cookie reads .Add((New-Object System.Net.Cookie("name", "value", "/", "host"))).
func (r *pwshReader) cookie(session *webSession) error {
	if err := r.expect(".Add((New-Object System.Net.Cookie("); err != nil {
		return err
	}
	var values []string
	for {
		value, err := r.literal()
		if err != nil {
			return err
		}
		values = append(values, value)
		if err := r.blank(false); err != nil {
			return err
		}
		if !r.has(",") {
			break
		}
		r.at++
	}
	if len(values) < 2 {
		return r.errorf(r.at, "a cookie needs a name and a value")
	}
	session.cookies = append(session.cookies, values[0]+"="+values[1])
	return r.expect(")))")
}

// webRequest reads the command and its parameters.
func (r *pwshReader) webRequest(session webSession, p *Pasted) (Found, error) {
	at := r.at
	name, err := r.word()
	if err != nil {
		return Found{}, err
	}
	if !isWebRequest(name) {
		return Found{}, r.errorf(at, "expected Invoke-WebRequest and nothing else: nothing is run")
	}
	w := &webCommand{pwshReader: r, f: Found{Line: r.line(at), Message: -1}}
	for {
		if err := r.blank(false); err != nil {
			return w.f, err
		}
		if r.atEnd() {
			break
		}
		if err := w.parameter(session); err != nil {
			return w.f, err
		}
	}
	if w.f.Request.URL == "" {
		return w.f, r.errorf(at, "there is no -Uri")
	}
	return w.f, w.finish(p)
}

// webCommand is an Invoke-WebRequest that is being read.
type webCommand struct {
	*pwshReader
	f      Found
	header fetch.Header
}

// Parameters of Invoke-WebRequest that take a value and do not touch the
// request, or not as far as a browser could follow, and those that take none.
var (
	pwshIgnored  = []string{"TimeoutSec", "OutFile", "MaximumRedirection", "Proxy", "ConnectionTimeoutSeconds", "OperationTimeoutSeconds", "HttpVersion", "SslProtocol", "ErrorAction", "MaximumRetryCount", "RetryIntervalSec"}
	pwshSwitches = []string{"UseBasicParsing", "PassThru", "DisableKeepAlive", "SkipHeaderValidation", "SkipHttpErrorCheck", "AllowInsecureRedirect", "Verbose", "PreserveAuthorizationOnRedirect"}
)

func (w *webCommand) parameter(session webSession) error {
	at := w.at
	if w.text[at] != '-' {
		value, err := w.word()
		if err == nil && w.f.Request.URL != "" {
			err = w.errorf(at, "a second address")
		}
		w.f.Request.URL = value
		return err
	}
	w.at++
	name := w.variable()
	if w.has(":") {
		w.at++
	}
	if err := w.blank(false); err != nil {
		return err
	}
	is := func(names ...string) bool {
		for _, full := range names {
			if strings.EqualFold(name, full) {
				return true
			}
		}
		return false
	}
	switch {
	case is(pwshSwitches...):
		return nil
	case is("SkipCertificateCheck"):
		w.f.Reach.Insecure = true
		return nil
	case is("Headers"):
		return w.table()
	case is("Body"):
		return w.body()
	case is("WebSession"):
		return w.session(session)
	}
	if w.atEnd() {
		return w.errorf(at, "the parameter -%s is not known here", shorten(name, 32))
	}
	switch {
	case is("Uri"):
		return w.set(func(v string) { w.f.Request.URL = v })
	case is("Method", "CustomMethod"):
		return w.set(func(v string) { w.f.Request.Method = strings.ToUpper(v) })
	case is("ContentType"):
		return w.set(func(v string) { w.header.Set("Content-Type", v) })
	case is("UserAgent"):
		return w.set(func(v string) { w.header.Set("User-Agent", v) })
	case is(pwshIgnored...):
		w.f.note(FlagIgnored, "-"+name, "-%s is not something a page can choose", name)
		return w.set(func(string) {})
	}
	return w.errorf(at, "the parameter -%s is not known here: leave it out if it does not matter", shorten(name, 32))
}

func (w *webCommand) set(take func(string)) error {
	value, err := w.word()
	if err == nil {
		take(value)
	}
	return err
}

// session takes what the lines before the command put into $session.
func (w *webCommand) session(session webSession) error {
	if !w.has("$") {
		return w.errorf(w.at, "expected $session")
	}
	w.at++
	w.variable()
	if session.userAgent != "" {
		w.header.Set("User-Agent", session.userAgent)
	}
	if len(session.cookies) > 0 {
		w.header.Add("Cookie", strings.Join(session.cookies, "; "))
	}
	return nil
}

// table reads @{ "name"="value" … }, whose entries end with the line or a
// semicolon.
func (w *webCommand) table() error {
	opened := w.at
	if !w.has("@{") {
		return w.errorf(w.at, "expected @{ … }: nothing is evaluated")
	}
	w.at += 2
	for {
		if err := w.blank(true); err != nil {
			return err
		}
		switch {
		case w.at >= w.end:
			return w.errorf(opened, "the table is not closed: the text is cut off")
		case w.has("}"):
			w.at++
			return nil
		case w.has(";"):
			w.at++
			continue
		}
		name, err := w.key()
		if err != nil {
			return err
		}
		if err := w.expect("="); err != nil {
			return err
		}
		value, err := w.literal()
		if err != nil {
			return err
		}
		if w.header.Add(name, value); len(w.header) > maxList {
			return w.errorf(opened, "more than %d headers", maxList)
		}
	}
}

// key reads the name of an entry, quoted or not.
func (w *webCommand) key() (string, error) {
	if w.has(`"`) || w.has("'") {
		return w.str()
	}
	start := w.at
	for w.at < w.end && (isIdentifierByte(w.text[w.at]) && w.text[w.at] != '$' || w.text[w.at] == '-') {
		w.at++
	}
	if w.at == start {
		return "", w.errorf(w.at, "expected the name of a header")
	}
	return w.text[start:w.at], nil
}

// body reads a string, or the call that DevTools wrap around one that is not
// ASCII.
func (w *webCommand) body() error {
	const wrap = "([System.Text.Encoding]::UTF8.GetBytes("
	wrapped := len(w.next()) >= len(wrap) && strings.EqualFold(w.next()[:len(wrap)], wrap)
	if wrapped {
		w.at += len(wrap)
	}
	value, err := w.literal()
	if err == nil && wrapped {
		err = w.expect("))")
	}
	w.f.Request.Body = []byte(value)
	return err
}

// finish puts the request together.
func (w *webCommand) finish(p *Pasted) error {
	f := &w.f
	if f.Request.Body != nil && !w.header.Has("Content-Type") {
		w.header.Add("Content-Type", "application/x-www-form-urlencoded") // PowerShell's own choice
	}
	f.fromWire(w.header)
	p.Browser = cmp.Or(p.Browser, browserOf(w.header))
	if f.Reach.Insecure {
		f.note(Certificate, "-SkipCertificateCheck", "the certificate is not to be verified")
	}
	return f.checkURL(w.source)
}
