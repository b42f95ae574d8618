package demo

import (
	"net"
	"slices"
	"sync"
)

// A Wire remembers what was said on the connections of some listeners: the heads of the HTTP/1.1 requests
// and responses, in the order and the case in which they were sent. A page cannot see preflights, nor
// what the browser keeps from it; the servers' end of the wire can.
//
// It listens in, and never stands in the way: bytes pass unchanged, what it does not understand it does
// not record, and it keeps the last exchanges only.
type Wire struct {
	mu   sync.Mutex
	last int64       // the id of the latest exchange, 0 before the first
	kept []*Exchange // by id, at most keptExchanges
}

const keptExchanges = 256

// An Exchange is a request and its response.
type Exchange struct {
	ID       int64    `json:"id"`     // in the order of the requests, over all servers
	Server   string   `json:"server"` // which one was asked
	Request  []string `json:"request"`
	Response []string `json:"response"` // null until there is one; interim ones (1xx) are not kept
}

// After returns the exchanges whose id is above the given one, and the id of the latest.
func (w *Wire) After(id int64) (exchanges []Exchange, latest int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	exchanges = []Exchange{}
	for _, e := range w.kept {
		if e.ID > id {
			exchanges = append(exchanges, *e)
		}
	}
	return exchanges, w.last
}

func (w *Wire) begin(server string, request []string) *Exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	e := &Exchange{ID: w.last, Server: server, Request: request}
	if len(w.kept) == keptExchanges {
		w.kept = slices.Delete(w.kept, 0, 1)
	}
	w.kept = append(w.kept, e)
	return e
}

func (w *Wire) end(e *Exchange, response []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Response = response
}

// Listener returns l, with its connections recorded under the server's name.
func (w *Wire) Listener(l net.Listener, server string) net.Listener {
	return &wireListener{l, w, server}
}

type wireListener struct {
	net.Listener
	wire   *Wire
	server string
}

func (l *wireListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wireConn{Conn: c, tap: tap{wire: l.wire, server: l.server}}, nil
}

// A wireConn is a connection that is listened in on.
type wireConn struct {
	net.Conn
	tap tap
}

func (c *wireConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tap.read(p[:n])
	return n, err
}

// Write records first: a page that has its answer must find it here.
func (c *wireConn) Write(p []byte) (int, error) {
	c.tap.written(p)
	return c.Conn.Write(p)
}

// CloseWrite is what net/http looks for, so that a client still reads the answer to a request that was
// not read to its end.
func (c *wireConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// maxWaiting bounds the requests that a client sends ahead of their answers.
const maxWaiting = 32

// A tap follows both directions of one connection.
type tap struct {
	wire   *Wire
	server string

	mu        sync.Mutex
	requests  messages
	responses messages
	waiting   []waiting // requests without a final response, in order
}

type waiting struct {
	exchange *Exchange
	method   string
}

func (t *tap) read(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests.follow(b, func(h head) framing {
		method, ok := h.method()
		if !ok || len(t.waiting) == maxWaiting {
			return t.deafen()
		}
		t.waiting = append(t.waiting, waiting{t.wire.begin(t.server, h.lines), method})
		return h.requestFraming()
	})
}

func (t *tap) written(b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.responses.follow(b, func(h head) framing {
		status, ok := h.status()
		if !ok || len(t.waiting) == 0 {
			return t.deafen()
		}
		if status < 200 && status != 101 {
			return framing{kind: empty}
		}
		asked := t.waiting[0]
		t.waiting = t.waiting[1:]
		t.wire.end(asked.exchange, h.lines)
		if status == 101 || asked.method == "CONNECT" && status < 300 {
			return t.deafen() // what follows is another protocol
		}
		return h.responseFraming(asked.method, status)
	})
}

// deafen ends the recording of this connection.
func (t *tap) deafen() framing {
	t.requests.stop()
	t.responses.stop()
	t.waiting = nil
	return framing{kind: unknown}
}
