package fetch

// taint is a request's redirect-taint.
//
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
type taint string

const (
	taintSameOrigin taint = "same-origin"
	taintSameSite   taint = "same-site"
	taintCrossSite  taint = "cross-site"
)

// redirectTaint looks at each pair of neighbours in the URL list: a request is
// tainted once an origin other than the page's has sent it on to a third one.
func (r *request) redirectTaint() taint {
	result := taintSameOrigin
	for i := 1; i < len(r.urls); i++ {
		last, next := r.urls[i-1].Origin(), r.urls[i].Origin()
		if SameOrigin(next, last) || SameOrigin(r.origin, last) {
			continue
		}
		if !SameSite(next, last) && !SameSite(r.origin, last) {
			return taintCrossSite
		}
		result = taintSameSite
	}
	return result
}

// requestOrigin is the one value that the Origin header, the CORS check and the
// TAO check are about.
//
// https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin
func (f *fetching) requestOrigin() string {
	if f.isTainted() {
		return "null"
	}
	return f.originText
}

func (f *fetching) isTainted() bool {
	return len(f.request.urls) > 1 && f.request.redirectTaint() != taintSameOrigin
}

// preflightOrigin is what the Origin of a preflight says.
func (f *fetching) preflightOrigin() string {
	if f.profile.PreflightKeepsOrigin {
		return f.originText
	}
	return f.requestOrigin()
}

// originHeader returns what the Origin header says, and whether there is one.
// Nothing but CORS tells the server where a GET comes from.
//
// https://fetch.spec.whatwg.org/#append-a-request-origin-header
func (f *fetching) originHeader() (value string, ok bool) {
	r := &f.request
	value = f.requestOrigin()
	switch {
	case r.tainting == taintingCORS:
		return value, true
	case r.method == "GET" || r.method == "HEAD":
		return "null", f.namesNull()
	case r.mode == ModeNoCORS && f.profile.RedirectNullsNoCORSOrigin && r.hasLeftAnOrigin():
		return "null", true
	case r.mode != ModeCORS && !f.profile.PolicyTellsOrigin && f.policyHidesOrigin():
		f.note(appendOrigin, "the referrer policy makes the Origin null", fact("referrer policy", string(r.policy)))
		return "null", true
	}
	return value, true
}

// namesNull is true of a no-cors request with credentials from a sandbox to the
// site of the page around it, until a redirect leaves the origin.
func (f *fetching) namesNull() bool {
	r := &f.request
	return f.profile.NullNamesItself && r.mode == ModeNoCORS && r.credentials == CredentialsInclude &&
		r.origin.IsOpaque() && r.page != nil && SameSite(r.page.Origin(), r.url().Origin()) && !r.hasLeftAnOrigin()
}

// hasLeftAnOrigin reports whether a redirect has led from one origin to another.
func (r *request) hasLeftAnOrigin() bool {
	for i := 1; i < len(r.urls); i++ {
		if !SameOrigin(r.urls[i-1].Origin(), r.urls[i].Origin()) {
			return true
		}
	}
	return false
}

func (f *fetching) policyHidesOrigin() bool {
	r := &f.request
	switch r.policy {
	case NoReferrer:
		return true
	case NoReferrerWhenDowngrade, StrictOrigin, StrictOriginWhenCrossOrigin:
		return r.origin.Scheme == "https" && r.url().Scheme != "https"
	case SameOriginReferrer:
		return !SameOrigin(r.origin, r.url().Origin())
	}
	return false
}
