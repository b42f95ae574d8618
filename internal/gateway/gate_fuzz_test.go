package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// FuzzGate: what passes the gate, the server takes. All else is answered by the
// gateway, once, and nothing passes after it.
func FuzzGate(f *testing.F) {
	for _, sent := range []string{
		"GET /%zz HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example.com\r\n\r\n",
		"POST /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n02\r\nlo\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\r\nGET http://b/c HTTP/1.1\r\nHost: b\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nExpect: more\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTrailer: X\r\nConnection: close\r\n\r\n",
	} {
		f.Add([]byte(sent))
	}
	policy, err := corsac.New(corsac.Rule{Origins: []string{"https://app.example.com"}})
	if err != nil {
		f.Fatal(err)
	}
	config := policyfile.DefaultGateway()
	config.Upstream = "http://127.0.0.1:9"
	g, err := New(Config{Policy: policy, Gateway: config})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn := &sentAndGot{in: bytes.NewReader(sent)}
		c := g.newGate(conn)
		server := &remembers{from: c}
		in := bufio.NewReader(server)
		for !c.open {
			r, err := http.ReadRequest(in)
			if err != nil {
				if server.err == nil {
					t.Fatalf("passed, and is no request: %v", err)
				}
				break
			}
			if c.requests == 0 {
				return // HTTP/2
			}
			checkTaken(t, r)
			if _, err := io.Copy(io.Discard, r.Body); err != nil && server.err == nil {
				t.Fatalf("passed, and is no body: %v", err)
			}
			c.idle()
		}
		answered := conn.got.Len()
		if rest, err := io.ReadAll(c); c.ended && (len(rest) > 0 || err != nil || conn.got.Len() > answered) {
			t.Errorf("after the end came %q, %v, and %d bytes of an answer", rest, err, conn.got.Len()-answered)
		}
		if answered == 0 {
			return
		}
		answers := bufio.NewReader(&conn.got)
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("answered by what is no response: %v", err)
		}
		if res.StatusCode < 400 && res.StatusCode != 204 || !res.Close {
			t.Errorf("answered %d, and the connection stays open: %t", res.StatusCode, !res.Close)
		}
		io.Copy(io.Discard, res.Body)
		if _, err := answers.Peek(1); !errors.Is(err, io.EOF) && res.Request != nil {
			t.Error("answered twice")
		}
	})
}

// checkTaken does what the server does besides http.ReadRequest.
func checkTaken(t *testing.T, r *http.Request) {
	if r.ProtoMajor != 1 || !httpguts.ValidHostHeader(r.Host) {
		t.Errorf("passed with version %s and host %q", r.Proto, r.Host)
	}
	for name, values := range r.Header {
		for _, v := range values {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(v) {
				t.Errorf("passed with field %q: %q", name, v)
			}
		}
	}
	if expect := r.Header["Expect"]; len(expect) > 0 && !httpguts.HeaderValuesContainsToken(expect[:1], "100-continue") {
		t.Errorf("passed with expectation %q", expect)
	}
}

// sentAndGot is a connection whose client has sent everything.
type sentAndGot struct {
	net.Conn
	in  *bytes.Reader
	got bytes.Buffer
}

func (c *sentAndGot) Read(p []byte) (int, error)       { return c.in.Read(p) }
func (c *sentAndGot) Write(p []byte) (int, error)      { return c.got.Write(p) }
func (c *sentAndGot) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv6loopback, Port: 1} }
func (c *sentAndGot) SetReadDeadline(time.Time) error  { return nil }
func (c *sentAndGot) SetWriteDeadline(time.Time) error { return nil }

// remembers tells an end of the connection from a fault in what was read.
type remembers struct {
	from io.Reader
	err  error
}

func (r *remembers) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.err = err
	return n, err
}
