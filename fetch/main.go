package fetch

import (
	"context"
	"io"
	"strconv"
)

// fetching is one run of the standard's fetch: its parameters, the request as
// far as it has come, and the verdict that grows.
type fetching struct {
	ctx     context.Context
	agent   *Agent
	profile *Profile
	in      Request
	request request
	verdict Verdict
	facts   []Fact // the backing of the next Step.Compared

	unsafe       []string       // the CORS-unsafe request-header names of the current hop
	originText   string         // the request's origin, serialized without regard to taint
	judged       int            // index of the exchange that steps are about, or -1
	preflighting bool           // within CORS-preflight fetch
	ofNull       preflightCache // for Profile.CacheForgetsNull
}

func newFetching(ctx context.Context, a *Agent, in Request) *fetching {
	f := &fetching{ctx: ctx, agent: a, profile: &a.Profile, in: in, judged: -1}
	f.verdict.Profile = orDefault(a.Profile.Name, Standard.Name)
	room := new(struct {
		steps [6]Step
		facts [12]Fact
	}) // for what a fetch without a preflight records
	f.verdict.Steps, f.facts = room.steps[:0], room.facts[:0]
	return f
}

// hop counts the redirects so far.
func (f *fetching) hop() int { return f.request.redirects }

// response is the standard's response before it is filtered.
type response struct {
	typ    ResponseType // empty until filtered, but for redirects in manual mode
	url    *URL
	status int
	reason string
	header Header
	body   io.ReadCloser // nil for none
	stop   func()        // makes reading the body fail
	index  int           // of the exchange, -1 for none
}

// fetch is the standard's algorithm fetch.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func (f *fetching) fetch() (*Response, *Failure) {
	if failure := f.construct(&f.in); failure != nil {
		return nil, failure
	}
	r := &f.request
	f.originText = r.origin.String()
	if !r.header.Has("Accept") {
		r.header.Add("Accept", "*/*")
	}
	if f.agent.AcceptLanguage != "" && !r.header.Has("Accept-Language") {
		r.header.Add("Accept-Language", f.agent.AcceptLanguage)
	}
	if f.profile.RestoresHeaders {
		r.first = r.header.Clone()
	}
	if f.profile.PreflightSticks {
		r.wasUnsafe = len(f.unsafeNames()) > 0
	}
	response, failure := f.mainFetch()
	f.verdict.URLs = r.texts
	if failure != nil {
		return nil, failure
	}
	return f.filter(response), nil
}

// mainFetch runs again for every redirect.
//
// https://fetch.spec.whatwg.org/#concept-main-fetch
func (f *fetching) mainFetch() (*response, *Failure) {
	f.judged = -1
	for _, check := range []func() *Failure{f.blockBadPort, f.blockMixedContent, f.blockByConnectSrc} {
		if failure := check(); failure != nil {
			return nil, failure
		}
	}
	f.request.referrer = f.request.determineReferrer()
	return f.route()
}

// route chooses the way of a request. The first case that fits is taken.
func (f *fetching) route() (*response, *Failure) {
	r := &f.request
	u := r.url()
	switch {
	case r.tainting.isBasic() && SameOrigin(u.Origin(), r.origin), u.Scheme == "data":
		r.tainting = taintingBasic
		f.pass(mainFetch, "the page's own origin: CORS has no part in it", f.pageFact(), fact("origin of URL", u.Origin().String()))
		return f.schemeFetch()
	case r.mode == ModeSameOrigin:
		return nil, f.fail(mainFetch, Failure{Kind: SameOriginMode, Value: r.urlText(), Want: f.originText},
			"a same-origin request may not leave the page's origin", f.pageFact(), fact("URL", r.urlText()))
	case r.mode == ModeNoCORS:
		return f.routeNoCORS()
	case !u.IsHTTP():
		return nil, f.fail(mainFetch, Failure{Kind: UnsupportedScheme, Value: r.urlText(), Want: "http or https"},
			"CORS is for http and https only", fact("scheme", u.Scheme))
	}
	return f.routeCORS()
}

func (t tainting) isBasic() bool { return t == "" || t == taintingBasic }

