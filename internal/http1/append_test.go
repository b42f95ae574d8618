package http1_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/http1"
)

func TestAppendRequestHead(t *testing.T) {
	t.Parallel()
	got, err := http1.AppendRequestHead([]byte("before|"), &http1.RequestHead{
		Method: "PATCH", Target: "/a?b",
		Header: http1.Header{{"host", "a.test"}, {"X-B", "\x01\x80"}, {"x-b", ""}},
	})
	want := "before|PATCH /a?b HTTP/1.1\r\nhost: a.test\r\nX-B: \x01\x80\r\nx-b: \r\n\r\n"
	if string(got) != want || err != nil {
		t.Errorf("appended %q, %v, want %q", got, err, want)
	}
}

func TestAppendResponseHead(t *testing.T) {
	t.Parallel()
	got, err := http1.AppendResponseHead(nil, &http1.ResponseHead{Version: "HTTP/1.0", Status: 200, Header: http1.Header{{"A", "\x0b"}}})
	if want := "HTTP/1.0 200 \r\nA: \x0b\r\n\r\n"; string(got) != want || err != nil {
		t.Errorf("appended %q, %v, want %q", got, err, want)
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	request := func(method, target, version string, fields ...http1.Field) error {
		got, err := http1.AppendRequestHead([]byte("before"), &http1.RequestHead{Method: method, Target: target, Version: version, Header: fields})
		return unchanged(got, err)
	}
	response := func(version string, status int, reason string, fields ...http1.Field) error {
		got, err := http1.AppendResponseHead([]byte("before"), &http1.ResponseHead{Version: version, Status: status, Reason: reason, Header: fields})
		return unchanged(got, err)
	}
	for _, row := range []struct {
		name string
		err  error
		kind http1.Kind
	}{
		{"no method", request("", "/", ""), http1.BadMethod},
		{"method with a space", request("GET /", "/", ""), http1.BadMethod},
		{"method with a line end", request("GET\r\n", "/", ""), http1.BadMethod},
		{"target with a space", request("GET", "/ HTTP/1.1", ""), http1.BadTarget},
		{"target with a line end", request("GET", "/\r\nHost: b", ""), http1.BadTarget},
		{"relative target", request("GET", "a", ""), http1.BadTarget},
		{"version", request("GET", "/", "HTTP/2.0"), http1.BadVersion},
		{"no name", request("GET", "/", "", http1.Field{"", "a"}), http1.BadName},
		{"name with a colon", request("GET", "/", "", http1.Field{"a:", "b"}), http1.BadName},
		{"name with a line end", request("GET", "/", "", http1.Field{"a\r\nb", "c"}), http1.BadName},
		{"value with a line end", request("GET", "/", "", http1.Field{"a", "b\r\nc: d"}), http1.BadValue},
		{"value with a line feed", request("GET", "/", "", http1.Field{"a", "b\nc"}), http1.BadValue},
		{"value with a carriage return", request("GET", "/", "", http1.Field{"a", "b\rc"}), http1.BadValue},
		{"value with a zero byte", request("GET", "/", "", http1.Field{"a", "\x00"}), http1.BadValue},
		{"value that would be trimmed", request("GET", "/", "", http1.Field{"a", "b "}), http1.BadValue},
		{"response version", response("HTTP/2", 200, ""), http1.BadVersion},
		{"status of two digits", response("", 99, ""), http1.BadStatus},
		{"status of four digits", response("", 1000, ""), http1.BadStatus},
		{"reason with a line end", response("", 200, "a\r\nb: c"), http1.BadReason},
		{"response value", response("", 200, "", http1.Field{"a", "\n"}), http1.BadValue},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			wantFault(t, row.err, row.kind)
		})
	}
}

func unchanged(got []byte, err error) error {
	if string(got) != "before" {
		return errors.New("something was appended")
	}
	return err
}

