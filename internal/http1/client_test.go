package http1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/http1"
)

// pipe connects a client to a server that runs serve and closes.
func pipe(t *testing.T, serve func(conn net.Conn, br *bufio.Reader)) *http1.ClientConn {
	t.Helper()
	client, server := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer server.Close()
		serve(server, bufio.NewReader(server))
	}()
	t.Cleanup(func() {
		client.Close()
		<-done
	})
	return http1.NewClientConn(client)
}

// answer serves one request after the other, each with one of the texts.
func answer(t *testing.T, texts ...string) func(net.Conn, *bufio.Reader) {
	return func(conn net.Conn, br *bufio.Reader) {
		for _, text := range texts {
			readRequest(t, br)
			_, _ = io.WriteString(conn, text)
		}
	}
}

func readRequest(t *testing.T, br *bufio.Reader) (head http1.RequestHead, content string) {
	r := http1.NewReader(br)
	if err := r.ReadRequestHead(&head); err != nil {
		t.Errorf("the server read: %v", err)
		return head, ""
	}
	framing, err := head.Framing()
	if err != nil {
		t.Errorf("the server read: %v", err)
	}
	body, err := io.ReadAll(r.Body(framing))
	if err != nil {
		t.Errorf("the server read: %v", err)
	}
	return head, string(body)
}

