package gateway

import (
	"crypto/tls"
	"net/http"
	"testing"

	"github.com/corsac-cors/corsac/policyfile"
)

func exchangeFor(r policyfile.Route, https bool) *exchange {
	x := &exchange{request: &http.Request{}, route: newRoute(r, policyfile.Timeouts{}, &transports{})}
	if https {
		x.request.TLS = &tls.ConnectionState{}
	}
	return x
}

func TestRewriteAddress(t *testing.T) {
	t.Parallel()
	plain := policyfile.Route{Path: "/", Upstream: "https://api.test"}
	based := policyfile.Route{Path: "/users/", Upstream: "http://api.test:81/v1", StripPath: true}
	stripped := policyfile.Route{Path: "/users/", Upstream: "https://api.test", StripPath: true}
	for _, tt := range []struct {
		name  string
		route policyfile.Route
		in    string
		want  string
	}{
		{"the upstream's own", plain, "https://api.test/a?b#c", "/a?b#c"},
		{"its root", plain, "https://api.test", "/"},
		{"root and query", plain, "https://api.test?x", "/?x"},
		{"escapes stay", plain, "https://api.test/a%2Fb?c=%zz", "/a%2Fb?c=%zz"},
		{"escapes beside what no URL holds bare", based, "/v1/a%2Fb|%3Bc", "/users/a%2Fb%7C%3Bc"},
		{"without a scheme", plain, "//api.test/a", "/a"},
		{"in capitals and with the port", plain, "https://API.test:443/a", "/a"},
		{"what would be escaped", plain, "/a|b?c d#", "/a|b?c d#"},
		{"another scheme, which would lead round in circles", plain, "http://api.test/a", "http://api.test/a"},
		{"another port", plain, "https://api.test:8443/a", "https://api.test:8443/a"},
		{"another host", plain, "https://login.test/?next=https://api.test/", "https://login.test/?next=https://api.test/"},
		{"a host that begins alike", plain, "https://api.test.evil.test/", "https://api.test.evil.test/"},
		{"a user's name", plain, "https://api.test@evil.test/", "https://api.test@evil.test/"},
		{"a user's name at the upstream", plain, "https://me@api.test/a", "https://me@api.test/a"},
		{"the path only", plain, "/a/b", "/a/b"},
		{"relative", plain, "b?c", "b?c"},
		{"nothing", plain, "", ""},
		{"relative, with a route that moves paths", based, "b?c", "b?c"},
		{"a query alone", stripped, "?page=2", "?page=2"},
		{"a fragment alone", stripped, "#top", "#top"},
		{"nothing, with a route that moves paths", stripped, "", ""},
		{"an empty query", plain, "https://api.test/a?", "/a?"},
		{"two slashes are no host", plain, "https://api.test//evil.test/", "/.//evil.test/"},
		{"no address", plain, "http://[", "http://["},
		{"opaque", plain, "mailto:a@b", "mailto:a@b"},
		{"base taken off, path put on", based, "http://api.test:81/v1/7", "/users/7"},
		{"the base itself", based, "http://api.test:81/v1", "/users"},
		{"path with base", based, "/v1/7?x", "/users/7?x"},
		{"base with a slash taken off", policyfile.Route{Path: "/", Upstream: "https://api.test/v1/"}, "/v1/users/", "/users/"},
		{"base taken off, path never was", policyfile.Route{Path: "/users/", Upstream: "https://api.test/v1"}, "/v1/users/7", "/users/7"},
		{"outside of the base", based, "http://api.test:81/v2/7", "http://api.test:81/v2/7"},
		{"a path that begins like the base", based, "/v11/7", "/v11/7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := exchangeFor(tt.route, false).rewriteAddress(tt.in); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestRewriteCookie(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in, http, https string
	}{
		{"nothing to do", "a=b; Path=/; HttpOnly", "a=b; Path=/; HttpOnly", "a=b; Path=/; HttpOnly"},
		{"domain", "a=b; Domain=api.test; Path=/", "a=b; Path=/", "a=b; Path=/"},
		{"secure", "a=b; Secure; HttpOnly", "a=b; HttpOnly", "a=b; Secure; HttpOnly"},
		{"cross-site", "a=b; SameSite=None; Secure; Partitioned", "a=b", "a=b; SameSite=None; Secure; Partitioned"},
		{"a name that needs Secure", "__Host-a=b; Secure; Path=/; SameSite=None", "__Host-a=b; Secure; Path=/; SameSite=None", "__Host-a=b; Secure; Path=/; SameSite=None"},
		{"another, in another case", " __secure-a=b; Secure; Domain=x", " __secure-a=b; Secure", " __secure-a=b; Secure"},
		{"a name that needs Secure, and no script", "__Http-a=b; Secure; HttpOnly", "__Http-a=b; Secure; HttpOnly", "__Http-a=b; Secure; HttpOnly"},
		{"what nobody knows", "a=b; Priority=None", "a=b; Priority=None", "a=b; Priority=None"},
		{"same-site", "a=b; SameSite=Strict", "a=b; SameSite=Strict", "a=b; SameSite=Strict"},
		{"case and space", "a=b;DOMAIN = x ;secure;samesite= none ", "a=b", "a=b;secure;samesite= none "},
		{"a value like an attribute", "secure=domain=x; Domain=y", "secure=domain=x", "secure=domain=x"},
		{"empty", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := policyfile.Route{Path: "/", Upstream: "https://api.test"}
			if got := exchangeFor(r, false).rewriteCookie(tt.in); got != tt.http {
				t.Errorf("over HTTP %q becomes %q, want %q", tt.in, got, tt.http)
			}
			if got := exchangeFor(r, true).rewriteCookie(tt.in); got != tt.https {
				t.Errorf("over HTTPS %q becomes %q, want %q", tt.in, got, tt.https)
			}
		})
	}
}

