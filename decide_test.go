package corsac_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
)

// header is the field lines of a request, as any transport may keep them.
type header map[string][]string

func (h header) Values(name string) []string { return h[name] }

var _ corsac.Header = http.Header{}

func users(change func(*corsac.Rule)) corsac.Rule {
	r := corsac.Rule{
		Path:        "/users/",
		Origins:     []string{"https://app.example.com", "https://*.example.org", "null"},
		Methods:     []string{"PUT", "DELETE"},
		Headers:     []string{"Authorization", "ItemsPerPage", "PageNumber"},
		Expose:      []string{"TotalItemsCount"},
		MaxAge:      2 * time.Hour,
		Credentials: false,
	}
	if change != nil {
		change(&r)
	}
	return r
}

func TestDecide(t *testing.T) {
	t.Parallel()
	const allowed, evil = "https://app.example.com", "https://evil.example.net"
	rules := []corsac.Rule{
		users(nil),
		{Path: "/public/", Origins: []string{"*"}, Methods: []string{"*"}, Headers: []string{"*"}, Timing: true},
		{Path: "/strict/", Origins: []string{allowed}, RefuseOthers: true},
		{Path: "/own", Origins: []string{allowed}, Credentials: true, Timing: true, MaxAge: corsac.NoCache},
	}
	p := mustNew(t, rules...)
	asks := func(origin, method string, names ...string) header {
		h := header{"Origin": {origin}, "Access-Control-Request-Method": {method}}
		if len(names) > 0 {
			h["Access-Control-Request-Headers"] = names
		}
		return h
	}
	from := func(origins ...string) header { return header{"Origin": origins} }
	with := func(h header, name string, values ...string) header { h[name] = values; return h }
	allOfUsers := []corsac.Field{
		{Name: "Access-Control-Allow-Origin", Value: allowed},
		{Name: "Access-Control-Allow-Methods", Value: "DELETE, PUT"},
		{Name: "Access-Control-Allow-Headers", Value: "Authorization, ItemsPerPage, PageNumber"},
		{Name: "Access-Control-Max-Age", Value: "7200"},
	}
	everybody := []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "Timing-Allow-Origin", Value: "*"}}
	const both = "Origin, Access-Control-Request-Method"
	tests := []struct {
		name         string
		method, path string
		header       header
		want         string // kind verdict reason name
		status       int
		fields       []corsac.Field
		vary         string
	}{
		{"no origin", "POST", "/users/", nil, `plain pass no-origin ""`, 0, nil, "Origin"},
		{"no origin, no rule", "POST", "/other", nil, `plain pass no-origin ""`, 0, nil, ""},
		{"no origin, everybody", "GET", "/public/x", nil, `plain pass no-origin ""`, 0, everybody, ""},
		{"OPTIONS without origin", "OPTIONS", "/users/", header{"Access-Control-Request-Method": {"PUT"}}, `plain pass no-origin ""`, 0, nil, both},

		{"preflight", "OPTIONS", "/users/1", asks(allowed, "PUT", "authorization,pagenumber"), `preflight allow listed "https://app.example.com"`, 204, allOfUsers, both},
		{"preflight of a safelisted method", "OPTIONS", "/users", asks(allowed, "POST"), `preflight allow listed "https://app.example.com"`, 204, allOfUsers, both},
		{"preflight, method not listed", "OPTIONS", "/users/", asks(allowed, "PATCH"), `preflight block method "PATCH"`, 204, allOfUsers, both},
		{"preflight, method in lower case", "OPTIONS", "/users/", asks(allowed, "put"), `preflight block method "put"`, 204, allOfUsers, both},
		{"preflight, empty method", "OPTIONS", "/users/", asks(allowed, ""), `preflight block method ""`, 204, allOfUsers, both},
		{"preflight, two methods", "OPTIONS", "/users/", with(asks(allowed, ""), "Access-Control-Request-Method", "PUT", "PUT"), `preflight block method "PUT"`, 204, allOfUsers, both},
		{"preflight, header not listed", "OPTIONS", "/users/", asks(allowed, "PUT", "authorization,x-evil,x-worse"), `preflight block header "x-evil"`, 204, allOfUsers, both},
		{"preflight, origin not listed", "OPTIONS", "/users/", asks(evil, "PUT"), `preflight refuse origin "https://evil.example.net"`, 403, nil, both},
		{"preflight, no rule", "OPTIONS", "/other", asks(allowed, "PUT"), `preflight refuse no-rule "https://app.example.com"`, 403, nil, both},
		{"preflight, two origins", "OPTIONS", "/users/", with(asks(allowed, "PUT"), "Origin", allowed, allowed), `preflight refuse several-origins "https://app.example.com"`, 403, nil, both},
		{"preflight, two origins, everybody", "OPTIONS", "/public/", with(asks(allowed, "PUT"), "Origin", allowed, evil), `preflight refuse several-origins "https://app.example.com"`, 403, nil, both},
		{"preflight of the server's own page", "OPTIONS", "/users/", with(asks(evil, "PUT"), "Sec-Fetch-Site", "same-origin"), `preflight refuse origin "https://evil.example.net"`, 403, nil, both},
		{
			"preflight, everybody", "OPTIONS", "/public/", asks(evil, "BREW", "x-any"), `preflight allow listed "https://evil.example.net"`, 204,
			[]corsac.Field{{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "Access-Control-Allow-Methods", Value: "*"}, {Name: "Access-Control-Allow-Headers", Value: "*"}}, both,
		},
		{
			"preflight, everybody, empty method", "OPTIONS", "/public/", asks(evil, ""), `preflight block method ""`, 204,
			[]corsac.Field{{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "Access-Control-Allow-Methods", Value: "*"}, {Name: "Access-Control-Allow-Headers", Value: "*"}}, both,
		},
		{
			"preflight, everybody, list of methods", "OPTIONS", "/public/", asks(evil, "PUT, BREW"), `preflight block method "PUT, BREW"`, 204,
			[]corsac.Field{{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "Access-Control-Allow-Methods", Value: "*"}, {Name: "Access-Control-Allow-Headers", Value: "*"}}, both,
		},
		{
			"preflight, everybody but Authorization", "OPTIONS", "/public/", asks(evil, "GET", "authorization"), `preflight block header "authorization"`, 204,
			[]corsac.Field{{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "Access-Control-Allow-Methods", Value: "*"}, {Name: "Access-Control-Allow-Headers", Value: "*"}}, both,
		},
		{
			"preflight with credentials", "OPTIONS", "/own", asks(allowed, "GET"), `preflight allow listed "https://app.example.com"`, 204,
			[]corsac.Field{{Name: "Access-Control-Allow-Origin", Value: allowed}, {Name: "Access-Control-Allow-Credentials", Value: "true"}, {Name: "Access-Control-Max-Age", Value: "0"}}, both,
		},

		{"request", "GET", "/users/", from(allowed), `cors allow listed "https://app.example.com"`, 0, []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: allowed}, {Name: "Access-Control-Expose-Headers", Value: "TotalItemsCount"}}, "Origin"},
		{"request of a subdomain", "GET", "/users/", from("https://a.b.example.org"), `cors allow listed "https://a.b.example.org"`, 0, []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: "https://a.b.example.org"}, {Name: "Access-Control-Expose-Headers", Value: "TotalItemsCount"}}, "Origin"},
		{"request of null", "GET", "/users/", from("null"), `cors allow listed "null"`, 0, []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: "null"}, {Name: "Access-Control-Expose-Headers", Value: "TotalItemsCount"}}, "Origin"},
		{"request with credentials and timing", "GET", "/own", from(allowed), `cors allow listed "https://app.example.com"`, 0, []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: allowed}, {Name: "Timing-Allow-Origin", Value: allowed}, {Name: "Access-Control-Allow-Credentials", Value: "true"}}, "Origin"},
		{"request, origin not listed", "POST", "/users/", from(evil), `cors block origin "https://evil.example.net"`, 0, nil, "Origin"},
		{"request, empty origin", "POST", "/users/", from(""), `cors block origin ""`, 0, nil, "Origin"},
		{"request, two origins", "GET", "/users/", from(allowed, evil), `cors block several-origins "https://app.example.com"`, 0, nil, "Origin"},
		{"request, no rule", "GET", "/", from(allowed), `cors block no-rule "https://app.example.com"`, 0, nil, ""},
		{"request, everybody", "GET", "/public/", from(evil), `cors allow listed "https://evil.example.net"`, 0, everybody, ""},
		{"request, everybody, two origins", "GET", "/public/", from(evil, allowed), `cors allow listed "https://evil.example.net"`, 0, everybody, ""},
		{"request, everybody, null", "GET", "/public/", from("null"), `cors allow listed "null"`, 0, everybody, ""},
		{"OPTIONS with origin, no preflight", "OPTIONS", "/users/", from(allowed), `cors allow listed "https://app.example.com"`, 0, []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: allowed}, {Name: "Access-Control-Expose-Headers", Value: "TotalItemsCount"}}, both},
		{"own page by Sec-Fetch-Site", "POST", "/users/", with(from("https://api.example.com"), "Sec-Fetch-Site", "same-origin"), `cors pass same-origin "https://api.example.com"`, 0, nil, "Origin"},
		{"own page by Host", "POST", "/users/", from("http://api.example.com"), `cors pass same-origin "http://api.example.com"`, 0, nil, "Origin"},
		{"no browser sends the own page's GET with an origin", "GET", "/users/", with(from("https://api.example.com"), "Sec-Fetch-Site", "same-origin"), `cors block origin "https://api.example.com"`, 0, nil, "Origin"},
		{"nor its HEAD", "HEAD", "/users/", with(from("https://api.example.com"), "Sec-Fetch-Site", "same-origin"), `cors block origin "https://api.example.com"`, 0, nil, "Origin"},
		{"own page, no rule", "POST", "/other", from("http://api.example.com"), `cors pass same-origin "http://api.example.com"`, 0, nil, ""},

		{"refused: unsafe method", "POST", "/strict/", from(evil), `cors refuse origin "https://evil.example.net"`, 403, nil, "Origin"},
		{"refused: unknown method", "BREW", "/strict/", from(evil), `cors refuse origin "https://evil.example.net"`, 403, nil, "Origin"},
		{"refused: two origins", "POST", "/strict/", from(allowed, allowed), `cors refuse several-origins "https://app.example.com"`, 403, nil, "Origin"},
		{"not refused: safe method", "GET", "/strict/", from(evil), `cors block origin "https://evil.example.net"`, 0, nil, "Origin"},
		{"not refused: OPTIONS", "OPTIONS", "/strict/", from(evil), `cors block origin "https://evil.example.net"`, 0, nil, both},
		{"not refused: listed", "POST", "/strict/", from(allowed), `cors allow listed "https://app.example.com"`, 0, []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: allowed}}, "Origin"},
		{"not refused: no origin", "POST", "/strict/", nil, `plain pass no-origin ""`, 0, nil, "Origin"},
		{"not refused: own page", "POST", "/strict/", with(from(evil), "Sec-Fetch-Site", "same-origin"), `cors pass same-origin "https://evil.example.net"`, 0, nil, "Origin"},
		{"not refused: user", "POST", "/strict/", with(from("null"), "Sec-Fetch-Site", "none"), `cors pass same-origin "null"`, 0, nil, "Origin"},
		{"not refused: own page behind TLS proxy", "POST", "/strict/", with(from("https://api.example.com"), "X-Forwarded-Proto", "https"), `cors pass same-origin "https://api.example.com"`, 0, nil, "Origin"},
		{"not refused: own page behind proxies", "POST", "/strict/", with(with(from("https://www.example.com"), "X-Forwarded-Proto", "https, http"), "X-Forwarded-Host", "www.example.com:443, api"), `cors pass same-origin "https://www.example.com"`, 0, nil, "Origin"},
		{"refused: same site", "POST", "/strict/", with(from("http://api.example.com"), "Sec-Fetch-Site", "same-site"), `cors refuse origin "http://api.example.com"`, 403, nil, "Origin"},
		{"refused: two Sec-Fetch-Site lines", "POST", "/strict/", with(from(evil), "Sec-Fetch-Site", "same-origin", "cross-site"), `cors refuse origin "https://evil.example.net"`, 403, nil, "Origin"},
		{"not refused: own page behind TLS proxy that does not say so", "POST", "/strict/", from("https://api.example.com"), `cors pass same-origin "https://api.example.com"`, 0, nil, "Origin"},
		{"refused: no page of a proxy that took nothing off", "POST", "/strict/", with(from("https://api.example.com"), "X-Forwarded-Proto", "http"), `cors refuse origin "https://api.example.com"`, 403, nil, "Origin"},
		{"refused: other scheme", "POST", "/strict/", from("ftp://api.example.com"), `cors refuse origin "ftp://api.example.com"`, 403, nil, "Origin"},
		{"refused: other port", "POST", "/strict/", from("http://api.example.com:8080"), `cors refuse origin "http://api.example.com:8080"`, 403, nil, "Origin"},
		{"refused: null", "POST", "/strict/", from("null"), `cors refuse origin "null"`, 403, nil, "Origin"},
		{"WebSocket refused", "GET", "/strict/", with(from(evil), "Upgrade", "WebSocket"), `websocket refuse origin "https://evil.example.net"`, 403, nil, "Origin"},
		{"WebSocket among upgrades refused", "GET", "/strict/", with(from(evil), "Upgrade", "foo, websocket"), `websocket refuse origin "https://evil.example.net"`, 403, nil, "Origin"},
		{"WebSocket allowed", "GET", "/strict/", with(from(allowed), "Upgrade", "websocket"), `websocket allow listed "https://app.example.com"`, 0, []corsac.Field{{Name: "Access-Control-Allow-Origin", Value: allowed}}, "Origin"},
		{"WebSocket of the own page", "GET", "/strict/", with(from("http://api.example.com"), "Upgrade", "websocket"), `websocket pass same-origin "http://api.example.com"`, 0, nil, "Origin"},
		{"POST with the words of a WebSocket", "POST", "/users/", with(from(evil), "Upgrade", "websocket"), `cors block origin "https://evil.example.net"`, 0, nil, "Origin"},
		{"WebSocket blocked only", "GET", "/users/", with(from(evil), "Upgrade", "websocket"), `websocket block origin "https://evil.example.net"`, 0, nil, "Origin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := corsac.Request{Method: tt.method, Scheme: "http", Host: "api.example.com", Path: tt.path, Header: tt.header}
			d := p.Decide(r)
			if got := fmt.Sprintf("%s %s %s %q", d.Kind, d.Verdict, d.Reason, d.Name); got != tt.want {
				t.Errorf("decision: %s\nwant:     %s", got, tt.want)
			}
			if got := d.Status(); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
			if diff := cmp.Diff(tt.fields, d.AppendFields(nil)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if got := d.Vary(); got != tt.vary {
				t.Errorf("Vary %q, want %q", got, tt.vary)
			}
		})
	}
}

