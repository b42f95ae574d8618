package gateway

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// rewriteRedirects makes addresses at the upstream lead back to the gateway: a
// browser that followed them would leave it, and with it the policy.
func (x *exchange) rewriteRedirects(h http.Header) {
	for _, name := range []string{"Location", "Content-Location"} {
		for i, v := range h[name] {
			h[name][i] = x.rewriteAddress(v)
		}
	}
}

func (x *exchange) rewriteAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || u.User != nil {
		return s
	}
	elsewhere := u.Host != "" && !isServer(x.route.upstream, u)
	relative := u.Host == "" && !strings.HasPrefix(s, "/")
	unmoved := u.Host == "" && !x.route.movesPaths()
	if elsewhere || relative || unmoved {
		return s
	}
	path, inside := x.route.back(written(u))
	if !inside {
		return s
	}
	return reference(path, u)
}

// isServer reports whether an address is at a server.
func isServer(server, u *url.URL) bool {
	if u.Scheme != "" && u.Scheme != server.Scheme || !strings.EqualFold(u.Hostname(), server.Hostname()) {
		return false
	}
	usual := origins.DefaultPort(server.Scheme)
	return cmp.Or(u.Port(), usual) == cmp.Or(server.Port(), usual)
}

// movesPaths reports whether the upstream sees other paths than the client.
func (r *route) movesPaths() bool {
	return r.StripPath || strings.Trim(r.upstream.Path, "/") != ""
}

// back is the client's path for one of the upstream, both escaped, if there is
// one: not all that the upstream has need be within reach of the route.
func (r *route) back(path string) (string, bool) {
	path, inside := strings.CutPrefix(path, strings.TrimSuffix(r.upstream.EscapedPath(), "/"))
	if !inside || path != "" && path[0] != '/' {
		return "", false
	}
	if r.StripPath {
		path = strings.TrimSuffix((&url.URL{Path: r.Path}).EscapedPath(), "/") + path
	}
	return path, true
}

// reference is an address without scheme and host. What follows two slashes
// would be taken for a host.
func reference(path string, u *url.URL) string {
	if path == "" {
		path = "/"
	}
	if strings.HasPrefix(path, "//") {
		path = "/." + path
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	if f := u.EscapedFragment(); f != "" {
		path += "#" + f
	}
	return path
}

// rewriteCookies makes the upstream's cookies work on the gateway's host. Only
// attributes are touched, never names and values.
func (x *exchange) rewriteCookies(h http.Header) {
	for i, line := range h["Set-Cookie"] {
		h["Set-Cookie"][i] = x.rewriteCookie(line)
	}
}

func (x *exchange) rewriteCookie(line string) string {
	parts := strings.Split(line, ";")
	needs := needsOf(parts[0])
	kept := parts[:1]
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case name == "domain":
			continue
		case x.request.TLS == nil && !needs.secure && slices.Contains([]string{"secure", "partitioned"}, name),
			// Without Secure, browsers do not accept it.
			x.request.TLS == nil && !needs.secure && name == "samesite" && strings.EqualFold(value, "none"):
			continue
		case name == "path" && !needs.root && x.route.movesPaths():
			part = " Path=" + x.cookiePath(value)
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, ";")
}

// cookiePath is where the gateway has what the upstream has at a path. It ends
// in no slash, which would leave out the resource of that name.
func (x *exchange) cookiePath(path string) string {
	if path == "/" {
		path = x.route.upstream.EscapedPath()
	}
	if moved, inside := x.route.back(path); inside {
		return cmp.Or(strings.TrimSuffix(moved, "/"), "/")
	}
	return path
}

// needs are what browsers demand of cookies with certain names. Those that trust
// localhost let it have Secure without TLS.
//
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-cookie-name-prefixes
type needs struct{ secure, root bool }

func needsOf(pair string) needs {
	name := strings.ToLower(strings.TrimSpace(pair))
	root := strings.HasPrefix(name, "__host-")
	return needs{root || strings.HasPrefix(name, "__secure-") || strings.HasPrefix(name, "__http-"), root}
}
