package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

const opener = "https://open.example"

// twoWorlds is a policy under which it matters very much where a path leads:
// pages of opener read what is below /open/ and nothing else.
func twoWorlds(t testing.TB) *Gateway {
	t.Helper()
	p, err := corsac.New(
		corsac.Rule{Path: "/", Origins: []string{"https://root.example"}},
		corsac.Rule{Path: "/open/", Origins: []string{opener}},
		corsac.Rule{Path: "/open/closed/", Origins: []string{"https://inner.example"}},
		corsac.Rule{Path: "/closed/", Origins: []string{"https://closed.example"}},
		corsac.Rule{Path: "/closed/open/", Origins: []string{opener}},
	)
	if err != nil {
		t.Fatal(err)
	}
	c := policyfile.DefaultGateway()
	c.Routes = []policyfile.Route{{Path: "/", Upstream: "http://one.test"}, {Path: "/two/", Upstream: "http://two.test/base", StripPath: true}}
	g, err := New(Config{Policy: p, Gateway: c})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// target is where a request for a path goes, or "" and why not.
func target(g *Gateway, u *url.URL) (to string, x *exchange) {
	r := &http.Request{Method: "GET", URL: u, Host: "api.test", RemoteAddr: "192.0.2.1:1", Header: http.Header{"Origin": {opener}}}
	x = g.newExchange(httptest.NewRecorder(), r)
	if x.odd != nil || x.route == nil {
		return "", x
	}
	return x.target(u).String(), x
}

func TestWhereAPathLeads(t *testing.T) {
	t.Parallel()
	g := twoWorlds(t)
	for _, tt := range []struct {
		name, path string
		want       string // the address at the upstream, or "" for 400
		allowed    bool
	}{
		{"plain", "/open/a", "http://one.test/open/a", true},
		{"nothing", "", "http://one.test/", false},
		{"root", "/", "http://one.test/", false},
		{"tree without slash", "/open", "http://one.test/open", true},
		{"query as it came", "/open/a?b=%zz;c&d", "http://one.test/open/a?b=%zz;c&d", true},
		{"empty query", "/open/a?", "http://one.test/open/a?", true},
		{"dot segments", "/open/../closed/x", "http://one.test/closed/x", false},
		{"encoded dot segments", "/open/%2e%2E/closed/x", "http://one.test/closed/x", false},
		{"half encoded dot segments", "/open/.%2e/closed/", "http://one.test/closed/", false},
		{"above the root", "/../../open/x", "http://one.test/open/x", true},
		{"single dots", "/./open/./x/.", "http://one.test/open/x/", true},
		{"empty segments", "//open//x", "http://one.test/open/x", true},
		{"empty segment before dots", "/closed//../open/x", "http://one.test/open/x", true},
		{"a name that begins with dots", "/open/..a/.b/...", "http://one.test/open/..a/.b/...", true},
		{"escapes stay as they are", "/open/%7Ea%2Bb+c%25", "http://one.test/open/%7Ea%2Bb+c%25", true},
		{"rule written otherwise", "/%6fpen/x", "http://one.test/%6fpen/x", true},
		{"encoded twice", "/open/%252e%252e%252fclosed", "http://one.test/open/%252e%252e%252fclosed", true},
		{"encoded slash within a rule", "/open/group%2Fproject", "http://one.test/open/group%2Fproject", true},
		{"encoded slash beside what no URL holds bare", "/open/group%2Fproject/{a}|b%3Bc(d)", "http://one.test/open/group%2Fproject/%7Ba%7D%7Cb%3Bc(d)", true},
		{"encoded slash beside all that no URL holds bare", "/open/azAZ09%2F\"<>^`{|}é", "http://one.test/open/azAZ09%2F%22%3C%3E%5E%60%7B%7C%7D%C3%A9", true},
		{"encoded slash between rules beside the same", "/open%2Fx|", "", true},
		{"backslash within a rule", "/open/a%5Cb", "http://one.test/open/a%5Cb", true},
		{"parameters within a rule", "/open/a;v=1/b", "http://one.test/open/a;v=1/b", true},
		{"encoded slash between rules", "/open%2Fx", "", true},
		{"encoded slash into an inner rule", "/open/closed%2Fx", "", false},
		{"encoded slash and dots", "/open/..%2Fclosed", "", false},
		{"encoded slash and dot", "/open/.%2Fclosed", "", false},
		{"dots behind an encoded slash", "/open/x%2F..", "", false},
		{"backslash and dots", `/open/..%5Cclosed`, "", true},
		{"dots between encoded slashes", "/open/x%2F..%2Fy", "", true},
		{"a dot behind an encoded slash", "/open/x%2F.", "", true},
		{"dots behind a backslash", "/open/x%5C..", "", true},
		{"dots with parameters behind an encoded slash", "/open/x%2F..;v=1/y", "", true},
		{"dots with parameters, within a rule", "/open/x/..;v=1/y", "", true},
		{"backslash between rules", `/open/closed%5Cx`, "", true},
		{"raw backslash", `/open/..\closed`, "", true},
		{"dots with parameters", "/open/..;/closed", "", true},
		{"dots with encoded parameters", "/open/..%3Bx/closed", "", true},
		{"parameters on a rule's segment", "/open/closed;x/y", "", true},
		{"NUL", "/open/a%00", "", true},
		{"stripped", "/two/a/b", "http://two.test/base/a/b", false},
		{"stripped to nothing", "/two", "http://two.test/base", false},
		{"stripped, written otherwise", "/%74wo/a%2Fb", "http://two.test/base/a%2Fb", false},
		{"out of the route", "/two/../open/x", "http://one.test/open/x", true},
		{"encoded slash between routes", "/two%2Fa", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := &url.URL{}
			if tt.path != "" {
				var err error
				if u, err = url.ParseRequestURI(tt.path); err != nil {
					t.Fatal(err)
				}
			}
			got, x := target(g, u)
			if got != tt.want {
				t.Errorf("%q leads to %q (%v), want %q", tt.path, got, x.odd, tt.want)
			}
			if tt.want != "" && (x.decision.Verdict == corsac.Allow) != tt.allowed {
				t.Errorf("%q: verdict %s", tt.path, x.decision.Verdict)
			}
		})
	}
}

