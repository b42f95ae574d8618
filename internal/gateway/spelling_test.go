package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestSpelling: names come as the policy writes them, though net/http would not.
func TestSpelling(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("TotalItemsCount", "1000")
		w.Header().Set("X-Request-Id", "7")
	}))
	rule := appRule
	rule.Expose = []string{"TotalItemsCount", "x-request-id"}
	c.Policy = policy(t, rule)
	_, url := start(t, c)
	conn := dial(t, url)
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: %s\r\n\r\n", app)
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"\nTotalItemsCount: 1000\r", "\nx-request-id: 7\r"} {
		name, _, _ := strings.Cut(line, ":")
		if strings.Count(strings.ToLower(string(text)), strings.ToLower(name)) != 1 || !strings.Contains(string(text), line) {
			t.Errorf("no line %q, or others of that name: %s", line, text)
		}
	}
}
