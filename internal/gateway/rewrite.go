package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	up := x.route.upstream
	elsewhere := u.Host != "" && !(u.Host == up.Host && (u.Scheme == up.Scheme || u.Scheme == ""))
	relative := u.Host == "" && !strings.HasPrefix(s, "/")
	if elsewhere || relative {
		return s
	}
	path, inside := strings.CutPrefix(u.EscapedPath(), strings.TrimSuffix(up.EscapedPath(), "/"))
	if !inside || path != "" && path[0] != '/' {
		return s // outside of what the route leads to
	}
	if x.route.StripPath {
		path = strings.TrimSuffix((&url.URL{Path: x.route.Path}).EscapedPath(), "/") + path
	}
	return reference(path, u)
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
	kept := parts[:1]
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case name == "domain":
			continue
		case x.request.TLS == nil && slices.Contains([]string{"secure", "partitioned"}, name),
			// Without Secure, browsers do not accept it.
			x.request.TLS == nil && name == "samesite" && strings.EqualFold(value, "none"):
			continue
		case name == "path" && x.route.StripPath && strings.HasPrefix(value, "/"):
			part = " Path=" + strings.TrimSuffix(x.route.Path, "/") + value
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, ";")
}
