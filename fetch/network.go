package fetch

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/corsac-cors/corsac/internal/headers"
)

// message is what one exchange sends: the request, or its preflight.
type message struct {
	method      string
	header      Header // what the browser's own headers are added to
	body        []byte
	origin      string
	hasOrigin   bool
	credentials bool
	preflight   bool
}

// networkOrCacheFetch sends the request. There is no HTTP cache.
//
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
func (f *fetching) networkOrCacheFetch() (*response, *Failure) {
	r := &f.request
	m := message{method: r.method, header: r.headerToSend(), body: r.body, credentials: f.includesCredentials()}
	m.origin, m.hasOrigin = f.originHeader()
	if m.credentials {
		f.note(networkOrCacheFetch, "credentials are included", fact("credentials mode", string(r.credentials)), fact("response tainting", string(r.tainting)))
	}
	response, failure := f.send(m)
	if failure == nil && m.credentials {
		f.keepCookies(response)
	}
	return response, failure
}

// headerToSend leaves out what went with the body, and came back for preflights
// only.
func (r *request) headerToSend() Header {
	if !r.bodyDropped {
		return r.header
	}
	kept := request{header: r.header.Clone()}
	kept.drop(bodyHeaders...)
	return kept.header
}

// includesCredentials: same-origin credentials end with the first hop to
// another origin and never come back.
func (f *fetching) includesCredentials() bool {
	r := &f.request
	if !f.embedderAllowsCredentials() {
		return false
	}
	return r.credentials == CredentialsInclude || r.credentials == CredentialsSameOrigin && r.tainting == taintingBasic
}

// https://fetch.spec.whatwg.org/#cross-origin-embedder-policy-allows-credentials
func (f *fetching) embedderAllowsCredentials() bool {
	r := &f.request
	return r.mode != ModeNoCORS || f.in.EmbedderPolicy != Credentialless ||
		SameOrigin(r.origin, r.url().Origin()) && !f.isTainted()
}

// head adds what a browser adds to the headers of a script.
func (f *fetching) head(m *message) RequestHead {
	r := &f.request
	h := make(Header, 0, len(m.header)+10)
	h.Add("Host", r.url().hostPort())
	h.Add("Connection", "keep-alive")
	h = append(h, f.profile.lines(m.header, len(m.body) > 0)...)
	if len(m.body) > 0 || m.method == "POST" || m.method == "PUT" {
		h.Add("Content-Length", strconv.Itoa(len(m.body)))
	}
	if r.referrer != nil {
		h.Add("Referer", r.referrer.String())
	}
	if m.hasOrigin {
		h.Add(headers.Origin, m.origin)
	}
	if isPotentiallyTrustworthy(r.url().Origin()) {
		h.Add("Sec-Fetch-Dest", "empty")
		h.Add("Sec-Fetch-Mode", string(r.mode))
		h.Add(headers.SecFetchSite, r.fetchSite())
	} else if m.preflight && f.profile.PreflightsTellMode {
		h.Add("Sec-Fetch-Mode", string(r.mode))
	}
	if !m.header.Has("User-Agent") {
		h.Add("User-Agent", orDefault(f.agent.UserAgent, defaultUserAgent))
	}
	if !m.preflight {
		h = f.appendCacheHeaders(h)
	}
	if f.profile.RewritesRange && !m.preflight {
		r.rewriteRange(h)
	}
	if m.header.Has("Range") {
		h.Add("Accept-Encoding", "identity")
	} else {
		h.Add("Accept-Encoding", "gzip, deflate")
	}
	if m.credentials {
		if cookies := f.cookies(); cookies != "" {
			h.Add("Cookie", cookies)
		}
	}
	return RequestHead{Method: m.method, Target: r.url().target(), Header: h}
}

// appendCacheHeaders says in HTTP/1.1 what the cache mode says. Validators that
// a script has set make it no-store.
func (f *fetching) appendCacheHeaders(h Header) Header {
	set := func(name, value string) {
		if !h.Has(name) {
			h.Add(name, value)
		}
	}
	switch f.cacheMode() {
	case CacheNoCache:
		set("Cache-Control", "max-age=0")
	case CacheNoStore, CacheReload:
		set("Pragma", "no-cache")
		set("Cache-Control", "no-cache")
	}
	return h
}

// cacheMode is no-store for a script that validates what it has itself.
func (f *fetching) cacheMode() CacheMode {
	r := &f.request
	switch {
	case r.cache != CacheDefault, !hasValidator(r.header), f.in.XHR && f.profile.XHRIgnoresValidators:
		return r.cache
	case f.profile.ValidatorsRevalidate:
		return CacheNoCache
	}
	return CacheNoStore
}

func hasValidator(h Header) bool {
	for _, name := range []string{"If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "If-Match", "If-Range"} {
		if h.Has(name) {
			return true
		}
	}
	return false
}

// fetchSite is what servers that know nothing of CORS defend themselves with.
//
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-site
func (r *request) fetchSite() string {
	site := "same-origin"
	for _, u := range r.urls {
		if SameOrigin(u.Origin(), r.origin) {
			continue
		}
		if !SameSite(u.Origin(), r.origin) {
			return "cross-site"
		}
		site = "same-site"
	}
	return site
}

