package fetch

// A ReferrerPolicy is how much of the page's address the server learns. It
// touches CORS where it makes an Origin null.
//
// https://w3c.github.io/webappsec-referrer-policy/#referrer-policies
type ReferrerPolicy string

const (
	NoReferrer                  ReferrerPolicy = "no-referrer"
	NoReferrerWhenDowngrade     ReferrerPolicy = "no-referrer-when-downgrade"
	SameOriginReferrer          ReferrerPolicy = "same-origin"
	OriginReferrer              ReferrerPolicy = "origin"
	StrictOrigin                ReferrerPolicy = "strict-origin"
	OriginWhenCrossOrigin       ReferrerPolicy = "origin-when-cross-origin"
	StrictOriginWhenCrossOrigin ReferrerPolicy = "strict-origin-when-cross-origin" // also the empty policy
	UnsafeURL                   ReferrerPolicy = "unsafe-url"
)

func (p ReferrerPolicy) isKnown() bool {
	return isOneOf(p, NoReferrer, NoReferrerWhenDowngrade, SameOriginReferrer, OriginReferrer, StrictOrigin,
		OriginWhenCrossOrigin, StrictOriginWhenCrossOrigin, UnsafeURL)
}

func (f *fetching) constructReferrer(in *Request) *Failure {
	r := &f.request
	switch in.Referrer {
	case "", "about:client":
		r.referrer = r.page
		return nil
	case "no-referrer":
		return nil
	}
	u, err := parseURL(in.Referrer, r.page)
	if err != nil {
		return &Failure{Kind: InvalidReferrer, Value: in.Referrer, Err: err}
	}
	// A page cannot pose as another one: its own address is taken instead.
	if r.referrer = u; !SameOrigin(u.Origin(), r.origin) {
		r.referrer = r.page
	}
	return nil
}

// determineReferrer returns what the Referer header says, or nil for none.
//
// https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer
func (r *request) determineReferrer() *URL {
	full := strip(r.referrer, false)
	if full == nil {
		return nil
	}
	origin := strip(r.referrer, true)
	if full.isLonger(longestReferrer) {
		full = origin
	}
	sameOrigin := SameOrigin(full.Origin(), r.url().Origin())
	downgrade := isPotentiallyTrustworthy(full.Origin()) && !isPotentiallyTrustworthy(r.url().Origin())
	switch r.policy {
	case NoReferrer:
		return nil
	case OriginReferrer:
		return origin
	case UnsafeURL:
		return full
	case StrictOrigin:
		return unless(downgrade, origin)
	case SameOriginReferrer:
		return unless(!sameOrigin, full)
	case NoReferrerWhenDowngrade:
		return unless(downgrade, full)
	}
	switch {
	case sameOrigin:
		return full
	case r.policy == StrictOriginWhenCrossOrigin && downgrade:
		return nil
	}
	return origin
}

const longestReferrer = 4096

func unless(not bool, u *URL) *URL {
	if not {
		return nil
	}
	return u
}

// isLonger serializes no URL whose parts are short.
func (u *URL) isLonger(than int) bool {
	parts := len(u.Scheme) + len(u.Host) + len(u.Port) + len(u.Path) + len(u.Query)
	return parts > than-len("://:?") && len(u.String()) > than
}

// strip removes what no server should learn of a URL, and returns the URL itself
// where that is nothing.
//
// https://w3c.github.io/webappsec-referrer-policy/#strip-url
func strip(u *URL, originOnly bool) *URL {
	switch {
	case u == nil || !u.IsHTTP():
		return nil
	case !u.IncludesCredentials() && !u.HasFragment && (!originOnly || u.Path == "/" && !u.HasQuery):
		return u
	}
	stripped := &URL{Scheme: u.Scheme, Host: u.Host, Port: u.Port, HasHost: true, Path: u.Path, Query: u.Query, HasQuery: u.HasQuery}
	if originOnly {
		stripped.Path, stripped.Query, stripped.HasQuery = "/", "", false
	}
	return stripped
}

// setReferrerPolicyOnRedirect takes the last policy of a redirect that is one.
//
// https://w3c.github.io/webappsec-referrer-policy/#set-requests-referrer-policy-on-redirect
func (r *request) setReferrerPolicyOnRedirect(h Header) {
	combined, ok := h.Get("Referrer-Policy")
	if !ok {
		return
	}
	for _, token := range getDecodeAndSplit(combined) {
		if policy := ReferrerPolicy(asciiLower(token)); policy.isKnown() {
			r.policy = policy
		}
	}
}
