package corsac_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
)

func TestMiddlewareReplays(t *testing.T) {
	t.Parallel()
	t.Run("HTTP/1.1", func(t *testing.T) { t.Parallel(); enforcertest.Replay(t, startHTTP1) })
	t.Run("HTTP/2", func(t *testing.T) { t.Parallel(); enforcertest.Replay(t, startHTTP2) })
}

// inProcess replays what shows as memory or as a race, by the row's ID.
var inProcess = map[string]func(*testing.T){
	"GHSA-vhxv-fg4m-p2w8": anyOrderOfPatterns,
	"GHSA-v84h-653v-4pq9": anyOrderOfPatterns,
	"CVE-2025-47908":      cheapQuestion(strings.Repeat(",", 1<<20)),
	"go-chi/cors#36":      cheapQuestion(strings.Repeat("a,", 1<<19)),
	"3D-3":                cheapQuestion(strings.Repeat(", ", 1<<19)),
	"CVE-2026-69207":      cheapQuestion("a" + strings.Repeat(" ", 1<<20) + "a"),
	"CVE-2026-41135":      constantMemory,
	"jub0bs/cors#14":      nothingIsShared,
	"jub0bs/cors#15":      everySubset,
	"CVE-2024-1681":       nothingIsLogged,
	"3G-2":                cheapQuestion(strings.Repeat(",authorization", 1<<16)),
	"3G-3":                nothingIsShared,
}

// TestMiddlewareReplaysInProcess is not parallel: its tests count allocations,
// of the whole process.
func TestMiddlewareReplaysInProcess(t *testing.T) {
	for _, row := range enforcertest.Rows() {
		test, ok := inProcess[row.ID]
		if ok != row.InProcess {
			t.Errorf("%s: has a test: %t, wants one: %t", row.ID, ok, row.InProcess)
		}
		if ok {
			t.Run(row.ID, test)
		}
	}
}

// question is a preflight of an allowed page, whatever it asks.
func question(names string) *http.Request {
	r := httptest.NewRequest("OPTIONS", "/users/1", nil)
	r.Header.Set("Origin", appOrigin)
	r.Header.Set("Access-Control-Request-Method", "PUT")
	r.Header.Set("Access-Control-Request-Headers", names)
	return r
}

const (
	appOrigin  = "https://app.example.com"
	evilOrigin = "https://evil.example.net"
)

func usersRule() corsac.Rule {
	return corsac.Rule{
		Path: "/users/", Origins: []string{appOrigin}, Methods: []string{"PUT"},
		Headers: []string{"Authorization", "ItemsPerPage", "PageNumber"}, Expose: []string{"TotalItemsCount"}, Credentials: true,
	}
}

// anyOrderOfPatterns compares what patterns allow, in all orders, with their
// plain reading. The hosts have beginnings and ends in common.
func anyOrderOfPatterns(t *testing.T) {
	labels := []string{"foo", "bar", "barfoo", "foobar", "o", "oo", "r"}
	var hosts, patterns []string
	for _, l := range labels {
		hosts = append(hosts, l+".com", l+".foo.com", l+".bar.com")
	}
	for _, h := range hosts {
		patterns = append(patterns, "https://"+h, "https://*."+h, "https://"+h+":*", "https://*."+h+":8080")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		set := []string{patterns[random.IntN(len(patterns))], patterns[random.IntN(len(patterns))], patterns[random.IntN(len(patterns))]}
		for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			listed := []string{set[order[0]], set[order[1]], set[order[2]]}
			policy := mustNew(t, corsac.Rule{Origins: listed})
			for _, h := range hosts {
				for _, origin := range []string{"https://" + h, "https://" + h + ":8080", "https://x." + h, "http://" + h} {
					allowed := decideGET(policy, origin).Verdict == corsac.Allow
					if want := slices.ContainsFunc(listed, func(p string) bool { return plainlyCovers(p, origin) }); allowed != want {
						t.Fatalf("%q listed, origin %q allowed: %t", listed, origin, allowed)
					}
				}
			}
		}
	}
}

