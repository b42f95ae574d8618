package cases_test

import (
	"crypto/tls"
	"io"
	stdlog "log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
)

// TestCorpusOverSockets asks the middleware in a server, over HTTP and TLS.
func TestCorpusOverSockets(t *testing.T) {
	t.Parallel()
	live := &corsac.Live{}
	plain, secure := serve(t, live.Wrap(http.HandlerFunc(everything)))
	for _, p := range corpus(t) {
		live.Store(p.File.Policy)
		target := corstest.Target{URL: plain, Send: true}
		hold(t, p, corstest.Run(t.Context(), target, p.Cases...))
		target.URL, target.TLS = secure, &tls.Config{InsecureSkipVerify: true}
		target.Profiles = []fetch.Profile{fetch.Standard}
		hold(t, p, corstest.Run(t.Context(), target, p.Cases...))
	}
}

// everything is an API behind a policy. Its own CORS headers must not count.
func everything(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "https://wrong.example")
	w.Header().Set("ETag", `"1"`)
	io.WriteString(w, "hello")
}

// serve serves HTTP and HTTPS until the test ends.
func serve(t testing.TB, h http.Handler) (plain, secure string) {
	t.Helper()
	a, b := httptest.NewUnstartedServer(h), httptest.NewUnstartedServer(h)
	for _, s := range []*httptest.Server{a, b} {
		s.Config.ErrorLog = stdlog.New(io.Discard, "", 0) // of connections that nobody uses
		t.Cleanup(s.Close)
	}
	a.Start()
	b.StartTLS()
	return a.URL, b.URL
}

// TestSocketsAndProcessAgree: for each browser the verdict over a socket is the
// one in the process, down to its kind.
func TestSocketsAndProcessAgree(t *testing.T) {
	t.Parallel()
	live := &corsac.Live{}
	plain, _ := serve(t, live.Wrap(http.HandlerFunc(everything)))
	for _, p := range corpus(t) {
		live.Store(p.File.Policy)
		inside := corstest.Run(t.Context(), corstest.Target{Handler: p.File.Policy.Wrap(http.HandlerFunc(everything))}, p.Cases...)
		outside := corstest.Run(t.Context(), corstest.Target{URL: plain, Send: true}, p.Cases...)
		for i := range inside {
			for j := range inside[i].Trials {
				a, b := &inside[i].Trials[j], &outside[i].Trials[j]
				if kindOf(&a.Verdict) != kindOf(&b.Verdict) {
					t.Errorf("%s: %s: %s: %s in process, %s over a socket", p.Name, p.Cases[i].Name, a.Profile, kindOf(&a.Verdict), kindOf(&b.Verdict))
				}
			}
		}
	}
}

func kindOf(v *fetch.Verdict) string {
	if v.OK() {
		return string(v.Response.Type)
	}
	return string(v.Kind())
}
