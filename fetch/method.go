package fetch

import "github.com/corsac-cors/corsac/internal/methods"

// IsMethod reports whether s is a method, that is a token.
//
// https://fetch.spec.whatwg.org/#concept-method
func IsMethod(s string) bool { return methods.IsMethod(s) }

// IsForbiddenMethod reports whether no script can send a request with the
// method: CONNECT, TRACE and TRACK in any case.
//
// https://fetch.spec.whatwg.org/#forbidden-method
func IsForbiddenMethod(s string) bool { return methods.IsForbidden(s) }

// IsCORSSafelistedMethod reports whether the method needs no preflight.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-method
func IsCORSSafelistedMethod(s string) bool { return methods.IsSafelisted(s) }

// NormalizeMethod upper-cases the six methods that browsers upper-case, and
// leaves every other one as it is: "patch" is not "PATCH".
//
// https://fetch.spec.whatwg.org/#concept-method-normalize
func NormalizeMethod(s string) string { return methods.Normalize(s) }
