package explain

import (
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestHostile: whatever a server does, there is a report, and it is small.
func TestHostile(t *testing.T) {
	t.Parallel()
	const most = 64 << 10
	for name, serve := range map[string]func(net.Conn){
		"endless head": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := io.WriteString(c, "Access-Control-Allow-Origin: "+strings.Repeat("x", 1000)+"\r\n"); err != nil {
					return
				}
			}
		},
		"endless line": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: ")
			for {
				if _, err := io.WriteString(c, strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		},
		"endless error page": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 403 No\r\nConnection: close\r\n\r\n")
			for {
				if _, err := io.WriteString(c, strings.Repeat("\x1b[2J", 1000)); err != nil {
					return
				}
			}
		},
		"two lengths": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx")
		},
		"NUL in a value": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\x00\r\nContent-Length: 0\r\n\r\n")
		},
		"many values": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("Access-Control-Allow-Origin: "+strings.Repeat("x", 1000)+"\r\n", 200)+"Content-Length: 0\r\n\r\n")
		},
		"one name over and over": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"+strings.Repeat("Access-Control-Allow-Headers: "+strings.Repeat("x-a,", 300)+"\r\n", 100)+"Content-Length: 0\r\n\r\n")
		},
		"many lines": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("Access-Control-Allow-Headers: "+strings.Repeat("a,", 300)+"\r\n", 200)+"Content-Length: 0\r\n\r\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := call("PUT", "X-A: 1")
			q.Request.Origin, q.Request.URL = app, accepting(t, serve)
			r := Explain(t.Context(), q)
			if r.Answer == Readable || len(r.Causes) == 0 {
				t.Errorf("answer %s: %s", r.Answer, r.Headline)
			}
			if text := r.Text(Style{}) + r.Markdown(); len(text) > most {
				t.Errorf("the report has %d bytes", len(text))
			}
		})
	}
}

// accepting gives each connection, once it has sent something, to serve.
func accepting(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = c.Read(make([]byte, 8<<10))
				serve(c)
			}()
		}
	}()
	return "http://" + ln.Addr().String()
}

func BenchmarkExplain(b *testing.B) {
	s := httptest.NewServer(lines(401, "WWW-Authenticate: Bearer"))
	defer s.Close()
	q := call("PUT", "X-A: 1", "Authorization: Bearer x")
	q.Request.Origin, q.Request.URL = app, s.URL
	for b.Loop() {
		_ = Explain(b.Context(), q).Text(Style{})
	}
}
