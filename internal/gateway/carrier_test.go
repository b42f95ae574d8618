//go:build unix

package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// patient bounds what hangs.
const patient = 2 * time.Minute

// A scripted upstream counts, and says what a test has it say.
type scripted struct {
	url                   string
	connections, requests atomic.Int64
}

// startScripted starts one that has the nth request of a connection answered,
// until answer says that it was the last.
func startScripted(t testing.TB, answer func(n int, r *http.Request, conn net.Conn) (last bool)) *scripted {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	s := &scripted{url: "http://" + ln.Addr().String()}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, answer)
		}
	}()
	return s
}

func (s *scripted) serve(conn net.Conn, answer func(n int, r *http.Request, conn net.Conn) (last bool)) {
	defer conn.Close()
	s.connections.Add(1)
	in := bufio.NewReader(conn)
	for n, last := 0, false; !last; n++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.requests.Add(1)
		last = answer(n, r, conn)
	}
}

// hangUp ends a text after which the upstream closes the connection.
const hangUp = "\x00"

// says is the same answer to all.
func says(text string) func(int, *http.Request, net.Conn) bool {
	text, last := strings.CutSuffix(text, hangUp)
	return func(_ int, _ *http.Request, conn net.Conn) bool {
		_, err := io.WriteString(conn, text)
		return last || err != nil
	}
}

func testCarrier(t testing.TB) *carrier {
	t.Helper()
	c := newCarrier(transportKey{connect: patient, response: patient})
	t.Cleanup(c.forget)
	return c
}

func request(t testing.TB, method, url string, body io.Reader) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A seen is what a RoundTripper made of a response.
type seenResponse struct {
	Status   int
	Length   int64
	Header   http.Header
	Body     string
	Trailer  http.Header
	Interims []string
	Err      bool
}

func look(t testing.TB, by http.RoundTripper, r *http.Request) (seen seenResponse) {
	t.Helper()
	ctx, done := context.WithCancel(r.Context())
	defer done() // as a server does, which is to cost no connection
	r = r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			seen.Interims = append(seen.Interims, fmt.Sprint(code, h))
			return nil
		},
	}))
	res, err := by.RoundTrip(r)
	if err != nil {
		seen.Err = true
		return seen
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	seen.Status, seen.Length, seen.Header, seen.Body, seen.Err = res.StatusCode, res.ContentLength, res.Header, string(body), err != nil
	if len(res.Trailer) > 0 {
		seen.Trailer = res.Trailer
	}
	return seen
}

