package http1_test

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

// serveAll reads requests as a server does, until the connection ends or one
// is at fault.
func serveAll(text string) (requests []string, err error) {
	r := http1.NewReader(bufio.NewReader(strings.NewReader(text)))
	for {
		var head http1.RequestHead
		if err := r.ReadRequestHead(&head); err != nil {
			return requests, err
		}
		framing, err := head.Framing()
		if err != nil {
			return requests, err
		}
		content, err := io.ReadAll(r.Body(framing))
		if err != nil {
			return requests, err
		}
		requests = append(requests, head.Method+" "+head.Target+" "+string(content))
	}
}

// Each of these has been read in two ways by two servers in a row, which let
// somebody put a request of theirs in front of another's. Here, each ends the
// connection before the request that is hidden in it.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	const (
		post   = "POST / HTTP/1.1\r\nHost: a\r\n"
		hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
		chunks = "Transfer-Encoding: chunked\r\n"
	)
	for _, row := range []struct {
		name, text string
		kind       http1.Kind
	}{
		{"CL.TE", post + "Content-Length: 6\r\n" + chunks + "\r\n0\r\n\r\n" + hidden, http1.LengthAndCoding},
		{"TE.CL", post + chunks + "Content-Length: 4\r\n\r\n5c\r\n" + hidden, http1.LengthAndCoding},
		{"CL.CL", post + "Content-Length: 0\r\nContent-Length: 36\r\n\r\n" + hidden, http1.BadLength},
		{"lengths in a list", post + "Content-Length: 0, 36\r\n\r\n" + hidden, http1.BadLength},
		{"TE.TE, one of them unknown", post + chunks + "Transfer-Encoding: x\r\n\r\n0\r\n\r\n" + hidden, http1.BadCoding},
		{"TE.TE, in a list", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden, http1.BadCoding},
		{"coding with a prefix", post + "Content-Length: 36\r\nTransfer-Encoding: xchunked\r\n\r\n" + hidden, http1.BadCoding},
		{"coding behind a vertical tab", post + "Content-Length: 36\r\nTransfer-Encoding:\x0bchunked\r\n\r\n" + hidden, http1.BadCoding},
		{"coding behind a form feed", post + "Content-Length: 36\r\nTransfer-Encoding: chunked\x0c\r\n\r\n" + hidden, http1.BadCoding},
		{"coding in quotes", post + "Content-Length: 36\r\nTransfer-Encoding: 'chunked'\r\n\r\n" + hidden, http1.BadCoding},
		{"space before the coding's colon", post + "Content-Length: 36\r\nTransfer-Encoding : chunked\r\n\r\n" + hidden, http1.SpaceInName},
		{"tab before the coding's colon", post + "Content-Length: 36\r\nTransfer-Encoding\t: chunked\r\n\r\n" + hidden, http1.SpaceInName},
		{"control byte in the coding's name", post + "Content-Length: 36\r\nTransfer-Encoding\x0b: chunked\r\n\r\n" + hidden, http1.BadName},
		{"space before the coding's name", post + "Content-Length: 36\r\n Transfer-Encoding: chunked\r\n\r\n" + hidden, http1.ObsoleteFold},
		{"folded coding", post + "Content-Length: 36\r\nTransfer-Encoding:\r\n chunked\r\n\r\n" + hidden, http1.ObsoleteFold},
		{"coding behind a line feed", post + "Content-Length: 36\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n" + hidden, http1.BareLF},
		{"coding behind a carriage return", post + "Content-Length: 36\r\nX: y\rTransfer-Encoding: chunked\r\n\r\n" + hidden, http1.BareCR},
		{"coding behind a zero byte", post + "Content-Length: 36\r\nTransfer-Encoding: \x00chunked\r\n\r\n" + hidden, http1.NUL},
		{"coding in HTTP/1.0", "POST / HTTP/1.0\r\nConnection: keep-alive\r\n" + chunks + "\r\n0\r\n\r\n" + hidden, http1.BadCoding},
		{"signed length", post + "Content-Length: +0\r\n\r\n" + hidden, http1.BadLength},
		{"length with a comma", post + "Content-Length: 0,\r\n\r\n" + hidden, http1.BadLength},
		{"length that overflows", post + "Content-Length: 18446744073709551616\r\n\r\n" + hidden, http1.BadLength},
		{"octal or decimal", post + "Content-Length: 0o44\r\n\r\n" + hidden, http1.BadLength},
		{"space before the length's colon", post + "Content-Length : 36\r\n\r\n" + hidden, http1.SpaceInName},
		{"underscore in the length", post + "Content-Length: 3_6\r\n\r\n" + hidden, http1.BadLength},
		{"size that overflows", post + chunks + "\r\n10000000000000000\r\n\r\n" + hidden, http1.BadChunkSize},
		{"size with a prefix", post + chunks + "\r\n0x0\r\n\r\n" + hidden, http1.BadChunkSize},
		{"size with a sign", post + chunks + "\r\n-0\r\n\r\n" + hidden, http1.BadChunkSize},
		{"size with a space before", post + chunks + "\r\n 0\r\n\r\n" + hidden, http1.BadChunkSize},
		{"size behind a line feed in an extension", post + chunks + "\r\n2;\nxx\r\n22\r\n0\r\n\r\n" + hidden, http1.BareLF},
		{"size behind a carriage return in an extension", post + chunks + "\r\n2;\rxx\r\n22\r\n0\r\n\r\n" + hidden, http1.BadChunkExt},
		{"two bytes read as a line end", post + chunks + "\r\n5\r\nAAAAAXX2\r\n45\r\n0\r\n\r\n" + hidden, http1.BadChunkEnd},
		{"a byte too many", post + chunks + "\r\n5\r\nAAAAAA\r\n0\r\n\r\n" + hidden, http1.BadChunkEnd},
		{"line feed behind the data", post + chunks + "\r\n1\r\nA\n0\r\n\r\n" + hidden, http1.BareLF},
		{"carriage return behind the data", post + chunks + "\r\n1\r\nA\r0\r\n\r\n" + hidden, http1.BadChunkEnd},
		{"last chunk's line feed", post + chunks + "\r\n0\n\r\n" + hidden, http1.BareLF},
		{"trailer's line feed", post + chunks + "\r\n0\r\n\n" + hidden, http1.BareLF},
		{"coding in the trailer", post + chunks + "\r\n0\r\n" + chunks + "\r\n" + hidden, http1.BadTrailer},
		{"request in the target", "GET / HTTP/1.1\r\nHost: a\r\n\r\n" + "GET /a HTTP/1.1 GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n", http1.BadStartLine},
		{"request behind a line feed", "GET / HTTP/1.1\r\nHost: a\r\nX: y\n\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n", http1.BareLF},
		{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: hidden\r\n\r\n", http1.BadHost},
		{"host behind a space", "GET / HTTP/1.1\r\n Host: hidden\r\nHost: a\r\n\r\n", http1.ObsoleteFold},
		{"host of a URL", "GET / HTTP/1.1\r\nHost: a@hidden\r\n\r\n", http1.BadHost},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			served, err := serveAll(row.text)
			wantFault(t, err, row.kind)
			for _, request := range served {
				if strings.Contains(request, "hidden") {
					t.Errorf("served %q", served)
				}
			}
		})
	}
}

func TestPipeline(t *testing.T) {
	t.Parallel()
	served, err := serveAll("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" +
		"POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" +
		"POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\nx: y\r\n\r\n" +
		"\r\nPOST /4 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
	if got, want := strings.Join(served, "|"), "GET /1 |POST /2 abc|POST /3 def|POST /4 "; got != want || err != io.EOF {
		t.Errorf("served %q, %v, want %q", got, err, want)
	}
}
