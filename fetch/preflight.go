package fetch

import (
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/internal/headers"
)

// preflightFetch asks the server whether it would allow the request. unsafe are
// the names of the headers that it has to allow.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (f *fetching) preflightFetch(unsafe []string) *Failure {
	f.preflighting = true
	defer func() { f.preflighting = false }()
	response, failure := f.send(f.preflightMessage(unsafe))
	if failure != nil {
		return failure
	}
	defer f.hide(response)
	if failure := f.judgePreflight(response); failure != nil {
		return failure
	}
	methods, names, failure := f.matchPreflight(response.header, unsafe)
	if failure == nil || f.profile.CachesRefusals && isRefusal(failure) {
		f.cachePreflight(response.header, methods, names)
	}
	return failure
}

// isRefusal is true where an answer is sound, and allows something else.
func isRefusal(failure *Failure) bool {
	return failure.Kind == MethodNotAllowed || failure.Kind == HeaderNotAllowed
}

func (f *fetching) preflightMessage(unsafe []string) message {
	h := make(Header, 0, 3)
	h.Add("Accept", "*/*")
	h.Add(headers.RequestMethod, f.request.method)
	if len(unsafe) > 0 {
		h.Add(headers.RequestHeaders, strings.Join(unsafe, ","))
	}
	return message{method: "OPTIONS", header: h, origin: f.preflightOrigin(), hasOrigin: true, preflight: true}
}

func (f *fetching) judgePreflight(response *response) *Failure {
	redirected := isRedirectStatus(response.status) && response.header.Has("Location")
	if f.profile.PreflightStatusFirst || f.profile.PreflightRedirectFirst && redirected {
		if failure := f.checkPreflightStatus(response, redirected); failure != nil {
			return failure
		}
	}
	if f.profile.PreflightTrustsPage && SameOrigin(f.request.origin, response.url.Origin()) {
		f.note(preflightFetch, "this browser does not ask the page's own origin whether the page may read it", f.pageFact())
	} else if failure := f.corsCheck(response.header, f.preflightOrigin()); failure != nil {
		return failure
	}
	return f.checkPreflightStatus(response, redirected)
}

func (f *fetching) checkPreflightStatus(response *response, redirected bool) *Failure {
	switch {
	case isOKStatus(response.status):
		f.pass(preflightFetch, "the preflight's status is fine", statusFact(response.status))
		return nil
	case redirected:
		location, _ := response.header.Get("Location")
		return f.fail(preflightFetch, Failure{Kind: PreflightRedirect, Name: "Location", Value: location, Want: "a status from 200 to 299"},
			"a preflight is not redirected", statusFact(response.status), fact("Location", location))
	}
	return f.fail(preflightFetch, Failure{Kind: PreflightStatus, Value: statusFact(response.status).Value, Want: "a status from 200 to 299"},
		"the preflight's status is not fine", statusFact(response.status))
}

// matchPreflight holds the request against the two lists, and returns them.
func (f *fetching) matchPreflight(h Header, unsafe []string) (methods, names []string, failure *Failure) {
	r := &f.request
	methods, failure = f.extractAllowed(h, headers.AllowMethods, InvalidAllowMethods)
	if failure != nil {
		return nil, nil, failure
	}
	if methods == nil && r.usePreflight && !f.profile.UploadNeedsMethods {
		methods = []string{r.method}
	}
	if f.profile.MethodBeforeHeaderList {
		if failure := f.matchMethod(methods); failure != nil {
			return nil, nil, failure
		}
	}
	names, failure = f.extractAllowed(h, headers.AllowHeaders, InvalidAllowHeaders)
	if failure == nil && !f.profile.MethodBeforeHeaderList {
		failure = f.matchMethod(methods)
	}
	if failure == nil {
		failure = f.matchHeaders(names, unsafe)
	}
	return methods, names, failure
}

// extractAllowed fails even when nothing needs the list.
func (f *fetching) extractAllowed(h Header, name string, kind Kind) ([]string, *Failure) {
	list, bad, ok := extractTokens(h, name)
	if ok {
		return list, nil
	}
	value, _ := h.Get(name)
	return nil, f.fail(preflightFetch, Failure{Kind: kind, Name: name, Value: bad, Want: "a list of tokens"},
		"the header is no list of tokens", fact(name, value), fact("not a token", bad))
}

func (f *fetching) matchMethod(methods []string) *Failure {
	r := &f.request
	listed := fact(headers.AllowMethods, join(methods))
	switch {
	case slices.Contains(methods, r.method):
		f.pass(preflightFetch, "the method is allowed", fact("method", r.method), listed)
	case IsCORSSafelistedMethod(r.method):
		f.pass(preflightFetch, "the method needs no permission", fact("method", r.method))
	case r.credentials != CredentialsInclude && slices.Contains(methods, "*"):
		f.pass(preflightFetch, "every method is allowed", fact("method", r.method), listed)
	default:
		return f.fail(preflightFetch, Failure{Kind: MethodNotAllowed, Name: r.method, Value: join(methods), Want: r.method},
			"the method is not allowed", fact("method", r.method), listed, fact("credentials mode", string(r.credentials)))
	}
	return nil
}

func (f *fetching) matchHeaders(names, unsafe []string) *Failure {
	r := &f.request
	wildcard := r.credentials != CredentialsInclude && slices.Contains(names, "*")
	for _, name := range unsafe {
		switch covered := wildcard && (!isNonWildcard(name) || f.profile.WildcardCoversAuthorization); {
		case containsFold(names, name):
			f.pass(preflightFetch, "the header is allowed", fact("header", name), fact(headers.AllowHeaders, join(names)))
		case covered:
			f.pass(preflightFetch, "every header is allowed", fact("header", name), fact(headers.AllowHeaders, join(names)))
		default:
			return f.fail(preflightFetch, Failure{Kind: HeaderNotAllowed, Name: name, Value: join(names), Want: name},
				"the header is not allowed", fact("header", name), fact(headers.AllowHeaders, join(names)), fact("credentials mode", string(r.credentials)))
		}
	}
	return nil
}

// maxAge is how long the answer to a preflight may be kept.
//
// https://fetch.spec.whatwg.org/#http-access-control-max-age
func (p *Profile) maxAge(h Header) time.Duration {
	const otherwise = 5 * time.Second
	value, found, ok := extractSingle(h, headers.MaxAge)
	if !found || ok && value == "" {
		return otherwise
	}
	if p.MaxAgeTakesPlus {
		value = strings.TrimPrefix(value, "+")
	}
	switch {
	case ok && isDigits(value) && value != "":
		return p.capped(value)
	case p.MaxAgeInvalidIsZero, p.MaxAgeNegativeIsZero && ok && isNegative(value):
		return 0
	}
	return otherwise
}

func isNegative(s string) bool {
	digits, found := strings.CutPrefix(s, "-")
	return found && digits != "" && isDigits(digits)
}

// capped reads seconds. What is longer than nine digits is more than anybody
// will wait for.
func (p *Profile) capped(digits string) time.Duration {
	seconds := time.Duration(0)
	for _, c := range digits {
		if seconds = seconds*10 + time.Duration(c-'0'); seconds > 1e9 {
			seconds = 1e9
		}
	}
	age := seconds * time.Second
	if p.MaxAgeCap > 0 && age > p.MaxAgeCap {
		return p.MaxAgeCap
	}
	return age
}

func join(list []string) string { return strings.Join(list, ", ") }
