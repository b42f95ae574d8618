//go:build unix

package gateway

import (
	"io"
	"testing"
)

// TestLinesThatPromiseMore: what says of a response that it has a body, where
// none can be, may send one. Whoever got the line next would have it for a
// response. The same goes for an interim response that is not as it should be.
func TestLinesThatPromiseMore(t *testing.T) {
	t.Parallel()
	const done = "HTTP/1.1 204 No Content\r\n\r\n"
	for _, tt := range []struct {
		name, method, says string
		kept               bool
	}{
		{"no content", "GET", done, true},
		{"no content, in words", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", true},
		{"no content, of a length", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false},
		{"no content, in chunks", "GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{"nothing new, of a length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", true},
		{"a head alone", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true},
		{"a hint", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + done, true},
		{"a hint of a length", "GET", "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n" + done, false},
		{"a hint in chunks", "GET", "HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n" + done, false},
		{"a hint with line feeds", "GET", "HTTP/1.1 103 Early Hints\nLink: </a.css>\n\n" + done, false},
		{"a hint with a line that is none", "GET", "HTTP/1.1 103 Early Hints\r\nLink\r\n\r\n" + done, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, says(tt.says))
			c := testCarrier(t)
			for range 2 {
				res, err := c.RoundTrip(request(t, tt.method, s.url, nil))
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
			if n := s.connections.Load(); n == 1 != tt.kept {
				t.Errorf("%d connections for two requests, kept: want %t", n, tt.kept)
			}
		})
	}
}
