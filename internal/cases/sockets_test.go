package cases_test

import (
	"context"
	"crypto/tls"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
)

// TestCorpusOverSockets asks the middleware in a server, over HTTP and, where
// cases name hosts of https, over TLS.
func TestCorpusOverSockets(t *testing.T) {
	t.Parallel()
	live := &corsac.Live{}
	plain, secure := serve(t, live.Wrap(http.HandlerFunc(everything)))
	for _, p := range corpus(t) {
		live.Store(p.File.Policy)
		var toPlain, toSecure []corstest.Case
		for _, c := range p.Cases {
			if strings.HasPrefix(c.Request.URL, "https:") {
				toSecure = append(toSecure, c)
			} else {
				toPlain = append(toPlain, c)
			}
		}
		target := corstest.Target{URL: plain, Send: true, TLS: &tls.Config{InsecureSkipVerify: true}, Dial: directly(plain, secure)}
		hold(t, p, corstest.Run(t.Context(), target, toPlain...))
		// Nobody is of another origin by its port alone.
		target.URL = "https://api.test"
		hold(t, p, corstest.Run(t.Context(), target, toSecure...))
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

// directly leads to one of the servers, whatever the name.
func directly(plain, secure string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		to := plain
		if strings.HasSuffix(address, ":443") {
			to = secure
		}
		var d net.Dialer
		return d.DialContext(ctx, network, to[strings.Index(to, "//")+2:])
	}
}

// TestSocketsAndProcessAgree: for each browser the verdict over a socket is the
// one in the process, down to its kind.
func TestSocketsAndProcessAgree(t *testing.T) {
	t.Parallel()
	live := &corsac.Live{}
	plain, _ := serve(t, live.Wrap(http.HandlerFunc(everything)))
	for _, p := range corpus(t) {
		live.Store(p.File.Policy)
		cases := slices.DeleteFunc(slices.Clone(p.Cases), func(c corstest.Case) bool { return strings.Contains(c.Request.URL, "//") })
		inside := corstest.Run(t.Context(), corstest.Target{Handler: p.File.Policy.Wrap(http.HandlerFunc(everything))}, cases...)
		outside := corstest.Run(t.Context(), corstest.Target{URL: plain, Send: true}, cases...)
		for i := range inside {
			for j := range inside[i].Trials {
				a, b := &inside[i].Trials[j], &outside[i].Trials[j]
				if kindOf(&a.Verdict) != kindOf(&b.Verdict) {
					t.Errorf("%s: %s: %s: %s in process, %s over a socket", p.Name, cases[i].Name, a.Profile, kindOf(&a.Verdict), kindOf(&b.Verdict))
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
