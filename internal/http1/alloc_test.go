package http1_test

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

// A preflight as Chromium sends it.
var preflight = crlf("OPTIONS /users/42?page=2 HTTP/1.1", "Host: api.example.com", "Connection: keep-alive", "Accept: */*",
	"Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,content-type", "Origin: https://app.example.com",
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
	"Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-site", "Sec-Fetch-Dest: empty", "Referer: https://app.example.com/",
	"Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9")

var noContent = http1.ResponseHead{Status: 204, Reason: "No Content", Header: http1.Header{
	{"Access-Control-Allow-Origin", "https://app.example.com"}, {"Access-Control-Allow-Methods", "PUT, DELETE"},
	{"Access-Control-Allow-Headers", "authorization, content-type"}, {"Access-Control-Max-Age", "7200"}, {"Vary", "Origin"},
}}

// exchange reads a request and its body, and writes a response, in memory that
// is used again.
type exchange struct {
	source strings.Reader
	br     *bufio.Reader
	reader *http1.Reader
	head   http1.RequestHead
	buf    []byte
}

func newExchange() *exchange {
	e := &exchange{}
	e.br = bufio.NewReader(&e.source)
	e.reader = http1.NewReader(e.br)
	return e
}

func (e *exchange) run(request string) error {
	e.source.Reset(request)
	if err := e.reader.ReadRequestHead(&e.head); err != nil {
		return err
	}
	framing, err := e.head.Framing()
	if err != nil {
		return err
	}
	for body := e.reader.Body(framing); err == nil; {
		_, err = body.Read(e.buf[:cap(e.buf)])
	}
	if err != io.EOF {
		return err
	}
	e.buf, err = http1.AppendResponseHead(e.buf[:0], &noContent)
	return err
}

func TestAllocations(t *testing.T) {
	for _, row := range []struct {
		name, request string
		want          float64
	}{
		{"preflight", preflight, 1}, // the text of the head
		{"chunked body", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("4;a=b\r\nabcd\r\n", 100) + "0\r\n\r\n", 2}, // and the trailer section
	} {
		e := newExchange()
		e.buf = make([]byte, 0, 4096)
		got := testing.AllocsPerRun(100, func() {
			if err := e.run(row.request); err != nil {
				t.Fatal(err)
			}
		})
		if got > row.want {
			t.Errorf("%s: %v allocations, want at most %v", row.name, got, row.want)
		}
	}
}

func BenchmarkPreflight(b *testing.B) {
	e := newExchange()
	e.buf = make([]byte, 0, 4096)
	b.SetBytes(int64(len(preflight)))
	b.ReportAllocs()
	for b.Loop() {
		if err := e.run(preflight); err != nil {
			b.Fatal(err)
		}
	}
}
