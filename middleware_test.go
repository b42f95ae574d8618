package corsac_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/corsac-cors/corsac"
)

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