// TestCarrierAsTransport: what a response says does not depend on who carried
// it. Kept says whether the connection serves the next request.
func TestCarrierAsTransport(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, tt := range []struct {
		name, method, response string
		kept                   bool
		unlike                 string // how http.Transport differs
	}{
		{"a length", "GET", ok + "Content-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello", true, ""},
		{"no content", "GET", "HTTP/1.1 204 No Content\r\n\r\n", true, ""},
		{"not modified", "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", true, ""},
		{"length zero", "GET", ok + "Content-Length: 0\r\n\r\n", true, ""},
		{"HEAD", "HEAD", ok + "Content-Length: 5\r\n\r\n", true, ""},
		{"HEAD of chunks", "HEAD", ok + "Transfer-Encoding: chunked\r\n\r\n", true, ""},
		{"HEAD without length", "HEAD", ok + "\r\n", true, ""},
		{"chunks", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", true, ""},
		{"a trailer", "GET", ok + "Transfer-Encoding: chunked\r\nTrailer: X-Sum, X-Other\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n", true, ""},
		{"a trailer that was not announced", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n", true, ""},
		{"early hints", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n", true, ""},
		{"interim responses without end", "GET", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 1001) + ok + "Content-Length: 0\r\n\r\n", false, "it waits for the end"},
		{"an error", "GET", "HTTP/1.1 500 \r\nContent-Length: 1\r\n\r\nx", true, ""},
		{"a status without reason", "GET", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", true, ""},
		{"the last of a connection", "GET", ok + "Connection: close\r\nContent-Length: 1\r\n\r\nx", false, "it takes the line away"},
		{"until the end", "GET", ok + "\r\nuntil the end" + hangUp, false, ""},
		{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", false, ""},
		{"HTTP/1.0 that is kept", "GET", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", true, ""},
		{"line feeds alone", "GET", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", false, ""},
		{"a folded line", "GET", ok + "X-A: 1\r\n 2\r\nContent-Length: 1\r\n\r\nx", false, ""},
		{"lengths that agree", "GET", ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", false, ""},
		{"lengths that disagree", "GET", ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy", false, ""},
		{"a length beside chunks", "GET", ok + "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", false, ""},
		{"more than the length", "GET", ok + "Content-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", false, ""},
		{"less than the length", "GET", ok + "Content-Length: 9\r\n\r\nx" + hangUp, false, ""},
		{"a chunk too short", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n9\r\nx" + hangUp, false, ""},
		{"chunks without an end", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n" + hangUp, false, ""},
		{"an unknown coding", "GET", ok + "Transfer-Encoding: gzip\r\n\r\nx", false, ""},
		{"no HTTP", "GET", "SSH-2.0-OpenSSH\r\n\r\n", false, ""},
		{"HTTP/2", "GET", "HTTP/2.0 200 OK\r\nContent-Length: 1\r\n\r\nx", false, "it takes any version"},
		{"a status that there is not", "GET", "HTTP/1.1 20 OK\r\n\r\n", false, ""},
		{"half a head", "GET", ok + "X-A: 1\r\nX-B" + hangUp, false, ""},
		{"a line without a colon", "GET", ok + "nonsense\r\nContent-Length: 1\r\n\r\nx", false, "it refuses what browsers pass over"},
		{"a head of 2 MiB", "GET", ok + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 2100) + "Content-Length: 0\r\n\r\n", false, ""},
		{"a trailer that frames", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nContent-Length: 1\r\n\r\n", false, "it passes it on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, says(tt.response))
			c := testCarrier(t)
			got := look(t, c, request(t, tt.method, s.url, nil))
			again := look(t, c, request(t, tt.method, s.url, nil))
			if !reflect.DeepEqual(got, again) {
				t.Errorf("the first time %+v, the second %+v", got, again)
			}
			if kept := s.connections.Load() == 1; kept != tt.kept {
				t.Errorf("%d connections", s.connections.Load())
			}
			c.transport.DisableKeepAlives = true // it would log what follows a response
			want := look(t, c.transport, request(t, tt.method, s.url, nil))
			if like := reflect.DeepEqual(got, want); like != (tt.unlike == "") {
				t.Errorf("got  %+v\nhttp.Transport has %+v", got, want)
			}
		})
	}
}

// asChunks ends a body whose length is not said; a trailer may follow.
const asChunks = "\x00"

// TestCarrierWrites: nor does what the upstream sees.
func TestCarrierWrites(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, target, body string
		header                     http.Header
	}{
		{"a path and a query", "GET", "/a%2Fb/%7E?q=1&r=%20|", "", http.Header{"X-A": {"1", "2"}}},
		{"an empty query", "GET", "/?", "", nil},
		{"no User-Agent", "GET", "/", "", http.Header{"User-Agent": nil}},
		{"a User-Agent", "GET", "/", "", http.Header{"User-Agent": {"me"}}},
		{"blanks", "GET", "/", "", http.Header{"X-A": {" a\t"}}},
		{"an empty value", "GET", "/", "", http.Header{"X-A": {""}}},
		{"Latin-1", "GET", "/", "", http.Header{"X-A": {"\xe9"}}},
		{"DELETE without a body", "DELETE", "/", "", nil},
		{"POST without a body", "POST", "/", "", nil},
		{"POST", "POST", "/users", "a body", http.Header{"Content-Type": {"text/plain"}}},
		{"POST of much", "POST", "/users", strings.Repeat("x", 1<<20), nil},
		{"GET with a body", "GET", "/", "a body", nil},
		{"chunks", "PUT", "/", "a body" + asChunks, nil},
		{"no chunk", "PUT", "/", asChunks, nil},
		{"many chunks", "POST", "/", strings.Repeat("0123456789abcde", 1<<14) + asChunks, nil},
		{"chunks and a trailer", "POST", "/", "a body" + asChunks + "X-Sum: 1", nil},
		{"chunks of a DELETE", "DELETE", "/", "a body" + asChunks, nil},
		{"a body that is asked for", "POST", "/", strings.Repeat("x", 1<<17), http.Header{"Expect": {"100-continue"}}},
		{"chunks that are asked for", "POST", "/", "a body" + asChunks, http.Header{"Expect": {"100-Continue"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seen := make(chan *http.Request, 2)
			s := startScripted(t, func(n int, r *http.Request, conn net.Conn) bool {
				seen <- r
				return says(noContent)(n, r, conn)
			})
			c := testCarrier(t)
			carried := false
			for _, by := range []http.RoundTripper{c, c.transport} {
				text, trailer, inChunks := strings.Cut(tt.body, asChunks)
				r := request(t, tt.method, s.url+tt.target, strings.NewReader(text))
				if inChunks {
					r.ContentLength = -1
					r.Body = io.NopCloser(iotest.DataErrReader(strings.NewReader(text)))
				}
				if name, value, ok := strings.Cut(trailer, ": "); ok {
					r.Trailer = http.Header{name: {value}}
				}
				if tt.header != nil {
					r.Header = tt.header
				}
				if r.Header["User-Agent"] == nil {
					r.Header = r.Header.Clone()
					r.Header.Set("User-Agent", "") // as httputil.ReverseProxy has it
				}
				carried = c.carries(r)
				if got := look(t, by, r); got.Status != 204 {
					t.Fatalf("%T: %+v", by, got)
				}
			}
			got, want := <-seen, <-seen
			if kept := got.Header.Get("Connection") == "keep-alive"; kept != carried {
				t.Errorf("the upstream saw %q of the connection", got.Header["Connection"])
			}
			delete(got.Header, "Connection")
			if got.RequestURI != want.RequestURI || got.Host != want.Host || got.ContentLength != want.ContentLength || !reflect.DeepEqual(got.Header, want.Header) ||
				!reflect.DeepEqual(got.TransferEncoding, want.TransferEncoding) || !reflect.DeepEqual(got.Trailer, want.Trailer) {
				t.Errorf("the upstream saw\n%+v, by http.Transport\n%+v", got, want)
			}
			if body, _ := io.ReadAll(got.Body); string(body) != strings.Split(tt.body, asChunks)[0] {
				t.Errorf("the upstream read %d bytes", len(body))
			}
		})
	}
}

// TestCarrierRefuses what could be two requests, before anything is sent.
func TestCarrierRefuses(t *testing.T) {
	t.Parallel()
	s := startScripted(t, says(noContent))
	for name, change := range map[string]func(*http.Request){
		"a line in a value":  func(r *http.Request) { r.Header["X-A"] = []string{"a\r\nX-B: b"} },
		"a line in a name":   func(r *http.Request) { r.Header["X-A: a\r\nX-B"] = []string{"b"} },
		"a zero byte":        func(r *http.Request) { r.Header["X-A"] = []string{"a\x00"} },
		"a line in a method": func(r *http.Request) { r.Method = "GET / HTTP/1.1\r\nX-A:" },
		"a line in a target": func(r *http.Request) { r.URL.Opaque = "/ HTTP/1.1\r\nX-A: a" },
	} {
		r := request(t, "GET", s.url, nil)
		change(r)
		if got := look(t, testCarrier(t), r); !got.Err {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if n := s.requests.Load(); n != 0 {
		t.Errorf("%d requests came", n)
	}
}

const noContent = "HTTP/1.1 204 No Content\r\n\r\n"

// TestUpstreamThatHangsUp between two requests: that costs none of them. Where
// nobody knows whether it has taken a request, only one that changes nothing is
// sent again.
func TestUpstreamThatHangsUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method string
		answers      []string // the last one is that to all that follow
		failed       bool
		requests     int64 // that the upstream sees of two
	}{
		{"after its answer", "POST", []string{noContent + hangUp}, false, 2},
		{"with the second request", "GET", []string{noContent, hangUp}, false, 3},
		{"with the second, which could have done something", "POST", []string{noContent, hangUp}, true, 2},
		{"within the second answer", "GET", []string{noContent, "HTTP/1.1 204" + hangUp}, true, 2},
		{"always", "GET", []string{hangUp}, true, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, func(n int, r *http.Request, conn net.Conn) bool {
				return says(tt.answers[min(n, len(tt.answers)-1)])(n, r, conn)
			})
			c := testCarrier(t)
			look(t, c, request(t, tt.method, s.url, nil))
			if len(tt.answers) == 1 && !tt.failed {
				waitUntilReadable(t, c) // its end
			}
			got := look(t, c, request(t, tt.method, s.url, nil))
			if got.Err != tt.failed || s.requests.Load() != tt.requests {
				t.Errorf("%+v after %d requests", got, s.requests.Load())
			}
		})
	}
}

// waitUntilReadable waits until something has come on the idle line, and leaves
// it there.
func waitUntilReadable(t testing.TB, c *carrier) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, lines := range c.idle {
		lines[0].allow(patient)
		err := lines[0].raw.Read(func(fd uintptr) bool {
			_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
			return err != syscall.EAGAIN
		})
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("no line is idle")
}

// TestUpstreamThatSpeaksUnasked: what it says is not taken for the answer to
// the next request.
func TestUpstreamThatSpeaksUnasked(t *testing.T) {
	t.Parallel()
	const good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
	first := make(chan struct{})
	s := startScripted(t, func(n int, r *http.Request, conn net.Conn) bool {
		says(good)(n, r, conn)
		<-first
		return says(strings.Replace(good, "good", "evil", 1))(n, r, conn)
	})
	c := testCarrier(t)
	look(t, c, request(t, "GET", s.url, nil))
	close(first)
	waitUntilReadable(t, c)
	if got := look(t, c, request(t, "GET", s.url, nil)); got.Body != "good" {
		t.Errorf("%+v", got)
	}
}

// TestCarrierThatWaits as long for a head as it may take, and longer for a body.
func TestCarrierThatWaits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		first, rest string
		timeout     bool
	}{
		"for a head":            {"", noContent, true},
		"for the end of a head": {"HTTP/1.1 200 OK\r\n", "Content-Length: 0\r\n\r\n", true},
		"for a body":            {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", "cd", false},
		"for a chunk":           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const wait = time.Second
				c, _ := pipedCarrier(t, wait, func(n int, r *http.Request, conn net.Conn) bool {
					says(tt.first)(n, r, conn)
					time.Sleep(3 * wait)
					return says(tt.rest)(n, r, conn)
				})
				begun, waited := time.Now(), 3*wait
				if tt.timeout {
					waited = wait
				}
				res, err := c.RoundTrip(request(t, "GET", "http://piped.test", nil))
				if err == nil {
					_, err = io.ReadAll(res.Body)
					res.Body.Close()
				}
				if errors.Is(err, os.ErrDeadlineExceeded) != tt.timeout || err != nil && !tt.timeout {
					t.Errorf("got %v", err)
				}
				if took := time.Since(begun); took != waited {
					t.Errorf("it took %s, want %s", took, waited)
				}
			})
		})
	}
}

