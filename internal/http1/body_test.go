package http1_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/http1"
)

var chunkedBodies = []struct {
	name, wire string
	lenience   http1.Lenience
	limits     http1.Limits
	want       string // what is read, of a body at fault too
	trailer    http1.Header
	kind       http1.Kind
	forgiven   http1.Kind
}{
	{name: "chunks", wire: "2\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n", want: "ab0123456789"},
	{name: "nothing", wire: "0\r\n\r\n"},
	{name: "digits in any case, with zeros", wire: "00000000000000aB\r\n" + strings.Repeat("x", 0xab) + "\r\n0000\r\n\r\n", want: strings.Repeat("x", 0xab)},
	{name: "line ends in the data", wire: "4\r\n\r\n\r\n\r\n0\r\n\r\n", want: "\r\n\r\n"},
	{name: "extensions", wire: "2;a=b ; c=\"d;e\\\"\"\r\nab\r\n0 \t;x\x80\r\n\r\n", want: "ab"},
	{name: "trailer", wire: "2\r\nab\r\n0\r\nx-A: 1\r\nX-a: 2\r\n\r\n", want: "ab", trailer: http1.Header{{"x-A", "1"}, {"X-a", "2"}}},

	{name: "no size", wire: "\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "extension without a size", wire: ";a\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "no number", wire: "g\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "prefix", wire: "0x2\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "plus", wire: "+2\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "minus", wire: "-2\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "underscore", wire: "1_0\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "space before", wire: " 2\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "17 digits", wire: "00000000000000002\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "2^63", wire: "8000000000000000\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "2^64+2", wire: "10000000000000002\r\nab\r\n0\r\n\r\n", kind: http1.BadChunkSize},
	{name: "2^63-1", wire: "7fffffffffffffff\r\nab\r\n0\r\n\r\n", kind: http1.BodyTooLarge},
	{name: "2^63-1 without a limit", wire: "7fffffffffffffff\r\nab", limits: http1.Limits{Body: -1}, want: "ab", kind: http1.Truncated},
	{name: "space behind", wire: "2 \r\nab\r\n0\r\n\r\n", kind: http1.BadChunkExt},
	{name: "space behind, forgiven", wire: "2  \r\nab\r\n0 \r\n\r\n", lenience: http1.Lenience{SpaceAfterChunkSize: true}, want: "ab", forgiven: http1.BadChunkExt},
	{name: "tab behind", wire: "2\t\r\nab\r\n0\r\n\r\n", lenience: http1.Chromium, kind: http1.BadChunkExt},
	{name: "text behind", wire: "2 x\r\nab\r\n0\r\n\r\n", lenience: http1.Chromium, kind: http1.BadChunkExt},
	{name: "line feed in an extension", wire: "2;a\nab\r\n0\r\n\r\n", kind: http1.BareLF},
	{name: "carriage return in an extension", wire: "2;a\rb\r\nab\r\n0\r\n\r\n", lenience: http1.Chromium, kind: http1.BadChunkExt},
	{name: "zero byte in an extension", wire: "2;\x00\r\nab\r\n0\r\n\r\n", lenience: http1.Chromium, kind: http1.BadChunkExt},
	{name: "carriage return twice", wire: "2\r\r\nab\r\n0\r\n\r\n", lenience: http1.Chromium, kind: http1.BadChunkSize},
	{name: "line feeds", wire: "2\nab\n0\n\n", kind: http1.BareLF},
	{name: "line feeds, forgiven", wire: "2\nab\n0\nx: y\n\n", lenience: http1.Lenience{BareLF: true}, want: "ab", trailer: http1.Header{{"x", "y"}}, forgiven: http1.BareLF},
	{name: "line feed behind the data", wire: "2\r\nab\n0\r\n\r\n", want: "ab", kind: http1.BareLF},
	{name: "data too long", wire: "2\r\nabc\r\n0\r\n\r\n", want: "ab", kind: http1.BadChunkEnd},
	{name: "data too long, lenient", wire: "2\r\nabc\n0\r\n\r\n", want: "ab", lenience: http1.Chromium, kind: http1.BadChunkEnd},
	{name: "carriage return behind the data", wire: "2\r\nab\rx0\r\n\r\n", want: "ab", kind: http1.BadChunkEnd},
	{name: "two bytes for a line end", wire: "2\r\nabXX0\r\n\r\n", want: "ab", kind: http1.BadChunkEnd},

	{name: "folded trailer", wire: "0\r\na: b\r\n c\r\n\r\n", kind: http1.ObsoleteFold},
	{name: "junk in the trailer", wire: "0\r\njunk\r\n\r\n", kind: http1.BadName},
	{name: "junk in the trailer, forgiven", wire: "0\r\njunk\r\n\r\n", lenience: http1.Chromium, forgiven: http1.BadName},
	{name: "length in the trailer", wire: "0\r\nContent-Length: 5\r\n\r\n", kind: http1.BadTrailer},
	{name: "length in the trailer, forgiven", wire: "0\r\nContent-Length: 5\r\n\r\n", lenience: http1.Chromium, trailer: http1.Header{{"Content-Length", "5"}}, forgiven: http1.BadTrailer},
	{name: "coding in the trailer", wire: "0\r\ntransfer-encoding: chunked\r\n\r\n", kind: http1.BadTrailer},
	{name: "host in the trailer", wire: "0\r\nHost: a\r\n\r\n", kind: http1.BadTrailer},
	{name: "zero byte in the trailer", wire: "0\r\na: \x00\r\n\r\n", lenience: http1.Chromium, kind: http1.NUL},
	{name: "trailer too large", wire: "0\r\n" + strings.Repeat("a: b\r\n", 10) + "\r\n", limits: http1.Limits{Head: 50}, kind: http1.HeadTooLarge},
	{name: "too many trailer fields", wire: "0\r\n" + strings.Repeat("a: b\r\n", 10) + "\r\n", limits: http1.Limits{Fields: 9}, kind: http1.TooManyFields},

	{name: "cut before a size", wire: "", kind: http1.Truncated},
	{name: "cut in a size", wire: "2", kind: http1.Truncated},
	{name: "cut in the data", wire: "2\r\na", want: "a", kind: http1.Truncated},
	{name: "cut behind the data", wire: "2\r\nab", want: "ab", kind: http1.Truncated},
	{name: "cut before the last chunk", wire: "2\r\nab\r\n", want: "ab", kind: http1.Truncated},
	{name: "cut in the last chunk", wire: "2\r\nab\r\n0", want: "ab", kind: http1.Truncated},
	{name: "cut before the trailer", wire: "2\r\nab\r\n0\r\n", want: "ab", kind: http1.Truncated},
	{name: "cut in the trailer", wire: "2\r\nab\r\n0\r\na: b\r\n", want: "ab", kind: http1.Truncated},

	{name: "body that fits", wire: "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", limits: http1.Limits{Body: 4}, want: "abcd"},
	{name: "body too large", wire: "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", limits: http1.Limits{Body: 4}, want: "ab", kind: http1.BodyTooLarge},
	{name: "extensions that fit", wire: "1;234\r\na\r\n1;234\r\nb\r\n0\r\n\r\n", limits: http1.Limits{ChunkExtensions: 8}, want: "ab"},
	{name: "extensions too large", wire: "1;234\r\na\r\n1;2345" + strings.Repeat("6", 20) + "\r\nb\r\n0\r\n\r\n", limits: http1.Limits{ChunkExtensions: 8}, want: "a", kind: http1.ExtTooLarge},
	{name: "many extensions", wire: strings.Repeat("1;"+strings.Repeat("e", 1023)+"\r\na\r\n", 17) + "0\r\n\r\n", want: strings.Repeat("a", 16), kind: http1.ExtTooLarge},
	{name: "endless size line", wire: strings.Repeat("0", 1<<20), kind: http1.ExtTooLarge},
}

