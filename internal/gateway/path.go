package gateway

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/corsac-cors/corsac"
)

// Servers read paths differently. For some %2F and the backslash separate
// segments, for others they do not; some cut ";…" off each segment. A path that
// the policy reads as one place and the upstream as another would put the one's
// rule on the other's response. So:
//
//   - What is forwarded is clean: no dot segments, encoded or not, and no empty
//     ones, as the policy reads it. All else stays as the client wrote it.
//   - A path that holds such characters is forwarded only if every reading of it
//     comes to the same decision and the same route. %2F in an identifier is
//     fine where one rule and one route cover it either way.
//   - What nobody sends in good faith is answered 400: dot segments behind an
//     encoded slash, a backslash or before a semicolon, and NUL.
//
// Case is significant. For an upstream that ignores it, a rule of an outer path
// must not allow more than those below it: docs/gateway.md says so.

var (
	errHiddenDots = errors.New(`the path hides "." or ".." behind an encoded slash, a backslash or a semicolon`)
	errOpaque     = errors.New("the request target has no path")
	errNUL        = errors.New("the path holds a NUL character")
	errTwoPlaces  = errors.New("servers read the path in different ways, which lead to different rules or routes: do not encode slashes, and leave out backslashes and semicolons")
)

// locate finds the route, and makes sure that the rule of the decision is the
// rule of what the upstream will see.
func (x *exchange) locate(asked corsac.Request) {
	u := x.request.URL
	if u.Opaque != "" {
		x.odd = errOpaque
		return
	}
	raw := written(u)
	if isPlain(raw) {
		x.route = x.routes.find(asked.Host, u.Path)
		return
	}
	segments, tree, err := split(raw)
	if err != nil {
		x.odd = err
		return
	}
	x.path = join(segments, tree, segment.asWritten)
	x.route = x.routes.find(asked.Host, join(segments, tree, reading{}.of))
	for way := range everyReading {
		asked.Path = join(segments, tree, way.of)
		if x.policy.Decide(asked) != x.decision || x.routes.find(asked.Host, asked.Path) != x.route {
			x.odd = errTwoPlaces
			return
		}
	}
}

// written is a path as whoever wrote it did, but for bytes that no URL holds
// bare, which are encoded. EscapedPath alone would write the whole path anew
// where there is one, and make slashes of %2F.
func written(u *url.URL) string {
	const bare = "/%!$&'()*+,;=:@[]-._~"
	var raw strings.Builder
	for i := range len(u.RawPath) {
		c := u.RawPath[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(bare, c) >= 0:
			raw.WriteByte(c)
		default:
			fmt.Fprintf(&raw, "%%%02X", c)
		}
	}
	return (&url.URL{Path: u.Path, RawPath: raw.String()}).EscapedPath()
}

// isPlain reports whether an escaped path is clean, and reads the same to
// every server.
func isPlain(raw string) bool {
	if raw == "" || raw[0] != '/' {
		return false
	}
	for i := range len(raw) {
		switch raw[i] {
		case '%', ';', '\\':
			return false
		case '/':
			if rest := raw[i+1:]; rest != "" && (rest[0] == '/' || rest[0] == '.') {
				return false // a name that begins with a dot is only looked at again
			}
		}
	}
	return true
}

// A segment is what stands between two slashes.
type segment struct{ raw, decoded string }

// split reads a path segment by segment and cleans it. The slash at the end
// makes a tree.
func split(raw string) (segments []segment, tree bool, err error) {
	for s := range strings.SplitSeq(raw, "/") {
		decoded, err := url.PathUnescape(s)
		if err != nil {
			return nil, false, err
		}
		tree = true
		switch decoded {
		case "", ".":
		case "..":
			segments = segments[:max(len(segments)-1, 0)]
		default:
			if err := checkSegment(decoded); err != nil {
				return nil, false, err
			}
			segments, tree = append(segments, segment{s, decoded}), false
		}
	}
	return segments, tree, nil
}

func checkSegment(decoded string) error {
	if strings.Contains(decoded, "\x00") {
		return errNUL
	}
	for part := range strings.FieldsFuncSeq(decoded, func(r rune) bool { return r == '/' || r == '\\' }) {
		part, _, _ = strings.Cut(part, ";")
		if part == "." || part == ".." {
			return errHiddenDots
		}
	}
	return nil
}

// join puts a path together again.
func join(segments []segment, tree bool, of func(segment) string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(of(s))
	}
	if tree {
		b.WriteByte('/')
	}
	return b.String()
}

func (s segment) asWritten() string { return s.raw }

// A reading is a way to understand a segment. The standards have the first, in
// which nothing separates and everything counts.
type reading struct{ slash, backslash, params bool }

func everyReading(yield func(reading) bool) {
	for bits := range 8 {
		if !yield(reading{bits&1 > 0, bits&2 > 0, bits&4 > 0}) {
			return
		}
	}
}

// of is the segment as it is understood: whether the encoded slash and the
// backslash separate, and whether what follows a semicolon is left out. A slash
// that separates nothing has a stand-in, which no rule and no route has.
func (way reading) of(s segment) string {
	d := s.decoded
	if way.backslash {
		d = strings.ReplaceAll(d, `\`, "/")
	}
	if way.params && strings.Contains(d, ";") {
		parts := strings.Split(d, "/")
		for i, part := range parts {
			parts[i], _, _ = strings.Cut(part, ";")
		}
		d = strings.Join(parts, "/")
	}
	if !way.slash {
		d = strings.ReplaceAll(d, "/", "\x00")
	}
	return d
}