// TestSlowUpload takes longer than a head may, which then has as long again.
func TestSlowUpload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const wait = time.Second
		c, s := pipedCarrier(t, wait, func(n int, r *http.Request, conn net.Conn) bool {
			time.Sleep(wait - 1)
			return says(noContent)(n, r, conn)
		})
		for range 2 { // with a new line, and with one that has been used
			r := request(t, "POST", "http://piped.test", io.MultiReader(strings.NewReader("a"), pause(3*wait), strings.NewReader("b")))
			r.ContentLength = 2
			if got := look(t, c, r); got.Status != 204 {
				t.Errorf("%+v", got)
			}
		}
		if n := s.connections.Load(); n != 1 {
			t.Errorf("%d lines were used", n)
		}
	})
}

// A pause is nothing that takes a while.
type pause time.Duration

func (p pause) Read([]byte) (int, error) {
	time.Sleep(time.Duration(p))
	return 0, io.EOF
}

// pipedCarrier is for a synctest bubble, in which no network can be: its
// upstream is within.
func pipedCarrier(t *testing.T, response time.Duration, answer func(n int, r *http.Request, conn net.Conn) (last bool)) (*carrier, *scripted) {
	t.Helper()
	nothing, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{}
	var serving sync.WaitGroup
	c := newCarrier(transportKey{response: response})
	c.dial = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		serving.Go(func() { s.serve(server, answer) })
		return silent{client, nothing}, nil
	}
	t.Cleanup(func() {
		c.forget()
		serving.Wait()
		nothing.Close()
		end.Close()
	})
	return c, s
}

