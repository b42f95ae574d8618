package gateway

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/corsac-cors/corsac/internal/http1"
)

// A gate is a client's connection that speaks HTTP/1, of which only proper
// requests get through to the server. To all else Go's server would answer by
// itself, before a handler hears of it and so without CORS headers: a page would
// see a network error where it asked for a path with a stray "%" or sent too
// many cookies.
//
// It follows the messages from the first to the last byte, so it always knows
// where a head begins. Heads pass when they are complete and found proper,
// bodies as they come; chunks are written anew.
type gate struct {
	net.Conn
	gateway  *Gateway
	in       *bufio.Reader
	messages *http1.Reader
	head     http1.RequestHead
	body     *http1.Body // of the head read last, or nil
	chunked  bool
	rest     string // of the head, which the server has yet to read
	out      []byte // of the body, the same
	buffer   []byte // what out is a part of
	content  []byte // of a chunk
	early    int    // bytes of the next head that the server has read already
	requests int    // so far
	open     bool   // another protocol follows the body: all passes
	ended    bool   // nothing passes any more, though the server may ask again

	// serving is set when the server has got a head, until it waits for the next.
	serving atomic.Bool

	unread atomic.Bool // see leaveUnread

	mu                           sync.Mutex
	answering, lingering, closed bool // see Close
}

// bufferedHead is as large as most heads are. An idle connection holds as much.
const bufferedHead = 2 << 10

func (g *Gateway) newGate(conn net.Conn) *gate {
	c := &gate{Conn: conn, gateway: g, in: bufio.NewReaderSize(conn, bufferedHead)}
	c.messages = c.newReader()
	return c
}

func (c *gate) newReader() *http1.Reader {
	r := http1.NewReader(c.in)
	r.Limits = http1.Limits{Head: c.gateway.maxHead(), Body: -1}
	r.Lenience = http1.Lenience{TargetBytes: true}
	return r
}

// Read is called by the server: for a head, for a body, and while it serves, to
// learn whether the client is still there.
func (c *gate) Read(p []byte) (int, error) {
	for {
		switch {
		case c.ended:
			return 0, io.EOF
		case c.rest != "":
			n := copy(p, c.rest)
			c.rest = c.rest[n:]
			return n, nil
		case len(c.out) > 0:
			n := copy(p, c.out)
			c.out = c.out[n:]
			return n, nil
		case c.body != nil:
			if n, err := c.readBody(p); n > 0 || err != nil {
				return n, err
			}
		case c.open:
			return c.in.Read(p)
		case c.serving.Load():
			return c.await(p)
		default:
			if err := c.readHead(); err != nil {
				return 0, err
			}
		}
	}
}

// readBody reads from the body. It returns nothing where there is something in
// c.out then, or where the body has ended.
func (c *gate) readBody(p []byte) (n int, err error) {
	if c.chunked {
		err = c.readChunk()
	} else {
		n, err = c.body.Read(p)
	}
	if err == io.EOF {
		c.body, err = nil, nil
	}
	return n, err
}

func (c *gate) readChunk() error {
	if c.content == nil {
		c.content = make([]byte, 4<<10)
	}
	n, err := c.body.Read(c.content)
	c.buffer = http1.AppendChunk(c.buffer[:0], c.content[:n])
	if err == io.EOF {
		c.buffer, _ = http1.AppendLastChunk(c.buffer, c.body.Trailer()) // it has been read
	}
	c.out = c.buffer
	return err
}

// await waits for the client's next request or its end while the server serves
// the last one. Of a request, the server gets one byte: it asks for no more, and
// the rest has to be complete first. The server interrupts it when it is done,
// so nothing may be lost when it fails.
func (c *gate) await(p []byte) (int, error) {
	first, err := c.in.Peek(1)
	if err == nil && first[0] == '\r' && !c.head.Header.Has("Upgrade") {
		// Old clients add an empty line to a body. Another protocol has it for
		// something else.
		if first, err = c.in.Peek(2); err == nil && first[1] == '\n' {
			c.in.Discard(2)
			first, err = c.in.Peek(1)
		}
	}
	if err != nil {
		return 0, err
	}
	if c.early > 0 {
		return 0, errNoHead
	}
	c.early = 1
	p[0] = first[0]
	return 1, nil
}

