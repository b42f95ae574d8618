package explain

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

func TestPageIsRead(t *testing.T) {
	t.Parallel()
	api := start(t, lines(200, "Access-Control-Allow-Origin: *"))
	meta := func(text string) http.HandlerFunc { return body(text, lines(200, "Content-Type: text/html")) }
	for _, page := range []struct {
		name  string
		serve http.HandlerFunc
		want  Answer
		tells string // among what was read, or the evidence
	}{
		{"header", lines(200, "Content-Security-Policy: script-src x; connect-src 'self'"), Blocked, "connect-src 'self'"},
		{"default-src", lines(200, "Content-Security-Policy: default-src 'self'"), Blocked, ""},
		{"connect-src before default-src", lines(200, "Content-Security-Policy: default-src 'none'; connect-src *"), Readable, ""},
		{"empty list", lines(200, "Content-Security-Policy: connect-src"), Blocked, "connect-src 'none'"},
		{"the first of two directives", lines(200, "Content-Security-Policy: connect-src 'none'; connect-src *"), Blocked, ""},
		{"meta", meta(`<html><head><meta http-equiv="Content-Security-Policy" content="connect-src 'self'"></head>`), Blocked, ""},
		{"meta in the body", meta(`<body><meta http-equiv="Content-Security-Policy" content="connect-src 'self'">`), Readable, ""},
		{"listed", lines(200, "Content-Security-Policy: connect-src "+api.URL), Readable, ""},
		{"none", bare, Readable, ""},
		{"two headers, the second forbids", lines(200, "Content-Security-Policy: connect-src *", "Content-Security-Policy: connect-src 'self'"), Blocked, "connect-src 'self'"},
		{"one header, two policies", lines(200, "Content-Security-Policy: connect-src *, connect-src 'self'"), Blocked, ""},
		{"header and meta, meta forbids", body(`<meta http-equiv="content-security-policy" content="default-src 'none'">`, lines(200, "Content-Type: text/html", "Content-Security-Policy: connect-src *")), Blocked, ""},
		{"two that forbid", lines(200, "Content-Security-Policy: connect-src 'none'", "Content-Security-Policy: connect-src 'self'"), Blocked, "1 more forbid it"},
		{"report only", lines(200, "Content-Security-Policy-Report-Only: connect-src 'self'"), Readable, "only reports would forbid"},
		{"sandbox", lines(200, "Content-Security-Policy: sandbox allow-scripts"), Readable, "its origin is null"},
		{"sandbox with its origin", lines(200, "Content-Security-Policy: sandbox allow-same-origin"), Readable, ""},
		{"loopback is not upgraded", lines(200, "Content-Security-Policy: upgrade-insecure-requests"), Readable, ""},
		{"a redirect", lines(302, "Location: /login"), Readable, "redirects to /login"},
		{"a worker", meta(`<script>navigator.serviceWorker.register('/sw.js')</script>`), Readable, "serviceWorker.register('/sw.js')"},
		{"text about a worker", meta(`<p>navigator.serviceWorker.register('/sw.js')</p>`), Readable, ""},
	} {
		t.Run(page.name, func(t *testing.T) {
			t.Parallel()
			r := Explain(t.Context(), Question{Request: fetch.Request{Page: start(t, page.serve).URL + "/", URL: api.URL}, ReadPage: true})
			if r.Answer != page.want {
				t.Errorf("answer %s, want %s: %s", r.Answer, page.want, r.Headline)
			}
			found := slices.ContainsFunc(r.Causes, func(d Diagnosis) bool { return d.Code == "CX-B02" })
			if found != (page.want == Blocked) {
				t.Errorf("causes %v", codesOf(r))
			}
			told := slices.Clone(r.Read)
			for _, d := range r.Causes {
				told = append(told, d.Evidence...)
			}
			if all := strings.Join(told, "\n"); !strings.Contains(all, page.tells) {
				t.Errorf("%q is not told:\n%s", page.tells, all)
			}
		})
	}
}

