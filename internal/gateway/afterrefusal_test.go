package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestNothingFollowsARefusedHead: nobody knows where a request would begin
// behind a head that is malformed, so what comes there is nobody's request,
// though the client sends no more.
func TestNothingFollowsARefusedHead(t *testing.T) {
	t.Parallel()
	var reached sync.Map
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) { reached.Store(r.URL.Path, true) })
	s := startStoppable(t, to(t, api))
	const first, next = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n", "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
	t.Run("each", func(t *testing.T) {
		for _, tt := range malformedRequests {
			request := strings.Replace(tt.request, "ORIGIN", "", 1) + next
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				wantAnswers(t, s.url, request, tt.status)
				wantAnswers(t, s.url, first+request, 200, tt.status)
				// The upstream changes to no other protocol.
				wantAnswers(t, s.url, strings.Replace(first, "\r\n\r\n", "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 1)+request, 200, tt.status)
			})
		}
	})
	s.stop()
	s.wait(t) // until nothing is in flight
	if _, ok := reached.Load("/first"); !ok {
		t.Error("the upstream was not reached at all")
	}
	reached.Range(func(path, _ any) bool {
		if path != "/first" {
			t.Errorf("the upstream was reached for %q", path)
		}
		return true
	})
}

// wantAnswers sends everything at once, and no more.
func wantAnswers(t testing.TB, url, requests string, statuses ...int) {
	t.Helper()
	conn := dial(t, url)
	io.WriteString(conn, requests)
	in := bufio.NewReader(conn)
	for _, status := range statuses {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("instead of %d: %v", status, err)
		}
		if res.StatusCode != status {
			t.Errorf("answered %d, want %d", res.StatusCode, status)
		}
		io.Copy(io.Discard, res.Body)
	}
	conn.(*net.TCPConn).CloseWrite()
	if rest, _ := io.ReadAll(in); len(rest) > 0 {
		t.Errorf("the answers are followed by %q", rest)
	}
}

// TestWhatFollowsARequest: a request is not given up for what comes behind it.
func TestWhatFollowsARequest(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
	})))
	for _, tt := range []struct {
		name, rest string
		statuses   []int
	}{
		{"nothing", "", []int{200}},
		{"an empty line", "\r\n", []int{200}},
		{"three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", []int{200, 400}},
		{"a blank", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", []int{200, 400}},
		{"a zero byte", "\x00", []int{200, 400}},
		{"TLS", "\x16\x03\x01\x02\x00", []int{200, 400}},
		{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{200, 400}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantAnswers(t, url, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"+tt.rest, tt.statuses...)
			wantAnswers(t, url, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"+tt.rest, tt.statuses...)
			wantAnswers(t, url, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"+tt.rest, tt.statuses...)
		})
	}
}
