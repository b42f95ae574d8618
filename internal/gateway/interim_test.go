package gateway_test

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// TestInterimResponses: what comes before a response says as little of the
// upstream's connection as the response itself, and nothing to clients that know
// of no such thing.
func TestInterimResponses(t *testing.T) {
	t.Parallel()
	const hint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nAccess-Control-Allow-Origin: *\r\nConnection: close, X-Hop\r\nX-Hop: a\r\nKeep-Alive: timeout=5\r\n" +
		"Upgrade: h2c\r\nProxy-Authenticate: Basic\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\nAlt-Svc: h3=\":443\"\r\n\r\n"
	_, url := start(t, to(t, rawUpstream(t, hint+"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")))
	for _, tt := range []struct{ version, want string }{
		{"HTTP/1.1", "HTTP/1.1 103 Early Hints|Link: </a.css>|Vary: Origin|HTTP/1.1 102 Processing|Vary: Origin|HTTP/1.1 204 No Content|Vary: Origin|Connection: close"},
		{"HTTP/1.0", "HTTP/1.0 204 No Content|Vary: Origin"},
	} {
		conn := dial(t, url)
		io.WriteString(conn, "GET / "+tt.version+"\r\nHost: a\r\nOrigin: https://evil.example.net\r\nConnection: close\r\n\r\n")
		text, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\r\n")
		lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" || strings.HasPrefix(line, "Date: ") })
		if got := strings.Join(lines, "|"); got != tt.want {
			t.Errorf("%s: got  %s\nwant %s", tt.version, got, tt.want)
		}
	}
}

func TestInterimResponsesInHTTP2(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, rawUpstream(t, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: close\r\nKeep-Alive: timeout=5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")))
	status, header, err := speakHTTP2(t, url, "")
	if err != nil || status != "103" || header.Get("Link") != "</a.css>" || header["Connection"] != nil || header["Keep-Alive"] != nil {
		t.Errorf("got %s %v, %v", status, header, err)
	}
}

// TestLengthsAreWrittenAnew: as numbers, however the upstream writes them.
func TestLengthsAreWrittenAnew(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{
		"zeros before": "Content-Length: 005\r\n", "a list": "Content-Length: 5, 5\r\n", "a list with zeros": "Content-Length: 05,5\r\n", "twice": "Content-Length: 5\r\nContent-Length: 5\r\n",
	} {
		for method, body := range map[string]string{"GET": "hello", "HEAD": ""} {
			t.Run(name+", "+method, func(t *testing.T) {
				t.Parallel()
				_, url := start(t, to(t, rawUpstream(t, "HTTP/1.1 200 OK\r\n"+lines+"\r\n"+body)))
				res, got := send(t, method, url, nil)
				wantHeader(t, res, "Content-Length", "5")
				if got != body {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}
