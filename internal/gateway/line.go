package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/corsac-cors/corsac/internal/http1"
)

// A line is a connection to an upstream: one exchange after the other, in
// HTTP/1.1.
type line struct {
	carrier  *carrier
	host     string
	conn     net.Conn
	raw      syscall.RawConn // nil: the connection has none
	in       *bufio.Reader
	messages *http1.Reader
	head     http1.ResponseHead
	used     bool      // at least once
	since    time.Time // when it became idle
	bounded  bool      // there is a deadline for reading

	// Of an exchange, until both the request is written and the response read.
	stop    func() bool // ends the power of the request's context over the connection
	pending atomic.Int32
	unfit   atomic.Bool // for another exchange
}

// What upstreams are forgiven: what browsers forgive them. Only a trailer that
// frames a message would be passed on.
var upstreamLenience = func() http1.Lenience {
	l := http1.Chromium
	l.AnyTrailer = false
	return l
}()

func newLine(c *carrier, host string, conn net.Conn) *line {
	l := &line{carrier: c, host: host, conn: conn, in: bufio.NewReader(conn)}
	if s, ok := conn.(syscall.Conn); ok {
		l.raw, _ = s.SyscallConn()
	}
	l.messages = l.newReader()
	return l
}

func (l *line) newReader() *http1.Reader {
	r := http1.NewReader(l.in)
	r.Limits = http1.Limits{Head: maxResponseHead, Body: -1}
	r.Lenience = upstreamLenience
	return r
}

// allow bounds the time until a head is there. Zero sets no limit.
func (l *line) allow(wait time.Duration) {
	switch {
	case wait > 0:
		l.conn.SetReadDeadline(time.Now().Add(wait))
	case l.bounded:
		l.conn.SetReadDeadline(time.Time{})
	}
	l.bounded = wait > 0
}

// isAlive reports whether an idle line can be used: its other side has neither
// hung up, nor sent anything that nobody asked for.
func (l *line) isAlive() bool { return l.raw != nil && isSilent(l.raw) }

// errSilent is for a line on which nothing at all came back.
var errSilent = errors.New("the upstream hung up without a response")

// exchange sends a message and reads the response up to its body. After an
// error the line is closed.
func (l *line) exchange(r *http.Request, m *message) (*http.Response, error) {
	l.pending.Store(1)
	l.unfit.Store(false)
	l.stop = context.AfterFunc(r.Context(), func() { l.conn.Close() })
	if !m.whole() {
		l.allow(0) // its end may be long in coming
	}
	if err := m.send(l); err != nil {
		l.fail()
		if errors.Is(err, errUnsent) {
			return nil, err
		}
		return nil, silence(err)
	}
	framing, err := l.readHeads(r)
	if err != nil {
		l.fail()
		if why := m.failure.Load(); why != nil {
			return nil, *why
		}
		return nil, err
	}
	return l.response(r, framing), nil
}

// silence is what became of a line that has broken.
func silence(err error) error {
	var network *net.OpError
	if errors.As(err, &network) && !network.Timeout() {
		return fmt.Errorf("%w: %w", errSilent, err)
	}
	return err
}

func (l *line) readHeads(r *http.Request) (http1.Framing, error) {
	if _, err := l.in.Peek(1); err != nil {
		if errors.Is(err, io.EOF) {
			err = errSilent
		}
		return http1.Framing{}, silence(err)
	}
	const enough = 1000
	for range enough {
		if err := l.messages.ReadResponseHead(&l.head); err != nil {
			return http1.Framing{}, err
		}
		if !l.head.IsInterim() {
			return l.head.Framing(r.Method)
		}
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.Got1xxResponse != nil {
			if err := trace.Got1xxResponse(l.head.Status, textproto.MIMEHeader(toHeader(l.head.Header))); err != nil {
				return http1.Framing{}, err
			}
		}
	}
	return http1.Framing{}, http1.TooManyInterim
}

