package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/policyfile"
)

// seen is what an upstream sees of a request.
type seen struct {
	Host   string
	URI    string
	Header http.Header
}

func showRequest(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(seen{r.Host, r.RequestURI, r.Header})
}

// ask sends a request through a gateway with a route and tells what arrives.
func ask(t testing.TB, route policyfile.Route, change func(*policyfile.Gateway), path string, header ...string) seen {
	t.Helper()
	route.Upstream = upstream(t, showRequest) + route.Upstream
	c := to(t, "")
	c.Gateway.Routes = []policyfile.Route{route}
	if change != nil {
		change(&c.Gateway)
	}
	_, url := start(t, c)
	res, body := send(t, "GET", url+path, nil, header...)
	if res.StatusCode != 200 {
		t.Fatalf("got %d: %s", res.StatusCode, body)
	}
	var s seen
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	s.Host = strings.Replace(s.Host, strings.TrimPrefix(url, "http://"), "GATEWAY", 1)
	for _, values := range s.Header {
		for i := range values {
			values[i] = strings.Replace(values[i], strings.TrimPrefix(url, "http://"), "GATEWAY", 1)
		}
	}
	return s
}

func trust(prefixes ...string) func(*policyfile.Gateway) {
	return func(g *policyfile.Gateway) { g.TrustForwarded = prefixes }
}

func TestForwarded(t *testing.T) {
	t.Parallel()
	lies := []string{
		"X-Forwarded-For", "192.0.2.7", "X-Forwarded-For", "192.0.2.8", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "api.example.com",
		"X-Forwarded-Port", "443", "X-Real-Ip", "192.0.2.9", "Forwarded", "for=192.0.2.7",
	}
	for _, tt := range []struct {
		name   string
		change func(*policyfile.Gateway)
		header []string
		want   map[string]string // values joined by "|"
	}{
		{"set afresh", nil, nil, map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "GATEWAY", "X-Forwarded-Proto": "http"}},
		{"a stranger's are removed", nil, lies, map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "GATEWAY", "X-Forwarded-Proto": "http",
			"X-Forwarded-Port": "", "X-Real-Ip": "", "Forwarded": "",
		}},
		{"a stranger's are removed in any spelling", nil, []string{"X_Forwarded_For", "192.0.2.7", "x_forwarded-Proto", "https", "X_Real_IP", "192.0.2.9"},
			map[string]string{"X_forwarded_for": "", "X_forwarded-Proto": "", "X_real_ip": ""}},
		{"another proxy is trusted", trust("10.0.0.0/8"), lies, map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "Forwarded": ""}},
		{"a trusted proxy's are added to", trust("127.0.0.0/8"), lies, map[string]string{
			"X-Forwarded-For": "192.0.2.7, 192.0.2.8, 127.0.0.1", "X-Forwarded-Host": "api.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443",
		}},
		{"a trusted proxy says nothing", trust("127.0.0.1"), nil, map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "GATEWAY", "X-Forwarded-Proto": "http"}},
		{"what concerns the connection stays", nil, []string{
			"Connection", "X-Secret, Keep-Alive", "X-Secret", "a", "Keep-Alive", "timeout=5", "Proxy-Connection", "x", "Te", "gzip", "Proxy-Authorization", "Basic x",
		}, map[string]string{"X-Secret": "", "Keep-Alive": "", "Proxy-Connection": "", "Te": "", "Proxy-Authorization": ""}},
		{"a trusted proxy's own path is kept", trust("127.0.0.1"), []string{"X-Forwarded-Prefix", "/outer"}, map[string]string{"X-Forwarded-Prefix": "/outer"}},
		{"taken out by Connection", nil, []string{"Connection", "X-Forwarded-For"}, map[string]string{"X-Forwarded-For": "127.0.0.1"}},
		{"all else passes", nil, []string{"Authorization", "Bearer x", "Cookie", "a=b", "X-A", "1", "X-A", "2", "Origin", app, "User-Agent", "test"},
			map[string]string{"Authorization": "Bearer x", "Cookie": "a=b", "X-A": "1|2", "Origin": app, "User-Agent": "test", "Accept-Encoding": ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, policyfile.Route{}, tt.change, "/", tt.header...)
			for name, want := range tt.want {
				if v := strings.Join(got.Header.Values(name), "|"); v != want {
					t.Errorf("%s: %q, want %q", name, v, want)
				}
			}
		})
	}
}