func (f *fetching) pageFact() Fact { return fact("origin of page", f.originText) }

func (f *fetching) routeNoCORS() (*response, *Failure) {
	r := &f.request
	if r.redirect != RedirectFollow {
		return nil, f.fail(mainFetch, Failure{Kind: NoCORSRedirectMode, Value: string(r.redirect), Want: string(RedirectFollow)},
			"a no-cors request must follow redirects", fact("redirect mode", string(r.redirect)))
	}
	r.tainting = taintingOpaque
	f.pass(mainFetch, "a no-cors request: the response will be opaque", f.pageFact(), fact("origin of URL", r.url().Origin().String()))
	return f.schemeFetch()
}

func (f *fetching) routeCORS() (*response, *Failure) {
	r := &f.request
	r.tainting = taintingCORS
	if !f.mayNeedPreflight() {
		f.pass(mainFetch, "another origin, a simple request: CORS without a preflight",
			f.pageFact(), fact("origin of URL", r.url().Origin().String()))
		return f.httpFetch(false)
	}
	f.pass(mainFetch, "another origin, more than a simple request: CORS with a preflight",
		f.pageFact(), fact("origin of URL", r.url().Origin().String()))
	response, failure := f.httpFetch(true)
	if failure != nil && f.clearsCache(failure) {
		f.preflights().clearEntries(f.cacheKey()) // of the current URL, wherever redirects have led
	}
	return response, failure
}

// clearsCache is true in the standard: whatever goes wrong from here on, what
// the cache says of the URL is in doubt.
func (f *fetching) clearsCache(failure *Failure) bool {
	return !f.profile.CacheSurvivesFailure && !(f.profile.CacheSurvivesRedirectError && failure.Kind == RedirectModeError)
}

func (f *fetching) mayNeedPreflight() bool {
	r := &f.request
	f.unsafe = f.unsafeNames()
	return r.usePreflight || f.sticks() || !IsCORSSafelistedMethod(r.method) || len(f.unsafe) > 0
}

func (f *fetching) unsafeNames() []string {
	r := &f.request
	h := r.header
	if f.profile.PreflightListsFirst && r.redirects > 0 {
		h = r.first
	}
	if f.profile.XHRJudgesTypeAsSet && r.typeAsSet != "" {
		h = h.Clone()
		for i := range h {
			if asciiEqualFold(h[i].Name, "Content-Type") {
				h[i].Value = r.typeAsSet
			}
		}
	}
	return f.profile.unsafeRequestHeaderNames(h)
}

// sticks tells whether a preflight is due for what the request was before a
// redirect.
func (f *fetching) sticks() bool {
	r := &f.request
	return f.profile.PreflightSticks && r.redirects > 0 && (r.wasUnsafe || r.hadPreflight)
}

// schemeFetch is for requests whose tainting is basic or opaque.
//
// https://fetch.spec.whatwg.org/#concept-scheme-fetch
func (f *fetching) schemeFetch() (*response, *Failure) {
	u := f.request.url()
	switch u.Scheme {
	case "http", "https":
		return f.httpFetch(false)
	case "data":
		if response, ok := dataResponse(u); ok {
			return response, nil
		}
		return nil, f.fail(schemeFetch, Failure{Kind: InvalidURL, Value: f.request.urlText()}, "the data: URL has no comma")
	}
	return nil, f.fail(schemeFetch, Failure{Kind: UnsupportedScheme, Value: f.request.urlText(), Want: "http, https or data"},
		"nothing can be fetched from this scheme here", fact("scheme", u.Scheme))
}

// isRedirectStatus reports whether a status is a redirect status.
//
// https://fetch.spec.whatwg.org/#redirect-status
func isRedirectStatus(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// https://fetch.spec.whatwg.org/#ok-status
func isOKStatus(status int) bool { return status >= 200 && status <= 299 }

// https://fetch.spec.whatwg.org/#null-body-status
func isNullBodyStatus(status int) bool {
	switch status {
	case 101, 103, 204, 205, 304:
		return true
	}
	return false
}

func statusFact(status int) Fact { return fact("status", strconv.Itoa(status)) }