// response is what came as http.Transport gives it.
func (l *line) response(r *http.Request, framing http1.Framing) *http.Response {
	h := &l.head
	res := &http.Response{
		Status:     strconv.Itoa(h.Status) + " " + h.Reason,
		StatusCode: h.Status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        toHeader(h.Header),
		ContentLength: -1,
		Request:       r,
	}
	if framing.Kind == http1.Close || framing.Kind == http1.Tunnel || len(h.Forgiven) > 0 || !h.KeepAlive() {
		l.unfit.Store(true)
	}
	if codings := res.Header["Transfer-Encoding"]; codings != nil { // also of HEAD
		res.TransferEncoding = codings
		res.Trailer = announced(res.Header["Trailer"])
		delete(res.Header, "Content-Length")
		delete(res.Header, "Transfer-Encoding")
		delete(res.Header, "Trailer")
	}
	if first, _, again := strings.Cut(strings.Join(res.Header["Content-Length"], ","), ","); again {
		res.Header["Content-Length"] = []string{strings.Trim(first, " \t")} // they agree
	}
	if framing.Kind == http1.Length {
		res.ContentLength = framing.Length
	}
	if framing.Kind == http1.NoBody || framing.Kind == http1.Tunnel || res.ContentLength == 0 {
		res.Body, res.ContentLength = http.NoBody, 0
		if r.Method == http.MethodHead {
			res.ContentLength = lengthOf(res.Header)
		}
		l.release()
		return res
	}
	if framing.Kind != http1.Length || framing.Length > int64(l.in.Buffered()) {
		l.allow(0)
	}
	res.Body = &responseBody{line: l, from: l.messages.Body(framing), response: res}
	return res
}

// lengthOf is the length that a body would have, where there is none.
func lengthOf(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// fail closes the line, whoever uses it still.
func (l *line) fail() {
	l.unfit.Store(true)
	l.conn.Close()
	l.release()
}

// release is called by who reads and by who writes when they are done. The last
// of them makes the line idle, or closes it. If all is read and the request's
// context ends before the writer has noticed that it is done, a good line is lost.
func (l *line) release() {
	if l.pending.Add(-1) > 0 {
		return
	}
	if !l.stop() || l.unfit.Load() || l.in.Buffered() > 0 {
		l.conn.Close()
		return
	}
	if len(l.head.Raw) > bufferedHead {
		l.head, l.messages = http1.ResponseHead{}, l.newReader()
	}
	l.carrier.keep(l)
}

// announced are the names of trailers that a response says it has.
func announced(lines []string) http.Header {
	var trailer http.Header
	for name := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if name = strings.Trim(name, " \t"); !httpguts.ValidTrailerHeader(name) || !isToken([]byte(name)) {
			continue
		}
		if trailer == nil {
			trailer = make(http.Header)
		}
		trailer[http.CanonicalHeaderKey(name)] = nil
	}
	return trailer
}

// A responseBody is the body of a response.
type responseBody struct {
	line     *line // nil: it has been released
	from     *http1.Body
	response *http.Response
	err      error
}

func (c *responseBody) Read(p []byte) (int, error) {
	if c.line == nil {
		return 0, c.err
	}
	n, err := c.from.Read(p)
	if err == nil {
		return n, nil
	}
	if c.err = err; err != io.EOF {
		c.err = cause(c.response.Request, err)
		c.line.fail()
	} else {
		c.trailers()
		c.line.release()
	}
	c.line, c.from = nil, nil
	return n, c.err
}

func (c *responseBody) trailers() {
	for _, f := range c.from.Trailer() {
		if c.response.Trailer == nil {
			c.response.Trailer = make(http.Header)
		}
		c.response.Trailer.Add(f.Name, f.Value)
	}
	if len(c.from.Forgiven()) > 0 {
		c.line.unfit.Store(true)
	}
}

// Close also ends a body that has not been read to its end.
func (c *responseBody) Close() error {
	if c.line != nil {
		c.line.fail()
		c.line, c.from, c.err = nil, nil, http.ErrBodyReadAfterClose
	}
	return nil
}
