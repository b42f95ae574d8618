package corsac

import (
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/corsac-cors/corsac/internal/headers"
)

// Wrap puts the policy into force in front of a handler. It belongs outside of
// whatever else may answer: routers, authentication, timeouts, rate limits; and
// of what holds answers back, such as compression.
//
// The decision is taken once, before the handler runs. Its headers are set when
// the response's head is written, so they are on every response, and what the
// handler says in CORS headers of its own does not count; Vary is merged.
func (p *Policy) Wrap(next http.Handler) http.Handler { return NewLive(p).Wrap(next) }

// Live holds a policy that can be replaced while requests are served. The zero
// value holds none, and allows nothing. It must not be copied.
type Live struct {
	policy atomic.Pointer[Policy]
}

// NewLive returns a Live that holds p.
func NewLive(p *Policy) *Live {
	l := &Live{}
	l.Store(p)
	return l
}

// Store replaces the policy. Requests that are being served keep theirs.
func (l *Live) Store(p *Policy) { l.policy.Store(p) }

// Load returns the policy in force, or nil.
func (l *Live) Load() *Policy { return l.policy.Load() }

// Wrap puts the policy that is in force at each request's arrival in front of a
// handler, as [Policy.Wrap] does.
func (l *Live) Wrap(next http.Handler) http.Handler { return &guarded{l, next} }

// A guarded handler has a policy in front of it.
type guarded struct {
	live *Live
	next http.Handler
}

// ServeHTTP does what Decide and Serve do. It does not put into words what it
// decides, unless there is more to decide: that would take as long as the rest.
func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := g.live.Load()
	if p == nil {
		p = &allowsNothing
	}
	h := head{rule: p.paths.Find(r.Host, r.URL.Path)}
	if r.URL.RawPath != "" {
		h.rule = p.undisputed(h.rule, r.Host, r.URL.Path, r.URL.RawPath)
	}
	origin := r.Header[headers.Origin]
	if r.Method == "OPTIONS" {
		h.options = true
		h.preflight = len(origin) > 0 && len(r.Header[headers.RequestMethod]) > 0
	}
	h.judge(origin)
	switch {
	case h.mayRefuse(origin):
		p.Decide(RequestOf(r)).Serve(w, r, g.next)
	case h.preflight:
		h.answer(w)
	default:
		h.pass(w, r, g.next)
	}
}

var allowsNothing Policy

// RequestOf is r as a policy sees it.
func RequestOf(r *http.Request) Request {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return Request{
		Method: r.Method, Scheme: scheme, Host: r.Host,
		Path: r.URL.Path, RawPath: r.URL.RawPath, Header: fieldLines(r.Header),
	}
}

// fieldLines spares http.Header.Values its work on names that are canonical.
type fieldLines http.Header

func (f fieldLines) Values(name string) []string { return f[name] }

// Serve carries the decision out: it answers the request, or has next do so and
// sets the headers when the response is written.
func (d Decision) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	switch {
	case d.Kind == Preflight:
		d.answer(w)
	case d.Verdict == Refuse:
		d.forbid(w.Header())
		http.Error(w, "cross-origin request refused: origin "+quoted(d.Name)+" is not allowed here", http.StatusForbidden)
	default:
		d.pass(w, r, next)
	}
}

// quoted shows what a client chose, and no more of it than an origin can have.
func quoted(name string) string {
	const longest = 300
	if len(name) > longest {
		return strconv.Quote(name[:longest]) + "…"
	}
	return strconv.Quote(name)
}

// pass has next answer.
func (h *head) pass(w http.ResponseWriter, r *http.Request, next http.Handler) {
	var rw *response
	if h.allow != "" && h.rule.saysMore() {
		rw = newLongResponse(w, h)
	} else {
		rw = newResponse(w, h)
	}
	// Also when the handler has written nothing, or panics: what is written
	// further out then has the headers.
	defer rw.commit()
	next.ServeHTTP(rw.as(), r)
}

// answer is for preflights.
func (h *head) answer(w http.ResponseWriter) {
	if h.allow == "" {
		h.forbid(w.Header())
		w.WriteHeader(http.StatusForbidden)
		return
	}
	h.permit(w.Header())
	w.WriteHeader(http.StatusNoContent)
}
