package fetch

import (
	"slices"
	"strings"
)

// Limits of the safelist, in bytes.
const (
	longestSafelistedValue  = 128  // one value
	longestSafelistedValues = 1024 // all values together
)

// IsCORSSafelistedRequestHeader reports whether a request header needs no
// server's permission.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func IsCORSSafelistedRequestHeader(name, value string) bool {
	return Standard.isSafelisted(asciiLower(name), value)
}

// isSafelisted takes the name in lower case.
func (p *Profile) isSafelisted(name, value string) bool {
	if len(value) > longestSafelistedValue {
		return false
	}
	switch name {
	case "accept":
		return !p.hasUnsafeByte(value)
	case "accept-language", "content-language":
		return isLanguageList(value)
	case "content-type":
		return !p.hasUnsafeByte(value) && p.isSafelistedType(value)
	case "range":
		if unit, rest, found := strings.Cut(value, "="); found && p.RangeUnitFolds {
			value = asciiLower(unit) + "=" + rest
		}
		return isSimpleRange(value) && rangeWithin(value, p.RangeLimit)
	}
	return p.SafelistsClientHints && isClientHint(name, value)
}

func (p *Profile) hasUnsafeByte(value string) bool {
	return hasUnsafeByte(value) || p.UnsafeBeyondASCII && !isASCII(value)
}

// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
var unsafeBytes = func() (unsafe [256]bool) {
	for c := range 256 {
		unsafe[c] = c < 0x20 && c != '\t' || c == 0x7F || strings.IndexByte("\"():<>?@[\\]{}", byte(c)) >= 0
	}
	return unsafe
}()

// hasUnsafeByte reports whether s contains a CORS-unsafe request-header byte.
func hasUnsafeByte(s string) bool {
	for i := range len(s) {
		if unsafeBytes[s[i]] {
			return true
		}
	}
	return false
}

func isLanguageList(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isAlphanumeric(c) && strings.IndexByte(" *,-.;=", c) < 0 {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// isSafelistedType reads the type in Firefox's way, too: no commas, no semicolon
// behind parameters, and where these follow, up to the first blank.
func (p *Profile) isSafelistedType(value string) bool {
	if p.ReadsTypeLoosely {
		if strings.Contains(value, ",") || strings.HasSuffix(value, ";") && strings.Count(value, ";") > 1 {
			return false
		}
		essence, _, found := strings.Cut(value, ";")
		if end := strings.IndexAny(essence, "\t "); found && end >= 0 {
			value = essence[:end]
		}
	}
	essence, ok := mimeEssence(value)
	if !ok {
		return false
	}
	switch essence {
	case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		return true
	}
	return false
}

// CORSUnsafeRequestHeaderNames returns the names, in lower case and byte order,
// for which a preflight has to ask.
//
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func CORSUnsafeRequestHeaderNames(h Header) []string {
	return Standard.unsafeRequestHeaderNames(h)
}

func (p *Profile) unsafeRequestHeaderNames(h Header) []string {
	var unsafe []string
	size := 0
	for _, f := range h {
		if p.isSafelisted(asciiLower(f.Name), f.Value) {
			size += len(f.Value)
			continue
		}
		unsafe = append(unsafe, asciiLower(f.Name))
	}
	if size > longestSafelistedValues && !p.SafelistsAnyAmount {
		unsafe = unsafe[:0] // then the safelisted names are unsafe too: all are
		for _, f := range h {
			unsafe = append(unsafe, asciiLower(f.Name))
		}
	}
	slices.Sort(unsafe)
	if p.ListsDuplicateNames {
		return unsafe
	}
	return slices.Compact(unsafe)
}

// isNonWildcard reports whether "*" in Access-Control-Allow-Headers never
// covers the name.
//
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
func isNonWildcard(name string) bool { return asciiEqualFold(name, "authorization") }

// IsNoCORSSafelistedRequestHeaderName reports whether a script can set the
// header in a no-cors request, given a fitting value.
//
// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name
func IsNoCORSSafelistedRequestHeaderName(name string) bool {
	switch asciiLower(name) {
	case "accept", "accept-language", "content-language", "content-type":
		return true
	}
	return false
}

// IsNoCORSSafelistedRequestHeader reports whether a script can set the header
// to the value in a no-cors request.
//
// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header
func IsNoCORSSafelistedRequestHeader(name, value string) bool {
	return IsNoCORSSafelistedRequestHeaderName(name) && IsCORSSafelistedRequestHeader(name, value)
}
