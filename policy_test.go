package corsac_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
)

func mustNew(t testing.TB, rules ...corsac.Rule) *corsac.Policy {
	t.Helper()
	p, err := corsac.New(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func app(change func(*corsac.Rule)) corsac.Rule {
	r := corsac.Rule{Origins: []string{"https://app.example.com"}}
	if change != nil {
		change(&r)
	}
	return r
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	credentialed := func(origins ...string) corsac.Rule { return corsac.Rule{Origins: origins, Credentials: true} }
	tests := []struct {
		name                string
		rule                corsac.Rule
		path, message, hint string // message and hint in part
	}{
		{"no origins", corsac.Rule{}, "rules[0].origins", "no origin", "list the origins"},
		{"bad origin", corsac.Rule{Origins: []string{"https://app.example.com/"}}, "rules[0].origins[0]", `origin "https://app.example.com/" ends in a slash`, `write "https://app.example.com"`},
		{"star with credentials", credentialed("*"), "rules[0].origins[0]", `"*" with credentials`, "list the origins"},
		{"null with credentials", credentialed("https://a.example", "null"), "rules[0].origins[1]", `"null" with credentials`, "origin of its own"},
		{"public suffix with credentials", credentialed("https://*.co.uk"), "rules[0].origins[0]", "public suffix", "https://*.example.co.uk"},
		{"private public suffix with credentials", credentialed("https://*.github.io"), "rules[0].origins[0]", "public suffix", "https://*.example.github.io"},
		{"public suffix, fully qualified, with credentials", credentialed("https://*.co.uk."), "rules[0].origins[0]", "under co.uk, which", "https://*.example.co.uk"},
		{"all names below are public suffixes", credentialed("https://*.ck"), "rules[0].origins[0]", "register a name under *.ck", "https://*.example.co.ck"},
		{"all names below a name are public suffixes", credentialed("https://*.kawasaki.jp"), "rules[0].origins[0]", "register a name under *.kawasaki.jp", "https://*.example.co.kawasaki.jp"},
		{"extensions with credentials", credentialed("moz-extension://*"), "rules[0].origins[0]", "every page of that scheme", "moz-extension://id"},
		{"file with credentials", credentialed("file:///home/me"), "rules[0].origins[0]", "origin null", "origin of its own"},
		{"public suffix, badly written, with credentials", credentialed("*.co.uk"), "rules[0].origins[0]", "has no scheme", "https://*.example.co.uk"},
		{"refuse others than all", corsac.Rule{Origins: []string{"*"}, RefuseOthers: true}, "rules[0].refuse-others", "no others", "list the origins"},

		{"lower-case method", app(func(r *corsac.Rule) { r.Methods = []string{"put"} }), "rules[0].methods[0]", "case-sensitive", `write "PUT"`},
		{"lower-case patch", app(func(r *corsac.Rule) { r.Methods = []string{"patch"} }), "rules[0].methods[0]", "case-sensitive", `write "PATCH"`},
		{"forbidden method", app(func(r *corsac.Rule) { r.Methods = []string{"trace"} }), "rules[0].methods[0]", "no browser", "remove it"},
		{"forbidden method behind a star", app(func(r *corsac.Rule) { r.Methods = []string{"*", "TRACE"} }), "rules[0].methods[1]", "no browser", "remove it"},
		{"no method", app(func(r *corsac.Rule) { r.Methods = []string{"PUT, DELETE"} }), "rules[0].methods[0]", "is no method", "each entry"},
		{"star method with credentials", app(func(r *corsac.Rule) { r.Methods, r.Credentials = []string{"*"}, true }), "rules[0].methods[0]", "a method of that name", "list the methods"},

		{"no header", app(func(r *corsac.Rule) { r.Headers = []string{"X A"} }), "rules[0].headers[0]", "is no header name", "one entry"},
		{"header with value", app(func(r *corsac.Rule) { r.Headers = []string{"X-A: 1"} }), "rules[0].headers[0]", "is no header name", `write "X-A"`},
		{"forbidden header", app(func(r *corsac.Rule) { r.Headers = []string{"Cookie"} }), "rules[0].headers[0]", "no browser", "credentials: true"},
		{"forbidden header with value", app(func(r *corsac.Rule) { r.Headers = []string{"Cookie: a=b"} }), "rules[0].headers[0]", "is no header name", "credentials: true"},
		{"star header with spaces and credentials", app(func(r *corsac.Rule) { r.Headers, r.Credentials = []string{" * "}, true }), "rules[0].headers[0]", "is no header name", "list the headers"},
		{"forbidden header by prefix", app(func(r *corsac.Rule) { r.Headers = []string{"Sec-Fetch-Site"} }), "rules[0].headers[0]", "no browser", "remove it"},
		{"origin as header", app(func(r *corsac.Rule) { r.Headers = []string{"Origin"} }), "rules[0].headers[0]", "no browser", "no permission"},
		{"header with spaces around", app(func(r *corsac.Rule) { r.Headers = []string{" X-A "} }), "rules[0].headers[0]", "is no header name", `write "X-A"`},
		{"unknown group", app(func(r *corsac.Rule) { r.Headers = []string{"@trace"} }), "rules[0].headers[0]", `no group "@trace"`, "@tracing"},
		{"star header with credentials", app(func(r *corsac.Rule) { r.Headers, r.Credentials = []string{"*"}, true }), "rules[0].headers[0]", "a header of that name", "list the headers"},

		{"exposed cookie", app(func(r *corsac.Rule) { r.Expose = []string{"Set-Cookie"} }), "rules[0].expose[0]", "no browser", "remove it"},
		{"exposed cookie with value", app(func(r *corsac.Rule) { r.Expose = []string{"Set-Cookie: a"} }), "rules[0].expose[0]", "is no header name", "remove it"},
		{"exposed no header", app(func(r *corsac.Rule) { r.Expose = []string{""} }), "rules[0].expose[0]", "is no header name", "X-Request-ID"},
		{"star exposed with credentials", app(func(r *corsac.Rule) { r.Expose, r.Credentials = []string{"*"}, true }), "rules[0].expose[0]", "a header of that name", "list the headers"},

		{"max-age negative", app(func(r *corsac.Rule) { r.MaxAge = -2 * time.Second }), "rules[0].max-age", "negative", "0s"},
		{"max-age in part", app(func(r *corsac.Rule) { r.MaxAge = 1500 * time.Millisecond }), "rules[0].max-age", "whole number", `"2s"`},
		{"max-age below a second", app(func(r *corsac.Rule) { r.MaxAge = time.Millisecond }), "rules[0].max-age", "whole number", `"1s"`},
		{"max-age too long and in part", app(func(r *corsac.Rule) { r.MaxAge = 48*time.Hour + 1 }), "rules[0].max-age", "any browser", "24h"},
		{"max-age too long", app(func(r *corsac.Rule) { r.MaxAge = 48 * time.Hour }), "rules[0].max-age", "any browser", "24h"},

		{"relative path", app(func(r *corsac.Rule) { r.Path = "users" }), "rules[0].path", "slash", `write "/users"`},
		{"path with method", app(func(r *corsac.Rule) { r.Path = "PUT /users" }), "rules[0].path", "slash", `write "/users"`},
		{"path with star", app(func(r *corsac.Rule) { r.Path = "/users/*" }), "rules[0].path", "wildcard", `write "/users/"`},
		{"path with placeholder", app(func(r *corsac.Rule) { r.Path = "/users/{id}/photo" }), "rules[0].path", "wildcard", `write "/users/", which covers all that is below it`},
		{"path with named segment", app(func(r *corsac.Rule) { r.Path = "/users/:id" }), "rules[0].path", "wildcard", `write "/users/"`},
		{"path with a colon", app(func(r *corsac.Rule) { r.Path = "/users:batch?x" }), "rules[0].path", "query", `write "/users:batch"`},
		{"star alone", app(func(r *corsac.Rule) { r.Path = "*" }), "rules[0].path", "slash", `write "/"`},
		{"path with method, star and spaces", app(func(r *corsac.Rule) { r.Path = "PUT  users/*" }), "rules[0].path", "slash", `write "/users/"`},
		{"URL for a path", app(func(r *corsac.Rule) { r.Path = "https://api.example.com/users/" }), "rules[0].path", "slash", `write "/users/"`},
		{"URL without path for a path", app(func(r *corsac.Rule) { r.Path = "https://api.example.com" }), "rules[0].path", "slash", `write "/"`},
		{"regular expression for a path", app(func(r *corsac.Rule) { r.Path = "^/api/.*$" }), "rules[0].path", "slash", `write "/api/"`},
		{"unclean star", app(func(r *corsac.Rule) { r.Path = "/a//*" }), "rules[0].path", "wildcard", `write "/a/"`},
		{"path with query", app(func(r *corsac.Rule) { r.Path = "/users?x" }), "rules[0].path", "query", `write "/users"`},
		{"path with a line break", app(func(r *corsac.Rule) { r.Path = "/users/\n" }), "rules[0].path", "control character", `write "/users/"`},
		{"path with a line break inside", app(func(r *corsac.Rule) { r.Path = "/users\n/" }), "rules[0].path", "control character", "a path such as"},
		{"encoded path", app(func(r *corsac.Rule) { r.Path = "/caf%C3%A9/" }), "rules[0].path", "encoded", `write "/café/"`},
		{"path encoded wrongly", app(func(r *corsac.Rule) { r.Path = "/100%/" }), "rules[0].path", "encoded", "a path such as"},
		{"unclean path", app(func(r *corsac.Rule) { r.Path = "/a//b/../c/" }), "rules[0].path", "not clean", `write "/a/c/"`},
		{"host with port", app(func(r *corsac.Rule) { r.Host = "api.example.com:8080" }), "rules[0].host", "host name", `write "api.example.com"`},
		{"host with scheme", app(func(r *corsac.Rule) { r.Host = "https://API.example.com" }), "rules[0].host", "host name", `write "api.example.com"`},
		{"host with star", app(func(r *corsac.Rule) { r.Host = "*.example.com" }), "rules[0].host", "star", "one rule"},
		{"host with path", app(func(r *corsac.Rule) { r.Host = "https://api.example.com/users/" }), "rules[0].host", "host name", `write "api.example.com"`},
		{"host outside ASCII", app(func(r *corsac.Rule) { r.Host = "bücher.example" }), "rules[0].host", "host name", `write "xn--bcher-kva.example"`},
		{"host IPv6 in another form", app(func(r *corsac.Rule) { r.Host = "[0::1]" }), "rules[0].host", "host name", `write "[::1]"`},
		{"host IPv6 without brackets", app(func(r *corsac.Rule) { r.Host = "::1" }), "rules[0].host", "host name", `write "[::1]"`},
		{"host IPv6 with a zone", app(func(r *corsac.Rule) { r.Host = "[fe80::1%eth0]" }), "rules[0].host", "host name", `write "[fe80::1]"`},
		{"host IPv4 in another form", app(func(r *corsac.Rule) { r.Host = "127.1" }), "rules[0].host", "host name", "api.example.com"},
		{"no host", app(func(r *corsac.Rule) { r.Host = "a b" }), "rules[0].host", "no host name", "api.example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := corsac.New(tt.rule)
			var problems corsac.Problems
			if p != nil || !errors.As(err, &problems) || len(problems) != 1 {
				t.Fatalf("New: %v, %v; want exactly one problem", p, err)
			}
			got := problems[0]
			if got.Path != tt.path || !strings.Contains(got.Message, tt.message) || !strings.Contains(got.Hint, tt.hint) {
				t.Errorf("problem %+v\nwant path %q, message with %q, hint with %q", got, tt.path, tt.message, tt.hint)
			}
			checkProposal(t, tt.rule, got)
		})
	}
}

// checkProposal writes what the hint says, and nothing is wrong any more.
func checkProposal(t *testing.T, r corsac.Rule, p corsac.Problem) {
	t.Helper()
	quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(p.Hint, "write "))
	if err != nil {
		return
	}
	proposed, _ := strconv.Unquote(quoted)
	switch p.Path {
	case "rules[0].path":
		r.Path = proposed
	case "rules[0].host":
		r.Host = proposed
	case "rules[0].origins[0]":
		r.Origins = []string{proposed}
	case "rules[0].methods[0]":
		r.Methods = []string{proposed}
	case "rules[0].headers[0]":
		r.Headers = []string{proposed}
	default:
		return
	}
	if _, err := corsac.New(r); err != nil {
		t.Errorf("the hint %q proposes what is refused: %v", p.Hint, err)
	}
}

