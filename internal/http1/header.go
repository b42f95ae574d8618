package http1

import (
	"iter"
	"slices"
	"strings"
)

// A Field is one field line: its name in the case it was written in, and its
// value without the blanks around it.
type Field struct{ Name, Value string }

// A Header is the field lines of a message in their order. Names are compared
// in any case.
type Header []Field

// Lines yields the values of a name, line by line.
func (h Header) Lines(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range h {
			if equalFold(h[i].Name, name) && !yield(h[i].Value) {
				return
			}
		}
	}
}

// Values returns the values of a name, line by line.
func (h Header) Values(name string) []string { return slices.Collect(h.Lines(name)) }

// Get combines the values of a name as the Fetch Standard does, with a comma
// and a space between, and says whether there is one.
//
// https://fetch.spec.whatwg.org/#concept-header-list-get
func (h Header) Get(name string) (value string, ok bool) {
	for line := range h.Lines(name) {
		switch {
		case !ok:
			value, ok = line, true
		default:
			return strings.Join(h.Values(name), ", "), true
		}
	}
	return value, ok
}

// Has reports whether there is a line of this name.
func (h Header) Has(name string) bool {
	for range h.Lines(name) {
		return true
	}
	return false
}

// HasToken reports whether token, in any case, is an element of the comma
// separated lists of a name.
func (h Header) HasToken(name, token string) bool {
	for line := range h.Lines(name) {
		for element := range strings.SplitSeq(line, ",") {
			if equalFold(trimOWS(element), token) {
				return true
			}
		}
	}
	return false
}

// Add adds a line at the end.
func (h *Header) Add(name, value string) { *h = append(*h, Field{name, value}) }

// Set puts value in the first line of the name and removes the others; without
// one, it adds a line.
//
// https://fetch.spec.whatwg.org/#concept-header-list-set
func (h *Header) Set(name, value string) {
	first := slices.IndexFunc(*h, func(f Field) bool { return equalFold(f.Name, name) })
	if first < 0 {
		h.Add(name, value)
		return
	}
	(*h)[first].Value = value
	rest := (*h)[first+1:]
	kept := slices.DeleteFunc(rest, func(f Field) bool { return equalFold(f.Name, name) })
	*h = (*h)[:first+1+len(kept)]
}

// Del removes the lines of a name.
func (h *Header) Del(name string) {
	*h = slices.DeleteFunc(*h, func(f Field) bool { return equalFold(f.Name, name) })
}

// Clone returns a header that shares nothing with h but the strings.
func (h Header) Clone() Header { return slices.Clone(h) }

// equalFold compares names. strings.EqualFold would take the Kelvin sign for a
// k; that no name has one is known of the names read, not of those asked for.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// trimOWS trims what the standards call optional white space: blanks and tabs.
// Other control bytes belong to the value.
func trimOWS(s string) string {
	for s != "" && isOWS(s[0]) {
		s = s[1:]
	}
	for s != "" && isOWS(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
