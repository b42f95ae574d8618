package explain

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/fetch"
)

// A probe is a request that separates one cause from another. Probes are
// OPTIONS, GET and HEAD only, and carry what the script set but no cookies.
type probe struct {
	name probeName
	what string
	answer
	err error
}

// A probeName is what a probe is for.
type probeName string

const (
	plainOptions     probeName = "plain-options"     // OPTIONS as no preflight
	foreignPreflight probeName = "foreign-preflight" // the preflight of another origin
	barePreflight    probeName = "bare-preflight"    // the preflight without the headers
	singlePreflight  probeName = "single-preflight"  // the preflight with one of the headers
	provenOptions    probeName = "proven-options"    // the preflight with the token
	plainGet         probeName = "plain-get"         // GET without Origin
	originGet        probeName = "origin-get"        // GET with the page's Origin
	foreignGet       probeName = "foreign-get"       // GET with another Origin
	bustedGet        probeName = "busted-get"        // GET with the page's Origin and an address that no cache knows
	repeated         probeName = "repeated"          // the failing request once more
	handshakeProbe   probeName = "handshake"         // a WebSocket's, with another Origin
)

// foreign is an origin that nobody allows on purpose.
const foreign = "https://corsac-probe.example"

const (
	probeTime  = 5 * time.Second
	mostSingle = 8
	mostRepeat = 3
)

// probe asks what the browser's own requests leave open.
func (i *inquiry) probe(ctx context.Context) {
	if i.q.NoProbes || i.q.Transport != nil || i.target == nil || i.at() == nil || i.at().Response.Status == 0 {
		if !(wasWithheld(&i.verdict) && i.target != nil && i.q.Transport == nil && !i.q.NoProbes) {
			return
		}
	}
	if i.relation() == "same-origin" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*probeTime)
	defer cancel()
	if f := i.verdict.Failure; f != nil && f.Preflight {
		i.probePreflight(ctx)
	}
	i.probeGet(ctx)
	if x := i.at(); x != nil && isTemporary(x.Response.Status) && i.verdict.Failure != nil && isSafe(x.Request.Method) {
		for range mostRepeat {
			i.ask(ctx, repeated, "the same request once more", x.Request.Method, withoutCookie(x.Request.Header))
		}
	}
}

func isTemporary(status int) bool {
	return status == 429 || status == 500 || status == 502 || status == 503 || status == 504
}

func (i *inquiry) probePreflight(ctx context.Context) {
	h := i.at().Request.Header.Clone()
	i.ask(ctx, plainOptions, "OPTIONS without Origin", "OPTIONS", without(h, "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"))
	other := h.Clone()
	other.Set("Origin", foreign)
	i.ask(ctx, foreignPreflight, "the preflight from another origin", "OPTIONS", other)
	names := splitList(first(h, "Access-Control-Request-Headers"))
	if len(names) > 0 && !isOK(i.at().Response.Status) {
		i.ask(ctx, barePreflight, "the preflight without the headers", "OPTIONS", without(h, "Access-Control-Request-Headers"))
		i.bisect(ctx, h, names)
	}
	if token := first(i.q.Request.Header, "Authorization"); i.q.Prove && token != "" {
		proven := h.Clone()
		proven.Set("Authorization", token)
		i.ask(ctx, provenOptions, "the preflight with your token, as no browser sends it", "OPTIONS", proven)
	}
}

// bisect finds the header that a server refuses by its status.
func (i *inquiry) bisect(ctx context.Context, h fetch.Header, names []string) {
	bare := i.find(barePreflight)
	if len(names) < 2 || bare == nil || !isOK(bare.status) {
		return
	}
	for _, name := range names[:min(len(names), mostSingle)] {
		single := h.Clone()
		single.Set("Access-Control-Request-Headers", name)
		i.ask(ctx, singlePreflight, name, "OPTIONS", single)
	}
}

