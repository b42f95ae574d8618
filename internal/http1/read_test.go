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

// crlf writes messages as they are told apart in a table: one line each.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }

func reader(text string) *http1.Reader {
	return http1.NewReader(bufio.NewReader(strings.NewReader(text)))
}

// A row of the tables: what is read, and the fault or what it is read as.
var requests = []struct {
	name, text string
	kind       http1.Kind
	want       http1.RequestHead
}{
	{name: "plain", text: crlf("GET / HTTP/1.1", "Host: a.test"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a.test"}}}},
	{name: "order, case and duplicates are kept", text: crlf("GET / HTTP/1.1", "x-B: 1", "HOST: a.test", "X-b: 2", "x-B: 1"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.1", Header: http1.Header{{"x-B", "1"}, {"HOST", "a.test"}, {"X-b", "2"}, {"x-B", "1"}}}},
	{name: "method in any case, any token", text: crlf("pAtCh!#$%&'*+-.^_`|~ / HTTP/1.1", "Host: a"),
		want: http1.RequestHead{Method: "pAtCh!#$%&'*+-.^_`|~", Target: "/", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a"}}}},
	{name: "HTTP/1.0 without a host", text: crlf("GET / HTTP/1.0"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.0"}},
	{name: "a later minor version", text: crlf("GET / HTTP/1.7", "Host: a"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.7", Header: http1.Header{{"Host", "a"}}}},
	{name: "an empty line before", text: "\r\n" + crlf("GET / HTTP/1.1", "Host: a"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a"}}}},
	{name: "bytes that net/http refuses", text: crlf("GET / HTTP/1.1", "Host: a", "X-A: a\x01\x0b\x0c\x1f\x7fb", "X-B: \x80\xff\xc3\xa9"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a"}, {"X-A", "a\x01\x0b\x0c\x1f\x7fb"}, {"X-B", "\x80\xff\xc3\xa9"}}}},
	{name: "only blanks and tabs are trimmed", text: crlf("GET / HTTP/1.1", "Host:a", "X-A: \t \x0b b\t \xa0\t ", "X-B:", "X-C: \t"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a"}, {"X-A", "\x0b b\t \xa0"}, {"X-B", ""}, {"X-C", ""}}}},
	{name: "absolute form", text: crlf("GET http://a.test/x?y HTTP/1.1", "Host: a.test"),
		want: http1.RequestHead{Method: "GET", Target: "http://a.test/x?y", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a.test"}}}},
	{name: "authority form", text: crlf("CONNECT [::1]:443 HTTP/1.1", "Host: [::1]:443"),
		want: http1.RequestHead{Method: "CONNECT", Target: "[::1]:443", Version: "HTTP/1.1", Header: http1.Header{{"Host", "[::1]:443"}}}},
	{name: "asterisk form", text: crlf("OPTIONS * HTTP/1.1", "Host: a"),
		want: http1.RequestHead{Method: "OPTIONS", Target: "*", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a"}}}},
	{name: "characters of a target that only browsers send", text: crlf("GET /a|b^c?d`e{}[]\\'\"<> HTTP/1.1", "Host: a"),
		want: http1.RequestHead{Method: "GET", Target: "/a|b^c?d`e{}[]\\'\"<>", Version: "HTTP/1.1", Header: http1.Header{{"Host", "a"}}}},
	{name: "empty host", text: crlf("GET / HTTP/1.1", "Host:"),
		want: http1.RequestHead{Method: "GET", Target: "/", Version: "HTTP/1.1", Header: http1.Header{{"Host", ""}}}},

	{name: "two empty lines before", text: "\r\n\r\n" + crlf("GET / HTTP/1.1", "Host: a"), kind: http1.BadStartLine},
	{name: "two spaces", text: crlf("GET  / HTTP/1.1", "Host: a"), kind: http1.BadStartLine},
	{name: "space at the end", text: crlf("GET / HTTP/1.1 ", "Host: a"), kind: http1.BadStartLine},
	{name: "tab for a space", text: crlf("GET\t/ HTTP/1.1", "Host: a"), kind: http1.BadStartLine},
	{name: "space in the target", text: crlf("GET /a b HTTP/1.1", "Host: a"), kind: http1.BadStartLine},
	{name: "HTTP/0.9", text: crlf("GET /"), kind: http1.BadStartLine},
	{name: "no method", text: crlf(" / HTTP/1.1", "Host: a"), kind: http1.BadMethod},
	{name: "method with a colon", text: crlf("GET: / HTTP/1.1", "Host: a"), kind: http1.BadMethod},
	{name: "no target", text: crlf("GET  HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "relative target", text: crlf("GET x HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "asterisk for GET", text: crlf("GET * HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "fragment", text: crlf("GET /#a HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "high byte in the target", text: crlf("GET /\xe9 HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "control byte in the target", text: crlf("GET /\x0b HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "path for CONNECT", text: crlf("CONNECT / HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "no port for CONNECT", text: crlf("CONNECT a HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "absolute form without a host", text: crlf("GET http:///x HTTP/1.1", "Host: a"), kind: http1.BadTarget},
	{name: "HTTP/2", text: crlf("PRI * HTTP/2.0"), kind: http1.BadTarget},
	{name: "version 2.0", text: crlf("GET / HTTP/2.0", "Host: a"), kind: http1.BadVersion},
	{name: "version 1.10", text: crlf("GET / HTTP/1.10", "Host: a"), kind: http1.BadVersion},
	{name: "version in lower case", text: crlf("GET / http/1.1", "Host: a"), kind: http1.BadVersion},

	{name: "no host", text: crlf("GET / HTTP/1.1"), kind: http1.BadHost},
	{name: "two hosts", text: crlf("GET / HTTP/1.1", "Host: a", "host: a"), kind: http1.BadHost},
	{name: "two hosts in HTTP/1.0", text: crlf("GET / HTTP/1.0", "Host: a", "host: a"), kind: http1.BadHost},
	{name: "host with a path", text: crlf("GET / HTTP/1.1", "Host: a/b"), kind: http1.BadHost},
	{name: "host with a user", text: crlf("GET / HTTP/1.1", "Host: a@b"), kind: http1.BadHost},
	{name: "list of hosts", text: crlf("GET / HTTP/1.1", "Host: a,b"), kind: http1.BadHost},
	{name: "host with a control byte", text: crlf("GET / HTTP/1.1", "Host: a\x0b"), kind: http1.BadHost},

	{name: "no colon", text: crlf("GET / HTTP/1.1", "Host: a", "x"), kind: http1.BadName},
	{name: "empty name", text: crlf("GET / HTTP/1.1", "Host: a", ": x"), kind: http1.BadName},
	{name: "space in a name", text: crlf("GET / HTTP/1.1", "Host: a", "x y: z"), kind: http1.BadName},
	{name: "high byte in a name", text: crlf("GET / HTTP/1.1", "Host: a", "x\xff: z"), kind: http1.BadName},
	{name: "control byte in a name", text: crlf("GET / HTTP/1.1", "Host: a", "x\x0b: z"), kind: http1.BadName},
	{name: "space before the colon", text: crlf("GET / HTTP/1.1", "Host: a", "x : y"), kind: http1.SpaceInName},
	{name: "tab before the colon", text: crlf("GET / HTTP/1.1", "Host: a", "x\t: y"), kind: http1.SpaceInName},
	{name: "folded line", text: crlf("GET / HTTP/1.1", "Host: a", "x: y", " z"), kind: http1.ObsoleteFold},
	{name: "folded first line", text: crlf("GET / HTTP/1.1", " Host: a"), kind: http1.ObsoleteFold},
	{name: "blank line for an empty one", text: crlf("GET / HTTP/1.1", "Host: a", " "), kind: http1.ObsoleteFold},
	{name: "zero byte in a value", text: crlf("GET / HTTP/1.1", "Host: a", "x: \x00"), kind: http1.NUL},
	{name: "zero byte in the target", text: crlf("GET /\x00 HTTP/1.1", "Host: a"), kind: http1.NUL},
	{name: "carriage return in a value", text: crlf("GET / HTTP/1.1", "Host: a", "x: y\rz: 1"), kind: http1.BareCR},
	{name: "carriage return twice", text: crlf("GET / HTTP/1.1", "Host: a\r"), kind: http1.BareCR},
	{name: "line feed after the start line", text: "GET / HTTP/1.1\nHost: a\r\n\r\n", kind: http1.BareLF},
	{name: "line feed after a field", text: "GET / HTTP/1.1\r\nHost: a\n\r\n", kind: http1.BareLF},
	{name: "line feed at the end", text: "GET / HTTP/1.1\r\nHost: a\r\n\n", kind: http1.BareLF},
	{name: "line feed before", text: "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", kind: http1.BareLF},

	{name: "cut in the start line", text: "GET / HT", kind: http1.Truncated},
	{name: "cut in a line", text: "GET / HTTP/1.1\r\nHost", kind: http1.Truncated},
	{name: "cut before the empty line", text: "GET / HTTP/1.1\r\nHost: a\r\n", kind: http1.Truncated},
	{name: "cut in the empty line", text: "GET / HTTP/1.1\r\nHost: a\r\n\r", kind: http1.Truncated},
}

func TestReadRequestHead(t *testing.T) {
	t.Parallel()
	for _, row := range requests {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			const next = "next message"
			var head http1.RequestHead
			text := row.text
			if row.kind == "" {
				text += next
			}
			br := bufio.NewReader(iotest.OneByteReader(strings.NewReader(text)))
			err := http1.NewReader(br).ReadRequestHead(&head)
			if row.kind != "" {
				wantFault(t, err, row.kind)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want.Header, head.Header); diff != "" || head.Method != row.want.Method || head.Target != row.want.Target || head.Version != row.want.Version {
				t.Errorf("read %q %q %q, want %q %q %q; header (-want +got):\n%s", head.Method, head.Target, head.Version,
					row.want.Method, row.want.Target, row.want.Version, diff)
			}
			if want := strings.TrimPrefix(row.text, "\r\n"); head.Raw != want {
				t.Errorf("raw %q, want %q", head.Raw, want)
			}
			if rest, _ := io.ReadAll(br); string(rest) != next {
				t.Errorf("after the head stands %q, want %q", rest, next)
			}
		})
	}
}

func wantFault(t *testing.T, err error, kind http1.Kind) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want %q", err, kind)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) != (kind == http1.Truncated) {
		t.Errorf("error %v is io.ErrUnexpectedEOF, or should be", err)
	}
}

// What the browsers make of the same faults is in TestBrowsers; here are the
// kinds, and what is forgiven one by one.
var responses = []struct {
	name, text string
	lenience   http1.Lenience
	kind       http1.Kind
	forgiven   http1.Kind
	want       http1.ResponseHead
}{
	{name: "plain", text: crlf("HTTP/1.1 200 OK", "A: b"),
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"A", "b"}}}},
	{name: "any reason", text: crlf("HTTP/1.0 999  a\x01\x80 \t"),
		want: http1.ResponseHead{Version: "HTTP/1.0", Status: 999, Reason: " a\x01\x80 \t"}},
	{name: "empty reason", text: crlf("HTTP/1.1 100 "), want: http1.ResponseHead{Version: "HTTP/1.1", Status: 100}},
	{name: "no reason", text: crlf("HTTP/1.1 204"), want: http1.ResponseHead{Version: "HTTP/1.1", Status: 204}},
	{name: "bytes that net/http refuses", text: crlf("HTTP/1.1 200 OK", "A: \x0b\x0c"),
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"A", "\x0b\x0c"}}}},

	{name: "another protocol", text: "SSH-2.0-OpenSSH\r\n", kind: http1.NotHTTP},
	{name: "a TLS alert", text: "\x15\x03\x01\x00\x02\x02\x46", kind: http1.NotHTTP},
	{name: "less than the first bytes", text: "\x15\x03", kind: http1.NotHTTP},
	{name: "lower case", text: crlf("http/1.1 200 OK"), kind: http1.NotHTTP},
	{name: "empty line before", text: "\r\n" + crlf("HTTP/1.1 200 OK"), kind: http1.NotHTTP},
	{name: "cut in the first bytes", text: "HTT", kind: http1.Truncated},
	{name: "no status", text: crlf("HTTP/1.1"), kind: http1.BadStartLine},
	{name: "two spaces", text: crlf("HTTP/1.1  200 OK"), kind: http1.BadStatus},
	{name: "two digits", text: crlf("HTTP/1.1 99 OK"), kind: http1.BadStatus},
	{name: "below 100", text: crlf("HTTP/1.1 099 OK"), kind: http1.BadStatus},
	{name: "four digits", text: crlf("HTTP/1.1 2000 OK"), kind: http1.BadStatus},
	{name: "not a number", text: crlf("HTTP/1.1 2x0 OK"), kind: http1.BadStatus},
	{name: "version 2", text: crlf("HTTP/2 200 OK"), kind: http1.BadVersion},
	{name: "zero byte in the reason", text: crlf("HTTP/1.1 200 \x00"), kind: http1.NUL},
	{name: "carriage return in the reason", text: crlf("HTTP/1.1 200 a\rb: c"), kind: http1.BareCR},

	{name: "line feeds refused", text: "HTTP/1.1 200 OK\nA: b\n\n", kind: http1.BareLF},
	{name: "line feeds", text: "HTTP/1.1 200 OK\nA: b\n\n", lenience: http1.Lenience{BareLF: true}, forgiven: http1.BareLF,
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"A", "b"}}}},
	{name: "a carriage return is not forgiven", text: "HTTP/1.1 200 OK\nA: b\rC: d\n\n", lenience: http1.Chromium, kind: http1.BareCR},
	{name: "a zero byte is not forgiven", text: crlf("HTTP/1.1 200 OK", "A: \x00"), lenience: http1.Chromium, kind: http1.NUL},
	{name: "fold refused", text: crlf("HTTP/1.1 200 OK", "A: b", " c"), kind: http1.ObsoleteFold},
	{name: "fold", text: crlf("HTTP/1.1 200 OK", "A: b \t", "\t  c", " ", "D: e"), lenience: http1.Lenience{ObsFold: true}, forgiven: http1.ObsoleteFold,
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"A", "b \t c"}, {"D", "e"}}}},
	{name: "fold with its blanks", text: crlf("HTTP/1.1 200 OK", "A:", "\t  b", "\tc"), lenience: http1.Lenience{ObsFold: true, KeepFoldBlanks: true}, forgiven: http1.ObsoleteFold,
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"A", "b\tc"}}}},
	{name: "space before the colon refused", text: crlf("HTTP/1.1 200 OK", "A : b"), kind: http1.SpaceInName},
	{name: "space before the colon", text: crlf("HTTP/1.1 200 OK", "A \t: b"), lenience: http1.Lenience{SpaceBeforeColon: true}, forgiven: http1.SpaceInName,
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"A", "b"}}}},
	{name: "space before the colon makes a malformed line", text: crlf("HTTP/1.1 200 OK", "A : b", "C: d"), lenience: http1.Lenience{MalformedLines: true}, forgiven: http1.SpaceInName,
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"C", "d"}}}},
	{name: "malformed lines", text: crlf("HTTP/1.1 200 OK", "A b", ": c", "d(e): f", "G: h"), lenience: http1.Lenience{MalformedLines: true}, forgiven: http1.BadName,
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"G", "h"}}}},
	{name: "folds of a malformed line go with it", text: crlf("HTTP/1.1 200 OK", "A: b", "junk", " C: d"), lenience: http1.Chromium, forgiven: http1.BadName,
		want: http1.ResponseHead{Version: "HTTP/1.1", Status: 200, Reason: "OK", Header: http1.Header{{"A", "b"}}}},
}

