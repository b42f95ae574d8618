package fetch

// An EmbedderPolicy is a page's Cross-Origin-Embedder-Policy.
//
// https://html.spec.whatwg.org/multipage/browsers.html#coep
type EmbedderPolicy string

const (
	UnsafeNone     EmbedderPolicy = "unsafe-none" // also the empty policy
	RequireCORP    EmbedderPolicy = "require-corp"
	Credentialless EmbedderPolicy = "credentialless"
)

// corpCheck is for responses that a page gets without CORS.
//
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check
func (f *fetching) corpCheck(response *response) *Failure {
	said, _ := response.header.Get("Cross-Origin-Resource-Policy")
	policy := f.resourcePolicy(said)
	if policy == "" {
		return nil
	}
	o := response.url.Origin()
	from := f.request.origin
	allowed := policy == "cross-origin" ||
		policy == "same-origin" && SameOrigin(from, o) ||
		policy == "same-site" && f.isSameSiteForPolicy(from, o)
	compared := []Fact{fact("Cross-Origin-Resource-Policy", said), fact("counts as", policy), f.pageFact(), fact("origin of response", o.String())}
	if !allowed {
		return f.fail(corpCheck, Failure{Kind: CrossOriginPolicy, Name: "Cross-Origin-Resource-Policy", Value: said, Want: "cross-origin"},
			"the response's policy keeps it from this page", compared...)
	}
	f.pass(corpCheck, "the response's policy allows this page", compared...)
	return nil
}

func (f *fetching) isSameSiteForPolicy(from, o Origin) bool {
	if _, isAddr := addrOf(o.Host); isAddr && f.profile.AddressesAreNoSites {
		return false
	}
	oneSite := f.profile.SuffixesAreOneSite && belowNoDomain(from) && belowNoDomain(o)
	return (oneSite || schemelesslySameSite(from, o)) && (from.Scheme == "https" || o.Scheme != "https")
}

// belowNoDomain is true of names such as localhost, of public suffixes, and of
// origins without a host.
func belowNoDomain(o Origin) bool {
	_, isAddr := addrOf(o.Host)
	return !isAddr && RegistrableDomain(o.Host) == ""
}

// resourcePolicy returns the policy that counts, or "" for none. Values other
// than the three are no policy.
func (f *fetching) resourcePolicy(said string) string {
	switch said {
	case "same-origin", "same-site", "cross-origin":
		return said
	}
	switch {
	case f.in.EmbedderPolicy == RequireCORP,
		f.in.EmbedderPolicy == Credentialless && f.includesCredentials():
		return "same-origin"
	}
	return ""
}