// TestWhyAPathLeadsNowhere: who wrote the client is told.
func TestWhyAPathLeadsNowhere(t *testing.T) {
	t.Parallel()
	g := twoWorlds(t)
	for path, want := range map[string]string{
		"/open/x%2F..":   `the path hides "." or ".." behind an encoded slash, a backslash or a semicolon`,
		"/open/a%00":     "the path holds a NUL character",
		"/open/closed;x": "servers read the path in different ways, which lead to different rules or routes: do not encode slashes, and leave out backslashes and semicolons",
	} {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, x := target(g, u); x.odd == nil || x.odd.Error() != want {
			t.Errorf("%s: %v, want %s", path, x.odd, want)
		}
	}
}

func TestOpaqueTargetLeadsNowhere(t *testing.T) {
	t.Parallel()
	if to, x := target(twoWorlds(t), &url.URL{Scheme: "http", Opaque: "open/x"}); to != "" || x.odd == nil {
		t.Errorf("it leads to %q", to)
	}
}

// understandings are how upstreams may read the path that reaches them. Each
// is written down for itself, without the gateway's own words.
var understandings = map[string]func(escaped string) string{
	"to the letter": func(s string) string { return decodeSegments(s, "\x00") },
	"decoded, then cleaned": func(s string) string {
		d, _ := url.PathUnescape(s)
		return path.Clean(d)
	},
	"cleaned, then decoded": func(s string) string { return decodeSegments(path.Clean(s), "\x00") },
	"backslash is a slash": func(s string) string {
		d, _ := url.PathUnescape(s)
		return path.Clean(strings.ReplaceAll(d, `\`, "/"))
	},
	"parameters do not count": func(s string) string { return path.Clean(withoutParams(decodeSegments(s, "\x00"))) },
	"decoded, no parameters": func(s string) string {
		d, _ := url.PathUnescape(s)
		return path.Clean(withoutParams(d))
	},
	"parameters, backslash": func(s string) string {
		d, _ := url.PathUnescape(s)
		return path.Clean(strings.ReplaceAll(withoutParams(d), `\`, "/"))
	},
	"ended by NUL": func(s string) string {
		d, _ := url.PathUnescape(s)
		d, _, _ = strings.Cut(d, "\x00")
		return path.Clean(d)
	},
}

func decodeSegments(s, slash string) string {
	parts := strings.Split(s, "/")
	for i, p := range parts {
		d, _ := url.PathUnescape(p)
		parts[i] = strings.ReplaceAll(d, "/", slash)
	}
	return strings.Join(parts, "/")
}

func withoutParams(s string) string {
	parts := strings.Split(s, "/")
	for i, p := range parts {
		parts[i], _, _ = strings.Cut(p, ";")
	}
	return strings.Join(parts, "/")
}

// FuzzNoPathComesUnderAnotherRule: however an upstream reads what reaches it,
// the rule of what it reads is the rule that the decision was taken by. Where
// rules do not agree on a "%2f", nobody may read what comes back.
func FuzzNoPathComesUnderAnotherRule(f *testing.F) {
	for _, seed := range []string{
		"/open/..%2fclosed", "/open/%2e%2e/closed/", "/open//../closed", "/open;/closed", "/closed/..;/open/x", `/open\..\closed`,
		"/closed%2fopen/x", "/open/%5c..%5cclosed", "/open/x;/../closed", "//closed/../open", "/open/a%00/../../closed",
		"/;/closed", "/closed/;/open", "/closed/.;/open", "/closed/%3b/open/", "/closed/;a%2Fopen/", "/closed%5Copen%5Cx", "/closed;%2f../open/", "/closed/a%2f;b%5copen",
	} {
		f.Add(seed)
	}
	g := twoWorlds(f)
	p := g.runtime.Load().policy
	f.Fuzz(func(t *testing.T, written string) {
		u, err := url.ParseRequestURI(written)
		if err != nil {
			return // no server asks the gateway about it
		}
		to, x := target(g, u)
		if to == "" {
			return // it goes nowhere
		}
		out := x.target(u).EscapedPath()
		if strings.HasPrefix(to, "http://two.test/base") {
			out = "/two" + strings.TrimPrefix(out, "/base")
		}
		for name, read := range understandings {
			asked := corsac.Request{Method: "GET", Host: "api.test", Path: read(out), Header: x.request.Header}
			disputed := x.decision.Verdict == corsac.Block && x.decision.Reason == corsac.NoRule
			if d := p.Decide(asked); d != x.decision && (!disputed || d.Verdict == corsac.Refuse) {
				t.Errorf("%q was judged %s and forwarded as %q; read as %q (%s), it is %s", written, x.decision.Verdict, out, asked.Path, name, d.Verdict)
			}
		}
	})
}