func TestReadResponseHead(t *testing.T) {
	t.Parallel()
	for _, row := range responses {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := http1.NewReader(bufio.NewReader(iotest.OneByteReader(strings.NewReader(row.text))))
			r.Lenience = row.lenience
			var head http1.ResponseHead
			err := r.ReadResponseHead(&head)
			if row.kind != "" {
				wantFault(t, err, row.kind)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want.Header, head.Header); diff != "" || head.String() != row.want.String() {
				t.Errorf("read %q, want %q; header (-want +got):\n%s", head.String(), row.want.String(), diff)
			}
			if head.Raw != row.text {
				t.Errorf("raw %q, want %q", head.Raw, row.text)
			}
			wantForgiven(t, head.Forgiven, row.forgiven)
		})
	}
}

func wantForgiven(t *testing.T, got []*http1.Error, want http1.Kind) {
	t.Helper()
	if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0].Kind != want) {
		t.Errorf("forgiven: %v, want %q", got, want)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("b", 100)
	for _, row := range []struct{ name, text, want string }{
		{"offset and bytes", crlf("GET / HTTP/1.1", "Host: a", "x : y"), `http1: space-before-colon at byte 26: " : y" (a colon right behind the name)`},
		{"the place in the start line", crlf("GET / HTTP/3.0"), `http1: version at byte 6: "HTTP/3.0" (HTTP/1.1)`},
		{"the second host", crlf("GET / HTTP/1.1", "Host: a", "x: y", "Host: b"), `http1: host at byte 31: "b" (one Host line with a host, or a host and a port)`},
		{"no more than 64 bytes, quoted", crlf("GET / HTTP/1.1", "\x1b[31m"+long), `http1: header-name at byte 16: "\x1b[31m` + long[:59] + `" (a token and a colon)`},
		{"the bare line feed", "GET / HTTP/1.1\r\nHost: a\n\r\n", `http1: bare-lf at byte 23: "Host: a" (a line ends in CR LF)`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var head http1.RequestHead
			if err := reader(row.text).ReadRequestHead(&head); err == nil || err.Error() != row.want {
				t.Errorf("error:\n%v, want:\n%s", err, row.want)
			}
		})
	}
}