// send makes one exchange and records it.
//
// https://fetch.spec.whatwg.org/#concept-http-network-fetch
func (f *fetching) send(m message) (*response, *Failure) {
	u := f.request.url()
	started := f.agent.now()
	w := &WireRequest{URL: u, Head: f.head(&m), Body: m.body, Credentials: m.credentials, Admit: f.admission()}
	f.judged = len(f.verdict.Exchanges)
	f.verdict.Exchanges = append(f.verdict.Exchanges, Exchange{
		Preflight: m.preflight, Hop: f.hop(), URL: f.request.urlText(), Request: w.Head, RequestBody: len(m.body), Started: started,
	})
	ctx, cancel := context.WithCancel(f.ctx)
	got, err := f.transport().RoundTrip(ctx, w)
	f.record(got, err)
	if err != nil {
		cancel()
		return nil, f.networkError(err)
	}
	response := &response{url: u, status: got.Head.Status, reason: got.Head.Reason, header: got.Head.Header, body: got.Body, stop: cancel, index: f.judged}
	if f.profile.MergesEmptyLines {
		response.header = mergeEmptyLines(response.header, "Location", countedTwice(response.header))
	}
	if response.status == 407 && f.profile.RefusesProxyAuthentication {
		f.hide(response)
		return nil, f.fail(networkFetch, Failure{Kind: ProxyAuthentication, Value: "407"}, "only a proxy may ask for proxy authentication", statusFact(407))
	}
	if f.profile.RefusesOtherLocations {
		if failure := f.checkLocations(response); failure != nil {
			f.hide(response)
			return nil, failure
		}
	}
	return response, nil
}

// checkLocations fails where Location lines say different things.
func (f *fetching) checkLocations(response *response) *Failure {
	if _, _, ok := extractSingle(response.header, "Location"); ok {
		return nil
	}
	if _, ok := equalLines(response.header.Values("Location")); ok {
		return nil
	}
	return f.failLocations(response)
}

func (f *fetching) transport() Transport {
	if f.agent.Transport != nil {
		return f.agent.Transport
	}
	return f.agent.network
}

// record puts what came back into the exchange.
func (f *fetching) record(got *WireResponse, err error) {
	x := &f.verdict.Exchanges[f.judged]
	x.Err = err
	if got == nil {
		return
	}
	x.RequestHead = got.RequestHead
	x.Response, x.Interim = got.Head, got.Interim
	x.Protocol, x.TLS, x.Reused = got.Protocol, got.TLS, got.Reused
	if got.RemoteAddr.IsValid() { // else it is what admit was asked about
		x.RemoteAddr = got.RemoteAddr
	}
	x.Timings = got.Timings
}

// networkError names the failure of a round trip.
func (f *fetching) networkError(err error) *Failure {
	kind := kindOfError(f.ctx, err)
	if kind == LocalNetworkAccess || kind == TargetAddressSpace {
		addr := f.verdict.Exchanges[f.judged].RemoteAddr.Addr()
		return f.fail(localNetworkAccess, Failure{Kind: kind, Value: string(addressSpaceOf(addr)), Want: string(f.wantedSpace(kind))},
			"the server's address is less public than the page may reach", fact("address", addr.String()), fact("its address space", string(addressSpaceOf(addr))),
			fact("address space of page", string(f.pageSpace())))
	}
	return f.fail(networkFetch, Failure{Kind: kind, Err: err}, "there is no response", fact("error", err.Error()))
}

// hide ends an exchange whose body no page gets. What a reader of the verdict
// wants of it is read, for a short time: a server that never ends its body must
// not hold up the verdict.
func (f *fetching) hide(response *response) {
	defer f.end(response)
	if response.index < 0 || response.body == nil {
		return
	}
	if f.agent.HiddenBody <= 0 {
		f.drain(response)
		return
	}
	f.verdict.Exchanges[response.index].Body = f.readFor(hiddenBodyTime, response, f.agent.HiddenBody)
}

// end ends the exchange, if there was one.
func (f *fetching) end(response *response) {
	if response.index < 0 {
		return
	}
	if response.body != nil {
		_ = response.body.Close()
	}
	response.stop()
	x := &f.verdict.Exchanges[response.index]
	x.Timings.Done = f.agent.now().Sub(x.Started)
}

const (
	hiddenBodyTime = time.Second
	drainTime      = 50 * time.Millisecond
	drainSize      = 16 << 10
)

// drain reads a small body to its end, so that the connection can be used
// again.
func (f *fetching) drain(response *response) { f.readFor(drainTime, response, drainSize) }

// admission returns what a transport asks before it sends.
func (f *fetching) admission() func(netip.AddrPort) error {
	if !f.profile.ChecksLocalNetworkAccess && !f.profile.ChecksTargetAddressSpace {
		return nil
	}
	return f.admit
}

// countedTwice is Access-Control-Allow-Origin if that very spelling of it stands
// on two lines: Firefox counts no other, and counts empty lines too.
func countedTwice(h Header) string {
	n := 0
	for _, field := range h {
		if field.Name == headers.AllowOrigin {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return headers.AllowOrigin
}

// mergeEmptyLines drops lines without a value beside others of the name.
func mergeEmptyLines(h Header, except ...string) Header {
	merged := h
	for i := len(h) - 1; i >= 0; i-- {
		field := h[i]
		if field.Value != "" || containsFold(except, field.Name) || len(merged.Values(field.Name)) == 1 {
			continue
		}
		if len(merged) == len(h) {
			merged = h.Clone()
		}
		merged = slices.Delete(merged, i, i+1)
	}
	return merged
}
