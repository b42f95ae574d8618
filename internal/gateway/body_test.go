package gateway_test

import (
	"bufio"
	"io"
	"net/http"
	"testing"
)

// TestAnswerBeforeTheBody: the connection serves the next request, or the client
// is told that it does not. Otherwise that request fails.
func TestAnswerBeforeTheBody(t *testing.T) {
	t.Parallel()
	early := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		rc.EnableFullDuplex()
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusUnauthorized)
		rc.Flush()
		io.Copy(io.Discard, r.Body) // or the server reads on after the handler, and panics at the end: https://go.dev/issue/68560
	})
	all := upstream(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	for _, tt := range []struct {
		name, upstream string
		before, after  string // of the body, the answer
		status         int
		stays          bool
	}{
		{"no upstream", nobody, "5\r\nhello\r\n0\r\n\r\n", "", 502, false},
		{"no upstream, and half a body", nobody, "5\r\nhello\r\n", "0\r\n\r\n", 502, false},
		{"half a body", early, "5\r\nhello\r\n", "0\r\n\r\n", 401, false},
		{"the whole body", all, "5\r\nhello\r\n0\r\n\r\n", "", 200, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := start(t, to(t, tt.upstream))
			conn := dial(t, url)
			in := bufio.NewReader(conn)
			ask := func(before, after string) *http.Response {
				io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"+before)
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, after)
				if _, err := io.Copy(io.Discard, res.Body); err != nil {
					t.Fatal(err)
				}
				if res.StatusCode != tt.status {
					t.Errorf("got %d, want %d", res.StatusCode, tt.status)
				}
				return res
			}
			if res := ask(tt.before, tt.after); res.Close {
				if tt.stays {
					t.Error("the connection ends, and need not")
				}
				return
			}
			ask(tt.before, tt.after)
		})
	}
}