func decideGET(p *corsac.Policy, origin string) corsac.Decision {
	return p.Decide(corsac.Request{Method: "GET", Scheme: "https", Host: "api.example", Path: "/", Header: http.Header{"Origin": {origin}}})
}

// plainlyCovers is for well-formed https patterns and origins.
func plainlyCovers(pattern, origin string) bool {
	host, port, _ := strings.Cut(strings.TrimPrefix(origin, "https://"), ":")
	wantHost, wantPort, _ := strings.Cut(strings.TrimPrefix(pattern, "https://"), ":")
	if !strings.HasPrefix(origin, "https://") || wantPort != "*" && wantPort != port {
		return false
	}
	if parent, ok := strings.CutPrefix(wantHost, "*"); ok {
		return strings.HasSuffix(host, parent) && len(host) > len(parent)
	}
	return host == wantHost
}

// cheapQuestion: the answer costs one small allocation, as to any preflight.
// What took time in the square of the length would not end here.
func cheapQuestion(names string) func(*testing.T) {
	return func(t *testing.T) {
		handler := mustNew(t, usersRule()).Wrap(http.NotFoundHandler())
		r := question(names)
		w := &headerOnly{header: make(http.Header)}
		serve := func() {
			clear(w.header)
			handler.ServeHTTP(w, r)
		}
		const runs = 100
		before := totalAlloc()
		allocs := testing.AllocsPerRun(runs, serve)
		size := (totalAlloc() - before) / runs
		if allocs > 1 || size > 1<<10 {
			t.Errorf("%v allocations, %d bytes", allocs, size)
		}
		if w.status != 204 || w.header.Get("Access-Control-Allow-Methods") != "PUT" {
			t.Errorf("answer %d %v", w.status, w.header)
		}
	}
}

// headerOnly is a response that allocates nothing.
type headerOnly struct {
	header http.Header
	status int
}

func (w *headerOnly) Header() http.Header         { return w.header }
func (w *headerOnly) Write(b []byte) (int, error) { return len(b), nil }
func (w *headerOnly) WriteHeader(status int)      { w.status = status }

func totalAlloc() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// inUse is what is left on the heap after a collection.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// constantMemory: neither requests nor new policies leave anything behind.
func constantMemory(t *testing.T) {
	live := corsac.NewLive(mustNew(t, usersRule()))
	handler := live.Wrap(http.NotFoundHandler())
	w := &headerOnly{header: make(http.Header)}
	r := question("authorization")
	const times, allowance = 10_000, 256 << 10
	before := inUse()
	for range times {
		clear(w.header)
		handler.ServeHTTP(w, r)
	}
	if grown := inUse() - before; grown > allowance {
		t.Errorf("%d requests left %d bytes", times, grown)
	}
	before = inUse()
	for i := range times {
		rule := usersRule()
		rule.Origins = append(rule.Origins, fmt.Sprintf("https://tenant%d.example", i))
		live.Store(mustNew(t, rule))
	}
	if grown := inUse() - before; grown > allowance {
		t.Errorf("%d policies left %d bytes", times, grown)
	}
	runtime.KeepAlive(live)
}

// nothingIsShared: whatever an outer handler does to the headers of one
// response, and an inner one with slices of its own, no other response has it.
func nothingIsShared(t *testing.T) {
	for _, r := range []*http.Request{
		question("authorization"),
		withOrigin(httptest.NewRequest("GET", "/users/1", nil), appOrigin),
		withOrigin(httptest.NewRequest("GET", "/users/1", nil), evilOrigin),
		withOrigin(httptest.NewRequest("OPTIONS", "/users/1", nil), evilOrigin),
		withOrigin(httptest.NewRequest("GET", "/private", nil), evilOrigin),
	} {
		t.Run(r.Method+" "+r.URL.Path+" from "+r.Header.Get("Origin"), func(t *testing.T) {
			sharesNothing(t, r, true)
			sharesNothing(t, r, false)
		})
	}
}

