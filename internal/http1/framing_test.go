package http1_test

import (
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

// The rows are RFC 9112, section 6.3, in its order, with all that is to be
// refused.
func TestResponseFraming(t *testing.T) {
	t.Parallel()
	length := func(n int64) http1.Framing { return http1.Framing{Kind: http1.Length, Length: n} }
	for _, row := range []struct {
		name, method, start string
		lines               []string
		want                http1.Framing
		kind                http1.Kind
	}{
		{name: "HEAD", method: "HEAD", lines: []string{"Content-Length: 5"}, want: http1.Framing{Kind: http1.NoBody}},
		{name: "HEAD, chunked", method: "HEAD", lines: []string{"Transfer-Encoding: chunked"}, want: http1.Framing{Kind: http1.NoBody}},
		{name: "1xx", start: "HTTP/1.1 103 Early Hints", lines: []string{"Content-Length: 5"}, want: http1.Framing{Kind: http1.NoBody}},
		{name: "204", start: "HTTP/1.1 204 No Content", lines: []string{"Content-Length: 5"}, want: http1.Framing{Kind: http1.NoBody}},
		{name: "304", start: "HTTP/1.1 304 Not Modified", lines: []string{"Content-Length: 5"}, want: http1.Framing{Kind: http1.NoBody}},
		{name: "101", start: "HTTP/1.1 101 Switching Protocols", want: http1.Framing{Kind: http1.Tunnel}},
		{name: "2xx to CONNECT", method: "CONNECT", lines: []string{"Content-Length: 5"}, want: http1.Framing{Kind: http1.Tunnel}},
		{name: "4xx to CONNECT", method: "CONNECT", start: "HTTP/1.1 407 Proxy Authentication Required", lines: []string{"Content-Length: 5"}, want: length(5)},
		{name: "205 has a body", start: "HTTP/1.1 205 Reset Content", lines: []string{"Content-Length: 0"}, want: length(0)},
		{name: "chunked", lines: []string{"Transfer-Encoding: chunked"}, want: http1.Framing{Kind: http1.Chunked}},
		{name: "chunked in any case", lines: []string{"transfer-ENCODING: \tCHUNKED "}, want: http1.Framing{Kind: http1.Chunked}},
		{name: "length", lines: []string{"Content-Length: 5"}, want: length(5)},
		{name: "length zero", lines: []string{"Content-Length: 0"}, want: length(0)},
		{name: "length with zeros", lines: []string{"Content-Length: 005"}, want: length(5)},
		{name: "largest length", lines: []string{"Content-Length: 9223372036854775807"}, want: length(1<<63 - 1)},
		{name: "neither", want: http1.Framing{Kind: http1.Close}},

		{name: "both", lines: []string{"Content-Length: 5", "Transfer-Encoding: chunked"}, kind: http1.LengthAndCoding},
		{name: "both, for HEAD too", method: "HEAD", lines: []string{"Content-Length: 5", "Transfer-Encoding: chunked"}, kind: http1.LengthAndCoding},
		{name: "another coding", lines: []string{"Transfer-Encoding: gzip"}, kind: http1.BadCoding},
		{name: "another coding before", lines: []string{"Transfer-Encoding: gzip, chunked"}, kind: http1.BadCoding},
		{name: "another coding behind", lines: []string{"Transfer-Encoding: chunked, gzip"}, kind: http1.BadCoding},
		{name: "identity", lines: []string{"Transfer-Encoding: identity"}, kind: http1.BadCoding},
		{name: "chunked twice", lines: []string{"Transfer-Encoding: chunked, chunked"}, kind: http1.BadCoding},
		{name: "chunked in two lines", lines: []string{"Transfer-Encoding: chunked", "Transfer-Encoding: chunked"}, kind: http1.BadCoding},
		{name: "no coding", lines: []string{"Transfer-Encoding:"}, kind: http1.BadCoding},
		{name: "parameter", lines: []string{"Transfer-Encoding: chunked;q=1"}, kind: http1.BadCoding},
		{name: "quoted", lines: []string{`Transfer-Encoding: "chunked"`}, kind: http1.BadCoding},
		{name: "vertical tab", lines: []string{"Transfer-Encoding: \x0bchunked"}, kind: http1.BadCoding},
		{name: "no-break space", lines: []string{"Transfer-Encoding: chunked\xa0"}, kind: http1.BadCoding},
		{name: "chunked in HTTP/1.0", start: "HTTP/1.0 200 OK", lines: []string{"Transfer-Encoding: chunked"}, kind: http1.BadCoding},
		{name: "length twice", lines: []string{"Content-Length: 5", "Content-Length: 5"}, kind: http1.BadLength},
		{name: "lengths that differ", lines: []string{"Content-Length: 5", "Content-Length: 6"}, kind: http1.BadLength},
		{name: "list of lengths", lines: []string{"Content-Length: 5, 5"}, kind: http1.BadLength},
		{name: "empty length", lines: []string{"Content-Length:"}, kind: http1.BadLength},
		{name: "signed length", lines: []string{"Content-Length: +5"}, kind: http1.BadLength},
		{name: "negative length", lines: []string{"Content-Length: -1"}, kind: http1.BadLength},
		{name: "hexadecimal length", lines: []string{"Content-Length: 0x5"}, kind: http1.BadLength},
		{name: "length with an underscore", lines: []string{"Content-Length: 1_0"}, kind: http1.BadLength},
		{name: "fraction", lines: []string{"Content-Length: 5.0"}, kind: http1.BadLength},
		{name: "text behind the length", lines: []string{"Content-Length: 5 bytes"}, kind: http1.BadLength},
		{name: "length and vertical tab", lines: []string{"Content-Length: 5\x0b"}, kind: http1.BadLength},
		{name: "length of 2^63", lines: []string{"Content-Length: 9223372036854775808"}, kind: http1.BadLength},
		{name: "length that wraps to 5", lines: []string{"Content-Length: 18446744073709551621"}, kind: http1.BadLength},
		{name: "wrong length of 204", start: "HTTP/1.1 204 No Content", lines: []string{"Content-Length: 5, 6"}, kind: http1.BadLength},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if row.start == "" {
				row.start = "HTTP/1.1 200 OK"
			}
			if row.method == "" {
				row.method = "GET"
			}
			var head http1.ResponseHead
			if err := reader(crlf(append([]string{row.start}, row.lines...)...)).ReadResponseHead(&head); err != nil {
				t.Fatal(err)
			}
			got, err := head.Framing(row.method)
			switch {
			case row.kind != "":
				wantFault(t, err, row.kind)
				if got.Kind != http1.NoBody {
					t.Errorf("%+v beside an error", got)
				}
			case err != nil || got != row.want:
				t.Errorf("framing %+v, %v, want %+v", got, err, row.want)
			}
		})
	}
}