func TestRouteOptions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		route  policyfile.Route
		path   string
		origin string
		check  func(t *testing.T, s seen)
	}{
		{name: "the upstream's own host", check: func(t *testing.T, s seen) {
			if s.Host == "GATEWAY" || !strings.HasPrefix(s.Host, "127.0.0.1:") {
				t.Errorf("Host: %s", s.Host)
			}
		}},
		{name: "the client's host", route: policyfile.Route{PreserveHost: true}, check: func(t *testing.T, s seen) {
			if s.Host != "GATEWAY" {
				t.Errorf("Host: %s", s.Host)
			}
		}},
		{name: "the path as it came", path: "/a%2Fb;c?d=%zz;e", check: wantURI("/a%2Fb;c?d=%zz;e")},
		{name: "a path at the upstream", route: policyfile.Route{Upstream: "/base/"}, path: "/a", check: wantURI("/base/a")},
		{name: "the route's path stripped", route: policyfile.Route{Path: "/api/v1/", StripPath: true, Upstream: "/base"}, path: "/api/%761/a/?q", check: func(t *testing.T, s seen) {
			wantURI("/base/a/?q")(t, s)
			if p := s.Header.Get("X-Forwarded-Prefix"); p != "/api/v1" {
				t.Errorf("X-Forwarded-Prefix: %q", p)
			}
		}},
		{name: "the route's path kept", route: policyfile.Route{Path: "/api/"}, path: "/api/a", check: func(t *testing.T, s seen) {
			wantURI("/api/a")(t, s)
			if _, ok := s.Header["X-Forwarded-Prefix"]; ok {
				t.Error("there is an X-Forwarded-Prefix")
			}
		}},
		{name: "nothing to strip", route: policyfile.Route{Path: "/", StripPath: true}, path: "/a", check: func(t *testing.T, s seen) {
			wantURI("/a")(t, s)
			if p, ok := s.Header["X-Forwarded-Prefix"]; ok {
				t.Errorf("X-Forwarded-Prefix: %q", p)
			}
		}},
		{name: "the whole resource stripped", route: policyfile.Route{Path: "/api", StripPath: true}, path: "/api", check: wantURI("/")},
		{name: "the whole resource stripped, and another instead", route: policyfile.Route{Path: "/health", StripPath: true, Upstream: "/healthz"}, path: "/health", check: wantURI("/healthz")},
		{name: "the whole tree stripped", route: policyfile.Route{Path: "/api/", StripPath: true, Upstream: "/base"}, path: "/api/?q", check: wantURI("/base/?q")},
		{name: "the tree without its slash", route: policyfile.Route{Path: "/api/", StripPath: true, Upstream: "/base"}, path: "/api?q", check: wantURI("/base?q")},
		{name: "an allowed origin hidden", route: policyfile.Route{HideOrigin: true}, origin: app, check: wantOrigin("")},
		{name: "another origin not hidden", route: policyfile.Route{HideOrigin: true}, origin: "https://evil.example.net", check: wantOrigin("https://evil.example.net")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var header []string
			if tt.origin != "" {
				header = []string{"Origin", tt.origin}
			}
			tt.check(t, ask(t, tt.route, nil, tt.path, header...))
		})
	}
}

func wantURI(uri string) func(*testing.T, seen) {
	return func(t *testing.T, s seen) {
		t.Helper()
		if s.URI != uri {
			t.Errorf("the upstream sees %q, want %q", s.URI, uri)
		}
	}
}

func wantOrigin(origin string) func(*testing.T, seen) {
	return func(t *testing.T, s seen) {
		t.Helper()
		if got := s.Header.Get("Origin"); got != origin {
			t.Errorf("Origin: %q, want %q", got, origin)
		}
	}
}

// TestAnswersLeadBack: what an upstream says of itself is made to work at the
// gateway, as its route says.
func TestAnswersLeadBack(t *testing.T) {
	t.Parallel()
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{"http://" + r.Host + "/a"}
		w.Header()["Content-Location"] = []string{"http://" + r.Host + "/b"}
		w.Header()["Set-Cookie"] = []string{"c=d; Domain=api.test", "e=f; Secure"}
		w.Header().Set("Alt-Svc", `h3=":443"`) // another way to the upstream
		w.WriteHeader(http.StatusFound)
	})
	for _, tt := range []struct {
		name    string
		route   policyfile.Route
		at      string // of the addresses
		cookies []string
	}{
		{"redirects", policyfile.Route{}, "", []string{"c=d; Domain=api.test", "e=f; Secure"}},
		{"neither", policyfile.Route{KeepRedirects: true}, api, []string{"c=d; Domain=api.test", "e=f; Secure"}},
		{"redirects and cookies", policyfile.Route{RewriteCookies: true}, "", []string{"c=d", "e=f"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := to(t, "")
			tt.route.Upstream = api
			c.Gateway.Routes = []policyfile.Route{tt.route}
			_, url := start(t, c)
			res, _ := send(t, "GET", url, nil)
			wantHeader(t, res, "Location", tt.at+"/a")
			wantHeader(t, res, "Content-Location", tt.at+"/b")
			wantHeader(t, res, "Set-Cookie", tt.cookies...)
			wantHeader(t, res, "Alt-Svc")
		})
	}
}

// TestForwardedPrefixes: what proxies have taken off a path is read one behind
// the other.
func TestForwardedPrefixes(t *testing.T) {
	t.Parallel()
	route := policyfile.Route{Path: "/api/", StripPath: true}
	for _, tt := range []struct {
		name   string
		change func(*policyfile.Gateway)
		want   string
	}{
		{"a stranger", nil, "/api"},
		{"a trusted proxy", trust("127.0.0.1"), "/outer/api"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, route, tt.change, "/api/a", "X-Forwarded-Prefix", "/outer")
			if p := got.Header.Get("X-Forwarded-Prefix"); p != tt.want {
				t.Errorf("X-Forwarded-Prefix: %q, want %q", p, tt.want)
			}
		})
	}
}

// TestForwardedHostMakesNoPageSame: what refuse-others takes for the server's
// own page must not depend on what a stranger says.
func TestForwardedHostMakesNoPageSame(t *testing.T) {
	t.Parallel()
	rule := appRule
	rule.RefuseOthers = true
	for _, tt := range []struct {
		name   string
		trust  []string
		status int
	}{{"a stranger", nil, 403}, {"a trusted proxy", []string{"127.0.0.1"}, 200}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := to(t, upstream(t, showRequest))
			c.Policy, c.Gateway.TrustForwarded = policy(t, rule), tt.trust
			_, url := start(t, c)
			res, _ := send(t, "POST", url, nil, "Origin", "https://api.example.com", "X-Forwarded-Host", "api.example.com", "X-Forwarded-Proto", "https")
			if res.StatusCode != tt.status {
				t.Errorf("got %d, want %d", res.StatusCode, tt.status)
			}
		})
	}
}
