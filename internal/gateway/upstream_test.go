package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/corsac-cors/corsac/policyfile"
)

// tlsUpstream serves both versions of HTTP with a certificate that nobody
// trusts, and tells which was spoken.
func tlsUpstream(t testing.TB) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			echoWebSocket(w, r)
			return
		}
		io.WriteString(w, r.Proto)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func TestUpstreamOfUnknownCertificate(t *testing.T) {
	t.Parallel()
	g, url := start(t, to(t, tlsUpstream(t)))
	res, text := send(t, "GET", url, nil, "Origin", app)
	res.Body = io.NopCloser(strings.NewReader(text))
	wantProblem(t, res, 502)
	waitUntil(t, "it is counted", func() bool {
		return strings.Contains(metricsOf(t, g), `corsac_upstream_errors_total{error="tls",route="/"} 1`)
	})
}

func TestInsecureUpstream(t *testing.T) {
	t.Parallel()
	c := to(t, "")
	c.Gateway.Routes = []policyfile.Route{{Upstream: tlsUpstream(t), InsecureUpstream: true}}
	_, url := start(t, c)
	if res, body := send(t, "GET", url, nil); res.StatusCode != 200 || body != "HTTP/2.0" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
	wantEcho(t, url)
}

// wantEcho opens a WebSocket, has some messages come back, and closes it.
func wantEcho(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	for i := range 10 {
		want := fmt.Sprint("message ", i)
		if err := ws.Write(ctx, websocket.MessageText, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := ws.Read(ctx); string(got) != want || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if err := ws.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func TestUpstreamThatSwitchesUnasked(t *testing.T) {
	t.Parallel()
	for name, header := range map[string][]string{
		"not asked at all":          nil,
		"asked for something other": {"Connection", "Upgrade", "Upgrade", "websocket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed := make(chan struct{})
			ln := listen(t)
			go acceptAll(ln, func(c net.Conn) {
				c.Read(make([]byte, 4096))
				io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
				c.Read(make([]byte, 1)) // until the gateway hangs up
				close(closed)
			})
			_, url := start(t, to(t, "http://"+ln.Addr().String()))
			res, text := send(t, "GET", url, nil, append(header, "Origin", app)...)
			res.Body = io.NopCloser(strings.NewReader(text))
			wantProblem(t, res, 502)
			<-closed
		})
	}
}

// TestManyConnections: idle clients keep nobody from being served.
func TestManyConnections(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "served") })))
	for range 300 {
		c := dial(t, url)
		io.WriteString(c, "GET / HTTP/1.1\r\nX-Slow")
	}
	if res, body := send(t, "GET", url, nil); res.StatusCode != 200 || body != "served" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
}

// TestUpstreamOfOddStatus: net/http reads what it does not write.
func TestUpstreamOfOddStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]int{"099": 502, "000": 502, "600": 600, "999": 999} {
		ln := listen(t)
		go acceptAll(ln, func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, "HTTP/1.1 "+status+" Odd\r\nContent-Length: 0\r\n\r\n")
		})
		_, url := start(t, to(t, "http://"+ln.Addr().String()))
		res, _ := send(t, "GET", url, nil, "Origin", app)
		if res.StatusCode != want {
			t.Errorf("%s becomes %d, want %d", status, res.StatusCode, want)
		}
		wantHeader(t, res, "Access-Control-Allow-Origin", app)
	}
}