// body gets a reader behind a head, and what stands behind the body.
func body(wire string, lenience http1.Lenience, limits http1.Limits, framing http1.Framing) (*http1.Body, *bufio.Reader) {
	br := bufio.NewReader(iotest.HalfReader(strings.NewReader(wire)))
	r := http1.NewReader(br)
	r.Lenience, r.Limits = lenience, limits
	return r.Body(framing), br
}

func TestChunkedBody(t *testing.T) {
	t.Parallel()
	for _, row := range chunkedBodies {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			const next = "next message"
			if row.kind == "" {
				row.wire += next
			}
			b, br := body(row.wire, row.lenience, row.limits, http1.Framing{Kind: http1.Chunked})
			got, err := io.ReadAll(b)
			if string(got) != row.want {
				t.Errorf("read %q, want %q", got, row.want)
			}
			if b.Complete() != (row.kind == "") {
				t.Errorf("complete: %v, after %v", b.Complete(), err)
			}
			if row.kind != "" {
				wantFault(t, err, row.kind)
				_, again := b.Read(make([]byte, 1))
				if again != err {
					t.Errorf("the fault %v was followed by %v", err, again)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.trailer, b.Trailer()); diff != "" {
				t.Errorf("trailer (-want +got):\n%s", diff)
			}
			wantForgiven(t, b.Forgiven(), row.forgiven)
			if rest, _ := io.ReadAll(br); string(rest) != next {
				t.Errorf("after the body stands %q, want %q", rest, next)
			}
		})
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	length := func(n int64) http1.Framing { return http1.Framing{Kind: http1.Length, Length: n} }
	for _, row := range []struct {
		name, wire string
		framing    http1.Framing
		limit      int64
		want, rest string
		kind       http1.Kind
	}{
		{"none", "next", http1.Framing{}, 0, "", "next", ""},
		{"tunnel", "other protocol", http1.Framing{Kind: http1.Tunnel}, 0, "", "other protocol", ""},
		{"length", "abcdnext", length(4), 0, "abcd", "next", ""},
		{"length zero", "next", length(0), 0, "", "next", ""},
		{"length cut short", "abc", length(4), 0, "abc", "", http1.Truncated},
		{"length at the limit", "abcd", length(4), 4, "abcd", "", ""},
		{"length above the limit is not read", "abcd", length(4), 3, "", "abcd", http1.BodyTooLarge},
		{"largest length without a limit", "abcd", length(1<<63 - 1), -1, "abcd", "", http1.Truncated},
		{"to the close", "abcd", http1.Framing{Kind: http1.Close}, 0, "abcd", "", ""},
		{"to the close, empty", "", http1.Framing{Kind: http1.Close}, 0, "", "", ""},
		{"to the close, at the limit", "abcd", http1.Framing{Kind: http1.Close}, 4, "abcd", "", ""},
		{"to the close, above the limit", "abcde", http1.Framing{Kind: http1.Close}, 4, "abcd", "", http1.BodyTooLarge},
		{"to the close, largest limit", "abcde", http1.Framing{Kind: http1.Close}, 1<<63 - 1, "abcde", "", ""},
		{"to the close, without a limit", "abcde", http1.Framing{Kind: http1.Close}, -1, "abcde", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b, br := body(row.wire, http1.Lenience{}, http1.Limits{Body: row.limit}, row.framing)
			got, err := io.ReadAll(b)
			if string(got) != row.want {
				t.Errorf("read %q, want %q", got, row.want)
			}
			if row.kind != "" {
				wantFault(t, err, row.kind)
			} else if err != nil || !b.Complete() {
				t.Errorf("error %v, complete: %v", err, b.Complete())
			}
			if rest, _ := io.ReadAll(br); string(rest) != row.rest {
				t.Errorf("after the body stands %q, want %q", rest, row.rest)
			}
		})
	}
}

// What a connection reports goes through as it is, and a chunk's data is not
// held back for what follows it.
func TestBodyOfASlowConnection(t *testing.T) {
	t.Parallel()
	timeout := errors.New("timeout")
	r := http1.NewReader(bufio.NewReader(io.MultiReader(strings.NewReader("3\r\nabc"), iotest.ErrReader(timeout))))
	b := r.Body(http1.Framing{Kind: http1.Chunked})
	if n, err := b.Read(make([]byte, 10)); n != 3 || err != nil {
		t.Errorf("read %d bytes, %v, want the chunk's data", n, err)
	}
	if _, err := b.Read(make([]byte, 10)); !errors.Is(err, timeout) {
		t.Errorf("error %v, want the connection's", err)
	}
}