func TestRewriteCookiePath(t *testing.T) {
	t.Parallel()
	stripped := policyfile.Route{Path: "/api/", Upstream: "https://api.test", StripPath: true}
	based := policyfile.Route{Path: "/", Upstream: "https://api.test/v1"}
	both := policyfile.Route{Path: "/api/", Upstream: "https://api.test/v1", StripPath: true}
	for _, tt := range []struct {
		name     string
		route    policyfile.Route
		in, want string
	}{
		{"as it is", policyfile.Route{Path: "/api/", Upstream: "https://api.test"}, "/users", "/users"},
		{"as it is, with a slash", policyfile.Route{Path: "/api/", Upstream: "https://api.test"}, "/users/", "/users/"},
		{"put on", stripped, "/users", "/api/users"},
		{"all, put on", stripped, "/", "/api"},
		{"taken off", based, "/v1/users", "/users"},
		{"taken off, and all is left", based, "/v1", "/"},
		{"the same with a slash", based, "/v1/", "/"},
		{"more than the base", based, "/", "/"},
		{"beside the base", based, "/v11", "/v11"},
		{"taken off and put on", both, "/v1/users", "/api/users"},
		{"taken off and put on, and a slash is left", both, "/v1/", "/api"},
		{"taken off and put on, and all is left", both, "/v1", "/api"},
		{"taken off and put on, more than the base", both, "/", "/api"},
		{"of no path", both, "users", "users"},
		{"none", both, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, want := exchangeFor(tt.route, true).rewriteCookie("a=b; Path="+tt.in+"; HttpOnly"), "a=b; Path="+tt.want+"; HttpOnly"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestRewriteCookiePathOfAName: some names are for the path / alone.
func TestRewriteCookiePathOfAName(t *testing.T) {
	t.Parallel()
	r := policyfile.Route{Path: "/api/", Upstream: "https://api.test", StripPath: true}
	for _, line := range []string{"__Host-a=b; Path=/; Secure", "__HOST-a=b; Path=/; Secure"} {
		if got := exchangeFor(r, true).rewriteCookie(line); got != line {
			t.Errorf("%q becomes %q", line, got)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	hs := newHosts([]string{"api.example.com", "*.Apps.example.org.", "LOCALHOST", "::1", "127.0.0.1"})
	for host, want := range map[string]bool{
		"api.example.com": true, "API.example.com:8080": true, "api.example.com.": true, "api.example.com.:80": true,
		"a.apps.example.org": true, "a.b.apps.example.org": true, "apps.example.org": false, "xapps.example.org": false,
		"localhost": true, "localhost:3000": true, "[::1]:8080": true, "[::1]": true, "127.0.0.1:1": true,
		"evil.example.net": false, "": false, "example.com": false, "api.example.com.evil.net": false, "[::2]:8080": false,
	} {
		if got := hs.serve(host); got != want {
			t.Errorf("%q is served: %t", host, got)
		}
	}
	if !newHosts(nil).serve("anything") {
		t.Error("without a list, not every host is served")
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	g := policyfile.DefaultGateway()
	for _, pattern := range []struct{ host, path string }{
		{"", "/"}, {"", "/users/"}, {"", "/users/me"}, {"", "/users/me/"}, {"api.test", "/users/"}, {"only.test", "/a/"},
	} {
		g.Routes = append(g.Routes, policyfile.Route{Host: pattern.host, Path: pattern.path, Upstream: "http://up.test"})
	}
	rs := newRoutes(g, &transports{})
	for _, tt := range []struct{ host, path, want string }{
		{"x.test", "/", "/"},
		{"x.test", "/other", "/"},
		{"x.test", "/users", "/users/"},
		{"x.test", "/users/", "/users/"},
		{"x.test", "/users/1/2", "/users/"},
		{"x.test", "/usersx", "/"},
		{"x.test", "/users/me", "/users/me"},
		{"x.test", "/users/me/", "/users/me/"},
		{"x.test", "/users/me/x", "/users/me/"},
		{"x.test", "/Users/1", "/"},
		{"API.test:8080", "/users/1", "api.test/users/"},
		{"api.test", "/other", "/"},
		{"only.test", "/b", "/"},
		{"only.test", "/a/b", "only.test/a/"},
	} {
		if r := rs.find(tt.host, tt.path); r == nil || r.pattern != tt.want {
			t.Errorf("%s%s goes by %v, want %s", tt.host, tt.path, r, tt.want)
		}
	}
	g.Routes = g.Routes[1:2]
	rs = newRoutes(g, &transports{})
	if r := rs.find("x.test", "/"); r != nil {
		t.Errorf("/ goes by %s, want none", r.pattern)
	}
}
