// Package origins knows the serialized origins that browsers send, the patterns
// that a policy lists them by, and sets of both.
package origins

import (
	"fmt"
	"strings"
)

// A Pattern stands for one origin, or for the origins that a wildcard covers.
// ParsePattern makes valid ones.
type Pattern struct {
	// Scheme is in lower case. It is "" in the patterns "*" and "null", which
	// stand in Host.
	Scheme string
	// Host is in lower case, an IPv6 address in brackets. In a pattern with
	// Subdomains it is what follows "*."; in one with AnyHost it is empty.
	Host string
	// Port is empty for the scheme's default port and for AnyPort.
	Port string

	Subdomains bool // one or more labels before Host
	AnyHost    bool // every host of a scheme other than http and https
	AnyPort    bool // the default port included
}

// The two entries of an allow-list that are not of the form scheme://host.
var (
	Any  = Pattern{Host: "*"}    // every origin, null included
	Null = Pattern{Host: "null"} // the origin of sandboxed frames, files and redirected requests
)

// IsExact reports whether p stands for a single origin.
func (p Pattern) IsExact() bool { return !p.Subdomains && !p.AnyHost && !p.AnyPort && p != Any }

// String is the pattern as it is written in a policy.
func (p Pattern) String() string {
	if p.Scheme == "" {
		return p.Host
	}
	var b strings.Builder
	b.WriteString(p.Scheme)
	b.WriteString("://")
	switch {
	case p.AnyHost:
		b.WriteString("*")
	case p.Subdomains:
		b.WriteString("*.")
	}
	b.WriteString(p.Host)
	switch {
	case p.AnyPort:
		b.WriteString(":*")
	case p.Port != "":
		b.WriteString(":")
		b.WriteString(p.Port)
	}
	return b.String()
}

// An Error says why an entry is no pattern, and what to write instead.
type Error struct {
	Message string
	Hint    string // may be empty
	Meant   string // the pattern that Hint proposes, or ""
}