func TestLimitsOfHeads(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, text string
		limits     http1.Limits
		kind       http1.Kind
	}{
		{"line that fits", crlf("GET / HTTP/1.1", "Host: a", "x: 45678"), http1.Limits{Line: 16}, ""},
		{"line", crlf("GET / HTTP/1.1", "Host: a", "x: 456789abcdefgh"), http1.Limits{Line: 16}, http1.LineTooLong},
		{"start line", crlf("GET /6789abcdef HTTP/1.1", "Host: a"), http1.Limits{Line: 16}, http1.LineTooLong},
		{"head that fits", crlf("GET / HTTP/1.1", "Host: a"), http1.Limits{Head: 27}, ""},
		{"head", crlf("GET / HTTP/1.1", "Host: a"), http1.Limits{Head: 26}, http1.HeadTooLarge},
		{"fields that fit", crlf("GET / HTTP/1.1", "Host: a", "b: c"), http1.Limits{Fields: 2}, ""},
		{"fields", crlf("GET / HTTP/1.1", "Host: a", "b: c", "d: e"), http1.Limits{Fields: 2}, http1.TooManyFields},
		{"default of a line", "GET /" + strings.Repeat("a", 1<<20), http1.Limits{}, http1.HeadTooLarge},
		{"default of a head", "GET / HTTP/1.1\r\n" + strings.Repeat("a: b\r\n", 1<<16), http1.Limits{}, http1.HeadTooLarge},
		{"default of fields", crlf("GET / HTTP/1.1", "Host: a"+strings.Repeat("\r\na:", 5000)), http1.Limits{}, http1.TooManyFields},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := reader(row.text)
			r.Limits = row.limits
			var head http1.RequestHead
			err := r.ReadRequestHead(&head)
			if row.kind != "" {
				wantFault(t, err, row.kind)
			} else if err != nil {
				t.Error(err)
			}
			if limit := 256 << 10; len(head.Raw) > limit {
				t.Errorf("kept %d bytes", len(head.Raw))
			}
		})
	}
}

