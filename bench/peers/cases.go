package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
)

// A policy is what every middleware is configured with.
type policy struct {
	origins []string
	methods []string
	headers []string
}

// A benchCase is a request to a server with a policy.
type benchCase struct {
	name   string
	policy policy

	origin    string       // "" is a request without Origin
	preflight bool         // for PUT
	asks      string       // Access-Control-Request-Headers, if not empty
	answer    http.Handler // behind the middleware; nil is hello

	verdict verdict // of a browser, on a right answer
	extra   bool    // not one of the public design's cases
}

// A verdict is what a browser makes of an answer.
type verdict string

const (
	allowed verdict = "allowed"
	refused verdict = "refused"
	// either is for requests that no browser sends and that no policy speaks of.
	either verdict = "either"
)

// The first nineteen cases, and the bare handler as the twentieth, are those of
// github.com/jub0bs/cors-benchmarks: its policies, its requests.
func cases() []benchCase {
	const stranger = "https://example.org:6060"
	deep := func(label string) string { return "https://" + label + strings.Repeat(".a", 126) }
	lists := []struct {
		name            string
		origins         []string
		listed, another string
	}{
		{"one", []string{"https://example.com"}, "https://example.com", "https://example.org"},
		{"several", severalOrigins, "https://example.com", stranger},
		{"two", []string{deep("a"), deep("b")}, deep("a"), deep("c")},
		{"many", manyOrigins(), "https://999.example.com", stranger},
		{"all", []string{"*"}, "https://example.com", ""},
	}
	var all []benchCase
	for _, preflight := range []bool{false, true} {
		kind := map[bool]string{false: "request", true: "preflight"}[preflight]
		for _, l := range lists {
			c := benchCase{
				name: l.name + " " + kind + " allowed", policy: simple(l.origins),
				origin: l.listed, preflight: preflight, verdict: allowed,
			}
			all = append(all, c)
			if l.another != "" {
				c.name, c.origin, c.verdict = l.name+" "+kind+" refused", l.another, refused
				all = append(all, c)
			}
		}
	}
	return append(all, hostile()...)
}

// hostile are requests that no browser sends, and the ordinary ones that the
// public design leaves out.
func hostile() []benchCase {
	const app = "https://example.com"
	names := make([]string, 50)
	for i := range names {
		names[i] = fmt.Sprintf("x-name-%02d", i)
	}
	wide := simple(severalOrigins)
	wide.headers = names
	return []benchCase{
		{name: "all preflight, 1,024 commas", policy: simple([]string{"*"}), origin: app, preflight: true,
			asks: strings.Repeat(",", 1024), verdict: either},
		{name: "several request allowed, typed answer", policy: simple(severalOrigins), origin: app,
			answer: typed, verdict: allowed, extra: true},
		{name: "several request without Origin", policy: simple(severalOrigins), verdict: either, extra: true},
		{name: "several preflight, 2 headers", policy: simple(severalOrigins), origin: app, preflight: true,
			asks: "content-type,x-requested-with", verdict: allowed, extra: true},
		{name: "several preflight, 50 headers", policy: wide, origin: app, preflight: true,
			asks: strings.Join(names, ","), verdict: allowed, extra: true},
		{name: "several preflight, 64 KiB of names", policy: simple(severalOrigins), origin: app, preflight: true,
			asks: strings.Repeat("a,", 32<<10), verdict: refused, extra: true},
		{name: "several request, 64 KiB Origin", policy: simple(severalOrigins),
			origin: "https://" + strings.Repeat("a.", 32<<10) + "example.com.evil.example", verdict: refused, extra: true},
	}
}

func simple(origins []string) policy {
	return policy{
		origins: origins,
		methods: []string{http.MethodPut},
		headers: []string{"Accept", "Content-Type", "X-Requested-With"},
	}
}

var severalOrigins = []string{
	"https://*.example.net", "https://example.net:8080", "https://example.net",
	"https://*.example.org", "https://example.org:8080", "https://example.org",
	"https://*.example.com", "https://example.com:8080", "https://example.com",
}

func manyOrigins() []string {
	origins := make([]string, 1000)
	for i := range origins {
		origins[i] = fmt.Sprintf("https://%03d.example.com", i)
	}
	return origins
}

func (c *benchCase) next() http.Handler {
	if c.answer != nil {
		return c.answer
	}
	return hello
}

// request is as net/http's server would hand it to a handler.
func (c *benchCase) request() *http.Request {
	method := http.MethodGet
	if c.preflight {
		method = http.MethodOptions
	}
	r := httptest.NewRequest(method, "https://api.example.com/whatever", nil)
	if c.origin != "" {
		r.Header.Set("Origin", c.origin)
	}
	if c.preflight {
		r.Header.Set("Access-Control-Request-Method", http.MethodPut)
	}
	if c.asks != "" {
		r.Header.Set("Access-Control-Request-Headers", c.asks)
	}
	return r
}
