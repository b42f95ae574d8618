package http1_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/http1"
)

// A reading is what one reader makes of a message.
type reading struct {
	start  string
	header map[string][]string
	body   string
	rest   string // what stands behind the message
	err    error
}

// framed are the names that net/http takes out of the header, changes or adds.
var framed = []string{"Host", "Content-Length", "Transfer-Encoding", "Trailer", "Cache-Control"}

func lines(h http1.Header) map[string][]string {
	all := make(map[string][]string)
	for _, f := range h {
		name := textproto.CanonicalMIMEHeaderKey(f.Name)
		all[name] = append(all[name], f.Value)
	}
	return withoutFramed(all)
}

func withoutFramed(all map[string][]string) map[string][]string {
	for _, name := range framed {
		delete(all, name)
	}
	return all
}

// readRequest and readResponse are ours; theirs are those of net/http.
func ourRequest(text string) (got reading) {
	br := bufio.NewReader(strings.NewReader(text))
	r := http1.NewReader(br)
	var head http1.RequestHead
	var framing http1.Framing
	if got.err = r.ReadRequestHead(&head); got.err == nil {
		framing, got.err = head.Framing()
	}
	if got.err != nil {
		return got
	}
	got.start = head.Method + " " + head.Target + " " + head.Version
	got.header = lines(head.Header)
	got.finish(r.Body(framing), br)
	return got
}

func ourResponse(text string, lenience http1.Lenience) (got reading) {
	br := bufio.NewReader(strings.NewReader(text))
	r := http1.NewReader(br)
	r.Lenience = lenience
	var head http1.ResponseHead
	var framing http1.Framing
	if got.err = r.ReadResponseHead(&head); got.err == nil {
		framing, got.err = head.Framing("GET")
	}
	if got.err != nil {
		return got
	}
	got.start = strings.TrimSpace(head.String())
	got.header = lines(head.Header)
	got.finish(r.Body(framing), br)
	return got
}

func theirRequest(text string) (got reading) {
	br := bufio.NewReader(strings.NewReader(text))
	request, err := http.ReadRequest(br)
	if err != nil {
		return reading{err: err}
	}
	got.start = request.Method + " " + request.RequestURI + " " + request.Proto
	got.header = withoutFramed(request.Header)
	got.finish(request.Body, br)
	return got
}

func theirResponse(text string) (got reading) {
	br := bufio.NewReader(strings.NewReader(text))
	response, err := http.ReadResponse(br, &http.Request{Method: "GET"})
	if err != nil {
		return reading{err: err}
	}
	got.start = strings.TrimSpace(response.Proto + " " + response.Status)
	got.header = withoutFramed(response.Header)
	got.finish(response.Body, br)
	return got
}

func (got *reading) finish(body io.Reader, br *bufio.Reader) {
	content, err := io.ReadAll(body)
	rest, _ := io.ReadAll(br)
	got.body, got.rest, got.err = string(content), string(rest), err
}

// stricter are the faults that net/http forgives, or does not look for. What we
// refuse for another reason, it has to refuse too.
var stricter = map[http1.Kind]string{
	http1.BareLF:       "takes line feeds for line ends",
	http1.ObsoleteFold: "joins folded lines",
	http1.BadHost:      "leaves Host to the server",
	http1.BadTarget:    "takes what url.ParseRequestURI takes: a fragment, bytes from 0x80 on, \"*\" for any method",
	http1.BadVersion:   "takes any digits",
	http1.BadStatus:    "passes over spaces, takes 000",
	http1.BadLength:    "takes equal lengths, and ignores wrong ones beside chunked",
	http1.BadCoding:    "ignores Transfer-Encoding in HTTP/1.0",
	http1.BadChunkSize: "takes sizes of 2^63 and more",
	http1.BadChunkExt:  "does not look at extensions, and trims blanks",
	http1.BadTrailer:   "leaves undeclared fields out",
	http1.BareCR:       "trims carriage returns with other white space",

	http1.BadName:     "takes names with spaces in them",
	http1.SpaceInName: "takes names with spaces in them",

	http1.LengthAndCoding: "lets chunked win",
	http1.NUL:             "does not look at the reason phrase",
}

