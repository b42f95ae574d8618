package gateway

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/corsac-cors/corsac"
)

// proxy sends the request to the upstream of its route, and the response back.
func (x *exchange) proxy(w http.ResponseWriter, r *http.Request) {
	hasBody := r.Body != nil && r.Body != http.NoBody
	if hasBody || isWebSocket(r) {
		ctx, giveUp := context.WithCancelCause(r.Context())
		defer giveUp(nil)
		r = r.WithContext(ctx)
		x.taken = stall{wait: x.runtime.gateway.Timeouts.Response, cut: func() { giveUp(errNotTaken) }}
	}
	if hasBody {
		x.body = newBody(&x.response, r, x.runtime.gateway, &x.taken)
		r.Body, x.response.body = x.body, x.body
		// An upstream may answer before it has read everything, or while it
		// reads. Without this, HTTP/1 clients would hear of it afterwards.
		http.NewResponseController(w).EnableFullDuplex()
	}
	if !isWebSocket(r) {
		// What else a connection could be upgraded to, such as h2c, carries
		// requests that no policy would see.
		r.Header.Del("Upgrade")
	}
	p := httputil.ReverseProxy{
		Rewrite:        x.outbound,
		ModifyResponse: x.inbound,
		ErrorHandler:   x.fail,
		Transport:      x.route.transportFor(r),
		BufferPool:     buffers,
		FlushInterval:  time.Millisecond, // of a known length; events and chunks are passed on at once
		ErrorLog:       quiet,
	}
	p.ServeHTTP(w, r)
}

func isWebSocket(r *http.Request) bool {
	return r.Method == http.MethodGet && switchesToWebSocket(r.Header)
}

// switchesToWebSocket is about both sides of a handshake.
func switchesToWebSocket(h http.Header) bool {
	upgrade := h["Upgrade"]
	return len(upgrade) == 1 && strings.EqualFold(upgrade[0], "websocket")
}

func (r *route) transportFor(req *http.Request) *carrier {
	if isWebSocket(req) {
		return r.upgrades
	}
	return r.transport
}

// outbound makes the request that goes to the upstream. The header has lost
// what concerns this connection only.
func (x *exchange) outbound(pr *httputil.ProxyRequest) {
	// Trailers are known when the body has been read, and both requests
	// refer to the map that they are then put into.
	pr.Out.Trailer = pr.In.Trailer
	dropOddTrailers(pr.Out.Trailer)
	dropDoubles(pr.Out.Header)
	if !pr.In.ProtoAtLeast(1, 1) {
		pr.Out.Header.Del("Expect") // the client does not wait
	}
	pr.Out.URL = x.target(pr.In.URL)
	pr.Out.Host = ""
	if x.route.PreserveHost {
		pr.Out.Host = pr.In.Host
	}
	if x.route.HideOrigin && x.decision.Verdict == corsac.Allow {
		// Of other origins the upstream is to know, for defences of its own.
		pr.Out.Header.Del("Origin")
	}
	x.forward(pr)
}

// target is the address at the upstream. The query is passed on as it came.
func (x *exchange) target(in *url.URL) *url.URL {
	path := x.path
	if path == "" {
		path = in.EscapedPath()
	}
	if x.route.StripPath {
		path = withoutSegments(path, x.route.segments)
	}
	path = cmp.Or(strings.TrimSuffix(x.route.upstream.EscapedPath(), "/")+path, "/")
	out := &url.URL{
		Scheme:     x.route.upstream.Scheme,
		Host:       x.route.upstream.Host,
		RawQuery:   in.RawQuery,
		ForceQuery: in.ForceQuery,
	}
	out.Path, _ = url.PathUnescape(path)
	out.RawPath = path
	return out
}

// withoutSegments takes the first n segments off an escaped, clean path. It may
// leave nothing.
func withoutSegments(path string, n int) string {
	for range n {
		i := strings.IndexByte(path[1:], '/')
		if i < 0 {
			return ""
		}
		path = path[1+i:]
	}
	return path
}

// inbound prepares the upstream's response. Its CORS headers go also where no
// head is written by way of the policy: after an upgrade, and in trailers.
func (x *exchange) inbound(res *http.Response) error {
	withoutCORS(res.Header)
	switch {
	case res.StatusCode == http.StatusSwitchingProtocols:
		if !isWebSocket(x.request) || !switchesToWebSocket(res.Header) {
			return errUnasked
		}
	case res.StatusCode < 200 || res.StatusCode > 999:
		return errStatus
	default:
		x.taken.end() // it may take its time with the rest of the body now
		dropOddTrailers(res.Trailer)
		res.Body = trailed{res.Body, res}
	}
	if len(res.Trailer) > 0 && x.request.Method != http.MethodHead {
		// HTTP/2 has trailers after a body of known length, HTTP/1 has not.
		res.Header.Del("Content-Length")
	}
	if _, ok := res.Header["Content-Type"]; !ok {
		// Or net/http makes one up. Where the upstream says nosniff, a browser
		// would then take for a page what it must not take for one.
		x.response.Header()["Content-Type"] = nil
	}
	// It speaks of another way to the upstream's origin, not to this one.
	res.Header.Del("Alt-Svc")
	if !x.route.KeepRedirects {
		x.rewriteRedirects(res.Header)
	}
	if x.route.RewriteCookies {
		x.rewriteCookies(res.Header)
	}
	return nil
}

var (
	errUnasked = errors.New("the upstream switched to a protocol that it was not asked for")
	errStatus  = errors.New("the upstream answered with a status that there is not")
)

// A trailed body looks after the trailers, which are known when it is closed.
type trailed struct {
	io.ReadCloser
	response *http.Response
}

func (b trailed) Close() error {
	err := b.ReadCloser.Close()
	dropOddTrailers(b.response.Trailer)
	return err
}

func withoutCORS(h http.Header) {
	for name := range h {
		if corsac.IsCORSHeader(name) {
			delete(h, name)
		}
	}
}

// quiet is for what ReverseProxy would log: the line of the request says it.
var quiet = log.New(discard{}, "", 0)

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// buffers are what bodies pass through.
var buffers = &bufferPool{sync.Pool{New: func() any { return new([bufferSize]byte) }}}

const bufferSize = 32 << 10

type bufferPool struct{ pool sync.Pool }

func (b *bufferPool) Get() []byte { return b.pool.Get().(*[bufferSize]byte)[:] }

func (b *bufferPool) Put(buf []byte) { b.pool.Put((*[bufferSize]byte)(buf)) }
