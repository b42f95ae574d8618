package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
	"github.com/corsac-cors/corsac/internal/lab/pages"
)

func TestPages(t *testing.T) {
	t.Parallel()
	pages.Run(t, map[string]enforcertest.Start{"HTTP/1.1": wires[0].start, "HTTP/2": startTLS})
}

func startTLS(t testing.TB, rules []corsac.Rule, h http.Handler) string {
	c := to(t, upstream(t, h.ServeHTTP))
	c.Policy = policy(t, rules...)
	c.Gateway.TLS.SelfSigned = true
	_, url := start(t, c)
	return strings.Replace(url, "http:", "https:", 1)
}