// agree holds our reading against that of net/http.
func agree(t *testing.T, text string, ours, theirs reading) {
	t.Helper()
	var fault *http1.Error
	switch {
	case ours.err == nil && theirs.err == nil:
		if diff := cmp.Diff(theirs.header, ours.header); diff != "" || ours.start != theirs.start || ours.body != theirs.body || ours.rest != theirs.rest {
			t.Errorf("%q:\nours   %q, body %q, rest %q\ntheirs %q, body %q, rest %q\nheader (-theirs +ours):\n%s",
				text, ours.start, ours.body, ours.rest, theirs.start, theirs.body, theirs.rest, diff)
		}
	case ours.err != nil && theirs.err == nil:
		if !errors.As(ours.err, &fault) || stricter[fault.Kind] == "" {
			t.Errorf("%q: refused (%v), net/http takes it", text, ours.err)
		}
	case ours.err == nil:
		if !isLaxer(text) {
			t.Errorf("%q: taken, net/http refuses it: %v", text, theirs.err)
		}
	}
}

// isLaxer reports whether a message has what we take and net/http does not: an
// empty line before, control bytes in values, a target that is no URL to it, a
// Trailer field that announces what no trailer may have, blanks before a chunk
// extension.
func isLaxer(text string) bool {
	if strings.HasPrefix(text, "\r\n") || strings.Contains(text, " ;") || strings.Contains(text, "\t;") {
		return true
	}
	var head http1.RequestHead
	_ = reader(text).ReadRequestHead(&head)
	target := head.Target
	if head.Method == "CONNECT" {
		target = "http://" + target
	}
	if _, err := url.ParseRequestURI(target); target != "" && err != nil {
		return true
	}
	if strings.Contains(strings.ToLower(text), "trailer:") {
		return true
	}
	return slices.ContainsFunc([]byte(text), func(c byte) bool {
		return c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f
	})
}

// bounded checks that a reader with small limits keeps to them, and that
// nothing depends on how the bytes arrive.
func bounded(t *testing.T, text string, read func(r *http1.Reader) (raw string, framing http1.Framing, err error)) {
	t.Helper()
	limits := http1.Limits{Line: 40, Head: 100, Fields: 3, ChunkExtensions: 10, Body: 20}
	var results []string
	for _, r := range []*http1.Reader{reader(text), oneByteReader(text)} {
		r.Limits, r.Lenience = limits, http1.Chromium
		raw, framing, err := read(r)
		var content []byte
		if err == nil {
			content, err = io.ReadAll(r.Body(framing))
		}
		if len(raw) > limits.Head || int64(len(content)) > limits.Body {
			t.Errorf("%q: kept %d bytes of the head, %d of the body", text, len(raw), len(content))
		}
		var fault *http1.Error
		if errors.As(err, &fault) && len(fault.Near) > 64 {
			t.Errorf("%q: the error holds %d bytes", text, len(fault.Near))
		}
		kind := ""
		if fault != nil {
			kind = string(fault.Kind)
		}
		results = append(results, raw+"|"+string(content)+"|"+kind)
	}
	if results[0] != results[1] {
		t.Errorf("%q: read at once: %q; byte by byte: %q", text, results[0], results[1])
	}
}

func FuzzReadRequest(f *testing.F) {
	for _, row := range requests {
		f.Add(row.text)
	}
	for _, row := range chunkedBodies {
		if len(row.wire) < 1000 {
			f.Add("POST /a?b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + row.wire)
		}
	}
	f.Add("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET")
	f.Fuzz(func(t *testing.T, text string) {
		agree(t, text, ourRequest(text), theirRequest(text))
		bounded(t, text, func(r *http1.Reader) (string, http1.Framing, error) {
			var head http1.RequestHead
			if err := r.ReadRequestHead(&head); err != nil {
				return head.Raw, http1.Framing{}, err
			}
			framing, err := head.Framing()
			return head.Raw, framing, err
		})
	})
}

func FuzzReadResponse(f *testing.F) {
	for _, row := range responses {
		f.Add(row.text)
	}
	for _, row := range chunkedBodies {
		if len(row.wire) < 1000 {
			f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + row.wire)
		}
	}
	f.Add("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nabcHTTP")
	f.Add("HTTP/1.0 404 Not Found\r\nA: b\r\n\r\nabc")
	f.Fuzz(func(t *testing.T, text string) {
		agree(t, text, ourResponse(text, http1.Lenience{}), theirResponse(text))
		_ = ourResponse(text, http1.Firefox)
		bounded(t, text, func(r *http1.Reader) (string, http1.Framing, error) {
			var head http1.ResponseHead
			if err := r.ReadResponseHead(&head); err != nil {
				return head.Raw, http1.Framing{}, err
			}
			framing, err := head.Framing("GET")
			return head.Raw, framing, err
		})
	})
}
