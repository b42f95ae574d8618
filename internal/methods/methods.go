// Package methods knows what the Fetch Standard and HTTP say of request
// methods. Methods are compared byte for byte: "patch" is not "PATCH".
package methods

import (
	"strings"

	"golang.org/x/net/http/httpguts"
)

// IsMethod reports whether s is a method, that is a token.
//
// https://fetch.spec.whatwg.org/#concept-method
func IsMethod(s string) bool {
	// A header name is a token too, and this is the token test there is.
	return httpguts.ValidHeaderFieldName(s)
}

// IsForbidden reports whether no script can send a request with method m.
//
// https://fetch.spec.whatwg.org/#forbidden-method
func IsForbidden(m string) bool {
	return strings.EqualFold(m, "CONNECT") || strings.EqualFold(m, "TRACE") || strings.EqualFold(m, "TRACK")
}

// IsSafelisted reports whether m needs no server's permission.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-method
func IsSafelisted(m string) bool {
	return m == "GET" || m == "HEAD" || m == "POST"
}

// Normalize upper-cases the six methods that browsers upper-case, and returns
// every other method as it is.
//
// https://fetch.spec.whatwg.org/#concept-method-normalize
func Normalize(m string) string {
	for _, n := range [...]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if strings.EqualFold(m, n) {
			return n
		}
	}
	return m
}

// IsSafe reports whether m is defined to only read. Methods that this package
// does not know are not safe.
//
// https://www.rfc-editor.org/rfc/rfc9110#name-safe-methods
func IsSafe(m string) bool {
	return m == "GET" || m == "HEAD" || m == "OPTIONS" || m == "TRACE"
}