// A silent connection has nothing to be read but what is answered: who looks
// finds what there is in a file.
type silent struct {
	net.Conn
	file *os.File
}

func (s silent) SyscallConn() (syscall.RawConn, error) { return s.file.SyscallConn() }

func TestCarrierThatIsGivenUp(t *testing.T) {
	t.Parallel()
	why := errors.New("enough")
	for name, text := range map[string]string{
		"before an answer": "",
		"within a head":    "HTTP/1.1 200 OK\r\nX-A",
		"within a body":    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, giveUp := context.WithCancelCause(t.Context())
			closed := make(chan struct{})
			s := startScripted(t, func(n int, r *http.Request, conn net.Conn) bool {
				says(text)(n, r, conn)
				giveUp(why)
				io.Copy(io.Discard, conn)
				close(closed)
				return true
			})
			res, err := testCarrier(t).RoundTrip(request(t, "GET", s.url, nil).WithContext(ctx))
			if err == nil {
				_, err = io.ReadAll(res.Body)
				res.Body.Close()
			}
			if !errors.Is(err, why) {
				t.Errorf("got %v", err)
			}
			<-closed
		})
	}
}

// TestBodyThatIsNotRead to its end costs the connection.
func TestBodyThatIsNotRead(t *testing.T) {
	t.Parallel()
	s := startScripted(t, says("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd"))
	c := testCarrier(t)
	for range 2 {
		res, err := c.RoundTrip(request(t, "GET", s.url, nil))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Read(make([]byte, 1))
		res.Body.Close()
		if n, err := res.Body.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Error("a body that is closed can be read")
		}
	}
	if n := s.connections.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