func (i *inquiry) probeGet(ctx context.Context) {
	h := fetch.Lines("Accept: */*", "User-Agent: Mozilla/5.0 (compatible; corsac)")
	for _, f := range i.q.Request.Header {
		if !fetch.IsForbiddenRequestHeader(f.Name, f.Value) && !strings.EqualFold(f.Name, "Content-Type") && !h.Has(f.Name) {
			h = append(h, f)
		}
	}
	i.ask(ctx, plainGet, "GET without Origin", "GET", h)
	for _, asked := range []struct {
		name         probeName
		what, origin string
	}{{originGet, "GET with the page's Origin", i.page.String()}, {foreignGet, "GET with another Origin", foreign}} {
		with := h.Clone()
		with.Set("Origin", asked.origin)
		i.ask(ctx, asked.name, asked.what, "GET", with)
	}
	if i.seemsCached() {
		with := h.Clone()
		with.Set("Origin", i.page.String())
		w := i.request("GET", with)
		w.Head.Target += map[bool]string{true: "&", false: "?"}[i.target.HasQuery] + "corsac-probe=" + rand.Text()
		i.send(ctx, bustedGet, "GET with the page's Origin, past caches", w)
	}
}

// seemsCached reports whether an answer that keeps the page out may come from a
// cache.
func (i *inquiry) seemsCached() bool {
	x := i.at()
	if f := i.verdict.Failure; x == nil || f == nil || f.Preflight || x.Request.Method != "GET" {
		return false
	}
	return len(cacheSigns(x.Response.Header)) > 0 || !variesByOrigin(x.Response.Header)
}

// ask sends one request. A redirect is not followed.
func (i *inquiry) ask(ctx context.Context, name probeName, what, method string, h fetch.Header) {
	i.send(ctx, name, what, i.request(method, h))
}

func (i *inquiry) send(ctx context.Context, name probeName, what string, w *fetch.WireRequest) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	p := probe{name: name, what: what}
	got, err := i.wire.RoundTrip(ctx, w)
	if p.err = err; err == nil {
		p.answer = answer{status: got.Head.Status, header: got.Head.Header}
		if got.Body != nil {
			beginning, _ := io.ReadAll(io.LimitReader(got.Body, hiddenBody))
			p.body = string(beginning)
			_ = got.Body.Close()
		}
	}
	i.probes = append(i.probes, p)
}

func (i *inquiry) request(method string, h fetch.Header) *fetch.WireRequest {
	u := i.target
	host, target := u.Host, u.Path
	if u.Port != "" {
		host += ":" + u.Port
	}
	if u.HasQuery {
		target += "?" + u.Query
	}
	header := append(fetch.Lines("Host: "+host, "Connection: keep-alive"), without(h, "Host", "Connection", "Content-Length", "Cookie")...)
	return &fetch.WireRequest{URL: u, Head: fetch.RequestHead{Method: method, Target: target, Header: header}}
}

// find returns the first probe of a name that got an answer, or nil.
func (i *inquiry) find(name probeName) *probe {
	for n := range i.probes {
		if p := &i.probes[n]; p.name == name && p.err == nil {
			return p
		}
	}
	return nil
}

// result is one line about what came back.
func (p *probe) result() string {
	if p.err != nil {
		return p.err.Error()
	}
	allow, ok := p.header.Get("Access-Control-Allow-Origin")
	if !ok {
		return fmt.Sprintf("%d, no Access-Control-Allow-Origin", p.status)
	}
	return fmt.Sprintf("%d, Access-Control-Allow-Origin: %s", p.status, cut(allow))
}

func withoutCookie(h fetch.Header) fetch.Header { return without(h, "Cookie") }

func without(h fetch.Header, names ...string) fetch.Header {
	h = h.Clone()
	for _, name := range names {
		h.Del(name)
	}
	return h
}

func first(h fetch.Header, name string) string {
	value, _ := h.Get(name)
	return value
}

func isOK(status int) bool { return status >= 200 && status <= 299 }
