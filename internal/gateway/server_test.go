package gateway

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// TestLabels: methods and statuses that anybody may have made up are one.
func TestLabels(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		if got := methodClass(method); got != method {
			t.Errorf("%s is counted as %s", method, got)
		}
	}
	if got := methodClass("BREW"); got != "other" {
		t.Errorf("BREW is counted as %s", got)
	}
	for status, want := range map[int]string{0: "none", 99: "none", 101: "1xx", 200: "2xx", 404: "4xx", statusClientGone: "4xx", 599: "5xx", 600: "none", 999: "none"} {
		if got := statusClass(status); got != want {
			t.Errorf("%d is counted as %s, want %s", status, got, want)
		}
	}
}

// TestServerLog: clients' oddities are for those who look for them, a fault of
// the gateway's own, and that nobody gets in, for everybody.
func TestServerLog(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	g := &Gateway{log: slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	g.serverLog().Print("http: panic serving 127.0.0.1:1: why\nwhere")
	g.serverLog().Print("http: Accept error: accept4: too many open files; retrying in 5ms")
	g.serverLog().Print("http: TLS handshake error from 127.0.0.1:1: EOF")
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "level=ERROR") || !strings.Contains(lines[1], "level=WARN") || !strings.Contains(lines[2], `level=DEBUG msg="http: TLS handshake error from 127.0.0.1:1: EOF"`) {
		t.Errorf("logged:\n%s", &text)
	}
}