// A head must not be looked for where a message has not ended: what stands
// there was written by whoever wrote the body.
func TestNoHeadInABody(t *testing.T) {
	t.Parallel()
	post := crlf("POST / HTTP/1.1", "Host: a", "Content-Length: 4")
	for _, row := range []struct {
		name, body string
		read       int
		ok         bool
	}{
		{"read to its end", "abcd", 4, true},
		{"half read", "abcd", 2, false},
		{"cut short", "ab", 4, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := reader(post + row.body + crlf("GET / HTTP/1.1", "Host: a"))
			if row.name == "cut short" {
				r = reader(post + row.body)
			}
			var head http1.RequestHead
			if err := r.ReadRequestHead(&head); err != nil {
				t.Fatal(err)
			}
			framing, err := head.Framing()
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.ReadFull(r.Body(framing), make([]byte, row.read))
			if err := r.ReadRequestHead(&head); (err == nil) != row.ok {
				t.Errorf("error %v, want one: %v", err, !row.ok)
			}
		})
	}
	t.Run("after a fault", func(t *testing.T) {
		t.Parallel()
		r := reader(crlf("GET / HTTP/1.1", "Host : a") + crlf("GET / HTTP/1.1", "Host: a"))
		var head http1.RequestHead
		_ = r.ReadRequestHead(&head)
		wantFault(t, r.ReadRequestHead(&head), http1.SpaceInName)
	})
}

func TestEndOfConnection(t *testing.T) {
	t.Parallel()
	var request http1.RequestHead
	if err := reader("").ReadRequestHead(&request); err != io.EOF {
		t.Errorf("no request: %v, want EOF", err)
	}
	if err := reader("\r\n").ReadRequestHead(&request); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an empty line: %v, want unexpected EOF", err)
	}
	var response http1.ResponseHead
	if err := reader("").ReadResponseHead(&response); err != io.EOF {
		t.Errorf("no response: %v, want EOF", err)
	}
	reset := errors.New("reset")
	r := http1.NewReader(bufio.NewReader(io.MultiReader(strings.NewReader("HTTP/1.1 200 OK\r\nA: b"), iotest.ErrReader(reset))))
	if err := r.ReadResponseHead(&response); !errors.Is(err, reset) || response.Raw != "HTTP/1.1 200 OK\r\nA: b" {
		t.Errorf("error %v after %q, want the connection's", err, response.Raw)
	}
}
