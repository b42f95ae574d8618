package gateway_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// TestMalformedInHTTP2: what is no request in HTTP/1 is none in HTTP/2 either,
// whatever net/http makes of it. Between an upstream and the client it would be
// another request than the policy's.
func TestMalformedInHTTP2(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	_, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) { reached.Add(1) })))
	for _, tt := range []struct {
		name string
		head []string // instead of a GET of http://a.test/
		data string
	}{
		{"space in the query", []string{":path", "/?a b"}, ""},
		{"request line in the query", []string{":path", "/?a HTTP/1.1 b"}, ""},
		{"space in the path", []string{":path", "/a b"}, ""},
		{"fragment", []string{":path", "/a#b"}, ""},
		{"fragment in the query", []string{":path", "/?a#b"}, ""},
		{"asterisk", []string{":path", "*"}, ""},
		{"URL", []string{":path", "http://a.test/"}, ""},
		{"URL without a host", []string{":path", "http:///"}, ""},
		{"opaque URL", []string{":path", "mailto:a"}, ""},
		{"space in the method", []string{":method", "GET /b"}, ""},
		{"colon in the method", []string{":method", "GET:"}, ""},
		{"letter in the method that is none", []string{":method", "GÉT"}, ""},
		{"space in the authority", []string{":authority", "a b"}, ""},
		{"comma in the authority", []string{":authority", "a.test,b.test"}, ""},
		{"path in the authority", []string{":authority", "a.test/b"}, ""},
		{"port of letters", []string{":authority", "a.test:b"}, ""},
		{"no authority", []string{":authority", ""}, ""},
		{"another host", []string{"host", "b.test"}, ""},
		{"two hosts", []string{"host", "a.test", "host", "b.test"}, ""},
		{"two lengths", []string{":method", "POST", "content-length", "5", "content-length", "6"}, "hello"},
		{"two lengths that agree", []string{":method", "POST", "content-length", "5", "content-length", "5"}, "hello"},
		{"list of lengths", []string{":method", "POST", "content-length", "5, 5"}, "hello"},
		{"length with a sign", []string{":method", "POST", "content-length", "+5"}, "hello"},
		{"no length at all", []string{":method", "POST", "content-length", ""}, "hello"},
		{"length without a body", []string{"content-length", "5"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, header, err := speakHTTP2(t, url, tt.data, append(tt.head, "origin", app)...)
			if reset := (http2.StreamError{}); errors.As(err, &reset) && reset.Code == http2.ErrCodeProtocol {
				return // by net/http
			}
			if err != nil || status != "400" {
				t.Fatalf("answered %s, %v", status, err)
			}
			if header.Get("Access-Control-Allow-Origin") != app || header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("the page cannot read why: %v", header)
			}
		})
	}
	t.Run("all is well", func(t *testing.T) {
		for _, head := range [][]string{
			nil, {":path", "/?a|b\"{}%zz\\"}, {":authority", "a.test:80"}, {"host", "a.test"}, {"content-length", "0"}, {":method", "M-SEARCH"},
			{":method", "POST", "content-length", "5", "DATA"}, {":method", "POST", "DATA"},
		} {
			data := ""
			if head != nil && head[len(head)-1] == "DATA" {
				head, data = head[:len(head)-1], "hello"
			}
			before := reached.Load()
			status, _, err := speakHTTP2(t, url, data, head...)
			if err != nil || status != "200" || reached.Load() == before {
				t.Errorf("%q: answered %s, %v", head, status, err)
			}
		}
	})
	t.Cleanup(func() { // when all have ended
		if n := reached.Load(); n != 8 {
			t.Errorf("the upstream was reached %d times, want 8", n)
		}
	})
}

// speakHTTP2 sends a request frame by frame: a GET, but for what head says.
func speakHTTP2(t testing.TB, url, data string, head ...string) (status string, header http.Header, err error) {
	t.Helper()
	pseudo := map[string]string{":method": "GET", ":scheme": "http", ":path": "/", ":authority": "a.test"}
	var fields []hpack.HeaderField
	for i := 0; i < len(head); i += 2 {
		if _, ok := pseudo[head[i]]; ok {
			pseudo[head[i]] = head[i+1]
		} else {
			fields = append(fields, hpack.HeaderField{Name: head[i], Value: head[i+1]})
		}
	}
	for name, value := range pseudo {
		fields = slices.Insert(fields, 0, hpack.HeaderField{Name: name, Value: value})
	}
	var block bytes.Buffer
	for to := hpack.NewEncoder(&block); len(fields) > 0; fields = fields[1:] {
		to.WriteField(fields[0])
	}
	conn := dial(t, url)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return "", nil, err
	}
	frames := http2.NewFramer(conn, conn)
	frames.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	frames.WriteSettings()
	frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: data == "", EndHeaders: true})
	if data != "" {
		frames.WriteData(1, true, []byte(data))
	}
	for {
		frame, err := frames.ReadFrame()
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			header = http.Header{}
			for _, field := range f.RegularFields() {
				header.Add(field.Name, field.Value)
			}
			return f.PseudoValue("status"), header, nil
		case *http2.RSTStreamFrame:
			return "", nil, http2.StreamError{StreamID: 1, Code: f.ErrCode}
		}
		if err != nil {
			return "", nil, fmt.Errorf("no answer: %w", err)
		}
	}
}
