package headers

import "strings"

// A Set is the header names that a policy allows in requests. The zero value
// holds none. It is safe for concurrent use once made.
type Set struct {
	lower   map[string]struct{} // names in lower case
	any     bool                // holds every name except Authorization
	longest int                 // length of the longest name
	long    map[int][]string    // names beyond room, by their length
}

// room is how long a name may be to be put in lower case on the way.
const room = 64

// NewSet returns the set of the names, in any case; "*" stands for every name
// but Authorization, as it does in browsers.
//
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
func NewSet(names []string) Set {
	s := Set{lower: make(map[string]struct{}, len(names))}
	for _, n := range names {
		if n == "*" {
			s.any = true
			continue
		}
		s.lower[strings.ToLower(n)] = struct{}{}
		s.longest = max(s.longest, len(n))
	}
	for n := range s.lower {
		if len(n) > room {
			if s.long == nil {
				s.long = make(map[int][]string)
			}
			s.long[len(n)] = append(s.long[len(n)], n)
		}
	}
	return s
}

// Contains reports whether the set holds name, in any case. It does not
// allocate and looks at no more of name than the longest name is long.
func (s *Set) Contains(name string) bool {
	if _, ok := s.lower[name]; ok {
		return true
	}
	if s.any && len(name) <= longestAny && IsName(name) && !strings.EqualFold(name, "Authorization") {
		return true
	}
	// Browsers list names in lower case; other clients meet this path.
	switch {
	case len(name) > s.longest:
		return false
	case len(name) > room:
		return s.containsLong(name)
	}
	var buf [room]byte
	_, ok := s.lower[string(lower(&buf, name))]
	return ok
}

func (s *Set) containsLong(name string) bool {
	if !IsName(name) {
		return false // else a letter beyond ASCII could fold into one of ours
	}
	for _, n := range s.long[len(name)] {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// lower puts a name of no more than room in lower case.
func lower(buf *[room]byte, name string) []byte {
	for i := range len(name) {
		buf[i] = lowerByte(name[i])
	}
	return buf[:len(name)]
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b | 0x20
	}
	return b
}

// slack bounds what a list may hold beyond what a browser would send: empty
// elements and repeated names that proxies leave when they join lines, and
// optional whitespace. A list within it costs little; one beyond it is refused
// before it can cost much.
const slack = 16

// "*" has no list to measure by, so these bound what is looked at under it.
const (
	longestAny = 256 // bytes of one name
	mostAny    = 256 // names
)

// FirstMissing goes through the field lines of an Access-Control-Request-Headers
// header and returns the first listed name that the set lacks, and false; or ""
// and true when it holds them all. A list that is no list, or holds more than
// any browser would send, is answered with the element at which that shows.
// Work is bounded by the size of the set, whatever the size of the lines, but
// for the search of the next comma; nothing is allocated.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
func (s *Set) FirstMissing(lines []string) (missing string, ok bool) {
	budget := len(s.lower) + slack
	if s.any {
		budget += mostAny
	}
	for _, line := range lines {
		for more := true; more; {
			var name string
			name, line, more = cut(line)
			if budget--; budget < 0 {
				return name, false
			}
			name, trimmed := trim(name)
			if !trimmed || name != "" && !s.Contains(name) {
				return name, false
			}
		}
	}
	return "", true
}

// cut splits at the first comma.
func cut(line string) (element, rest string, more bool) {
	if i := strings.IndexByte(line, ','); i >= 0 {
		return line[:i], line[i+1:], true
	}
	return line, "", false
}

// trim removes optional whitespace, and reports false when there is more of it
// than slack allows.
func trim(element string) (name string, ok bool) {
	for range slack {
		if element == "" || !isOWS(element[0]) && !isOWS(element[len(element)-1]) {
			return element, true
		}
		if isOWS(element[0]) {
			element = element[1:]
		} else {
			element = element[:len(element)-1]
		}
	}
	return element, element == "" || !isOWS(element[0]) && !isOWS(element[len(element)-1])
}

func isOWS(b byte) bool { return b == ' ' || b == '\t' }
