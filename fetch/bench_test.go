package fetch_test

import (
	"net/http"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/http1"
)

// allowPage is the smallest server that does CORS.
var allowPage = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", page)
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "PUT")
		h.Set("Access-Control-Allow-Headers", "authorization,content-type")
		w.WriteHeader(http.StatusNoContent)
	}
})

func BenchmarkVerdict(b *testing.B) {
	simple := fetch.Request{Origin: page, URL: "https://api.example.com/users"}
	preflighted := fetch.Request{
		Origin: page, URL: "https://api.example.com/users/1", Method: "PUT", Body: []byte("{}"),
		Header: fetch.Lines("Content-Type: application/json", "Authorization: Bearer x"),
	}
	for _, bench := range []struct {
		name    string
		request fetch.Request
		forget  bool
	}{{"simple", simple, false}, {"cached preflight", preflighted, false}, {"preflight", preflighted, true}} {
		b.Run(bench.name, func(b *testing.B) {
			agent := fetch.Agent{Transport: fetch.Handler(allowPage)}
			b.ReportAllocs()
			for b.Loop() {
				if bench.forget {
					agent.ForgetPreflights()
				}
				if v := agent.Fetch(b.Context(), bench.request); !v.OK() {
					b.Fatal(v.Failure)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verdicts/s")
		})
	}
	b.Run("loopback", func(b *testing.B) {
		server := serveRaw(b, "127.0.0.1", func(*http1.RequestHead) string { return ok("x", "Access-Control-Allow-Origin: "+page) })
		request := simple
		request.URL = server.origin
		var agent fetch.Agent
		defer agent.Close()
		b.ReportAllocs()
		for b.Loop() {
			if v := agent.Fetch(b.Context(), request); !v.OK() {
				b.Fatal(v.Failure)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verdicts/s")
	})
}
