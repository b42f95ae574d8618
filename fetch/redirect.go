package fetch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mostRedirects is how many redirects are followed.
const mostRedirects = 20

// redirectFetch follows a redirect, unless it is none.
//
// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
func (f *fetching) redirectFetch(from *response) (*response, *Failure) {
	location, failure := f.locationURL(from)
	if failure == nil && location == nil {
		f.note(httpRedirectFetch, "without a Location, a redirect is a response like any other", statusFact(from.status))
		return from, nil
	}
	if failure == nil {
		failure = f.checkLocation(location)
	}
	f.hide(from)
	if failure != nil {
		return nil, failure
	}
	f.pass(httpRedirectFetch, "the redirect is followed", statusFact(from.status), fact("Location", location.String()))
	f.follow(from, location)
	return f.mainFetch()
}

// locationURL returns nil if the response has no Location.
//
// https://fetch.spec.whatwg.org/#concept-response-location-url
func (f *fetching) locationURL(from *response) (*URL, *Failure) {
	value, found, ok := extractSingle(from.header, "Location")
	if !ok && f.profile.TakesEqualLocations {
		value, ok = equalLines(from.header.Values("Location"))
	}
	switch {
	case !found, ok && value == "" && f.profile.IgnoresEmptyLocation:
		return nil, nil
	case !ok:
		return nil, f.failLocations(from)
	case value == "" && f.profile.RefusesEmptyLocation && f.request.redirect == RedirectFollow:
		return nil, f.fail(httpRedirectFetch, Failure{Kind: InvalidLocation, Name: "Location"},
			"this browser follows no empty Location", fact("Location", value))
	}
	if f.profile.LocationKeepsControls {
		value = escapeControls(value)
	}
	location, err := from.url.ParseURL(value)
	if err != nil {
		return nil, f.fail(httpRedirectFetch, Failure{Kind: InvalidLocation, Name: "Location", Value: value, Err: err},
			"the Location is no URL", fact("Location", value))
	}
	if current := f.request.url(); !location.HasFragment && current.HasFragment {
		copied := *location
		copied.Fragment, copied.HasFragment = current.Fragment, true
		location = &copied
	}
	return location, nil
}

func (f *fetching) failLocations(from *response) *Failure {
	all, _ := from.header.Get("Location")
	return f.fail(httpRedirectFetch, Failure{Kind: MultipleLocations, Name: "Location", Value: all},
		"there is more than one Location", fact("Location", all))
}

// escapeControls keeps the URL parser from taking control characters off, and
// tabs out.
func escapeControls(s string) string {
	for c := range byte(0x20) {
		s = strings.ReplaceAll(s, string(rune(c)), fmt.Sprintf("%%%02X", c))
	}
	return s
}

// equalLines returns the value that all lines have.
func equalLines(lines []string) (value string, ok bool) {
	return lines[0], len(slices.Compact(lines)) == 1
}

func (f *fetching) checkLocation(location *URL) *Failure {
	r := &f.request
	at := fact("Location", location.String())
	crossOrigin := !SameOrigin(r.origin, location.Origin())
	switch {
	case !location.IsHTTP():
		return f.fail(httpRedirectFetch, Failure{Kind: RedirectScheme, Name: "Location", Value: location.String(), Want: "http or https"},
			"redirects lead to http and https only", at)
	case r.redirects == mostRedirects:
		return f.fail(httpRedirectFetch, Failure{Kind: TooManyRedirects, Value: location.String()},
			"twenty redirects are enough", fact("redirects", strconv.Itoa(r.redirects)), at)
	case location.IncludesCredentials() && (r.tainting == taintingCORS || r.mode == ModeCORS && crossOrigin || f.profile.RefusesCredentialsInLocation && !f.in.XHR):
		return f.fail(httpRedirectFetch, Failure{Kind: RedirectCredentials, Name: "Location", Value: location.String(), Want: "a URL without user name and password"},
			"a cross-origin redirect may not have a user name or password", at)
	}
	return nil
}

// follow changes the request as the redirect wants it.
func (f *fetching) follow(from *response, location *URL) {
	r := &f.request
	r.redirects++
	if f.profile.RestoresHeaders {
		dropped := !r.header.Has("Authorization")
		r.header = r.first.Clone()
		if dropped && f.profile.DropsAuthorizationForGood {
			r.drop("Authorization")
		}
		method := NormalizeMethod(orDefault(f.in.Method, "GET"))
		if f.profile.RestoresHeadersOfGET {
			method = r.method
		}
		r.bodyDropped = becomesGET(from.status, method)
	}
	if becomesGET(from.status, r.method) {
		f.note(httpRedirectFetch, "the redirect makes the request a GET without a body", statusFact(from.status), fact("method", r.method))
		r.method, r.body = "GET", nil
		r.drop(bodyHeaders...)
	}
	if !SameOrigin(r.url().Origin(), location.Origin()) && r.header.Has("Authorization") {
		f.note(httpRedirectFetch, "Authorization does not follow to another origin", fact("Location", location.String()))
		r.drop("Authorization")
	}
	if f.profile.DropsClientHints && !SameOrigin(r.origin, location.Origin()) {
		r.header = slices.DeleteFunc(r.header, func(f Field) bool { return isClientHintName(asciiLower(f.Name)) })
	}
	r.setReferrerPolicyOnRedirect(from.header)
	r.addURL(location)
	if f.isTainted() {
		f.note(redirectTaint, "redirects between other origins than the page's make the request's origin null",
			f.pageFact(), fact("origin of URL", location.Origin().String()))
	}
}

func becomesGET(status int, method string) bool {
	return status == 303 && method != "GET" && method != "HEAD" || (status == 301 || status == 302) && method == "POST"
}

// https://fetch.spec.whatwg.org/#request-body-header-name
var bodyHeaders = []string{"Content-Encoding", "Content-Language", "Content-Location", "Content-Type"}

// drop removes headers from the request's list.
func (r *request) drop(names ...string) {
	r.header = slices.DeleteFunc(r.header, func(f Field) bool { return containsFold(names, f.Name) })
}
