package corsac_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac"
)

// TestClientsThatLeaveAtAHint: a handler that sends a hint and sets no header
// afterwards is safe with net/http, and must be so within a policy. Only a test
// with -race sees the fault each time.
func TestClientsThatLeaveAtAHint(t *testing.T) {
	t.Parallel()
	p := mustNew(t, corsac.Rule{Origins: []string{"https://app.example.com"}, Credentials: true, Expose: []string{"ETag"}})
	s := httptest.NewUnstartedServer(p.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		for range 20 {
			w.WriteHeader(http.StatusEarlyHints)
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{Protocols: s.Config.Protocols, DialContext: new(net.Dialer).DialContext}}
	defer client.CloseIdleConnections()
	ask := func(ctx context.Context) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "https://app.example.com")
		return client.Do(r)
	}

	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 25 {
				ctx, leave := context.WithCancel(t.Context())
				ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error {
					leave()
					return nil
				}})
				if res, err := ask(ctx); err == nil {
					res.Body.Close()
				}
				leave()
			}
		})
	}
	all.Wait()

	hints := 0
	res, err := ask(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error {
		hints++
		if h.Get("Link") == "" || h.Get("Access-Control-Allow-Origin") == "" || h["Content-Length"] != nil {
			t.Errorf("a hint has %v", h)
		}
		return nil
	}}))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if hints == 0 || res.StatusCode != http.StatusNoContent || res.Header.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("%d hints, then %d %v", hints, res.StatusCode, res.Header)
	}
}