// What a rule with very many entries costs grows with their number, not with its
// square.
func TestManyWildcards(t *testing.T) {
	t.Parallel()
	r := corsac.Rule{Credentials: true, Origins: make([]string, 100_000)}
	for i := range r.Origins {
		r.Origins[i] = "https://*.t" + strconv.Itoa(i) + ".example"
	}
	r.Origins = append(r.Origins, "https://*.com", "https://*.org")
	_, err := corsac.New(r)
	var problems corsac.Problems
	if !errors.As(err, &problems) || len(problems) != 2 || problems[0].Path != "rules[0].origins[100000]" || problems[1].Path != "rules[0].origins[100001]" {
		t.Errorf("%v", err)
	}
}

func TestNewReportsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := corsac.New(
		corsac.Rule{Path: "users", Origins: []string{"example.com", "https://ok.example", "HTTPS://x"}, Methods: []string{"put", "TRACE"}},
		corsac.Rule{Headers: []string{"Cookie"}},
		app(func(r *corsac.Rule) { r.Path = "/a/" }),
		app(func(r *corsac.Rule) { r.Path = "/a/" }),
	)
	var problems corsac.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("error is %T", err)
	}
	var places []string
	for _, p := range problems {
		places = append(places, p.Path)
	}
	want := []string{
		"rules[0].path", "rules[0].origins[0]", "rules[0].origins[2]", "rules[0].methods[0]", "rules[0].methods[1]",
		"rules[1].origins", "rules[1].headers[0]", "rules[3].path",
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != len(want) {
		t.Errorf("Error() has %d lines, want one for each of %d problems:\n%v", lines, len(want), err)
	}
}

