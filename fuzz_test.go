package corsac_test

import (
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
)

// The rules under fuzz: trees and resources, every kind of pattern.
func fuzzedRules() []corsac.Rule {
	return []corsac.Rule{
		{Path: "/users/", Origins: []string{"https://app.example.com", "https://*.example.org", "http://localhost:*"}, Methods: []string{"PUT"}, Headers: []string{"Authorization", "X-A"}, Credentials: true},
		{Path: "/users/secret", Origins: []string{"https://admin.example.com"}, RefuseOthers: true},
		{Path: "/public/", Origins: []string{"*"}, Methods: []string{"*"}, Headers: []string{"*"}},
		{Path: "/frames", Origins: []string{"null", "moz-extension://*"}},
		{Host: "other.example", Path: "/", Origins: []string{"https://*.example.net:*"}, RefuseOthers: true},
	}
}

func addRequests(f *testing.F) {
	f.Add("OPTIONS", "api.example.com", "/users/1", "https://app.example.com", "", "PUT", "authorization,x-a", "")
	f.Add("GET", "api.example.com", "/users/../users/secret", "https://admin.example.com", "", "", "", "")
	f.Add("POST", "OTHER.example:80", "//x", "https://a.b.example.net:8443", "", "", "", "cross-site")
	f.Add("POST", "other.example", "/public/", "http://other.example", "", "", "", "")
	f.Add("GET", "", "/public/./x", "null", "https://evil.example", "", "", "")
	f.Add("OPTIONS", "", "/frames", "moz-extension://abc", "", "patch", ",, x-b", "same-origin")
}

// FuzzDecide holds every decision against the plain reading of the rules:
// what is allowed is allowed by it, and what it allows is not blocked.
func FuzzDecide(f *testing.F) {
	addRequests(f)
	p := mustNew(f, fuzzedRules()...)
	f.Fuzz(func(t *testing.T, method, host, urlPath, origin, second, asked, names, site string) {
		h := fuzzedHeader(origin, second, asked, names, site)
		d := p.Decide(corsac.Request{Method: method, Scheme: "http", Host: host, Path: urlPath, Header: h})

		readable := plainlyReadable(host, urlPath, h["Origin"])
		allowOrigin := slices.ContainsFunc(d.AppendFields(nil), func(f corsac.Field) bool { return f.Name == "Access-Control-Allow-Origin" })
		if d.Kind == corsac.Plain {
			return
		}
		if d.Kind == corsac.Preflight && len(h["Origin"]) > 1 {
			readable = false
		}
		if allowOrigin != readable {
			t.Errorf("%+v: Access-Control-Allow-Origin sent: %v, the rules say %v", d, allowOrigin, readable)
		}
		if d.Verdict == corsac.Allow && !readable {
			t.Errorf("%+v: allowed, and the rules do not allow it", d)
		}
		if d.Kind == corsac.Preflight && d.Verdict == corsac.Allow && !plainlyPermitted(host, urlPath, asked, names) {
			t.Errorf("%+v: the question for %q %q was answered with yes", d, asked, names)
		}
		if d.Verdict == corsac.Refuse && d.Kind != corsac.Preflight && readable {
			t.Errorf("%+v: refused, and the rules allow it", d)
		}
	})
}

func fuzzedHeader(origin, second, asked, names, site string) header {
	h := header{}
	for name, values := range map[string][]string{
		"Origin": {origin, second}, "Access-Control-Request-Method": {asked},
		"Access-Control-Request-Headers": {names}, "Sec-Fetch-Site": {site},
	} {
		if values = slices.DeleteFunc(values, func(v string) bool { return v == "" }); len(values) > 0 {
			h[name] = values
		}
	}
	return h
}

