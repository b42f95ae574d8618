package corsac

import "strings"

// Servers do not agree on slashes that are written as %2f. For the policy, and
// for many a server, they separate segments, and the dots that come to light
// behind them count; for http.ServeMux and chi they are letters of a name; gin
// takes them for slashes and the dots for names. By what the policy reads alone,
// a page of /open/ could read /closed/ where it asks for /closed/..%2fopen/. So
// a rule speaks for a path with such a slash only if it does in every reading.

// undisputed returns the rule that was found for a path, or one that allows
// nothing. The raw path is as net/url has it: "", or the path as it was written.
func (p *Policy) undisputed(found *rule, host, path, raw string) *rule {
	slash := encodedSlash(path, raw)
	if slash < 0 {
		return found
	}
	name := strings.LastIndexByte(path[:slash], '/') + 1
	asLetter := p.paths.Find(host, path[:name])
	dotsAsNames := found
	if dots := dotSegment(path[name:]); dots >= 0 {
		dotsAsNames = p.paths.Find(host, path[:name+dots])
	}
	switch {
	case asLetter == found && dotsAsNames == found:
		return found
	case found.refuses() || asLetter.refuses() || dotsAsNames.refuses():
		return &disputedAndRefusing
	}
	return &disputed
}

// What speaks where rules differ: for nobody, and as strictly as any of them.
var disputed, disputedAndRefusing = rule{}, rule{refuseOthers: true}

func (r *rule) isDisputed() bool { return r == &disputed || r == &disputedAndRefusing }

func (r *rule) refuses() bool { return r != nil && r.refuseOthers }

// encodedSlash finds the first slash of a path that was written as %2f. There is
// none if the raw path is not that path's: somebody has changed the one since.
func encodedSlash(path, raw string) int {
	for i := range len(path) {
		switch {
		case raw == "":
			return -1
		case raw[0] != '%':
			if raw[0] != path[i] {
				return -1
			}
			raw = raw[1:]
		case path[i] == '/':
			return i
		default:
			raw = raw[min(len("%2f"), len(raw)):]
		}
	}
	return -1
}

// dotSegment finds the first segment of a path that is "." or "..".
func dotSegment(path string) int {
	at := 0
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return at
		}
		at += len(segment) + len("/")
	}
	return -1
}
