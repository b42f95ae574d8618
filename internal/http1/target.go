package http1

import (
	"strings"

	"golang.org/x/net/http/httpguts"
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
	return colon > 0 && len(s) > colon+1 && strings.Trim(s[colon+1:], "0123456789") == "" && isHost(s[:colon])
}

func isAbsolute(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	return ok && isScheme(scheme) && rest != "" && !strings.ContainsAny(rest[:1], "/?")
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
		if count++; count > 1 || !isHost(host) {
			return p.fault(BadHost, lineOf(p.text, "Host"), host, "one Host line with a host, or a host and a port")
		}
	}
	if count == 0 && h.Version != version10 {
		return p.fault(BadHost, len(p.text), "", "one Host line")
	}
	return nil
}

// isHost takes an empty value, which stands for a target without authority.
func isHost(s string) bool {
	return httpguts.ValidHostHeader(s) && !strings.ContainsAny(s, "/?#@\\,")
}
