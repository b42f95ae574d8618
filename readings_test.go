package corsac_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
)

// TestSlashesOfTwoReadings: what the policy takes for one place and a router for
// another is shared by the rule of neither. Routers go by the path as it is
// written, as http.ServeMux and chi do, or by the decoded path without cleaning
// it, as gin does.
func TestSlashesOfTwoReadings(t *testing.T) {
	t.Parallel()
	policy := mustNew(t,
		corsac.Rule{Path: "/open/", Origins: []string{evilOrigin}},
		corsac.Rule{Path: "/open/but/", Origins: []string{appOrigin}},
		corsac.Rule{Path: "/closed/", Origins: []string{appOrigin}, RefuseOthers: true},
		corsac.Rule{Path: "/closed/shop", Origins: []string{evilOrigin}},
		corsac.Rule{Path: "/closed/lax/", Origins: []string{evilOrigin}},
	)
	for _, tt := range []struct {
		target  string
		shared  bool // with a page that /open/ is open to
		refused bool // if such a page posts
	}{
		{"/open/x", true, false},
		{"/open/a%2fb", true, false},
		{"/open/a%2Fb%2Fc/d", true, false},
		{"/open/a%2f..%2fb", true, false},
		{"/open/%20/a%2fb", true, false},
		{"/open/../open/a%2fb", true, false},
		{"/open/%2e%2e/open/b", true, false},
		{"/open/a%252f..%252f..%252fclosed", true, false},
		{"/closed/x", false, true},
		{"/closed/..%2fopen/", false, true},
		{"/closed/..%2Fopen/x", false, true},
		{"/closed/x%2f..%2f..%2fopen/", false, true},
		{"/closed%2f..%2fopen/x", false, true},
		{"/closed%2fx", false, true},
		{"/closed/.%2fshop", false, true},
		{"/closed/lax/a%2fb", true, false},
		{"/closed/lax%2fx", false, true},
		{"/x%2f..%2fclosed/x", false, true},
		{"/x%2f..%2fopen/x", false, false},
		{"/open%2fx", false, false},
		{"/%6fpen%2fx", false, false},
		{"/open/but%2fx", false, false},
		{"/open/x/..%2fbut/x", false, false},
		{"/other%2fx", false, false},
	} {
		t.Run(tt.target, func(t *testing.T) {
			t.Parallel()
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})
			decided := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				policy.Decide(corsac.RequestOf(r)).Serve(w, r, handler)
			})
			for name, h := range map[string]http.Handler{"wrapped": policy.Wrap(handler), "decided": decided} {
				answer := func(method string) *httptest.ResponseRecorder {
					r := withOrigin(httptest.NewRequest(method, tt.target, nil), evilOrigin)
					if method == "OPTIONS" {
						r.Header.Set("Access-Control-Request-Method", "PUT")
					}
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					return w
				}
				for _, method := range []string{"GET", "OPTIONS"} {
					if got := answer(method).Header().Get("Access-Control-Allow-Origin") == evilOrigin; got != tt.shared {
						t.Errorf("%s: %s shared: %t", name, method, got)
					}
				}
				if got := answer("OPTIONS").Code == 204; got != tt.shared {
					t.Errorf("%s: preflight allowed: %t", name, got)
				}
				if got := answer("POST").Code == 403; got != tt.refused {
					t.Errorf("%s: POST refused: %t", name, got)
				}
			}
		})
	}
}

// TestRawPathOfAnotherPath: a path that somebody has changed without its raw form
// is read alone, as net/url does.
func TestRawPathOfAnotherPath(t *testing.T) {
	t.Parallel()
	policy := mustNew(t, corsac.Rule{Path: "/shop/open/", Origins: []string{evilOrigin}})
	for _, tt := range []struct {
		name, path, raw string
		want            corsac.Verdict
	}{
		{"its own", "/shop/open/x", "/shop/open%2fx", corsac.Block},
		{"another's, with a slash at the same place", "/shop/open/x", "/park/shut%2fx", corsac.Allow},
		{"shorter", "/shop/open/x", "/shop", corsac.Allow},
		{"longer", "/shop/open/x", "/shop/open/x%2f", corsac.Allow},
		{"escape that is cut off", "/shop/open/x", "/shop/%6", corsac.Allow},
		{"per cent alone", "/shop/open/x", "/shop/%", corsac.Allow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := policy.Decide(corsac.Request{Method: "GET", Path: tt.path, RawPath: tt.raw, Header: header{"Origin": {evilOrigin}}})
			if d.Verdict != tt.want || (d.Reason == corsac.NoRule) != (tt.want == corsac.Block) {
				t.Errorf("%s %s, want %s", d.Verdict, d.Reason, tt.want)
			}
		})
	}
}

