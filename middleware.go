package corsac

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/corsac-cors/corsac/internal/headers"
)

// Wrap puts the policy into force in front of a handler. It belongs outside of
// whatever else may answer: routers, authentication, timeouts, rate limits.
//
// The decision is taken once, before the handler runs. Its headers are set when
// the response's head is written, so they are on every response, and what the
// handler says in CORS headers of its own does not count; Vary is merged.
func (p *Policy) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Decide(RequestOf(r)).Serve(w, r, next)
	})
}

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
func (l *Live) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.Load().Decide(RequestOf(r)).Serve(w, r, next)
	})
}

// RequestOf is r as a policy sees it.
func RequestOf(r *http.Request) Request {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return Request{Method: r.Method, Scheme: scheme, Host: r.Host, Path: r.URL.Path, Header: fieldLines(r.Header)}
}

// fieldLines spares http.Header.Values its work on names that are canonical.
type fieldLines http.Header

func (f fieldLines) Values(name string) []string { return f[name] }

// Serve carries the decision out: it answers the request, or has next do so and
// sets the headers when the response is written.
func (d Decision) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if status := d.Status(); status != 0 {
		d.answer(w, status)
		return
	}
	rw := &response{ResponseWriter: w, head: d.head}
	// Also when the handler has written nothing, or panics: what is written
	// further out then has the headers.
	defer rw.commit()
	next.ServeHTTP(rw.as(), r)
}

func (d Decision) answer(w http.ResponseWriter, status int) {
	const others = 2 // Allow-Origin and Vary
	d.apply(w.Header(), make([]string, len(d.fixed())+others))
	if d.Kind == Preflight {
		w.WriteHeader(status)
		return
	}
	http.Error(w, "cross-origin request refused: origin "+strconv.Quote(d.Name)+" is not allowed here", status)
}

// apply makes the CORS headers of to those of the decision. Room is for the
// values, so that no slice is shared with another request: what an outer
// handler does to one changes no other.
func (h *head) apply(to http.Header, room []string) {
	if len(to) > 0 {
		dropCORS(to)
	}
	if h.allow != "" {
		room = put(to, headers.AllowOrigin, h.allow, room)
		for _, f := range h.fixed() {
			room = put(to, f.Name, f.Value, room)
		}
		if h.timing() {
			room = put(to, headers.TimingAllowOrigin, h.allow, room)
		}
	}
	if vary := h.vary(); vary != "" {
		addVary(to, vary, room)
	}
}

// put sets a field to a value for which there is room, and returns the rest of
// the room.
func put(h http.Header, name, value string, room []string) []string {
	room[0] = value
	h[name] = room[:1:1]
	return room[1:]
}

func dropCORS(h http.Header) {
	for name := range h {
		if headers.IsCORSResponse(name) {
			delete(h, name)
		}
	}
}

// addVary merges names into Vary without taking away what is there.
func addVary(h http.Header, names string, room []string) {
	present := h[headers.Vary]
	if len(present) == 0 {
		put(h, headers.Vary, names, room)
		return
	}
	// The room behind the handler's slice may be another response's too.
	present = slices.Clip(present)
	for name := range strings.SplitSeq(names, ", ") {
		if !hasToken(present, name) && !hasToken(present, "*") {
			present = append(present, name)
		}
	}
	h[headers.Vary] = present
}
