package fetch

import (
	"fmt"
	"strconv"
	"strings"
)

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
// https://fetch.spec.whatwg.org/#simple-range-header-value
func parseSingleRange(s string) (first, last string, ok bool) {
	s, found := strings.CutPrefix(s, "bytes=")
	if !found {
		return "", "", false
	}
	first, last, found = strings.Cut(s, "-")
	ok = found && isDigits(first) && isDigits(last) && first+last != ""
	return first, last, ok
}

// rewriteRange says the Range as Chromium's HTTP cache does, which reads those
// of GETs and asks for them in its own words, unless it is passed by.
func (r *request) rewriteRange(h Header) {
	if r.method != "GET" || r.cache == CacheNoStore || hasValidator(r.header) {
		return
	}
	for i := range h {
		if value, ok := canonicalRange(h[i].Value); ok && asciiEqualFold(h[i].Name, "Range") {
			h[i].Value = value
		}
	}
}

// canonicalRange takes the unit in any case, blanks around the numbers, zeros
// before them and empty elements beside the one range.
func canonicalRange(s string) (string, bool) {
	unit, set, found := strings.Cut(s, "=")
	if !found || !asciiEqualFold(trimTabSpace(unit), "bytes") {
		return "", false
	}
	one := ""
	for element := range strings.SplitSeq(set, ",") {
		if element = trimTabSpace(element); element == "" {
			continue
		}
		if one != "" {
			return "", false
		}
		one = element
	}
	first, last, found := strings.Cut(one, "-")
	if first, last = trimTabSpace(first), trimTabSpace(last); !found || first+last == "" {
		return "", false
	}
	from, bad := strconv.ParseInt(orDefault(first, "0"), 10, 64)
	to, worse := strconv.ParseInt(orDefault(last, "0"), 10, 64)
	switch {
	case bad != nil, worse != nil, first == "" && to == 0, first != "" && last != "" && to < from:
		return "", false
	case last == "":
		return fmt.Sprintf("bytes=%d-", from), true
	case first == "":
		return fmt.Sprintf("bytes=-%d", to), true
	}
	return fmt.Sprintf("bytes=%d-%d", from, to), true
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