func TestRulesAreInNormalForm(t *testing.T) {
	t.Parallel()
	p := mustNew(t,
		corsac.Rule{
			Origins:     []string{"https://b.example", "https://a.example", "https://b.example", "http://localhost:*"},
			Methods:     []string{"PUT", "GET", "DELETE", "PUT"},
			Headers:     []string{"X-B", "authorization", "x-b", "@mcp", "content-type"},
			Expose:      []string{"TotalItemsCount", "Content-Type", "ETag", "etag"},
			Credentials: true,
			MaxAge:      2 * time.Hour,
		},
		corsac.Rule{Path: "/open", Origins: []string{"*"}, Methods: []string{"PUT", "*"}, Headers: []string{"X-A", "*", "authorization"}, Expose: []string{"A", "*"}, MaxAge: corsac.NoCache, Timing: true},
	)
	want := []corsac.Rule{
		{
			Path:        "/",
			Origins:     []string{"http://localhost:*", "https://a.example", "https://b.example"},
			Methods:     []string{"DELETE", "PUT"},
			Headers:     []string{"authorization", "Content-Type", "Last-Event-ID", "Mcp-Method", "Mcp-Name", "Mcp-Protocol-Version", "Mcp-Session-Id", "X-B"},
			Expose:      []string{"ETag", "TotalItemsCount"},
			Credentials: true,
			MaxAge:      2 * time.Hour,
		},
		{Path: "/open", Origins: []string{"*"}, Methods: []string{"*"}, Headers: []string{"*", "authorization"}, Expose: []string{"*"}, MaxAge: corsac.NoCache, Timing: true},
	}
	got := p.Rules()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Rules() (-want +got):\n%s", diff)
	}
	again := mustNew(t, got...)
	if diff := cmp.Diff(got, again.Rules()); diff != "" {
		t.Errorf("the normal form is not its own normal form (-once +twice):\n%s", diff)
	}
	got[0].Origins[0], got[0].Methods[0], got[0].Headers[0], got[0].Expose[0] = "x", "x", "x", "x"
	if diff := cmp.Diff(want, p.Rules()); diff != "" {
		t.Errorf("a caller changed the policy (-want +got):\n%s", diff)
	}
}