// TestLargeUpload has its connection used again, whichever end comes first.
func TestLargeUpload(t *testing.T) {
	t.Parallel()
	s := startScripted(t, says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	c := testCarrier(t)
	for range 20 {
		res, err := c.RoundTrip(request(t, "POST", s.url, bytes.NewReader(make([]byte, 1<<20))))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(res.Body); string(body) != "ok" || err != nil {
			t.Fatalf("got %q, %v", body, err)
		}
		res.Body.Close()
		waitForIdle(t, c)
	}
	if n := s.connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// waitForIdle waits until both who reads and who writes have let go of a line.
func waitForIdle(t testing.TB, c *carrier) {
	t.Helper()
	for deadline := time.Now().Add(patient); theIdle(c) == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the line is still in use")
		}
	}
}

// TestUploadThatFails: the upstream is not left with half of it.
func TestUploadThatFails(t *testing.T) {
	t.Parallel()
	why := errors.New("the client has gone")
	for name, size := range map[string]int64{"at once": 0, "later": 100 << 10} {
		s := startScripted(t, says(noContent))
		r := request(t, "POST", s.url, io.MultiReader(io.LimitReader(zeroes{}, size), failing{why}))
		r.ContentLength = 1 << 20
		if _, err := testCarrier(t).RoundTrip(r); !errors.Is(err, why) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestUploadThatIsRefused: what an upstream says before it hangs up on a body
// that it does not want reaches the client, however the body is sent.
func TestUploadThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"of a length":       func(*http.Request) {},
		"in chunks":         func(r *http.Request) { r.ContentLength = -1 },
		"that is asked for": func(r *http.Request) { r.Header.Set("Expect", "100-continue") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := startRefusing(t, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
			c := testCarrier(t)
			for range 20 {
				r := request(t, "POST", url, io.LimitReader(zeroes{}, 8<<20))
				r.ContentLength = 8 << 20
				change(r)
				if got := look(t, c, r); got.Status != 413 || got.Body != "no" {
					t.Fatalf("%+v", got)
				}
			}
		})
	}
}

