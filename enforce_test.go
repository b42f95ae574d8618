package corsac_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
)

func TestMiddlewareEnforces(t *testing.T) {
	t.Parallel()
	t.Run("HTTP/1.1", func(t *testing.T) { t.Parallel(); enforcertest.Run(t, startHTTP1) })
	t.Run("HTTP/2", func(t *testing.T) { t.Parallel(); enforcertest.Run(t, startHTTP2) })
}

func startHTTP1(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	return start(t, rules, upstream).URL
}

func startHTTP2(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	return "h2c://" + start(t, rules, upstream).Listener.Addr().String()
}

// start serves both versions of HTTP.
func start(t testing.TB, rules []corsac.Rule, upstream http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(mustNew(t, rules...).Wrap(upstream))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of requests that are malformed on purpose
	server.Start()
	t.Cleanup(server.Close)
	return server
}
