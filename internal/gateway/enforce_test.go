package gateway_test

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

func TestGatewayEnforces(t *testing.T) {
	t.Parallel()
	for _, wire := range wires {
		t.Run(wire.name, func(t *testing.T) {
			t.Parallel()
			enforcertest.Run(t, wire.start)
		})
	}
}

func TestGatewayReplay(t *testing.T) {
	t.Parallel()
	for _, wire := range wires[:2] {
		t.Run(wire.name, func(t *testing.T) {
			t.Parallel()
			enforcertest.Replay(t, wire.start)
		})
	}
}

// TestLaterRequests tries the same with requests that are not the first on their
// connections: the gate answers preflights among them by itself.
func TestLaterRequests(t *testing.T) {
	t.Parallel()
	enforcertest.Run(t, func(t testing.TB, rules []corsac.Rule, h http.Handler) string {
		return afterAnother(t, wires[0].start(t, rules, h))
	})
	t.Run("replay", func(t *testing.T) {
		enforcertest.Replay(t, func(t testing.TB, rules []corsac.Rule, h http.Handler) string {
			return afterAnother(t, wires[0].start(t, rules, h))
		})
	})
}

// afterAnother sends a preflight over each connection before it is the client's.
func afterAnother(t testing.TB, url string) string {
	ln := listen(t)
	go acceptAll(ln, func(client net.Conn) {
		defer client.Close()
		server, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Error(err)
			return
		}
		defer server.Close()
		io.WriteString(server, "OPTIONS /before HTTP/1.1\r\nHost: a\r\nOrigin: https://before.example\r\nAccess-Control-Request-Method: PUT\r\n\r\n")
		in := bufio.NewReader(server)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Error(err)
			return
		}
		io.Copy(io.Discard, res.Body)
		go func() {
			io.Copy(server, client)
			server.(*net.TCPConn).CloseWrite()
		}()
		io.Copy(client, in)
	})
	return "http://" + ln.Addr().String()
}

// A wire is what is spoken before and behind the gateway.
type wire struct{ name, front, back string }

var wires = []wire{
	{"HTTP/1.1 to HTTP/1.1", "http", "http"},
	{"HTTP/2 to HTTP/1.1", "h2c", "http"},
	{"HTTP/1.1 to HTTP/2", "http", "h2c"},
	{"HTTP/2 to HTTP/2", "h2c", "h2c"},
}

func (w wire) start(t testing.TB, rules []corsac.Rule, h http.Handler) string {
	t.Helper()
	g := policyfile.DefaultGateway()
	g.Upstream = strings.Replace(bothVersions(t, h).URL, "http", w.back, 1)
	g.TrustForwarded = []string{"127.0.0.1"} // trials come from behind proxies, too
	_, url := start(t, gateway.Config{Policy: policy(t, rules...), Gateway: g})
	return strings.Replace(url, "http", w.front, 1)
}

// bothVersions serves HTTP/1.1 and HTTP/2 without TLS.
func bothVersions(t testing.TB, h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}
