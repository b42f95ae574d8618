package fetch

import "strings"

// isSimpleRange reports whether s is a simple range header value: one range of
// bytes with a start, and an end that is not before it.
//
// https://fetch.spec.whatwg.org/#simple-range-header-value
func isSimpleRange(s string) bool {
	first, last, ok := parseSingleRange(s)
	return ok && first != "" && (last == "" || !digitsLess(last, first))
}

// parseSingleRange parses a single range header value without whitespace. The
// numbers have no bounds, so they stay digits.
//
// https://fetch.spec.whatwg.org/#parse-a-single-range-header
func parseSingleRange(s string) (first, last string, ok bool) {
	s, found := strings.CutPrefix(s, "bytes=")
	if !found {
		return "", "", false
	}
	first, last, found = strings.Cut(s, "-")
	ok = found && isDigits(first) && isDigits(last) && first+last != ""
	return first, last, ok
}

// rangeWithin reports whether no number of a simple range is above the limit.
func rangeWithin(value, limit string) bool {
	if limit == "" {
		return true
	}
	first, last, _ := parseSingleRange(value)
	return !digitsLess(limit, first) && !digitsLess(limit, last)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || '9' < s[i] {
			return false
		}
	}
	return true
}

func digitsLess(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