// FuzzWrap sends whole requests through the middleware, over a handler that
// says everything it must not.
func FuzzWrap(f *testing.F) {
	addRequests(f)
	p := mustNew(f, fuzzedRules()...)
	handler := p.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["access-control-allow-origin"] = []string{"*"}
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Vary", "Cookie")
		r.Header.Set("Origin", "https://app.example.com")
	}))
	f.Fuzz(func(t *testing.T, method, host, urlPath, origin, second, asked, names, site string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Method, r.Host, r.URL.Path = method, host, urlPath
		h := fuzzedHeader(origin, second, asked, names, site)
		r.Header = http.Header(h).Clone()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		got := w.Result().Header
		readable := plainlyReadable(host, urlPath, h["Origin"])
		var allowed []string
		for name, values := range got {
			if strings.EqualFold(name, "Access-Control-Allow-Origin") {
				allowed = append(allowed, values...)
			}
		}
		switch {
		case len(allowed) > 1:
			t.Errorf("several origins: %q", allowed)
		case len(allowed) == 1 && allowed[0] != "*" && (!readable || allowed[0] != h["Origin"][0]):
			t.Errorf("origin %q is told that %q may read", h["Origin"], allowed)
		case len(allowed) == 1 && allowed[0] == "*" && !strings.HasPrefix(plainlyClean(urlPath), "/public"):
			t.Errorf("everybody may read %q", urlPath)
		}
		if credentials := got["Access-Control-Allow-Credentials"]; len(credentials) > 0 && !readable {
			t.Errorf("credentials for %q", origin)
		}
		if w.Code != 204 && w.Code != 403 && !slices.Contains(got["Vary"], "Cookie") {
			t.Errorf("the handler's Vary is gone: %q", got["Vary"])
		}
	})
}

// What follows reads the rules as docs/policy.md tells them, slowly.

func plainlyClean(urlPath string) string {
	clean := path.Clean("/" + urlPath)
	if last := urlPath[strings.LastIndexByte(urlPath, '/')+1:]; clean != "/" && (last == "" || last == "." || last == "..") && urlPath != "" {
		clean += "/"
	}
	return clean
}

func plainlySpeaking(host, urlPath string) *corsac.Rule {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	host = strings.TrimSuffix(host, ".")
	urlPath = plainlyClean(urlPath)
	var best *corsac.Rule
	for _, r := range fuzzedRules() {
		tree := strings.HasSuffix(r.Path, "/") && (strings.HasPrefix(urlPath, r.Path) || urlPath == strings.TrimSuffix(r.Path, "/"))
		ownHost := isASCII(host) && strings.EqualFold(r.Host, host)
		if (r.Host == "" || ownHost) && (tree || r.Path == urlPath) &&
			(best == nil || best.Host == "" && r.Host != "" || best.Host == r.Host && len(best.Path) < len(r.Path)) {
			best = &r
		}
	}
	return best
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

func plainlyReadable(host, urlPath string, origins []string) bool {
	r := plainlySpeaking(host, urlPath)
	if r == nil {
		return false
	}
	if r.Origins[0] == "*" {
		return true
	}
	if len(origins) != 1 || !isASCII(origins[0]) {
		return false
	}
	scheme, rest, ok := strings.Cut(origins[0], "://")
	if !ok {
		return slices.Contains(r.Origins, origins[0])
	}
	name, port, hasPort := strings.Cut(rest, ":")
	goodName := name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "" &&
		(scheme == "moz-extension" || name == strings.ToLower(name)) &&
		!strings.Contains("."+strings.TrimSuffix(name, "."), "..") && longestLabel(name) <= 63 && len(name) <= 253
	goodPort := !hasPort || port != "" && port[0] != '0' && strings.Trim(port, "0123456789") == "" &&
		(len(port) < 5 || len(port) == 5 && port <= "65535") && (scheme != "https" || port != "443") && (scheme != "http" || port != "80")
	if !goodName || !goodPort {
		return false
	}
	for _, pattern := range r.Origins {
		switch {
		case pattern == origins[0],
			pattern == "https://*.example.org" && scheme == "https" && !hasPort && strings.HasSuffix(name, ".example.org") && name != ".example.org",
			pattern == "https://*.example.net:*" && scheme == "https" && strings.HasSuffix(name, ".example.net") && name != ".example.net",
			pattern == "http://localhost:*" && scheme == "http" && name == "localhost",
			pattern == "moz-extension://*" && scheme == "moz-extension" && !hasPort:
			return true
		}
	}
	return false
}

func longestLabel(name string) int {
	longest := 0
	for label := range strings.SplitSeq(name, ".") {
		longest = max(longest, len(label))
	}
	return longest
}

func plainlyPermitted(host, urlPath, method, names string) bool {
	r := plainlySpeaking(host, urlPath)
	if method != "GET" && method != "HEAD" && method != "POST" && !slices.Contains(r.Methods, method) && !slices.Contains(r.Methods, "*") {
		return false
	}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.Trim(name, " \t")
		listed := slices.ContainsFunc(r.Headers, func(h string) bool {
			return isASCII(name) && strings.EqualFold(h, name) || h == "*" && !strings.EqualFold(name, "Authorization")
		})
		if name != "" && !listed {
			return false
		}
	}
	return true
}
