package fetch

import (
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
)

// corsCheck compares bytes and parses nothing. origin is the request's origin,
// serialized.
//
// https://fetch.spec.whatwg.org/#concept-cors-check
func (f *fetching) corsCheck(h Header, origin string) *Failure {
	allowed, found := h.Get(headers.AllowOrigin)
	withCredentials := f.request.credentials == CredentialsInclude
	said := fact(headers.AllowOrigin, allowed)
	switch {
	case !found:
		return f.fail(corsCheck, Failure{Kind: MissingAllowOrigin, Name: headers.AllowOrigin, Want: origin},
			"the response has no Access-Control-Allow-Origin", fact("request origin", origin))
	case allowed == "*" && !withCredentials:
		f.pass(corsCheck, "every origin may read a response without credentials", said)
		return nil
	case allowed == "*":
		return f.fail(corsCheck, Failure{Kind: WildcardWithCredentials, Name: headers.AllowOrigin, Value: allowed, Want: origin},
			"\"*\" does not stand for every origin in a request with credentials", said, fact("request origin", origin))
	case allowed != origin:
		return f.fail(corsCheck, Failure{Kind: mismatchKind(allowed), Name: headers.AllowOrigin, Value: allowed, Want: origin},
			"Access-Control-Allow-Origin is not the request's origin", said, fact("request origin", origin))
	}
	f.pass(corsCheck, "Access-Control-Allow-Origin is the request's origin", said, fact("request origin", origin))
	if !withCredentials {
		return nil
	}
	return f.checkAllowCredentials(h)
}

func (f *fetching) checkAllowCredentials(h Header) *Failure {
	credentials, _ := h.Get(headers.AllowCredentials)
	if credentials != "true" {
		return f.fail(corsCheck, Failure{Kind: InvalidAllowCredentials, Name: headers.AllowCredentials, Value: credentials, Want: "true"},
			"a request with credentials needs Access-Control-Allow-Credentials to be true", fact(headers.AllowCredentials, credentials))
	}
	f.pass(corsCheck, "credentials are allowed", fact(headers.AllowCredentials, credentials))
	return nil
}

// mismatchKind says what is wrong with a value that is not the origin. The
// standard does not ask; people do.
func mismatchKind(value string) Kind {
	if strings.ContainsAny(value, " ,") {
		return MultipleAllowOrigin
	}
	if _, err := ParseURL(value); err != nil && value != "null" {
		return InvalidAllowOrigin
	}
	return AllowOriginMismatch
}

// taoCheck tells whether the page may see detailed timings.
//
// https://fetch.spec.whatwg.org/#concept-tao-check
func (f *fetching) taoCheck(h Header) bool {
	if f.request.timingFailed {
		return false
	}
	if combined, ok := h.Get(headers.TimingAllowOrigin); ok {
		origin := f.requestOrigin()
		for _, value := range getDecodeAndSplit(combined) {
			if value == "*" || value == origin {
				f.note(taoCheck, "the page may see timings", fact(headers.TimingAllowOrigin, combined), fact("request origin", origin))
				return true
			}
		}
	}
	return f.request.tainting == taintingBasic
}
