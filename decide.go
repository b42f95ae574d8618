package corsac

import (
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/internal/methods"
)

// A Request is what a decision needs to know of a request, whatever it came by.
type Request struct {
	Method string
	// Scheme is "http" or "https"; Host is the request's Host header or
	// :authority, with a port if it has one.
	Scheme, Host string
	// Path is decoded once, and need not be clean.
	Path string
	// Header gives the field lines; nil stands for none.
	Header Header
}

// A Header gives the values of the field lines of a name, in order. Corsac asks
// for names in the form that net/http calls canonical. http.Header is one.
type Header interface {
	Values(name string) []string
}

// A Kind is what the CORS protocol takes a request for.
type Kind string

const (
	// Plain has no Origin header: it is none of the protocol's business.
	Plain Kind = "plain"
	// Preflight is a browser's question whether it may send a request.
	//
	// https://fetch.spec.whatwg.org/#cors-preflight-request
	Preflight Kind = "preflight"
	// CORS has an Origin header.
	//
	// https://fetch.spec.whatwg.org/#cors-request
	CORS Kind = "cors"
	// WebSocket has an Origin header and is the start of a WebSocket.
	WebSocket Kind = "websocket"
)

// A Verdict is what a decision comes to.
type Verdict string

const (
	// Pass: there is nothing to decide; the handler answers as ever.
	Pass Verdict = "pass"
	// Allow: the page may read the response, or send the request it asked for.
	Allow Verdict = "allow"
	// Block: the handler answers, but no page reads it; or a preflight is
	// answered with what is allowed, which is not what it asked for.
	Block Verdict = "block"
	// Refuse: the answer is 403, and the handler does not run.
	Refuse Verdict = "refuse"
)

// A Reason says what a verdict rests on.
type Reason string

const (
	NoOrigin       Reason = "no-origin"       // the request has no Origin header
	SameOrigin     Reason = "same-origin"     // a page speaks to its own server
	Listed         Reason = "listed"          // all that was asked for is listed
	NoRule         Reason = "no-rule"         // no rule speaks for the path
	SeveralOrigins Reason = "several-origins" // more than one Origin line, which no browser sends
	UnlistedOrigin Reason = "origin"          // the origin is not listed
	UnlistedMethod Reason = "method"          // the method is not listed
	UnlistedHeader Reason = "header"          // a request header is not listed
	// NoCredentials: cookies are not allowed. Decide never says it, because only
	// browsers know; tests and explanations do.
	NoCredentials Reason = "credentials"
)

// A Decision is what a policy says of one request. It refers to the request's
// strings and to the policy, and owns nothing.
type Decision struct {
	Kind    Kind
	Verdict Verdict
	Reason  Reason
	// Name is what Reason speaks of, as the request has it: the origin, the
	// method or the name of a header. Clients choose it: quote it in logs.
	Name string

	head
}

// Decide says what becomes of a request. It does not allocate. Of the request's
// strings it goes through each at most once, and its look-ups in the policy are
// bounded by the policy, however many names a header lists.
func (p *Policy) Decide(r Request) Decision {
	d := Decision{Kind: Plain, Verdict: Pass, Reason: NoOrigin}
	d.options = r.Method == "OPTIONS"
	if p != nil {
		d.rule = p.paths.Find(r.Host, r.Path)
	}
	if d.rule != nil && d.rule.origins.Any() {
		// The same answer for everybody, so that caches need not tell
		// requests with Origin from those without.
		d.allow = "*"
	}
	lines := r.values(headers.Origin)
	if len(lines) == 0 {
		return d
	}
	d.Kind = r.kind()
	d.preflight = d.Kind == Preflight
	d.judgeOrigin(&r, lines)
	switch {
	case d.Kind == Preflight && d.Verdict == Allow:
		d.judgeQuestion(&r)
	case d.Kind == Preflight || d.Verdict == Block && d.refuses(r.Method):
		d.Verdict, d.allow = Refuse, ""
	}
	return d
}

func (r *Request) values(name string) []string {
	if r.Header == nil {
		return nil
	}
	return r.Header.Values(name)
}