func withOrigin(r *http.Request, origin string) *http.Request {
	r.Header.Set("Origin", origin)
	return r
}

func sharesNothing(t *testing.T, r *http.Request, handlerHasOwn bool) {
	// Room behind the handler's own slice must stay the handler's.
	room := []string{"Cookie", "", "", ""}
	handler := mustNew(t, usersRule()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handlerHasOwn {
			w.Header()["Vary"] = room[:1]
			w.Header()["Access-Control-Allow-Origin"] = room[:1]
		}
	}))
	serve := func() http.Header {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Header()
	}
	want := serve().Clone()
	first, second := serve(), serve()
	scribble(first, &room[0])
	if !sameHeader(second, want) {
		t.Errorf("header %v after another was written over, want %v", second, want)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				got := serve()
				if !sameHeader(got, want) {
					t.Errorf("header %v, want %v", got, want)
					return
				}
				if scribble(got, &room[0]); !isScribbled(got, &room[0]) {
					t.Errorf("what is done to one header is done to another: %v", got)
					return
				}
			}
		})
	}
	group.Wait()
	if room[1] != "" {
		t.Errorf("%q was written behind the handler's slice", room[1])
	}
}

// scribble changes every value in place and appends to every slice, but for the
// handler's own.
func scribble(h http.Header, handlers *string) {
	for name, values := range h {
		if &values[0] == handlers {
			continue
		}
		for i := range values {
			values[i] = "scribbled"
		}
		h[name] = append(values, "appended")
	}
}

// isScribbled reports whether scribble came to the same for every header.
func isScribbled(h http.Header, handlers *string) bool {
	for _, values := range h {
		last := len(values) - 1
		if &values[0] != handlers && (values[last] != "appended" || slices.Contains(values[:last], "appended")) {
			return false
		}
	}
	return true
}

func sameHeader(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if !slices.Equal(a[name], b[name]) {
			return false
		}
	}
	return true
}

// everySubset: a browser lists any of the allowed names, sorted and in lower
// case.
func everySubset(t *testing.T) {
	names := []string{"authorization", "content-type", "itemsperpage", "pagenumber", "x-a", "x-a-b", "x-b", "x-request-id"}
	rule := usersRule()
	rule.Headers = []string{"X-Request-ID", "X-B", "x-a-b", "X-A", "PageNumber", "ItemsPerPage", "Content-Type", "Authorization"}
	policy := mustNew(t, rule)
	for bits := range 1 << len(names) {
		var subset []string
		for i, n := range names {
			if bits&(1<<i) != 0 {
				subset = append(subset, n)
			}
		}
		if d := policy.Decide(corsac.RequestOf(question(strings.Join(subset, ",")))); d.Verdict != corsac.Allow {
			t.Errorf("%q: %s because of the %s %q", subset, d.Verdict, d.Reason, d.Name)
		}
	}
}

// nothingIsLogged: the middleware leaves the telling to others, and what it
// tells the client is quoted, and no page.
func nothingIsLogged(t *testing.T) {
	var logged bytes.Buffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	rule := usersRule()
	rule.RefuseOthers = true
	handler := mustNew(t, rule).Wrap(http.NotFoundHandler())
	for _, origin := range []string{evilOrigin, "https://evil\r\nX: y", "\x1b[31m", "<script>alert(1)</script>"} {
		r := withOrigin(httptest.NewRequest("POST", "/users/%0d%0aFAKE", nil), origin)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Result().Body)
		if w.Code != 403 || strings.ContainsAny(strings.TrimSuffix(string(body), "\n"), "\r\n\x1b") {
			t.Errorf("origin %q: %d %q", origin, w.Code, body)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("origin %q: the answer may be taken for a page: %v", origin, w.Header())
		}
	}
	if logged.Len() > 0 {
		t.Errorf("logged %q", logged.String())
	}
}
