package fetch

import (
	"cmp"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// https://w3c.github.io/webappsec-csp/#should-block-request
func (f *fetching) blockByConnectSrc() *Failure {
	list := f.in.ConnectSrc
	if list == "" {
		return nil
	}
	u := f.request.url()
	for _, source := range strings.Fields(list) {
		if f.matchesSource(u, source) {
			f.pass(contentSecurity, "the page's policy allows the URL", fact("connect-src", list), fact("source", source))
			return nil
		}
	}
	return f.fail(contentSecurity, Failure{Kind: ConnectSrc, Name: "connect-src", Value: list, Want: u.Origin().String()},
		"the page's Content-Security-Policy does not list the URL", fact("connect-src", list), fact("URL", f.request.urlText()))
}

// https://w3c.github.io/webappsec-csp/#match-url-to-source-expression
func (f *fetching) matchesSource(u *URL, source string) bool {
	self := f.request.origin
	switch lower := asciiLower(source); {
	case lower == "*":
		return u.IsHTTP() || u.Scheme == "ws" || u.Scheme == "wss" || u.Scheme == self.Scheme
	case lower == "'self'":
		return SameOrigin(u.Origin(), self) || u.Host == self.Host && upgrades(self.Scheme, u.Scheme) &&
			(u.Port == self.Port || self.Port == "" && u.Port == "")
	case strings.HasPrefix(lower, "'"):
		return false
	case strings.HasSuffix(lower, ":") && !strings.Contains(lower, "/"):
		return upgrades(strings.TrimSuffix(lower, ":"), u.Scheme)
	}
	return f.matchesHostSource(u, source)
}

// upgrades reports whether a scheme listed covers the scheme asked for: http
// covers https too.
//
// https://w3c.github.io/webappsec-csp/#match-schemes
func upgrades(listed, asked string) bool {
	switch listed {
	case asked:
		return true
	case "http":
		return asked == "https"
	case "ws":
		return asked == "wss" || asked == "http" || asked == "https"
	case "wss":
		return asked == "https"
	}
	return false
}

// matchesHostSource matches [scheme://]host[:port][/path].
func (f *fetching) matchesHostSource(u *URL, source string) bool {
	scheme, rest, found := strings.Cut(source, "://")
	if !found {
		scheme, rest = f.request.origin.Scheme, source
	}
	rest, path, _ := strings.Cut(rest, "/")
	host, port, ok := cutPort(asciiLower(rest))
	return ok && upgrades(asciiLower(scheme), u.Scheme) && matchesHost(u.Host, host) && matchesPort(u, port) &&
		(f.request.redirects > 0 || matchesPath(u.Path, path)) // a redirect's path is nobody's business
}

func matchesHost(host, pattern string) bool {
	if suffix, found := strings.CutPrefix(pattern, "*"); found {
		return strings.HasSuffix(host, suffix) && len(host) > len(suffix)
	}
	return host == pattern
}

// https://w3c.github.io/webappsec-csp/#match-ports
func matchesPort(u *URL, port string) bool {
	asked := cmp.Or(u.Port, origins.DefaultPort(u.Scheme))
	switch port {
	case "*":
		return true
	case "":
		return u.Port == ""
	case "80":
		return asked == "80" || asked == "443"
	}
	return asked == port
}

// https://w3c.github.io/webappsec-csp/#match-paths
func matchesPath(path, pattern string) bool {
	path = strings.TrimPrefix(path, "/")
	switch {
	case pattern == "":
		return true
	case strings.HasSuffix(pattern, "/"):
		return strings.HasPrefix(percentDecode(path), percentDecode(pattern))
	}
	return percentDecode(path) == percentDecode(pattern)
}