// preface is how HTTP/2 begins without TLS.
//
// https://www.rfc-editor.org/rfc/rfc9113#section-3.4
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// beginsHTTP2 does not wait for more than a request has, if this is one.
func (c *gate) beginsHTTP2() bool {
	for _, n := range []int{len("PRI"), len("PRI * HTTP/2.0"), len(preface)} {
		if start, _ := c.in.Peek(n); string(start) != preface[:n] {
			return false
		}
	}
	return true
}

// readHead has a head pass, or answers it.
func (c *gate) readHead() error {
	first, err := c.in.Peek(1)
	if err != nil {
		return err // the connection has ended, or was idle for too long
	}
	mayBegin := isToken(first) || first[0] == '\r' && c.early == 0
	if !c.holdsHead() {
		// The server would count from what it sees of it.
		c.expect(c.gateway.first.Timeouts.Header)
	}
	if c.requests == 0 && c.beginsHTTP2() {
		c.open = true
		return nil
	}
	if !mayBegin {
		c.head.Raw = "" // of the request before
		return c.refuse(errNoHead)
	}
	if err := c.messages.ReadRequestHead(&c.head); err != nil {
		return c.refuse(err)
	}
	framing, err := c.head.Framing()
	if err != nil {
		return c.refuse(err)
	}
	target, err := checkForServer(&c.head)
	if err != nil {
		return c.refuse(err)
	}
	if done, err := c.answersPreflight(target, framing); done {
		return err
	}
	c.pass(framing)
	return nil
}

// holdsHead reports whether a head need not be waited for.
func (c *gate) holdsHead() bool {
	came, _ := c.in.Peek(c.in.Buffered())
	return bytes.Contains(came, []byte("\r\n\r\n"))
}

// expect bounds the time until the rest of a head is there, or the next one.
func (c *gate) expect(wait time.Duration) {
	var until time.Time
	if wait > 0 {
		until = time.Now().Add(wait)
	}
	c.SetReadDeadline(until)
}

// isToken reports whether a method may begin like this.
func isToken(first []byte) bool { return httpguts.ValidHeaderFieldName(string(first)) }

// pass is for a proper head.
func (c *gate) pass(framing http1.Framing) {
	c.serving.Store(true)
	c.requests++
	c.rest, c.early = c.head.Raw[c.early:], 0
	c.chunked = framing.Kind == http1.Chunked
	if hasBody(framing) {
		c.body = c.messages.Body(framing)
	}
}

func hasBody(f http1.Framing) bool { return f.Kind == http1.Chunked || f.Length > 0 }

// refuse answers a head that does not pass, and ends the connection: nobody
// knows what the rest of it would be. What has broken it off itself, before or
// in the midst of a head, gets no answer.
func (c *gate) refuse(err error) error {
	c.ended = true
	m := malformedBy(err, c.messages.Limits.Head)
	if m == nil {
		return err
	}
	w, r := &answer{conn: c.Conn, header: http.Header{}}, requestFrom(c)
	c.gateway.serve(w, r, m)
	w.sendLast(r.Method)
	return io.EOF
}

// followGates is told by the server what its connections do.
func followGates(conn net.Conn, state http.ConnState) {
	c, ok := conn.(interface {
		idle()
		openUp()
	})
	switch {
	case ok && state == http.StateIdle:
		c.idle()
	case ok && state == http.StateHijacked:
		c.openUp()
	}
}

// openUp is called when the connection has changed to another protocol, and not
// when a client has asked for that: upstreams may go on in HTTP/1.
func (c *gate) openUp() {
	c.in.Discard(c.early)
	c.early, c.open = 0, true
}

// gateKey is where a request's context has the gate that it came through.
type gateKey struct{}

func withGate(ctx context.Context, conn net.Conn) context.Context {
	switch c := conn.(type) {
	case *gate:
		return context.WithValue(ctx, gateKey{}, c)
	case *tlsGate:
		return context.WithValue(ctx, gateKey{}, c.gate)
	}
	return ctx
}

// leaveUnread tells the gate that a request has been answered before its body
// was read.
func leaveUnread(r *http.Request) {
	if c, ok := r.Context().Value(gateKey{}).(*gate); ok {
		c.unread.Store(true)
	}
}

// idle also lets go of what a large head has left behind: most connections are
// idle most of the time.
func (c *gate) idle() {
	if len(c.head.Raw) > bufferedHead {
		c.head, c.messages = http1.RequestHead{}, c.newReader()
	}
	c.serving.Store(false)
}

// gates is a listener whose connections are gates.
type gates struct {
	net.Listener
	gateway *Gateway
}

func (l gates) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.gateway.newGate(conn), nil
}