func get(target string) *http1.RequestHead {
	return &http1.RequestHead{Method: "GET", Target: target, Header: http1.Header{{"Host", "a.test"}}}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	const (
		early    = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
		response = "HTTP/1.1 200 OK\r\nx-a: 1\r\nX-A: 2\r\nContent-Length: 2\r\n\r\n"
	)
	received := make(chan string, 1)
	c := pipe(t, func(conn net.Conn, br *bufio.Reader) {
		head, content := readRequest(t, br)
		received <- head.Raw + content
		_, _ = io.WriteString(conn, early+response+"hi")
	})
	clock := time.Unix(0, 0)
	c.Now = func() time.Time { clock = clock.Add(time.Second); return clock }

	x, err := c.RoundTrip(t.Context(), &http1.RequestHead{
		Method: "POST", Target: "/a", Header: http1.Header{{"HOST", "a.test"}, {"X-b", "\x01"}, {"content-length", "4"}},
	}, []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	const sent = "POST /a HTTP/1.1\r\nHOST: a.test\r\nX-b: \x01\r\ncontent-length: 4\r\n\r\n"
	if got := <-received; got != sent+"body" || x.Request.Raw != sent {
		t.Errorf("the server received %q, recorded is %q, want %q", got, x.Request.Raw, sent)
	}
	if len(x.Interim) != 1 || x.Interim[0].Raw != early {
		t.Errorf("interim responses: %+v", x.Interim)
	}
	if diff := cmp.Diff(http1.Header{{"x-a", "1"}, {"X-A", "2"}, {"Content-Length", "2"}}, x.Response.Header); diff != "" || x.Response.Raw != response {
		t.Errorf("response %q; header (-want +got):\n%s", x.Response.Raw, diff)
	}
	if content, err := io.ReadAll(x.Body); string(content) != "hi" || err != nil {
		t.Errorf("body %q, %v", content, err)
	}
	if x.Begun.Unix() != 1 || x.FirstByte.Unix() != 2 || x.HeadRead.Unix() != 3 {
		t.Errorf("times %v, %v, %v", x.Begun, x.FirstByte, x.HeadRead)
	}
	if !x.Close() {
		t.Error("the connection cannot be used again")
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
	for _, row := range []struct {
		name, response string
		head           *http1.RequestHead
		read           int
		want           bool
	}{
		{"complete", ok + "hi", get("/"), 2, true},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", get("/"), 3, true},
		{"no body", "HTTP/1.1 204 No Content\r\n\r\n", get("/"), 0, true},
		{"HEAD", ok, &http1.RequestHead{Method: "HEAD", Target: "/", Header: http1.Header{{"Host", "a"}}}, 0, true},
		{"half read", ok + "hi", get("/"), 1, false},
		{"until the end of the connection", "HTTP/1.1 200 OK\r\n\r\nhi", get("/"), 3, false},
		{"the server closes", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", get("/"), 0, false},
		{"the client closes", ok + "hi", &http1.RequestHead{Method: "GET", Target: "/", Header: http1.Header{{"Host", "a"}, {"Connection", "close"}}}, 2, false},
		{"HTTP/1.0", "HTTP/1.0 204 No Content\r\n\r\n", get("/"), 0, false},
		{"more than was asked for", ok + "hiHTTP/1.1 200 OK\r\n", get("/"), 2, false},
		{"another protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n", get("/"), 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := pipe(t, answer(t, row.response))
			x, err := c.RoundTrip(t.Context(), row.head, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.CopyN(io.Discard, x.Body, int64(row.read))
			if row.read == 2 { // the end of a length is told with its last byte or behind it
				_, _ = x.Body.Read(make([]byte, 1))
			}
			if got := x.Close(); got != row.want {
				t.Errorf("reusable: %v, want %v", got, row.want)
			}
		})
	}
}

func TestTwoExchanges(t *testing.T) {
	t.Parallel()
	c := pipe(t, answer(t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"))
	for _, want := range []string{"1", "2"} {
		x, err := c.RoundTrip(t.Context(), get("/"+want), nil)
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(x.Body); string(content) != want || err != nil {
			t.Errorf("body %q, %v, want %q", content, err, want)
		}
		if !x.Close() {
			t.Error("the connection cannot be used again")
		}
	}
}

func TestFailedExchanges(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, response string
		want           error
		raw            string
	}{
		{"nothing", "", io.EOF, ""},
		{"another protocol", "220 smtp.test ESMTP\r\n", http1.NotHTTP, ""},
		{"cut short", "HTTP/1.1 200 OK\r\nA:", io.ErrUnexpectedEOF, "HTTP/1.1 200 OK\r\nA:"},
		{"fault of the head", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", http1.SpaceInName, "HTTP/1.1 200 OK\r\nA : b\r\n\r\n"},
		{"fault of the framing", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", http1.BadLength, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
		{"endless interim responses", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 40), http1.TooManyInterim, "HTTP/1.1 102 Processing\r\n\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := pipe(t, answer(t, row.response))
			x, err := c.RoundTrip(t.Context(), get("/"), nil)
			if !errors.Is(err, row.want) {
				t.Errorf("error %v, want %v", err, row.want)
			}
			if x.Response.Raw != row.raw {
				t.Errorf("recorded %q, want %q", x.Response.Raw, row.raw)
			}
			if x.Close() {
				t.Error("the connection can be used again")
			}
		})
	}
}

func TestBadRequestIsNotSent(t *testing.T) {
	t.Parallel()
	c := pipe(t, func(_ net.Conn, br *bufio.Reader) {
		if rest, _ := io.ReadAll(br); len(rest) > 0 {
			t.Errorf("sent %q", rest)
		}
	})
	x, err := c.RoundTrip(t.Context(), get("/ HTTP/1.1\r\nX: y"), nil)
	wantFault(t, err, http1.BadTarget)
	if x.Close() {
		t.Error("the connection can be used again")
	}
}

// A server may refuse a body without reading it.
func TestEarlyResponse(t *testing.T) {
	t.Parallel()
	c := pipe(t, func(conn net.Conn, br *bufio.Reader) {
		var head http1.RequestHead
		if err := http1.NewReader(br).ReadRequestHead(&head); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
		<-t.Context().Done() // read no byte of the body, and stay
	})
	x, err := c.RoundTrip(t.Context(), &http1.RequestHead{
		Method: "POST", Target: "/", Header: http1.Header{{"Host", "a"}, {"Content-Length", "1000000"}},
	}, make([]byte, 1_000_000))
	if err != nil || x.Response.Status != 413 {
		t.Errorf("status %d, %v", x.Response.Status, err)
	}
	_, _ = io.ReadAll(x.Body)
	if x.Close() {
		t.Error("the connection can be used again")
	}
}

func TestContextEndsAnExchange(t *testing.T) {
	t.Parallel()
	reason := errors.New("the page was left")
	for _, row := range []struct {
		name, response string
		inBody         bool
	}{
		{"before the head", "", false},
		{"within the head", "HTTP/1.1 200 OK\r\n", false},
		{"within the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			c := pipe(t, func(conn net.Conn, br *bufio.Reader) {
				readRequest(t, br)
				_, _ = io.WriteString(conn, row.response)
				if !row.inBody {
					cancel(reason)
				}
				_, _ = io.Copy(io.Discard, br)
			})
			x, err := c.RoundTrip(ctx, get("/"), nil)
			if !row.inBody && !errors.Is(err, reason) {
				t.Errorf("error %v, want %v", err, reason)
			}
			if row.inBody {
				_, _ = io.ReadFull(x.Body, make([]byte, 3))
				cancel(reason)
				if _, err := x.Body.Read(make([]byte, 1)); err == nil {
					t.Error("the body went on")
				}
			}
			if x.Close() {
				t.Error("the connection can be used again")
			}
		})
	}
}

func TestClientLimits(t *testing.T) {
	t.Parallel()
	c := pipe(t, answer(t, "HTTP/1.1 200 OK\n\nabcdef"))
	c.Limits, c.Lenience = http1.Limits{Body: 3}, http1.Chromium
	x, err := c.RoundTrip(t.Context(), get("/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantForgiven(t, x.Response.Forgiven, http1.BareLF)
	content, err := io.ReadAll(x.Body)
	wantFault(t, err, http1.BodyTooLarge)
	if string(content) != "abc" || x.Close() {
		t.Errorf("read %q", content)
	}
}