// TestPoliciesHoldForRedirects: a policy that allows the address may forbid where
// it leads.
func TestPoliciesHoldForRedirects(t *testing.T) {
	t.Parallel()
	last := start(t, lines(200, "Access-Control-Allow-Origin: *"))
	first := start(t, lines(302, "Access-Control-Allow-Origin: *", "Location: "+last.URL))
	page := start(t, lines(200, "Content-Security-Policy: connect-src *", "Content-Security-Policy: connect-src "+first.URL))
	r := Explain(t.Context(), Question{Request: fetch.Request{Page: page.URL + "/", URL: first.URL}, ReadPage: true})
	fault{code: "CX-B02", tells: []string{last.URL}}.judge(t, r)
}

func TestUpgradedRequests(t *testing.T) {
	t.Parallel()
	page := start(t, lines(200, "Content-Security-Policy: upgrade-insecure-requests"))
	q := Question{Request: fetch.Request{Page: page.URL + "/", URL: "http://api.example.com/x"}, ReadPage: true, NoProbes: true}
	i := newInquiry(q)
	defer i.agent.Close()
	i.readPage(t.Context())
	if i.q.Request.URL != "https://api.example.com/x" || i.target.Scheme != "https" {
		t.Errorf("asked for %s", i.q.Request.URL)
	}
}

// TestEmbedderPolicy: with it, what is loaded without CORS needs a word of its
// server.
func TestEmbedderPolicy(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, page, header string
		want               Answer
	}{
		{"no word", "require-corp", "X-A: 1", Blocked},
		{"a word", "require-corp", "Cross-Origin-Resource-Policy: cross-origin", Readable},
		{"with a report", `require-corp; report-to="x"`, "X-A: 1", Blocked},
		{"no policy", "unsafe-none", "X-A: 1", Readable},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			page := start(t, lines(200, "Cross-Origin-Embedder-Policy: "+row.page))
			image := start(t, lines(200, row.header))
			r := Explain(t.Context(), Question{Request: fetch.Request{Page: page.URL + "/", URL: strings.Replace(image.URL, "127.0.0.1", "localhost", 1)}, As: "image", ReadPage: true})
			if r.Answer != row.want {
				t.Errorf("answer %s: %s", r.Answer, r.Headline)
			}
			if row.want == Blocked {
				fault{code: "CX-B06", tells: []string{"Cross-Origin-Embedder-Policy: require-corp"}}.judge(t, r)
			}
		})
	}
}

// TestPermissionsPolicy: a page that denies itself the local network cannot be
// permitted to reach it.
func TestPermissionsPolicy(t *testing.T) {
	t.Parallel()
	page := start(t, lines(200, "Permissions-Policy: geolocation=(self), loopback-network=()"))
	api := start(t, fine)
	r := Explain(t.Context(), Question{Request: fetch.Request{Page: page.URL + "/", URL: api.URL, AddressSpace: fetch.Public}, ReadPage: true})
	fault{code: "CX-B03", tells: []string{"loopback-network=()"}}.judge(t, r)
}

func FuzzPage(f *testing.F) {
	f.Add("default-src 'self'; connect-src a b", "<meta http-equiv=content-security-policy content='connect-src x'><script>serviceWorker.register(")
	f.Add("sandbox;upgrade-insecure-requests,;,", "<script><!--<script>")
	f.Fuzz(func(t *testing.T, policy, text string) {
		p := rulesOf(fetch.Header{{Name: "Content-Security-Policy", Value: policy}, {Name: "Permissions-Policy", Value: policy}, {Name: "Cross-Origin-Embedder-Policy", Value: policy}})
		p.readHTML(strings.NewReader(text))
		for _, list := range p.connect {
			if list == "" {
				t.Error("an empty list would be no policy")
			}
		}
	})
}
