package http1

import (
	"net/netip"
	"strings"
)

const targetForms = "a path, a URL with http:// or the like, * for OPTIONS, host:port for CONNECT; no fragment"

// isTarget reports whether s is a request target. Its characters are not held
// against the URI grammar, for browsers send some that are outside it ("|", "^");
// none of them moves the end of the target.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-3.2
func isTarget(method, s string, lenience Lenience) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == 0x7f || c == '#' || c >= 0x80 && !lenience.TargetBytes {
			return false
		}
	}
	switch {
	case s == "":
		return false
	case method == "CONNECT":
		return isAuthority(s)
	case s == "*":
		return method == "OPTIONS"
	default:
		return s[0] == '/' || isAbsolute(s)
	}
}

func isAuthority(s string) bool {
	colon := strings.LastIndexByte(s, ':')
	return colon > 0 && len(s) > colon+1 && strings.Trim(s[colon+1:], "0123456789") == "" && IsHost(s)
}

func isAbsolute(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		rest = rest[:i]
	}
	return ok && isScheme(scheme) && rest != "" && IsHost(rest)
}

// https://www.rfc-editor.org/rfc/rfc3986#section-3.1
func isScheme(s string) bool {
	for i := range len(s) {
		switch c := lower(s[i]); {
		case 'a' <= c && c <= 'z':
		case i > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// checkHost wants one Host line, as whoever routes by another one than we do
// would route elsewhere. HTTP/1.0 may have none.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-3.2
func (p *parser) checkHost(h *RequestHead) error {
	count := 0
	for host := range h.Header.Lines("Host") {
		if count++; count > 1 || !IsHost(host) {
			return p.fault(BadHost, lineOf(p.text, "Host"), host, "one Host line with a host, or a host and a port")
		}
	}
	if count == 0 && h.Version != version10 {
		return p.fault(BadHost, len(p.text), "", "one Host line")
	}
	return nil
}

// IsHost reports whether s can be the value of a Host line: a name or an address,
// perhaps with a port. It takes an empty value, which stands for a target without
// authority, and no comma, though a name might have one: of two values that
// somebody has joined, nobody knows which one counts.
//
// https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2
func IsHost(s string) bool {
	if s == "" {
		return true
	}
	const longestPort = len("65535")
	literal := s[:strings.IndexByte(s, ']')+1]
	name, port, _ := strings.Cut(s[len(literal):], ":")
	if literal != "" && (name != "" || !isIPv6(literal)) || literal == "" && !isRegisteredName(name) {
		return false
	}
	return len(port) <= longestPort && strings.Trim(port, "0123456789") == ""
}

// isIPv6 reports whether s is an address in its brackets.
func isIPv6(s string) bool {
	s, ok := strings.CutPrefix(s, "[")
	a, err := netip.ParseAddr(strings.TrimSuffix(s, "]"))
	return ok && err == nil && a.Is6() && a.Zone() == ""
}

func isRegisteredName(s string) bool {
	const others = "-._~!$&'()*+;="
	for i := 0; i < len(s); i++ {
		switch c := lower(s[i]); {
		case 'a' <= c && c <= 'z', isDigit(c), strings.IndexByte(others, c) >= 0:
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return s != ""
}

func isHex(c byte) bool {
	_, ok := hexDigit(c)
	return ok
}