func TestRequestFraming(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		header http1.Header
		want   http1.FramingKind
		kind   http1.Kind
	}{
		{"nothing said is no body", nil, http1.NoBody, ""},
		{"length", http1.Header{{"Content-Length", "5"}}, http1.Length, ""},
		{"chunked", http1.Header{{"Transfer-Encoding", "chunked"}}, http1.Chunked, ""},
		{"both", http1.Header{{"Transfer-Encoding", "chunked"}, {"content-length", "0"}}, "", http1.LengthAndCoding},
		{"another coding", http1.Header{{"Transfer-Encoding", "x"}}, "", http1.BadCoding},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			head := http1.RequestHead{Method: "GET", Header: row.header}
			got, err := head.Framing()
			if row.kind != "" {
				wantFault(t, err, row.kind)
			} else if err != nil || got.Kind != row.want {
				t.Errorf("framing %+v, %v, want %q", got, err, row.want)
			}
		})
	}
}

func TestForgivenFraming(t *testing.T) {
	t.Parallel()
	lenient := http1.Lenience{RepeatedLength: true, LengthWithChunked: true}
	for _, row := range []struct {
		name           string
		lines          []string
		want           http1.FramingKind
		forgiven, kind http1.Kind
	}{
		{"length twice", []string{"Content-Length: 5", "Content-Length: 05"}, http1.Length, http1.BadLength, ""},
		{"list of lengths", []string{"Content-Length: 5, 5"}, http1.Length, http1.BadLength, ""},
		{"both", []string{"Content-Length: 5", "Transfer-Encoding: chunked"}, http1.Chunked, http1.LengthAndCoding, ""},
		{"lengths that differ", []string{"Content-Length: 5, 6"}, "", "", http1.BadLength},
		{"a list with nothing in it", []string{"Content-Length: 5,"}, "", "", http1.BadLength},
		{"wrong lengths beside chunked", []string{"Content-Length: 5, 6", "Transfer-Encoding: chunked"}, "", "", http1.BadLength},
		{"length beside another coding", []string{"Content-Length: 5", "Transfer-Encoding: identity"}, "", "", http1.BadCoding},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := reader(crlf(append([]string{"HTTP/1.1 200 OK"}, row.lines...)...))
			r.Lenience = lenient
			var head http1.ResponseHead
			if err := r.ReadResponseHead(&head); err != nil {
				t.Fatal(err)
			}
			got, err := head.Framing("GET")
			if row.kind != "" {
				wantFault(t, err, row.kind)
				return
			}
			if err != nil || got.Kind != row.want {
				t.Errorf("framing %+v, %v, want %q", got, err, row.want)
			}
			wantForgiven(t, head.Forgiven, row.forgiven)
		})
	}
}

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, version string
		header        http1.Header
		want          bool
	}{
		{"1.1", "HTTP/1.1", nil, true},
		{"1.1, close", "HTTP/1.1", http1.Header{{"connection", "Close"}}, false},
		{"1.1, close in a list", "HTTP/1.1", http1.Header{{"Connection", "foo"}, {"Connection", "bar , close"}}, false},
		{"1.1, something else", "HTTP/1.1", http1.Header{{"Connection", "closed"}}, true},
		{"1.0", "HTTP/1.0", nil, false},
		{"1.0, keep-alive", "HTTP/1.0", http1.Header{{"Connection", "Keep-Alive"}}, true},
		{"1.0, both", "HTTP/1.0", http1.Header{{"Connection", "keep-alive, close"}}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			request := http1.RequestHead{Version: row.version, Header: row.header}
			response := http1.ResponseHead{Version: row.version, Header: row.header}
			if request.KeepAlive() != row.want || response.KeepAlive() != row.want {
				t.Errorf("request %v, response %v, want %v", request.KeepAlive(), response.KeepAlive(), row.want)
			}
		})
	}
}