func newError(entry, fault string) *Error {
	if fault == faultOfLetter {
		_, host, _ := cutScheme(entry)
		strange := strings.TrimLeft(host, "*.-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
		fault = fmt.Sprintf(fault, strange[0])
	}
	hint, meant := advise(entry)
	return &Error{Message: fault, Hint: hint, Meant: meant}
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + ": " + e.Hint
}

// ParsePattern accepts
//
//	https://app.example.com         one origin, as a browser serializes it
//	https://*.example.com           every subdomain, of one or more labels
//	http://localhost:*              every port, the default one included
//	https://*.example.com:*         both
//	moz-extension://*               every host of a scheme other than http and https
//	*                               every origin
//	null                            the origin of sandboxed frames and files
//
// and nothing else. The error is an [*Error].
func ParsePattern(s string) (p Pattern, err error) {
	if fault := p.parse(s); fault != "" {
		return Pattern{}, newError(s, fault)
	}
	return p, nil
}

// parse fills the pattern in where it is, because long lists are read and a
// copy takes its time. The first fault found is returned in words.
func (p *Pattern) parse(s string) (fault string) {
	switch s {
	case "*":
		*p = Any
		return ""
	case "null":
		*p = Null
		return ""
	}
	return p.parseTuple(s)
}

// parseTuple reads scheme://host[:port].
//
// https://html.spec.whatwg.org/multipage/browsers.html#concept-origin-tuple
func (p *Pattern) parseTuple(s string) (fault string) {
	scheme, rest, found := cutScheme(s)
	if !found {
		return faultOfShape(s)
	}
	if fault := checkScheme(scheme); fault != "" {
		return worst(s, fault)
	}
	host, port, fault := splitPort(rest)
	if fault != "" {
		return worst(s, fault)
	}
	p.Scheme, p.Host, p.Port = scheme, host, port
	if port == "*" {
		p.Port, p.AnyPort = "", true
	} else if fault := checkPort(scheme, port); fault != "" {
		return worst(s, fault)
	}
	switch {
	case host == "*" && !isHTTP(scheme):
		p.Host, p.AnyHost = "", true
		return ""
	case host == "*":
		return "stands for every host of the scheme"
	case strings.HasPrefix(host, "*."):
		p.Host, p.Subdomains = host[len("*."):], true
	}
	if fault := checkHost(p); fault != "" {
		return worst(s, fault)
	}
	return ""
}

// cutScheme splits at the first "://". That of most origins is where one of two
// schemes ends, and need not be searched.
func cutScheme(s string) (scheme, rest string, found bool) {
	if rest, found = strings.CutPrefix(s, "https://"); found {
		return "https", rest, true
	}
	if rest, found = strings.CutPrefix(s, "http://"); found {
		return "http", rest, true
	}
	return strings.Cut(s, "://")
}

// IsOrigin reports whether s is a serialized origin with a scheme, in exactly
// the form in which browsers send one.
//
// https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
func IsOrigin(s string) bool {
	var p Pattern
	return p.parseTuple(s) == "" && p.IsExact()
}

// longestScheme is a limit of ours, far above any scheme in use.
const longestScheme = 64

func isHTTP(scheme string) bool { return scheme == "https" || scheme == "http" }

// schemeWithoutOrigin reports whether the origin of the scheme's URLs is opaque
// in browsers, which is serialized as null.
func schemeWithoutOrigin(scheme string) bool {
	switch scheme {
	case "file", "data", "blob", "about", "javascript":
		return true
	}
	return false
}

func checkScheme(s string) (fault string) {
	switch s {
	case "http", "https":
		return ""
	case "ws", "wss":
		return "has the scheme of a WebSocket, but the origin of a WebSocket is its page's"
	case "":
		return "has no scheme"
	}
	if len(s) > longestScheme {
		return "has a scheme of more than 64 characters"
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case 'A' <= c && c <= 'Z':
			return "has upper-case letters, which no browser sends in an origin"
		default:
			return "has a scheme that is none"
		}
	}
	switch {
	case schemeWithoutOrigin(s):
		return faultOfScheme(s)
	case nearlyHTTP(s):
		return "has a scheme that is nearly http or https"
	}
	return ""
}

// nearlyHTTP reports whether a scheme is a slip of the finger. No other scheme
// is made of these letters.
func nearlyHTTP(s string) bool {
	return len(s) > 2 && s[0] == 'h' && !isHTTP(s) && strings.Trim(s, "htps") == ""
}

// splitPort splits host[:port], leaving the brackets on an IPv6 address.
func splitPort(s string) (host, port, fault string) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", "", "has a bracket that is never closed"
		}
		host, s = s[:end+1], s[end+1:]
		if s == "" {
			return host, "", ""
		}
		if s[0] != ':' {
			return "", "", "has something other than a port behind the address"
		}
		s = s[1:]
	} else {
		var found bool
		if host, s, found = strings.Cut(s, ":"); !found {
			return host, "", ""
		}
	}
	if s == "" {
		return host, "", "has a colon but no port"
	}
	return host, s, ""
}

func checkPort(scheme, port string) (fault string) {
	if port == "" {
		return ""
	}
	n := 0
	for i := range len(port) {
		c := port[i]
		if c < '0' || '9' < c {
			return "has a port that is no number"
		}
		if n = n*10 + int(c-'0'); n > 65535 {
			return "has a port above 65535"
		}
	}
	switch {
	case port[0] == '0':
		return "has a port that begins with 0"
	case port == DefaultPort(scheme):
		return "names the default port, which no browser sends in an origin"
	}
	return ""
}

// DefaultPort is the port that URLs and origins of a scheme leave out, or "".
//
// https://url.spec.whatwg.org/#default-port
func DefaultPort(scheme string) string {
	switch scheme {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	case "ftp":
		return "21"
	}
	return ""
}
