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
	// RawPath is the path as it was written, if that is not Path's usual form;
	// net/url's RawPath is one. A slash that it writes as %2f is a matter of
	// dispute between servers: if the ways to read it come to different rules,
	// the policy allows nothing.
	RawPath string
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
	NoRule         Reason = "no-rule"         // no rule speaks for the path, or it is not clear which one
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

// Decide says what becomes of a request. It does not allocate. It goes through
// each of the request's strings a few times at most, and its look-ups in the
// policy are bounded by the policy, however many names a header lists.
func (p *Policy) Decide(r Request) Decision {
	var d Decision
	if p != nil {
		d.rule = p.paths.Find(r.Host, r.Path)
		if r.RawPath != "" {
			d.rule = p.undisputed(d.rule, r.Host, r.Path, r.RawPath)
		}
	}
	origin := r.values(headers.Origin)
	d.options = r.Method == "OPTIONS"
	d.preflight = d.options && len(origin) > 0 && len(r.values(headers.RequestMethod)) > 0
	d.judge(origin)
	d.explain(&r, origin)
	return d
}

// judge decides by the lines of the Origin header who may read the response.
func (h *head) judge(origin []string) {
	switch {
	case h.rule == nil:
	case h.rule.origins.Any():
		// The same answer for everybody, so that caches need not tell
		// requests with Origin from those without.
		if !h.preflight || len(origin) == 1 {
			h.allow = "*"
		}
	case len(origin) == 1 && h.rule.origins.Contains(origin[0]):
		h.allow = origin[0]
	}
}

// mayRefuse reports whether the answer depends on what only explain finds out.
// For most requests it does not: a preflight of an allowed page is answered with
// all that is allowed, whatever it asks for, and what is blocked is left to the
// browser.
func (h *head) mayRefuse(origin []string) bool {
	return h.allow == "" && len(origin) > 0 && h.rule != nil && h.rule.refuseOthers && !h.preflight
}

// explain puts into words what judge has found, and looks at the rest of the
// request: what a preflight asks for, and whether a request whose origin is not
// listed comes from a page of this server.
func (d *Decision) explain(r *Request, origin []string) {
	if len(origin) == 0 {
		d.Kind, d.Verdict, d.Reason = Plain, Pass, NoOrigin
		return
	}
	d.Kind, d.Name = d.kind(r), origin[0]
	switch {
	case d.preflight && d.allow != "":
		d.judgeQuestion(r)
	case d.allow != "":
		d.Verdict, d.Reason = Allow, Listed
	case d.mayBeSameOrigin(r.Method) && len(origin) == 1 && r.isSameOrigin(origin[0]):
		d.Verdict, d.Reason = Pass, SameOrigin
	case d.preflight || d.refuses(r.Method):
		d.Verdict, d.Reason = Refuse, d.objection(origin)
	default:
		d.Verdict, d.Reason = Block, d.objection(origin)
	}
}

// kind is asked of requests with an Origin only.
func (d *Decision) kind(r *Request) Kind {
	switch {
	case d.preflight:
		return Preflight
	case r.Method == "GET" && hasToken(r.values("Upgrade"), "websocket"):
		return WebSocket
	}
	return CORS
}

// objection is why an origin is not allowed.
func (d *Decision) objection(origin []string) Reason {
	switch {
	case d.rule == nil, d.rule.isDisputed():
		return NoRule
	case len(origin) > 1:
		return SeveralOrigins
	}
	return UnlistedOrigin
}

// judgeQuestion decides by what an allowed page's preflight asks for. Whatever
// that is, the answer lists all that is allowed: one preflight then serves the
// requests that follow, and the browser can name what is missing.
func (d *Decision) judgeQuestion(r *Request) {
	d.Verdict, d.Reason = Allow, Listed
	method := r.values(headers.RequestMethod)
	if len(method) > 1 || !d.rule.allowsMethod(method[0]) {
		d.Verdict, d.Reason, d.Name = Block, UnlistedMethod, method[0]
		return
	}
	if name, ok := d.rule.headers.FirstMissing(r.values(headers.RequestHeaders)); !ok {
		d.Verdict, d.Reason, d.Name = Block, UnlistedHeader, name
	}
}

func (r *Request) values(name string) []string {
	if r.Header == nil {
		return nil
	}
	return r.Header.Values(name)
}

func (r *rule) allowsMethod(m string) bool {
	if methods.IsSafelisted(m) {
		return true
	}
	for _, listed := range r.methods {
		if listed == m || listed == "*" && methods.IsMethod(m) {
			return true
		}
	}
	return false
}

// refuses reports whether what is blocked is also kept from the handler.
func (d *Decision) refuses(method string) bool {
	return d.rule.refuses() && (d.Kind == WebSocket || !methods.IsSafe(method))
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
