package fetch

import (
	"slices"
	"strings"
)

// request is the standard's request: what a Request becomes once its
// constructor has taken it, and what redirects change.
//
// https://fetch.spec.whatwg.org/#concept-request
type request struct {
	method string
	urls   []*URL   // the URL list; the last is the current URL
	texts  []string // the URL list, serialized
	header Header
	first  Header // the header before any redirect, kept for Profile.RestoresHeaders
	body   []byte

	origin      Origin
	page        *URL // nil if only the origin is known
	mode        Mode
	credentials Credentials
	redirect    RedirectMode
	cache       CacheMode
	referrer    *URL // nil for none
	policy      ReferrerPolicy

	typeAsSet    string // the Content-Type before send() wrote its charset, if it did
	bodyDropped  bool   // by the last redirect, kept for Profile.RestoresHeaders
	usePreflight bool   // the use-CORS-preflight flag
	tainting     tainting

	redirects int
	// timingFailed is set once a hop has failed the TAO check.
	timingFailed bool
	// wasUnsafe and hadPreflight are what Profile.PreflightSticks goes by.
	wasUnsafe, hadPreflight bool
}

// tainting is a request's response tainting.
//
// https://fetch.spec.whatwg.org/#concept-request-response-tainting
type tainting string

const (
	taintingBasic  tainting = "basic"
	taintingCORS   tainting = "cors"
	taintingOpaque tainting = "opaque"
)

func (r *request) url() *URL { return r.urls[len(r.urls)-1] }

// urlText is the current URL, serialized.
func (r *request) urlText() string { return r.texts[len(r.texts)-1] }

// urlWithoutFragment takes off what follows the only "#" that a URL can have.
func (r *request) urlWithoutFragment() string {
	text, _, _ := strings.Cut(r.urlText(), "#")
	return text
}

func (r *request) addURL(u *URL) {
	r.urls = append(r.urls, u)
	r.texts = append(r.texts, u.String())
}

// construct does what `new Request` does, and throws what it throws.
//
// https://fetch.spec.whatwg.org/#dom-request
func (f *fetching) construct(in *Request) *Failure {
	r := &f.request
	for _, step := range []func(*Request) *Failure{
		f.constructPage, f.constructURL, f.constructOptions, f.constructReferrer, f.constructMethod, f.constructHeader,
	} {
		if failure := step(in); failure != nil {
			f.step(requestConstructor, Failed, "the call throws a TypeError", fact("why", string(failure.Kind)))
			failure.Exchange = -1
			return failure
		}
	}
	r.usePreflight = in.UploadListener && (r.body != nil || !f.profile.UploadNeedsBody)
	return nil
}

func (f *fetching) constructPage(in *Request) *Failure {
	r := &f.request
	var err error
	if in.Page != "" {
		if r.page, err = ParseURL(in.Page); err != nil {
			return &Failure{Kind: InvalidOrigin, Name: "page", Value: in.Page, Err: err}
		}
		r.origin = r.page.Origin()
	}
	if in.Origin != "" {
		if r.origin, err = ParseOrigin(in.Origin); err != nil {
			return &Failure{Kind: InvalidOrigin, Name: "origin", Value: in.Origin, Err: err}
		}
	}
	if in.Page == "" && in.Origin == "" {
		return &Failure{Kind: InvalidOrigin, Name: "origin", Want: "the origin of the page"}
	}
	if r.page == nil && !r.origin.IsOpaque() {
		r.page = &URL{Scheme: r.origin.Scheme, Host: r.origin.Host, Port: r.origin.Port, HasHost: true, Path: "/"}
	}
	return nil
}

func (f *fetching) constructURL(in *Request) *Failure {
	u, err := parseURL(in.URL, f.request.page)
	if err != nil {
		return &Failure{Kind: InvalidURL, Value: in.URL, Err: err}
	}
	if u.IncludesCredentials() {
		return &Failure{Kind: URLCredentials, Value: in.URL}
	}
	f.request.addURL(u)
	return nil
}

func (f *fetching) constructOptions(in *Request) *Failure {
	r := &f.request
	r.mode = orDefault(in.Mode, ModeCORS)
	r.credentials = orDefault(in.Credentials, CredentialsSameOrigin)
	r.redirect = orDefault(in.Redirect, RedirectFollow)
	r.cache = orDefault(in.Cache, CacheDefault)
	r.policy = orDefault(in.ReferrerPolicy, StrictOriginWhenCrossOrigin)
	for _, option := range []struct {
		name, value string
		known       bool
	}{
		{"mode", string(r.mode), isOneOf(r.mode, ModeCORS, ModeNoCORS, ModeSameOrigin)},
		{"credentials", string(r.credentials), isOneOf(r.credentials, CredentialsOmit, CredentialsSameOrigin, CredentialsInclude)},
		{"redirect", string(r.redirect), isOneOf(r.redirect, RedirectFollow, RedirectError, RedirectManual)},
		{"cache", string(r.cache), isOneOf(r.cache, CacheDefault, CacheNoStore, CacheReload, CacheNoCache, CacheForce, CacheOnlyIfCached)},
		{"referrerPolicy", string(r.policy), r.policy.isKnown()},
	} {
		if !option.known {
			return &Failure{Kind: InvalidOption, Name: option.name, Value: option.value}
		}
	}
	if in.XHR {
		return checkXHROptions(in)
	}
	if r.cache == CacheOnlyIfCached && r.mode != ModeSameOrigin {
		return &Failure{Kind: OnlyIfCached, Value: string(r.mode), Want: string(ModeSameOrigin)}
	}
	return nil
}

func orDefault[T ~string](value, otherwise T) T {
	if value == "" {
		return otherwise
	}
	return value
}

func isOneOf[T ~string](value T, known ...T) bool { return slices.Contains(known, value) }

func (f *fetching) constructMethod(in *Request) *Failure {
	r := &f.request
	method := orDefault(in.Method, "GET")
	switch {
	case !IsMethod(method):
		return &Failure{Kind: InvalidMethod, Name: method}
	case IsForbiddenMethod(method):
		return &Failure{Kind: ForbiddenMethod, Name: method}
	}
	if r.method = NormalizeMethod(method); r.method != method {
		f.note(requestConstructor, "the method is normalized", fact("method", method), fact("normalized", r.method))
	}
	switch {
	case r.mode == ModeNoCORS && !IsCORSSafelistedMethod(r.method):
		return &Failure{Kind: NoCORSMethod, Name: r.method, Want: "GET, HEAD or POST"}
	case in.Body == nil || in.XHR && hasNoBody(r.method):
	case hasNoBody(r.method):
		return &Failure{Kind: BodyNotAllowed, Name: r.method}
	default:
		r.body = in.Body
	}
	return nil
}

func hasNoBody(method string) bool { return method == "GET" || method == "HEAD" }

func (f *fetching) constructHeader(in *Request) *Failure {
	r := &f.request
	var failure *Failure
	r.header, failure = f.guardRequest(in.Header, r.mode)
	if in.XHR {
		r.header = combine(r.header)
		f.sendXHR()
	}
	if failure != nil || in.BodyType == "" || r.header.Has("Content-Type") || in.XHR && r.body == nil {
		return failure
	}
	// The script's own Content-Type may have been dropped.
	ofBody, failure := f.guardRequest(Header{{Name: "Content-Type", Value: in.BodyType}}, r.mode)
	r.header = append(r.header, ofBody...)
	return failure
}