// startRefusing starts an upstream that answers heads, and closes connections
// without having read more.
func startRefusing(t testing.TB, answer string) (url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return "http://" + ln.Addr().String()
}

// TestBodyThatIsNotWanted is not read: its client may not even have sent it.
func TestBodyThatIsNotWanted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCarrier(t)
		c.dial = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				http.ReadRequest(bufio.NewReader(server))
				time.Sleep(continueWait - 1)
				io.WriteString(server, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
				server.Close()
			}()
			return client, nil
		}
		r := request(t, "POST", "http://piped.test", unwanted{t})
		r.ContentLength = 1
		r.Header.Set("Expect", "100-continue")
		if got := look(t, c, r); got.Status != 401 || theIdle(c) != nil {
			t.Errorf("%+v; idle: %v", got, theIdle(c))
		}
	})
}

// TestUploadOnDeadLine: the line took nothing of it.
func TestUploadOnDeadLine(t *testing.T) {
	t.Parallel()
	s := startScripted(t, says(noContent))
	c := testCarrier(t)
	look(t, c, request(t, "GET", s.url, nil))
	theIdle(c).conn.(*net.TCPConn).CloseWrite()
	if got := look(t, c, request(t, "POST", s.url, strings.NewReader(strings.Repeat("x", 1<<17)))); got.Status != 204 {
		t.Errorf("%+v", got)
	}
}

