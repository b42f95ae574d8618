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
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

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
	used     bool          // at least once
	since    time.Time     // when it became idle
	rest     time.Duration // how long it may be
	bounded  bool          // there is a deadline for reading

	// Of an exchange, until both the request is written and the response read.
	stop    func() bool  // ends the power of the request's context over the connection
	pending atomic.Int32 // who reads, and who writes
	hurried bool         // there is a deadline for writing
	unfit   atomic.Bool  // for another exchange
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

var (
	// errUnsent is for a line that took nothing.
	errUnsent = errors.New("the upstream hung up before the request")
	// errSilent is for one on which nothing at all came back.
	errSilent = errors.New("the upstream hung up without a response")
)

// exchange sends a message and reads the response up to its body. After an
// error the line is closed.
func (l *line) exchange(r *http.Request, m *message) (*http.Response, error) {
	l.pending.Store(1)
	l.unfit.Store(false)
	l.stop = context.AfterFunc(r.Context(), func() { l.conn.Close() })
	framing, err := l.converse(r, m)
	if err != nil {
		l.fail()
		if why := m.failure.Load(); why != nil {
			return nil, *why
		}
		return nil, err
	}
	return l.response(r, framing), nil
}

func (l *line) converse(r *http.Request, m *message) (http1.Framing, error) {
	n, err := l.conn.Write(m.text)
	switch {
	case err != nil && n == 0:
		return http1.Framing{}, fmt.Errorf("%w: %w", errUnsent, err)
	case err != nil:
		return http1.Framing{}, silence(err)
	case m.whole():
		return l.readHeads(r, func(int) {})
	case !m.asks || !l.hears(continueWait):
		m.start(l)
	}
	framing, err := l.readHeads(r, func(status int) {
		if !m.started && (status == http.StatusContinue || !l.hears(continueWait)) {
			m.start(l)
		}
	})
	if !m.started {
		l.unfit.Store(true) // the upstream may wait for the rest
	}
	return framing, err
}

// continueWait is how long an upstream has to say that it wants a body. Many
// never do.
const continueWait = time.Second

// hears reports whether something comes within a time, be it the end. The rest
// of it may take as long as any head.
func (l *line) hears(within time.Duration) bool {
	l.allow(within)
	defer l.allow(l.carrier.response)
	_, err := l.in.Peek(1)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// silence is what became of a line that has broken.
func silence(err error) error {
	var network *net.OpError
	if errors.As(err, &network) && !network.Timeout() {
		return fmt.Errorf("%w: %w", errSilent, err)
	}
	return err
}

// readHeads reads up to the response's body, and tells of what comes before: the
// upstream may want the request's.
func (l *line) readHeads(r *http.Request, interim func(status int)) (http1.Framing, error) {
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
		if len(l.head.Forgiven) > 0 || promisesMore(&l.head) {
			l.unfit.Store(true)
		}
		if !l.head.IsInterim() {
			return l.head.Framing(r.Method)
		}
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.Got1xxResponse != nil {
			if err := trace.Got1xxResponse(l.head.Status, textproto.MIMEHeader(toHeader(l.head.Header))); err != nil {
				return http1.Framing{}, err
			}
		}
		interim(l.head.Status)
	}
	return http1.Framing{}, http1.TooManyInterim
}

// promisesMore reports whether a head says that it has a body, where none can be.
// Its sender may send one, which whoever got the line next would have for a
// response.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-8.6
func promisesMore(h *http1.ResponseHead) bool {
	if h.Status >= 200 && h.Status != http.StatusNoContent {
		return false
	}
	length, _ := h.Header.Get("Content-Length")
	return h.Header.Has("Transfer-Encoding") || strings.Trim(length, "0 ,") != ""
}

// response is what came, of which the body is yet to be read.
func (l *line) response(r *http.Request, framing http1.Framing) *http.Response {
	h := &l.head
	l.rest = restOf(h)
	if framing.Kind == http1.Close || framing.Kind == http1.Tunnel || len(h.Forgiven) > 0 || !h.KeepAlive() {
		l.unfit.Store(true)
	}
	res := received(r, h, framing)
	if !hasBody(framing) && framing.Kind != http1.Close {
		l.finish()
		return res
	}
	if framing.Kind != http1.Length || framing.Length > int64(l.in.Buffered()) {
		l.allow(0)
	}
	res.Body = &responseBody{line: l, from: l.messages.Body(framing), response: res}
	return res
}

// restOf is how long a line can be idle. What an upstream says of that it counts
// from when it sent the response, so the end is left out.
//
// https://httpwg.org/specs/rfc2068.html#rfc.section.19.7.1.1
func restOf(h *http1.ResponseHead) time.Duration {
	rest := keepIdle
	for line := range h.Header.Lines("Keep-Alive") {
		for parameter := range strings.SplitSeq(line, ",") {
			seconds, ok := strings.CutPrefix(strings.Trim(parameter, " \t"), "timeout=")
			if n, err := strconv.ParseUint(seconds, 10, 16); ok && err == nil {
				kept := time.Duration(n) * time.Second
				rest = min(rest, kept-min(time.Second, kept/2))
			}
		}
	}
	return rest
}

// fail is for who reads, and gives up.
func (l *line) fail() {
	l.breakOff()
	l.finish()
}

// breakOff closes the line, whoever uses it still.
func (l *line) breakOff() {
	l.unfit.Store(true)
	l.conn.Close()
}

// lastWrite is how long a request may still be written after its response has
// been read. Mostly all has been, and the writer is about to notice.
const lastWrite = time.Second

// finish is called by who reads when that is done. The request may end then, and
// the line is not to end with it.
func (l *line) finish() {
	if !l.stop() {
		l.unfit.Store(true)
	}
	if l.hurried = l.pending.Load() > 1; l.hurried {
		l.conn.SetWriteDeadline(time.Now().Add(lastWrite))
	}
	l.release()
}

// release is called by who reads and by who writes when they are done. The last
// of them makes the line idle, or closes it.
func (l *line) release() {
	if l.pending.Add(-1) > 0 {
		return
	}
	if l.unfit.Load() || l.in.Buffered() > 0 {
		l.conn.Close()
		return
	}
	if l.hurried {
		l.conn.SetWriteDeadline(time.Time{})
	}
	if len(l.head.Raw) > bufferedHead {
		l.head, l.messages = http1.ResponseHead{}, l.newReader()
	}
	l.carrier.keep(l)
}
