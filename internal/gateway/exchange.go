package gateway

import (
	"net/http"
	"strconv"
	"time"

	"github.com/corsac-cors/corsac"
)

// An exchange is one request on its way through the gateway, and what is known
// of it.
type exchange struct {
	*runtime
	gateway  *Gateway
	request  *http.Request
	response response
	body     *body
	taken    stall // what the client sends, by the upstream

	decision  corsac.Decision
	route     *route     // nil: none
	malformed *malformed // nil: it is not
	path      string     // what goes to the upstream, escaped, if it is not what came
	odd       error      // why the path can go nowhere

	client   string // the address, as far as trusted proxies tell it
	start    time.Time
	failure  error // what the gateway answers for, for the log
	complete bool  // ServeHTTP did not panic
	counted  bool  // among those in flight
}

func (g *Gateway) newExchange(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{gateway: g, runtime: g.runtime.Load(), request: r, start: time.Now()}
	x.response = newResponse(w, r, x.runtime.gateway.Timeouts.Write)
	x.response.spelling = x.spelling
	x.response.taken = &x.taken
	x.client = x.trusted.admit(r)
	asked := corsac.RequestOf(r)
	x.decision = x.policy.Decide(asked)
	x.locate(asked)
	return x
}

// ServeHTTP is what follows when the policy leaves the answer to others.
func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := x.gateway.inFlight.Add(1)
	x.counted = true
	limits := x.runtime.gateway.Limits
	switch {
	case x.malformed != nil:
		x.problem(w, x.malformed.status, x.malformed.detail)
	case !x.hosts.serve(r.Host):
		x.problem(w, http.StatusMisdirectedRequest, "the host "+quote(r.Host)+" is not served here")
	case r.Method == http.MethodConnect || r.Method == http.MethodTrace:
		w.Header().Set("Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS")
		x.problem(w, http.StatusMethodNotAllowed, "no "+r.Method+" goes through this gateway")
	case limits.Header > 0 && headSize(r) > int(limits.Header):
		x.problem(w, http.StatusRequestHeaderFieldsTooLarge, "the head of the request is larger than the limit of "+limits.Header.String())
	case x.odd != nil:
		x.problem(w, http.StatusBadRequest, x.odd.Error())
	case x.route == nil:
		x.problem(w, http.StatusNotFound, "no route leads to the path "+quote(r.URL.Path))
	case limits.Requests > 0 && n > int64(limits.Requests):
		w.Header().Set("Retry-After", "1")
		x.problem(w, http.StatusServiceUnavailable, "too many requests are in flight")
	case limits.Body > 0 && r.ContentLength > int64(limits.Body):
		x.problem(w, http.StatusRequestEntityTooLarge, tooLarge(limits.Body))
	default:
		x.proxy(w, r)
	}
}

// headSize is how many bytes the head of a request takes, or would take in
// HTTP/1.1.
func headSize(r *http.Request) int {
	const ends, between = len("\r\n"), len(": ")
	size := len(r.Method) + len(" ") + len(r.RequestURI) + len(" HTTP/1.1") + ends + len("Host") + between + len(r.Host) + ends + ends
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + between + len(v) + ends
		}
	}
	return size
}

// refuse answers what the policy keeps from the upstream.
func (x *exchange) refuse() {
	w := &x.response
	if vary := x.decision.Vary(); vary != "" {
		w.Header().Set("Vary", vary)
	}
	x.problem(w, x.decision.Status(), "pages from "+quote(x.decision.Name)+" may not send this request")
}

// end is reached however the exchange ended.
func (x *exchange) end() {
	if x.body != nil {
		x.body.end()
	}
	if !x.complete && x.why() == nil {
		x.failure = x.brokenOff()
		if x.response.status != 0 && !x.response.hijacked {
			x.response.FlushError() // what did come, its head above all
		}
	}
	if x.complete && x.response.http1 && x.body != nil && !x.body.atEnd.Load() {
		leaveUnread(x.request)
	}
	x.response.end()
	x.gateway.metrics.observe(x)
	x.logRequest()
	if x.counted {
		x.gateway.land()
	}
}

// quote shows what a client chose, and not too much of it.
func quote(s string) string { return strconv.Quote(clip(s)) }