// TestUploadWhoseEndIsLate: its writer may not have noticed yet that it is done
// when the response has been read and the request is over.
func TestUploadWhoseEndIsLate(t *testing.T) {
	t.Parallel()
	s := startScripted(t, says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	c := testCarrier(t)
	dial, noticed := c.dial, make(chan struct{})
	c.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return lateConn{conn.(*net.TCPConn), noticed}, err
	}
	for range 2 {
		if got := look(t, c, request(t, "POST", s.url, strings.NewReader(strings.Repeat("x", 1<<17)+"$"))); got.Body != "ok" {
			t.Fatalf("%+v", got)
		}
		noticed <- struct{}{}
		waitForIdle(t, c)
	}
	if n := s.connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A lateConn has all of an upload sent, and says so later.
type lateConn struct {
	*net.TCPConn
	noticed chan struct{}
}

func (c lateConn) Write(p []byte) (int, error) {
	n, err := c.TCPConn.Write(p)
	if err == nil && p[n-1] == '$' {
		<-c.noticed
	}
	return n, err
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// An unwanted body is not to be read.
type unwanted struct{ t testing.TB }

func (u unwanted) Read([]byte) (int, error) {
	u.t.Error("it has been read")
	return 0, io.EOF
}

type failing struct{ why error }

func (f failing) Read([]byte) (int, error) { return 0, f.why }

func TestIdleLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		answer      string
		when        func(*carrier)
		connections int64 // for two requests
	}{
		{"just now", noContent, func(c *carrier) { c.sweep() }, 1},
		{"for too long", noContent, func(c *carrier) { theIdle(c).since = time.Now().Add(-keepIdle) }, 2},
		{"for too long, and swept", noContent, func(c *carrier) { theIdle(c).since = time.Now().Add(-keepIdle); c.sweep() }, 2},
		{"whose other side has hung up, and swept", noContent + hangUp, func(c *carrier) { waitUntilReadable(t, c); c.sweep() }, 2},
		{"as long as nobody should", "HTTP/1.1 204 No Content\r\nKeep-Alive: max=100, timeout=0\r\n\r\n", func(c *carrier) {}, 2},
		{"that takes nothing", noContent, func(c *carrier) { theIdle(c).conn.(*net.TCPConn).CloseWrite() }, 2},
		{"that nobody will ask for", noContent, (*carrier).forget, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, says(tt.answer))
			c := testCarrier(t)
			for range 2 {
				if got := look(t, c, request(t, "DELETE", s.url, nil)); got.Status != 204 {
					t.Errorf("%+v", got)
				}
				if s.requests.Load() == 1 {
					tt.when(c)
					if strings.Contains(tt.name, "swept") && theIdle(c) != nil {
						t.Error("it is still there")
					}
				}
			}
			if n := s.connections.Load(); n != tt.connections {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// TestLinesThatRest as long as the upstream says, but for the last second: its
// clock began earlier.
func TestLinesThatRest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer string
		rest         time.Duration
	}{
		{"not said", noContent, keepIdle},
		{"five seconds", "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5, max=100\r\n\r\n", 4 * time.Second},
		{"one second", "HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=1\r\n\r\n", 500 * time.Millisecond},
		{"very long", "HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=600\r\n\r\n", keepIdle},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := pipedCarrier(t, patient, says(tt.answer))
				for _, step := range []struct {
					wait        time.Duration
					connections int64
				}{{0, 1}, {tt.rest - 1, 1}, {tt.rest, 2}} {
					time.Sleep(step.wait)
					if got := look(t, c, request(t, "GET", "http://piped.test", nil)); got.Status != 204 || s.connections.Load() != step.connections {
						t.Errorf("after %s: %+v on connection %d", step.wait, got, s.connections.Load())
					}
				}
			})
		})
	}
}

// theIdle is an idle line, or nil.
func theIdle(c *carrier) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, lines := range c.idle {
		if len(lines) > 0 {
			return lines[0]
		}
	}
	return nil
}

// TestForgottenCarrier: what is in flight ends, and leaves nothing behind.
func TestForgottenCarrier(t *testing.T) {
	t.Parallel()
	s := startScripted(t, says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	c := testCarrier(t)
	res, err := c.RoundTrip(request(t, "GET", s.url, nil))
	if err != nil {
		t.Fatal(err)
	}
	c.forget()
	if body, err := io.ReadAll(res.Body); string(body) != "ok" || err != nil || theIdle(c) != nil {
		t.Errorf("got %q, %v; idle: %v", body, err, theIdle(c))
	}
}

// TestHostsForTransport have a form of their own on the wire.
func TestHostsForTransport(t *testing.T) {
	t.Parallel()
	c := testCarrier(t)
	for host, want := range map[string]bool{"api.test": true, "api.test:1": true, "[::1]:1": true, "[fe80::1%lo]:1": false, "bücher.test": false, "a b": false, "a\tb": false, "a/b": false} {
		r := request(t, "GET", "http://api.test", nil)
		r.URL.Host = host
		if got := c.carries(r); got != want {
			t.Errorf("%q as the upstream: %t", host, got)
		}
		r = request(t, "GET", "http://api.test", nil)
		r.Host = host
		if got := c.carries(r); got != want {
			t.Errorf("%q as Host: %t", host, got)
		}
	}
}
