//go:build unix

package gateway

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/http/httpguts"
)

// FuzzCarrier: what both the carrier and http.Transport understand, they
// understand alike, whatever an upstream says.
func FuzzCarrier(f *testing.F) {
	for _, text := range []string{
		noContent,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello",
		"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 404\r\n\r\nuntil the end",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 1\nX-A: a\n b\n\nx",
		"HTTP/1.1 200 OK\r\nContent-Length: 00000\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
	} {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, head bool) {
		method := map[bool]string{true: http.MethodHead, false: http.MethodGet}[head]
		c := testCarrier(t)
		c.dial = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				defer theirs.Close()
				if _, err := http.ReadRequest(bufio.NewReader(theirs)); err == nil {
					io.WriteString(theirs, text)
				}
			}()
			return ours, nil
		}
		c.transport.DialContext = c.dial
		c.transport.DisableKeepAlives = true // it would log what follows a response
		got := look(t, c, request(t, method, "http://upstream", nil))
		want := look(t, c.transport, request(t, method, "http://upstream", nil))
		if got.Err || want.Err || !tokens(want.Header) || !tokens(want.Trailer) {
			return
		}
		for _, h := range []http.Header{got.Header, want.Header} {
			delete(h, "Connection") // which it takes away if the line says "close"
			for _, values := range h {
				for i := range values {
					values[i] = strings.Trim(values[i], " \t") // which a folded line may leave
				}
			}
		}
		if lengths := want.Header["Content-Length"]; len(lengths) == 1 {
			lengths[0] = cmp.Or(strings.TrimLeft(lengths[0], "0"), "0") // as TestLengthsAreWrittenAnew has it
		}
		if len(got.Interims) != len(want.Interims) {
			t.Errorf("%q instead of %q before the response", got.Interims, want.Interims)
		}
		got.Interims, want.Interims = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nhttp.Transport has %+v", got, want)
		}
	})
}

// tokens reports whether all names are what http.Transport would not have to
// pass on as it found it.
func tokens(h http.Header) bool {
	for name := range h {
		if !httpguts.ValidHeaderFieldName(name) {
			return false
		}
	}
	return true
}
