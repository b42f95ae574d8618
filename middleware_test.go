package corsac_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
)

// The middleware leaves out what its answer does not depend on; so Decide and
// Serve, which leave out nothing, must come to the same.
func TestWrapAnswersAsDecided(t *testing.T) {
	t.Parallel()
	p := mustNew(t, append(fuzzedRules(), corsac.Rule{Path: "/timed", Origins: []string{"https://app.example.com"}, Expose: []string{"X-A"}, Timing: true, RefuseOthers: true})...)
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	wrapped := p.Wrap(next)
	decided := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Decide(corsac.RequestOf(r)).Serve(w, r, next)
	})
	const app = "https://app.example.com"
	statuses := make(map[int]int)
	for _, method := range []string{"GET", "POST", "OPTIONS", "BREW"} {
		for _, path := range []string{"/", "/users/1", "/users/secret", "/public/", "/frames", "/timed", "//other.example/x"} {
			for _, origin := range [][]string{nil, {}, {""}, {app}, {app, app}, {"null"}, {"https://admin.example.com"}, {"http://api.test"}, {"https://a.example.net:1"}} {
				for _, more := range []http.Header{
					nil,
					{"Access-Control-Request-Method": {"PUT"}},
					{"Access-Control-Request-Method": {"PUT", "PUT"}, "Access-Control-Request-Headers": {"x-b"}},
					{"Upgrade": {"websocket"}},
					{"Sec-Fetch-Site": {"same-origin"}},
				} {
					r := httptest.NewRequest(method, "http://api.test/", nil)
					r.URL.Path = path
					if rest, ok := strings.CutPrefix(path, "//other.example"); ok {
						r.Host, r.URL.Path = "other.example", rest
					}
					maps.Copy(r.Header, more)
					if origin != nil {
						r.Header["Origin"] = origin
					}
					got, want := httptest.NewRecorder(), httptest.NewRecorder()
					wrapped.ServeHTTP(got, r)
					decided.ServeHTTP(want, r)
					if diff := cmp.Diff(want.Result().Header, got.Result().Header); got.Code != want.Code || diff != "" {
						t.Fatalf("%s %s %v: %d, decided %d\n%s", method, path, r.Header, got.Code, want.Code, diff)
					}
					statuses[got.Code]++
				}
			}
		}
	}
	if len(statuses) != 3 {
		t.Errorf("the answers were %v; some were to be 204, some 403, the rest the handler's", statuses)
	}
}

// What goes out before the final head is in the handler's hands before that is
// written.
func TestWhatIsAnnouncedIsSetAgain(t *testing.T) {
	t.Parallel()
	h := mustNew(t, corsac.Rule{Origins: []string{"https://app.example.com"}, Credentials: true, Expose: []string{"X-A"}})
	for _, tt := range []struct {
		name     string
		inner    func(w *nop) http.ResponseWriter
		announce func(w http.ResponseWriter)
	}{
		{"informational response", plain, func(w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints) }},
		{"flush that fails", plain, func(w http.ResponseWriter) { http.NewResponseController(w).Flush() }},
		{"flush that a compressing writer holds back", holding, func(w http.ResponseWriter) { w.(http.Flusher).Flush() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seen := false
			spoil := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tt.announce(w)
				for name := range w.Header() {
					seen = true
					w.Header()[name][0] = "*"
				}
				w.Write(nil)
			})
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Origin", "https://app.example.com")
			w := &nop{h: make(http.Header)}
			h.Wrap(spoil).ServeHTTP(tt.inner(w), r)
			want := http.Header{
				"Access-Control-Allow-Origin":      {"https://app.example.com"},
				"Access-Control-Allow-Credentials": {"true"},
				"Access-Control-Expose-Headers":    {"X-A"},
				"Vary":                             {"*"},
			}
			if diff := cmp.Diff(want, w.h); diff != "" || !seen {
				t.Errorf("headers were announced: %v\n%s", seen, diff)
			}
		})
	}
}

func plain(w *nop) http.ResponseWriter { return w }

func holding(w *nop) http.ResponseWriter { return heldBack{w} }

// heldBack flushes nothing as long as nothing is written.
type heldBack struct{ *nop }

func (heldBack) Flush() {}

// Not parallel: what other tests allocate would be counted.
func TestWrapAllocatesOnce(t *testing.T) {
	const app, evil = "https://app.example.com", "https://evil.example.net"
	full := corsac.Rule{
		Origins: []string{app}, Methods: []string{"PUT"}, Headers: []string{"Authorization"}, Expose: []string{"X-A"},
		Credentials: true, MaxAge: corsac.NoCache, RefuseOthers: true, Timing: true,
	}
	for _, rule := range []corsac.Rule{{Origins: []string{app}}, {Origins: []string{"*"}}, full} {
		h := mustNew(t, rule).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(nil) }))
		for _, method := range []string{"GET", "OPTIONS"} {
			for _, origin := range []string{"", app, evil} {
				for _, asked := range []string{"", "PUT"} {
					r := httptest.NewRequest(method, "/", nil)
					for name, value := range map[string]string{"Origin": origin, "Access-Control-Request-Method": asked} {
						if value != "" {
							r.Header.Set(name, value)
						}
					}
					w := &nop{h: make(http.Header)}
					if n := testing.AllocsPerRun(50, func() {
						clear(w.h)
						h.ServeHTTP(w, r)
					}); n > 1 {
						t.Errorf("%+v: %s %v: %v allocations", rule, method, r.Header, n)
					}
				}
			}
		}
	}
}

func BenchmarkWrap(b *testing.B) {
	p, err := corsac.New(corsac.Rule{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}, Headers: []string{"Authorization"}, Credentials: true})
	if err != nil {
		b.Fatal(err)
	}
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})
	h := p.Wrap(bare)
	run := func(name, method string, h http.Handler, kv ...string) {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(method, "/x", nil)
			for i := 0; i < len(kv); i += 2 {
				r.Header.Set(kv[i], kv[i+1])
			}
			w := &nop{h: make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				h.ServeHTTP(w, r)
			}
		})
	}
	run("bare", "GET", bare)
	run("plain", "GET", h)
	run("allowed", "GET", h, "Origin", "https://app.example.com")
	run("refused", "GET", h, "Origin", "https://evil.example.com")
	run("preflight", "OPTIONS", h, "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization")
	run("preflight refused", "OPTIONS", h, "Origin", "https://evil.example.com", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization")
}

type nop struct{ h http.Header }

func (n *nop) Header() http.Header         { return n.h }
func (n *nop) Write(b []byte) (int, error) { return len(b), nil }
func (n *nop) WriteHeader(int)             {}