func TestDecideByPath(t *testing.T) {
	t.Parallel()
	rule := func(host, path, origin string) corsac.Rule {
		return corsac.Rule{Host: host, Path: path, Origins: []string{"https://" + origin}}
	}
	p := mustNew(t,
		rule("", "/api/", "api"), rule("", "/api/secret", "secret"), rule("", "/api/deep/er/", "deeper"),
		rule("", "/health", "health"), rule("", "/Admin/", "upper"), rule("", "/admin/", "lower"),
		rule("", "/a+b/", "plus"), rule("", "/a b/", "space"), rule("", "/café/", "cafe"), rule("", "/users/", "users"),
		rule("", "/users", "resource"),
		rule("one.example", "/api/", "one"), rule("[::1]", "/", "six"),
	)
	tests := []struct{ name, host, path, want string }{
		{"tree", "", "/api/x", "api"},
		{"tree deeper", "", "/api/x/y/z", "api"},
		{"tree's own path", "", "/api/", "api"},
		{"tree without its slash", "", "/api", "api"},
		{"beside the tree", "", "/apis", ""},
		{"root", "", "/", ""},
		{"empty", "", "", ""},
		{"asterisk", "", "*", ""},
		{"resource in a tree", "", "/api/secret", "secret"},
		{"below a resource", "", "/api/secret/x", "api"},
		{"resource with a slash", "", "/api/secret/", "api"},
		{"resource", "", "/health", "health"},
		{"resource with a slash, no tree", "", "/health/", ""},
		{"between rules", "", "/api/deep", "api"},
		{"longest tree", "", "/api/deep/er/x", "deeper"},
		{"resource and tree, resource", "", "/users", "resource"},
		{"resource and tree, tree", "", "/users/", "users"},
		{"case", "", "/Admin/x", "upper"},
		{"other case", "", "/admin/x", "lower"},
		{"no such case", "", "/ADMIN/x", ""},
		{"plus", "", "/a+b/x", "plus"},
		{"space", "", "/a b/x", "space"},
		{"beyond ASCII", "", "/café/x", "cafe"},
		{"dots out", "", "/api/../private", ""},
		{"dots into", "", "/x/../api/y", "api"},
		{"dots to a resource", "", "/api/x/../secret", "secret"},
		{"dots above the root", "", "/../../api/x", "api"},
		{"dots at the end", "", "/api/deep/er/..", "api"},
		{"dot", "", "/./api/./secret", "secret"},
		{"dot at the end of a resource", "", "/api/secret/.", "api"},
		{"three dots", "", "/api/.../secret", "api"},
		{"slashes", "", "//api///secret", "secret"},
		{"slashes and dots", "", "/api//..//private", ""},
		{"decoded once only", "", "/api%2Fsecret", ""},
		{"decoded once only, dots", "", "/api/%2e%2e/private", "api"},
		{"backslash is no slash", "", `/x\..\api/secret`, ""},
		{"host", "one.example", "/api/x", "one"},
		{"host with port", "one.example:8080", "/api/x", "one"},
		{"host in upper case", "ONE.example", "/api/x", "one"},
		{"host with final dot", "one.example.:8080", "/api/x", "one"},
		{"host has no such path", "one.example", "/health", "health"},
		{"other host", "two.example", "/api/x", "api"},
		{"address", "[::1]:8080", "/health", "six"},
		{"long host", strings.Repeat("a", 300), "/api/x", "api"},
	}
	origins := []string{"api", "secret", "deeper", "health", "upper", "lower", "plus", "space", "cafe", "users", "resource", "one", "six"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := slices.DeleteFunc(slices.Clone(origins), func(o string) bool {
				d := p.Decide(corsac.Request{Method: "GET", Host: tt.host, Path: tt.path, Header: header{"Origin": {"https://" + o}}})
				return d.Verdict != corsac.Allow
			})
			if strings.Join(got, " ") != tt.want {
				t.Errorf("host %q path %q: rule of %q, want %q", tt.host, tt.path, got, tt.want)
			}
		})
	}
}