// TestServeMuxReadsNothingElse is the same with a real server and the router of
// the standard library.
func TestServeMuxReadsNothingElse(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/closed/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "closed") })
	mux.HandleFunc("/open/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "open") })
	policy := mustNew(t, corsac.Rule{Path: "/open/", Origins: []string{"*"}}, corsac.Rule{Path: "/closed/", Origins: []string{appOrigin}})
	server := serve(t, policy.Wrap(mux))
	for target, want := range map[string]string{"/open/a%2fb": "open *", "/closed/..%2fopen/": "closed "} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp := do(t, withOrigin(r, evilOrigin))
		body, err := io.ReadAll(resp.Body)
		if got := string(body) + " " + resp.Header.Get("Access-Control-Allow-Origin"); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", target, got, err, want)
		}
	}
}

// TestSlashesAreReadInEveryWay holds paths of all kinds against their readings,
// done slowly: what is shared is shared by the rule of each.
func TestSlashesAreReadInEveryWay(t *testing.T) {
	t.Parallel()
	rules := []corsac.Rule{
		{Path: "/open/", Origins: []string{evilOrigin}},
		{Path: "/open/a", Origins: []string{appOrigin}},
		{Path: "/a/", Origins: []string{appOrigin}},
		{Path: "/a/open/", Origins: []string{evilOrigin}},
		{Path: "/b", Origins: []string{evilOrigin}},
	}
	policy := mustNew(t, rules...)
	shares := func(path, raw string) bool {
		return policy.Decide(corsac.Request{Method: "GET", Path: path, RawPath: raw, Header: header{"Origin": {evilOrigin}}}).Verdict == corsac.Allow
	}
	random := rand.New(rand.NewPCG(1, 2))
	shared := 0
	for range 100_000 {
		raw := ""
		for range 1 + random.IntN(5) {
			raw += []string{"/", "/", "%2f", "%2F"}[random.IntN(4)] + []string{"open", "op%65n", "a", "b", ".", "..", "%2e%2e", "", "%252f"}[random.IntN(9)]
		}
		raw = "/" + strings.TrimLeft(raw, "/")
		path, err := url.PathUnescape(raw)
		if err != nil {
			t.Fatal(err)
		}
		if hasDots(raw) || !strings.Contains(strings.ToLower(raw), "%2f") || !shares(path, raw) {
			continue // browsers take dots out that are no secret
		}
		shared++
		for name, reading := range map[string]string{
			"separators": path, "letters": readAsLetters(raw), "dots as names": readDotsAsNames(path),
		} {
			if !shares(reading, "") {
				t.Fatalf("%s is shared, and not read with slashes as %s: %q", raw, name, reading)
			}
		}
	}
	if shared < 1000 {
		t.Errorf("%d paths were shared, which is too few to tell", shared)
	}
}

func hasDots(raw string) bool {
	for segment := range strings.SplitSeq(raw, "/") {
		if s, _ := url.PathUnescape(segment); s == "." || s == ".." {
			return true
		}
	}
	return false
}

func readAsLetters(raw string) string {
	segments := strings.Split(raw, "/")
	for i, s := range segments {
		decoded, _ := url.PathUnescape(s)
		segments[i] = strings.ReplaceAll(decoded, "/", "\x00")
	}
	return strings.Join(segments, "/")
}

func readDotsAsNames(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if s == "." || s == ".." {
			segments[i] = "\x00"
		}
	}
	return strings.Join(segments, "/")
}
