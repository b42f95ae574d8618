package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

// asked is a request.
type asked struct {
	name, method, target string
	size                 int // of the body; below zero there is none
	header               []string
	status               int // 0: servers differ
}

const (
	none     = -1
	packet   = 10
	large    = 1 << 20
	enormous = 20 << 20
)

var inChunks = []string{"Transfer-Encoding", "chunked"}

var askedOfAPIs = []asked{
	{"GET", "GET", "/plain", none, nil, 200},
	{"HEAD", "HEAD", "/plain", none, nil, 200},
	{"GET of nothing", "GET", "/nothing", none, nil, 200},
	{"GET of pieces", "GET", "/pieces", none, nil, 200},
	{"HEAD of pieces", "HEAD", "/pieces", none, nil, 200},
	{"GET of much", "GET", "/large", none, nil, 200},
	{"GET of a large head", "GET", "/lines", none, nil, 200},
	{"GET of cookies", "GET", "/cookies", none, nil, 200},
	{"GET of events", "GET", "/events", none, nil, 200},
	{"GET of a redirect", "GET", "/redirect", none, nil, 302},
	{"GET of 204", "GET", "/status?code=204", none, nil, 204},
	{"GET of 304", "GET", "/status?code=304", none, nil, 304},
	{"GET of 404", "GET", "/none", none, nil, 404},
	{"GET of 500", "GET", "/status?code=500", none, nil, 500},
	{"GET that is cut", "GET", "/cut", none, nil, 200},
	{"GET that is cut between pieces", "GET", "/cut-pieces", none, nil, 200},
	{"DELETE", "DELETE", "/echo", none, nil, 200},
	{"DELETE with a body", "DELETE", "/echo", packet, nil, 200},
	{"POST of nothing", "POST", "/echo", 0, nil, 200},
	{"POST", "POST", "/echo", packet, nil, 200},
	{"POST of much", "POST", "/echo", large, nil, 200},
	{"POST that asks", "POST", "/echo", large, []string{"Expect", "100-continue"}, 200},
	{"POST that is refused", "POST", "/refuse", large, nil, 413},
	{"PUT in chunks", "PUT", "/echo", large, inChunks, 200},
	{"PUT in chunks that is refused", "PUT", "/refuse", large, inChunks, 413},
}

var askedOfNode = []asked{
	{"GET after hints", "GET", "/hints", none, nil, 200},
	{"GET of a trailer", "GET", "/trailer", none, nil, 200},
	{"POST of very much", "POST", "/echo", enormous, nil, 200},
	{"POST that asks and is refused", "POST", "/refuse", large, []string{"Expect", "100-continue"}, 413},
}

var askedOfFiles = []asked{
	{"GET", "GET", "/plain.txt", none, nil, 200},
	{"HEAD", "HEAD", "/plain.txt", none, nil, 200},
	{"GET of nothing", "GET", "/nothing.txt", none, nil, 200},
	{"GET of much", "GET", "/large.txt", none, nil, 200},
	{"GET of gzip", "GET", "/large.txt", none, []string{"Accept-Encoding", "gzip"}, 200},
	{"HEAD of gzip", "HEAD", "/large.txt", none, []string{"Accept-Encoding", "gzip"}, 200},
	{"GET of a range", "GET", "/large.txt", none, []string{"Range", "bytes=5-99"}, 0},
	{"GET of no range", "GET", "/large.txt", none, []string{"Range", "bytes=5000000-"}, 0},
	{"GET if modified", "GET", "/large.txt", none, []string{"If-Modified-Since", "Wed, 21 Oct 2037 07:28:00 GMT"}, 0},
	{"GET of a folder", "GET", "/folder", none, nil, 301},
	{"GET of 404", "GET", "/none", none, nil, 404},
	{"GET of what cannot be reached", "GET", "/down/", none, nil, 0},
	{"DELETE", "DELETE", "/plain.txt", none, nil, 0},
	{"POST", "POST", "/plain.txt", packet, nil, 0},
	{"POST of much", "POST", "/plain.txt", large, nil, 0},
	{"PUT in chunks", "PUT", "/plain.txt", large, inChunks, 0},
}

var askedOfScripts = []asked{
	{"GET of a script", "GET", "/script", none, nil, 200},
	{"HEAD of a script", "HEAD", "/script", none, nil, 200},
	{"POST to a script", "POST", "/script", packet, nil, 200},
	{"POST of much to a script", "POST", "/script", large, nil, 200},
	{"PUT in chunks to a script", "PUT", "/script", large, inChunks, 200},
}

// of sends the request on a connection of its own. It returns all of the answer
// but for what concerns connections, or is the gateway's.
func (a asked) of(t testing.TB, url string) string {
	t.Helper()
	address := strings.TrimPrefix(url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	h, body := a.message(address)
	x, err := http1.NewClientConn(conn).RoundTrip(ctx, h, body)
	if err != nil {
		x.Close()
		t.Fatalf("%s of %s: %v", a.name, url, err)
	}
	defer x.Close()
	content, err := io.ReadAll(x.Body)
	header := visible(x, url, len(content))
	text := fmt.Sprintf("%s%d %s\n%.200q of %d bytes, cut: %t", hints(x), x.Response.Status, header, content, len(content), err != nil)
	for _, f := range x.Body.Trailer() {
		text += fmt.Sprintf("\n%s: %s", http.CanonicalHeaderKey(f.Name), f.Value)
	}
	return text
}

func (a asked) message(host string) (*http1.RequestHead, []byte) {
	h := &http1.RequestHead{Method: a.method, Target: a.target, Header: http1.Header{{Name: "Host", Value: host}, {Name: "Origin", Value: app}}}
	for pair := range slices.Chunk(a.header, 2) {
		h.Header.Add(pair[0], pair[1])
	}
	if a.size < 0 {
		return h, nil
	}
	body := bytes.Repeat([]byte("x"), a.size)
	if !h.Header.Has("Transfer-Encoding") {
		h.Header.Add("Content-Length", fmt.Sprint(a.size))
		return h, body
	}
	var chunks []byte
	for piece := range slices.Chunk(body, 10_000) {
		chunks = http1.AppendChunk(chunks, piece)
	}
	chunks, _ = http1.AppendLastChunk(chunks, nil)
	return h, chunks
}

func hints(x *http1.Exchange) (text string) {
	for _, h := range x.Interim {
		if h.Status != http.StatusContinue {
			link, _ := h.Header.Get("Link")
			text += fmt.Sprintf("%d %s, ", h.Status, link)
		}
	}
	return text
}

// visible is a response's header without what is not the same through a gateway.
func visible(x *http1.Exchange, url string, size int) string {
	lines := make(map[string][]string)
	for _, f := range x.Response.Header {
		name := http.CanonicalHeaderKey(f.Name)
		switch {
		case strings.HasPrefix(name, "Access-Control-"), name == "Vary" && f.Value == "Origin":
		case name == "Date", name == "Connection", name == "Keep-Alive", name == "Transfer-Encoding":
		case name == "Content-Length" && x.Request.Method != "HEAD" && f.Value == fmt.Sprint(size):
		case name == "Content-Type" && x.Response.Status == http.StatusNotModified: // net/http leaves it out
		case name == "Location":
			lines[name] = append(lines[name], strings.TrimPrefix(f.Value, url))
		default:
			lines[name] = append(lines[name], f.Value)
		}
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&text, "\n%s: %.60q × %d", name, lines[name], len(lines[name]))
	}
	return text.String()
}
