package fetch

import (
	"slices"
	"strings"
)

// httpFetch judges the response of every hop before a redirect is looked at.
//
// https://fetch.spec.whatwg.org/#concept-http-fetch
func (f *fetching) httpFetch(makePreflight bool) (*response, *Failure) {
	if makePreflight {
		if failure := f.preflightIfNeeded(); failure != nil {
			return nil, failure
		}
	}
	response, failure := f.networkOrCacheFetch()
	if failure != nil {
		return nil, failure
	}
	if failure := f.judge(response); failure != nil {
		f.hide(response)
		return nil, failure
	}
	if !isRedirectStatus(response.status) {
		return response, nil
	}
	return f.redirect(response)
}

// judge holds one response against what the request's tainting asks for.
func (f *fetching) judge(response *response) *Failure {
	r := &f.request
	if r.tainting == taintingCORS {
		if failure := f.corsCheck(response.header, f.requestOrigin()); failure != nil {
			return failure
		}
	}
	if !f.taoCheck(response.header) {
		r.timingFailed = true
	}
	if r.tainting == taintingOpaque {
		return f.corpCheck(response)
	}
	return nil
}

func (f *fetching) redirect(response *response) (*response, *Failure) {
	if f.profile.RedirectNeedsLocation && f.request.redirect == RedirectError && !hasLocation(response) {
		f.note(httpFetch, "this browser finds no redirect without a Location", statusFact(response.status))
		return response, nil
	}
	switch f.request.redirect {
	case RedirectError:
		f.hide(response)
		return nil, f.fail(httpFetch, Failure{Kind: RedirectModeError, Value: statusFact(response.status).Value},
			"the request's redirect mode is error", statusFact(response.status))
	case RedirectManual:
		if f.profile.ManualNeedsURL && !f.takesBlanks(response) {
			if _, failure := f.locationURL(response); failure != nil {
				f.hide(response)
				return nil, failure
			}
		}
		f.pass(httpFetch, "the request's redirect mode is manual: the page learns of the redirect only that it is one", statusFact(response.status))
		response.typ = OpaqueRedirect
		return response, nil
	}
	return f.redirectFetch(response)
}

// takesBlanks is true of a Location that would be a URL without its blanks.
func (f *fetching) takesBlanks(response *response) bool {
	location, _ := response.header.Get("Location")
	_, err := response.url.ParseURL(strings.ReplaceAll(location, " ", ""))
	return f.profile.LocationTakesBlanks && strings.Contains(location, " ") && err == nil
}

func hasLocation(response *response) bool {
	location, _ := response.header.Get("Location")
	return location != ""
}

// preflightIfNeeded asks the preflight cache first.
func (f *fetching) preflightIfNeeded() *Failure {
	r := &f.request
	if f.cacheSuffices(f.unsafe) {
		f.pass(httpFetch, "a cached preflight allows it", fact("method", r.method), fact("unsafe headers", join(f.unsafe)))
		return nil
	}
	f.verdict.Steps = slices.Grow(f.verdict.Steps, 8+2*len(f.unsafe)) // each name is a reason for a preflight, and then allowed
	f.noteWhyPreflight(f.unsafe)
	r.hadPreflight = true
	return f.preflightFetch(f.unsafe)
}

func (f *fetching) noteWhyPreflight(unsafe []string) {
	r := &f.request
	if !IsCORSSafelistedMethod(r.method) {
		f.note(httpFetch, "a preflight is needed: the method is not GET, HEAD or POST", fact("method", r.method))
	}
	for _, name := range unsafe {
		value, _ := r.header.Get(name)
		f.note(httpFetch, "a preflight is needed: the header is not safelisted with this value", fact("header", name), fact("value", value))
	}
	switch {
	case r.usePreflight:
		f.note(httpFetch, "a preflight is needed: there are listeners on the upload")
	case len(unsafe) == 0 && IsCORSSafelistedMethod(r.method):
		f.note(httpFetch, "a preflight is needed: this browser repeats one after a redirect")
	}
}
