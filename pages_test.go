package corsac_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
	"github.com/corsac-cors/corsac/internal/lab/pages"
)

func TestPages(t *testing.T) {
	t.Parallel()
	pages.Run(t, map[string]enforcertest.Start{"HTTP/1.1": startHTTP1, "HTTP/2": startTLS})
}

func startTLS(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	server := httptest.NewUnstartedServer(mustNew(t, rules...).Wrap(upstream))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}
