package gateway

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/internal/http1"
)

// answersPreflight answers a preflight right here, for it goes no further than
// the policy, and its head has been read. The first request of a connection is
// for the server all the same, so that it knows of the connection's use, and so
// are those of a gateway that is ending.
func (c *gate) answersPreflight(target *url.URL, framing http1.Framing) (bool, error) {
	h := &c.head
	if h.Method != http.MethodOptions || c.requests == 0 || c.early > 0 || hasBody(framing) ||
		!h.Header.Has("Origin") || !h.Header.Has("Access-Control-Request-Method") ||
		h.Version != "HTTP/1.1" || h.Header.Has("Upgrade") || !c.stay() {
		return false, nil
	}
	defer c.leave()
	w := &answer{conn: c.Conn, header: http.Header{}}
	c.gateway.serve(w, c.request(h, target), nil)
	if !h.KeepAlive() {
		w.header.Set("Connection", "close")
		return true, errors.Join(w.send(h.Method), io.EOF)
	}
	if err := w.send(h.Method); err != nil {
		return true, err
	}
	c.requests++
	c.SetWriteDeadline(time.Time{})
	c.expect(c.gateway.first.Timeouts.Idle)
	return true, nil
}

// stay keeps the server, to which the connection is idle, from closing it.
func (c *gate) stay() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answering = !c.closed && !c.gateway.draining.Load()
	return c.answering
}

func (c *gate) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answering = false; c.closed {
		c.Conn.Close()
	}
}

// Close waits for an answer that is being written or read, but does not have
// the caller wait.
func (c *gate) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.unread.Load() {
		c.linger()
	}
	if c.answering || c.lingering {
		return nil
	}
	return c.Conn.Close()
}

// CloseWrite is called by the server some time before Close when it knows that
// the client still sends a body. It does not always: it may have been interrupted
// when it found out.
func (c *gate) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.linger()
	}
	return nil
}

// A client that is still sending when its connection is closed loses the answer:
// a page that uploads too much would see a network error. So what it sends is
// thrown away until it has read the answer, and closes, or stops sending.
const (
	lingerLongest = 30 * time.Second
	lingerIdle    = 5 * time.Second
)

// linger closes the connection in the end.
func (c *gate) linger() {
	if c.lingering {
		return
	}
	c.lingering = true
	go func() {
		defer c.Conn.Close()
		throwAway(c.Conn, lingerIdle)
	}()
}

// throwAway reads until nothing comes for a while, and not for ever.
func throwAway(conn net.Conn, idle time.Duration) {
	buffer := buffers.Get()
	defer buffers.Put(buffer)
	for until := time.Now().Add(lingerLongest); ; {
		conn.SetReadDeadline(time.Now().Add(min(idle, time.Until(until))))
		if _, err := conn.Read(buffer); err != nil {
			return
		}
	}
}

// request is a head as a handler has it.
func (c *gate) request(h *http1.RequestHead, target *url.URL) *http.Request {
	r := &http.Request{
		Method: h.Method, URL: target, Header: toHeader(h.Header), Body: http.NoBody, RemoteAddr: c.RemoteAddr().String(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	r.Host = r.Header.Get("Host")
	if target.Host != "" {
		r.Host = target.Host
	}
	delete(r.Header, "Host")
	if conn, ok := c.Conn.(*tls.Conn); ok {
		state := conn.ConnectionState()
		r.TLS = &state
	}
	return r
}

// toHeader is a header as net/http has it.
func toHeader(from http1.Header) http.Header {
	h := make(http.Header, len(from))
	values := make([]string, len(from))
	for i, f := range from {
		name := http.CanonicalHeaderKey(f.Name)
		values[i] = f.Value
		if before := h[name]; before != nil {
			h[name] = append(before, f.Value)
		} else {
			h[name] = values[i : i+1 : i+1]
		}
	}
	return h
}

// An answer is what the gate itself says to a client.
type answer struct {
	conn   net.Conn
	status int
	header http.Header
	body   []byte
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(p []byte) (int, error) {
	a.body = append(a.body, p...)
	return len(p), nil
}

// FlushError and SetWriteDeadline are for [http.ResponseController].
func (a *answer) FlushError() error { return nil }

func (a *answer) SetWriteDeadline(t time.Time) error { return a.conn.SetWriteDeadline(t) }

// usualAnswer is as large as most are.
const usualAnswer = 512

// send writes the answer to a request with a method.
func (a *answer) send(method string) error {
	if a.status != http.StatusNoContent {
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	h := http1.ResponseHead{Status: a.status, Reason: http.StatusText(a.status)}
	for name, values := range a.header {
		for _, v := range values {
			h.Header.Add(name, v)
		}
	}
	slices.SortStableFunc(h.Header, func(f, g http1.Field) int { return strings.Compare(f.Name, g.Name) })
	h.Header.Add("Date", time.Now().UTC().Format(http.TimeFormat))
	text, err := http1.AppendResponseHead(make([]byte, 0, usualAnswer), &h)
	if err != nil {
		return err
	}
	if method != http.MethodHead {
		text = append(text, a.body...)
	}
	_, err = a.conn.Write(text)
	return err
}

// sendLast is for what ends the connection. Whether the client sends more is not
// known, so not much time is given to it.
func (a *answer) sendLast(method string) {
	a.header.Set("Connection", "close")
	if a.send(method) != nil {
		return
	}
	throwAway(a.conn, 500*time.Millisecond)
}