func TestChunkWriter(t *testing.T) {
	t.Parallel()
	var wire bytes.Buffer
	w := &http1.ChunkWriter{W: &wire, Trailer: http1.Header{{"x-A", "1"}}}
	for _, p := range []string{"ab", "", strings.Repeat("c", 0x1a)} {
		if n, err := io.WriteString(w, p); n != len(p) || err != nil {
			t.Fatalf("wrote %d of %d bytes, %v", n, len(p), err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if want := "2\r\nab\r\n1a\r\n" + strings.Repeat("c", 0x1a) + "\r\n0\r\nx-A: 1\r\n\r\n"; wire.String() != want {
		t.Errorf("wrote %q, want %q", wire.String(), want)
	}
	w.Trailer = http1.Header{{"Content-Length", "1"}}
	wantFault(t, w.Close(), http1.BadTrailer)
}

func TestChunkWriterFails(t *testing.T) {
	t.Parallel()
	w := &http1.ChunkWriter{W: failing{}}
	if _, err := w.Write([]byte("a")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("close: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// FuzzAppend: what is written is read back as it was, by a reader that gets it
// byte by byte, up to its last byte.
func FuzzAppend(f *testing.F) {
	f.Add("GET", "/", "Host", "a", "X-A", "\x01", 200, "OK", []byte("body"), uint8(1))
	f.Add("OPTIONS", "*", "host", "[::1]:80", "transfer-encoding", "chunked", 404, "", []byte{}, uint8(3))
	f.Add("CONNECT", "a:1", "Content-Length", "4", "Content-Length", "4", 100, "\x80", []byte("0\r\n\r\n"), uint8(200))
	f.Fuzz(func(t *testing.T, method, target, name, value, name2, value2 string, status int, reason string, content []byte, size uint8) {
		header := http1.Header{{name, value}, {name2, value2}}
		request := http1.RequestHead{Method: method, Target: target, Version: "HTTP/1.0", Header: header}
		if wire, err := http1.AppendRequestHead(nil, &request); err == nil {
			var got http1.RequestHead
			err := oneByteReader(string(wire)).ReadRequestHead(&got)
			if errors.Is(err, http1.BadHost) {
				return // whether a head has a host is not looked at when it is written
			}
			if diff := cmp.Diff(request.Header, got.Header); diff != "" || err != nil || got.Method != method || got.Target != target {
				t.Errorf("%q was read back as %+v, %v", wire, got, err)
			}
		}
		response := http1.ResponseHead{Version: "HTTP/1.1", Status: status, Reason: reason, Header: header}
		if wire, err := http1.AppendResponseHead(nil, &response); err == nil {
			var got http1.ResponseHead
			err := oneByteReader(string(wire)).ReadResponseHead(&got)
			if diff := cmp.Diff(response.Header, got.Header); diff != "" || err != nil || got.String() != response.String() {
				t.Errorf("%q was read back as %+v, %v", wire, got, err)
			}
		}
		appendedBody(t, content, int(size)+1, header)
	})
}

// appendedBody writes content in chunks and reads it back.
func appendedBody(t *testing.T, content []byte, size int, trailer http1.Header) {
	var wire []byte
	for rest := content; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		wire = http1.AppendChunk(wire, rest[:min(size, len(rest))])
	}
	wire, err := http1.AppendLastChunk(wire, trailer)
	if err != nil {
		return
	}
	b := oneByteReader(string(wire)).Body(http1.Framing{Kind: http1.Chunked})
	got, err := io.ReadAll(b)
	if diff := cmp.Diff(trailer, b.Trailer()); diff != "" || err != nil || !bytes.Equal(got, content) {
		t.Errorf("%q was read back as %q, %v; trailer (-want +got):\n%s", wire, got, err, diff)
	}
}

func oneByteReader(text string) *http1.Reader {
	return http1.NewReader(bufio.NewReader(iotest.OneByteReader(strings.NewReader(text))))
}