// kind is asked of requests with an Origin only.
func (r *Request) kind() Kind {
	switch {
	case r.Method == "OPTIONS" && len(r.values(headers.RequestMethod)) > 0:
		return Preflight
	case r.Method == "GET" && hasToken(r.values("Upgrade"), "websocket"):
		return WebSocket
	}
	return CORS
}

func (d *Decision) judgeOrigin(r *Request, lines []string) {
	d.Name = lines[0]
	switch {
	case d.allow != "" && (d.Kind != Preflight || len(lines) == 1):
		d.Verdict, d.Reason = Allow, Listed
	case d.rule != nil && len(lines) == 1 && d.rule.origins.Contains(lines[0]):
		d.Verdict, d.Reason, d.allow = Allow, Listed, lines[0]
	case d.mayBeSameOrigin(r.Method) && len(lines) == 1 && r.isSameOrigin(lines[0]):
		d.Verdict, d.Reason = Pass, SameOrigin
	case d.rule == nil:
		d.Verdict, d.Reason = Block, NoRule
	case len(lines) > 1:
		d.Verdict, d.Reason = Block, SeveralOrigins
	default:
		d.Verdict, d.Reason = Block, UnlistedOrigin
	}
}

// judgeQuestion decides by what an allowed page's preflight asks for. Whatever
// that is, the answer lists all that is allowed: one preflight then serves the
// requests that follow, and the browser can name what is missing.
func (d *Decision) judgeQuestion(r *Request) {
	method := r.values(headers.RequestMethod)
	if len(method) > 1 || !d.rule.allowsMethod(method[0]) {
		d.Verdict, d.Reason, d.Name = Block, UnlistedMethod, method[0]
		return
	}
	if name, ok := d.rule.headers.FirstMissing(r.values(headers.RequestHeaders)); !ok {
		d.Verdict, d.Reason, d.Name = Block, UnlistedHeader, name
	}
}

func (r *rule) allowsMethod(m string) bool {
	if methods.IsSafelisted(m) {
		return true
	}
	for _, listed := range r.methods {
		if listed == m || listed == "*" {
			return true
		}
	}
	return false
}

// refuses reports whether what is blocked is also kept from the handler.
func (d *Decision) refuses(method string) bool {
	return d.rule != nil && d.rule.refuseOthers && (d.Kind == WebSocket || !methods.IsSafe(method))
}

// mayBeSameOrigin reports whether browsers send an Origin header with such a
// request to the page's own server: they do with methods other than GET and
// HEAD, and with the start of a WebSocket.
//
// https://fetch.spec.whatwg.org/#append-a-request-origin-header
func (d *Decision) mayBeSameOrigin(method string) bool {
	return d.Kind == WebSocket || d.Kind == CORS && method != "GET" && method != "HEAD"
}

// isSameOrigin reports whether the page that sent the request came from this
// server. Browsers say so themselves on every secure connection. For the others
// the Origin header is held against the server's own origin, as its clients see
// it: what a reverse proxy says of that counts, because no page of another
// origin can say it.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
func (r *Request) isSameOrigin(origin string) bool {
	if site := r.values(headers.SecFetchSite); len(site) == 1 {
		return site[0] == "same-origin" || site[0] == "none"
	}
	own := firstElement(r.values("X-Forwarded-Proto"), r.Scheme)
	host := firstElement(r.values("X-Forwarded-Host"), r.Host)
	scheme, authority, ok := strings.Cut(origin, "://")
	return ok && authority != "" && scheme == own && strings.EqualFold(authority, withoutDefaultPort(own, host))
}

// firstElement is what the proxy nearest to the client said, if one did.
func firstElement(lines []string, otherwise string) string {
	if len(lines) == 0 {
		return otherwise
	}
	first, _, _ := strings.Cut(lines[0], ",")
	return strings.Trim(first, " \t")
}

func withoutDefaultPort(scheme, host string) string {
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// hasToken reports whether a comma-separated list has the token, in any case.
func hasToken(lines []string, token string) bool {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(element, " \t"), token) {
				return true
			}
		}
	}
	return false
}