func TestPolicyWithoutRules(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*corsac.Policy{"nil": nil, "zero": {}, "New()": mustNew(t)} {
		d := p.Decide(corsac.Request{Method: "OPTIONS", Path: "/", Header: header{
			"Origin": {"https://a.example"}, "Access-Control-Request-Method": {"GET"},
		}})
		if d.Verdict != corsac.Refuse || d.Reason != corsac.NoRule || d.Status() != 403 || len(d.AppendFields(nil)) != 0 {
			t.Errorf("%s: %+v", name, d)
		}
		if len(p.Rules()) != 0 {
			t.Errorf("%s: has rules", name)
		}
	}
}

func TestProblemString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		problem corsac.Problem
		want    string
	}{
		{"in code", corsac.Problem{Path: "rules[1].methods[0]", Message: "m", Hint: "h"}, "rules[1].methods[0]: m (h)"},
		{"in a file", corsac.Problem{File: "corsac.yaml", Line: 3, Column: 7, Path: "rules[0].path", Message: "m"}, "corsac.yaml:3:7: rules[0].path: m"},
		{"of a file", corsac.Problem{File: "corsac.yaml", Message: "is empty"}, "corsac.yaml: is empty"},
		{"bare", corsac.Problem{Message: "m"}, "m"},
	}
	for _, tt := range tests {
		if got := tt.problem.String(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
