package fetch

import (
	"strings"

	"github.com/corsac-cors/corsac/internal/methods"
)

// mimeEssence parses a MIME type and returns its essence, type/subtype in lower
// case. Parameters never make the parsing fail.
//
// https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func mimeEssence(s string) (essence string, ok bool) {
	s = strings.Trim(s, httpWhitespace)
	typ, rest, found := strings.Cut(s, "/")
	if !found || !isToken(typ) {
		return "", false
	}
	subtype, _, _ := strings.Cut(rest, ";")
	subtype = strings.TrimRight(subtype, httpWhitespace)
	if !isToken(subtype) {
		return "", false
	}
	return asciiLower(typ + "/" + subtype), true
}

// https://fetch.spec.whatwg.org/#http-whitespace
const httpWhitespace = "\t\n\r "

func isHTTPWhitespace(c byte) bool { return c == '\t' || c == '\n' || c == '\r' || c == ' ' }

// A method, a header name and a MIME type's type are all tokens.
func isToken(s string) bool { return methods.IsMethod(s) }
