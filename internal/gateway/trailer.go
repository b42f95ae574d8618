package gateway

import (
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/corsac-cors/corsac"
)

// dropOddTrailers removes from the fields behind a body what would be believed
// if somebody merged them into the header, in either direction: what the gateway
// has seen to there, and what no trailer may say.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1
func dropOddTrailers(trailer http.Header) {
	for name := range trailer {
		if plain := withHyphens(name); !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidTrailerHeader(plain) || isForwarded(name) || corsac.IsCORSHeader(plain) || headOnly[plain] {
			delete(trailer, name)
		}
	}
}

// headOnly is what httpguts does not know to be no trailer.
var headOnly = map[string]bool{
	"Access-Control-Request-Headers": true,
	"Access-Control-Request-Method":  true,
	"Cookie":                         true,
	"Origin":                         true,
	"Set-Cookie":                     true,
	"Timing-Allow-Origin":            true,
	"Upgrade":                        true,
	"Vary":                           true,
}

// withHyphens is the name that a field has for everything that makes variables
// of fields (CGI, WSGI, PHP), and writes "_" for whatever is neither a letter nor
// a digit.
func withHyphens(name string) string {
	const others = "!#$%&'*+.^_`|~"
	if !strings.ContainsAny(name, others) {
		return name
	}
	return http.CanonicalHeaderKey(strings.Map(func(r rune) rune {
		if strings.ContainsRune(others, r) {
			return '-'
		}
		return r
	}, name))
}

// dropDoubles removes fields that some servers take for those by which a
// message is framed. A client that means them spells them as all others do.
func dropDoubles(h http.Header) {
	for name := range h {
		if plain := withHyphens(name); plain != name && (plain == "Content-Length" || plain == "Transfer-Encoding") {
			delete(h, name)
		}
	}
}