func TestDecideDoesNotAllocate(t *testing.T) {
	p := mustNew(t, users(func(r *corsac.Rule) { r.RefuseOthers = true }),
		corsac.Rule{Host: "one.example", Origins: []string{"*"}, Headers: []string{"*"}})
	long := strings.Repeat("x", 1<<20)
	ask := func(origin string, names ...string) header {
		return header{"Origin": {origin}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": names}
	}
	tests := []struct {
		name string
		corsac.Request
	}{
		{"allowed", corsac.Request{Method: "GET", Path: "/users/", Header: header{"Origin": {"https://app.example.com"}}}},
		{"subdomain", corsac.Request{Method: "GET", Path: "/users/", Header: header{"Origin": {"https://a.b.c.example.org"}}}},
		{"refused", corsac.Request{Method: "POST", Path: "/users/", Header: header{"Origin": {"https://evil.example.net"}}}},
		{"preflight", corsac.Request{Method: "OPTIONS", Path: "/users/", Header: ask("https://app.example.com", "authorization,pagenumber")}},
		{"preflight in other case", corsac.Request{Method: "OPTIONS", Path: "/users/", Header: ask("https://app.example.com", "Authorization", "PageNumber")}},
		{"upper-case host", corsac.Request{Method: "GET", Host: "ONE.EXAMPLE:80", Path: "/", Header: header{"Origin": {"x"}}}},
		{"long path", corsac.Request{Method: "GET", Path: strings.Repeat("/a/..", 10_000), Header: header{"Origin": {"x"}}}},
		{"long origin", corsac.Request{Method: "POST", Path: "/users/", Header: header{"Origin": {"https://" + long}}}},
		{"long method", corsac.Request{Method: "OPTIONS", Path: "/users/", Header: header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {long}}}},
		{"long header name", corsac.Request{Method: "OPTIONS", Path: "/users/", Header: ask("https://app.example.com", long)}},
		{"commas", corsac.Request{Method: "OPTIONS", Path: "/users/", Header: ask("https://app.example.com", strings.Repeat(",", 1<<20))}},
		{"spaces", corsac.Request{Method: "OPTIONS", Path: "/users/", Header: ask("https://app.example.com", strings.Repeat(" ", 1<<20))}},
		{"commas under star", corsac.Request{Method: "OPTIONS", Host: "one.example", Path: "/", Header: ask("https://app.example.com", strings.Repeat(",", 1<<20))}},
	}
	var d corsac.Decision
	var room [8]corsac.Field
	for _, tt := range tests {
		if n := testing.AllocsPerRun(10, func() {
			d = p.Decide(tt.Request)
			d.AppendFields(room[:0])
		}); n != 0 {
			t.Errorf("%s: %v allocations", tt.name, n)
		}
	}
}
