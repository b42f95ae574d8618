package fetch_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

// A rawServer answers requests with bytes, and remembers them.
type rawServer struct {
	origin string // http://host:port
	addr   string // where it listens

	mu   sync.Mutex
	seen []http1.RequestHead
	body []string
}

// serveRaw starts a server on 127.0.0.1. answer returns the whole response; an
// empty one closes the connection.
func serveRaw(t testing.TB, host string, answer func(*http1.RequestHead) string) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	s := &rawServer{origin: "http://" + host + ":" + port, addr: listener.Addr().String()}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			running.Go(func() {
				defer stop()
				defer conn.Close()
				s.serve(conn, answer)
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		listener.Close()
		running.Wait()
	})
	return s
}

func (s *rawServer) serve(conn net.Conn, answer func(*http1.RequestHead) string) {
	r := http1.NewReader(bufio.NewReader(conn))
	for {
		var head http1.RequestHead
		if err := r.ReadRequestHead(&head); err != nil {
			return
		}
		framing, err := head.Framing()
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body(framing))
		if err != nil {
			return
		}
		s.mu.Lock()
		s.seen = append(s.seen, head)
		s.body = append(s.body, string(body))
		s.mu.Unlock()
		response := answer(&head)
		if _, err := io.WriteString(conn, response); err != nil || response == "" || strings.Contains(response, "Connection: close\r\n") {
			return
		}
	}
}

// requests returns the heads seen so far.
func (s *rawServer) requests() []http1.RequestHead {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]http1.RequestHead(nil), s.seen...)
}

// ok is a response with these header lines and a body.
func ok(body string, lines ...string) string { return respond("200 OK", body, lines...) }

func respond(status, body string, lines ...string) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 " + status + "\r\n")
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	if !strings.HasPrefix(status, "204") && !strings.HasPrefix(status, "304") {
		b.WriteString("Content-Length: " + itoa(len(body)) + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return b.String()
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}
