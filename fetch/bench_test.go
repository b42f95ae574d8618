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

var simple = fetch.Request{Origin: page, URL: "https://api.example.com/users"}

// verdicts are what a page fetches again and again.
var verdicts = func() []repeated {
	preflighted := fetch.Request{
		Origin: page, URL: "https://api.example.com/users/1", Method: "PUT", Body: []byte("{}"),
		Header: fetch.Lines("Content-Type: application/json", "Authorization: Bearer x"),
	}
	return []repeated{{"simple", simple, false, 36}, {"cached preflight", preflighted, false, 44}, {"preflight", preflighted, true, 82}}
}()

type repeated struct {
	name    string
	request fetch.Request
	forget  bool // the preflight
	most    float64
}

func (r *repeated) once(tb testing.TB, agent *fetch.Agent) {
	if r.forget {
		agent.ForgetPreflights()
	}
	if v := agent.Fetch(tb.Context(), r.request); !v.OK() {
		tb.Fatal(v.Failure)
	}
}

func TestAllocations(t *testing.T) {
	for _, row := range verdicts {
		agent := fetch.Agent{Transport: fetch.Handler(allowPage)}
		if n := testing.AllocsPerRun(100, func() { row.once(t, &agent) }); n > row.most {
			t.Errorf("%s: %v allocations, want at most %v", row.name, n, row.most)
		}
	}
}

func BenchmarkVerdict(b *testing.B) {
	for _, row := range verdicts {
		b.Run(row.name, func(b *testing.B) {
			agent := fetch.Agent{Transport: fetch.Handler(allowPage)}
			b.ReportAllocs()
			for b.Loop() {
				row.once(b, &agent)
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
