// Package headers knows what the Fetch Standard says of header names: which a
// script may send, which it may read, and how a preflight lists them.
package headers

import (
	"strings"

	"golang.org/x/net/http/httpguts"
)

// The names of the CORS protocol, in the form net/http calls canonical.
//
// https://fetch.spec.whatwg.org/#http-new-header-syntax
const (
	Origin         = "Origin"
	RequestMethod  = "Access-Control-Request-Method"
	RequestHeaders = "Access-Control-Request-Headers"

	AllowOrigin      = "Access-Control-Allow-Origin"
	AllowCredentials = "Access-Control-Allow-Credentials"
	AllowMethods     = "Access-Control-Allow-Methods"
	AllowHeaders     = "Access-Control-Allow-Headers"
	ExposeHeaders    = "Access-Control-Expose-Headers"
	MaxAge           = "Access-Control-Max-Age"

	TimingAllowOrigin = "Timing-Allow-Origin"
	SecFetchSite      = "Sec-Fetch-Site"
	Vary              = "Vary"
)

// IsName reports whether s is a header name, that is a token.
//
// https://fetch.spec.whatwg.org/#header-name
func IsName(s string) bool { return httpguts.ValidHeaderFieldName(s) }

// IsCORSResponse reports whether name, in any case, is a response header of
// the CORS protocol, or of its abandoned extension for private networks.
func IsCORSResponse(name string) bool {
	const prefix = "access-control-"
	if len(name) <= len(prefix) || name[0]|0x20 != 'a' || !strings.EqualFold(name[:len(prefix)], prefix) {
		return false
	}
	rest := name[len(prefix):]
	return hasPrefixFold(rest, "allow-") && len(rest) > len("allow-") ||
		strings.EqualFold(rest, "expose-headers") || strings.EqualFold(rest, "max-age")
}

// IsForbiddenRequest reports whether name is one that browsers do not let
// scripts set, whatever the value.
//
// https://fetch.spec.whatwg.org/#forbidden-request-header
func IsForbiddenRequest(name string) bool {
	return forbiddenRequest.has(name) || hasPrefixFold(name, "proxy-") || hasPrefixFold(name, "sec-")
}

func hasPrefixFold(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

var forbiddenRequest = set(
	"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
	"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive",
	"origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
)

// IsForbiddenResponse reports whether name is one that no script can read,
// exposed or not.
//
// https://fetch.spec.whatwg.org/#forbidden-response-header-name
func IsForbiddenResponse(name string) bool {
	return strings.EqualFold(name, "set-cookie") || strings.EqualFold(name, "set-cookie2")
}

// IsSafelistedResponse reports whether scripts can read name without the
// server's permission.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
func IsSafelistedResponse(name string) bool { return safelistedResponse.has(name) }

var safelistedResponse = set(
	"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
)

// known are names of the standard, in lower case and shorter than room.
type known map[string]bool

func set(names ...string) known {
	m := make(known, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// has looks for a name in any case, and does not allocate.
func (k known) has(name string) bool {
	if len(name) > room {
		return false
	}
	var buf [room]byte
	return k[string(lower(&buf, name))]
}
