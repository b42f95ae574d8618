package fetch

import (
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/internal/http1"
)

// A Field is one header line: its name in the case it was written in, and its
// value as bytes.
type Field = http1.Field

// A Header is header lines in their order, duplicates and all: a header list.
//
// https://fetch.spec.whatwg.org/#concept-header-list
type Header = http1.Header

// Lines makes a header of lines such as "Content-Type: text/plain". A line
// without a colon is a name with an empty value.
func Lines(lines ...string) Header {
	h := make(Header, 0, len(lines))
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		h.Add(name, trimTabSpace(value))
	}
	return h
}

// normalizeValue strips what may stand around a header value.
//
// https://fetch.spec.whatwg.org/#concept-header-value-normalize
func normalizeValue(s string) string {
	for s != "" && isHTTPWhitespace(s[0]) {
		s = s[1:]
	}
	for s != "" && isHTTPWhitespace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// isValue reports whether s, once normalized, is a header value.
//
// https://fetch.spec.whatwg.org/#header-value
func isValue(s string) bool {
	return !strings.ContainsAny(s, "\x00\n\r") && s == trimTabSpace(s)
}

// IsForbiddenRequestHeader reports whether browsers drop the header when a
// script sets it. The value matters for X-HTTP-Method-Override and its like.
//
// https://fetch.spec.whatwg.org/#forbidden-request-header
func IsForbiddenRequestHeader(name, value string) bool {
	if headers.IsForbiddenRequest(name) {
		return true
	}
	switch asciiLower(name) {
	case "x-http-method", "x-http-method-override", "x-method-override":
		for _, method := range getDecodeAndSplit(value) {
			if IsForbiddenMethod(method) {
				return true
			}
		}
	}
	return false
}

// getDecodeAndSplit splits a value on the commas that stand outside quotes.
//
// https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
func getDecodeAndSplit(s string) (values []string) {
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = endOfQuotes(s, i)
		case ',':
			values = append(values, trimTabSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(values, trimTabSpace(s[start:]))
}

// endOfQuotes returns where the quotes that open at i close, or the last byte.
func endOfQuotes(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s) - 1
}

func trimTabSpace(s string) string {
	for s != "" && isTabSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isTabSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// https://fetch.spec.whatwg.org/#http-tab-or-space
func isTabSpace(c byte) bool { return c == '\t' || c == ' ' }
