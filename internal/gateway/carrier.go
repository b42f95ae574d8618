package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// A carrier takes requests to upstreams. Those that go over HTTP/1.1 without
// TLS, as to an API beside the gateway, it writes, and reads what comes back,
// where they are served: http.Transport has two goroutines of its own for each
// connection, and to hand a request over to them and back took a third of its
// time. All else http.Transport carries.
type carrier struct {
	transport *http.Transport
	dial      func(ctx context.Context, network, address string) (net.Conn, error)
	h2c       bool
	response  time.Duration // how long a head may take

	mu       sync.Mutex
	idle     map[string][]*line // by address; the last was used last
	sweeping bool
}

func newCarrier(key transportKey) *carrier {
	transport := newTransport(key)
	return &carrier{
		transport: transport,
		dial:      transport.DialContext,
		h2c:       key.h2c,
		response:  key.response,
		idle:      make(map[string][]*line),
	}
}

// RoundTrip carries a request, as http.RoundTripper says. Whether a body that
// does not come at once is taken, and answered, is for the caller to watch: see
// stall.
func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	if !c.carries(r) {
		return c.transport.RoundTrip(r)
	}
	m, err := newMessage(r)
	if err != nil || m.whole() {
		defer m.end()
	}
	if err != nil {
		return nil, cause(r, err)
	}
	again := m.repeatable()
	for {
		l, err := c.line(r)
		if err != nil {
			closeBody(r)
			return nil, cause(r, err)
		}
		used := l.used
		res, err := l.exchange(r, m)
		if err == nil {
			return res, nil
		}
		if again = again && used && errors.Is(err, errSilent) && r.Context().Err() == nil; !again {
			return nil, cause(r, err)
		}
	}
}

func closeBody(r *http.Request) {
	if hasContent(r) {
		r.Body.Close()
	}
}

// carries reports whether a request is one that the carrier writes itself. A
// body whose length is not known is sent in chunks, and may have trailers.
func (c *carrier) carries(r *http.Request) bool {
	switch {
	case !canProbe, c.h2c, r.URL.Scheme != "http", r.Close, !isPrintable(r.URL.Host), !isPrintable(r.URL.RawQuery):
		return false
	case r.Header["Upgrade"] != nil, r.Header["Expect"] != nil, len(r.Trailer) > 0, hasContent(r) && r.ContentLength <= 0:
		return false
	}
	proxy, err := c.transport.Proxy(r)
	return proxy == nil && err == nil
}

// isPrintable reports whether s can be written as it is: other hosts have another
// form for that, and other queries are none.
func isPrintable(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// cause is the reason for which a request was given up, or else err.
func cause(r *http.Request, err error) error {
	if why := context.Cause(r.Context()); why != nil {
		return why
	}
	return err
}

// line takes the line to the request's host that was used last, for it is the
// likeliest to live, or a new one.
func (c *carrier) line(r *http.Request) (*line, error) {
	for {
		l := c.takeIdle(r.URL.Host)
		if l == nil {
			break
		}
		if l.allow(c.response); l.isAlive() {
			return l, nil
		}
		l.conn.Close()
	}
	address := r.URL.Host
	if r.URL.Port() == "" {
		address = net.JoinHostPort(r.URL.Hostname(), "80")
	}
	conn, err := c.dial(r.Context(), "tcp", address)
	if err != nil {
		return nil, err
	}
	l := newLine(c, r.URL.Host, conn)
	l.allow(c.response)
	return l, nil
}

func (c *carrier) takeIdle(host string) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.idle[host]
	if len(lines) == 0 {
		return nil
	}
	l := lines[len(lines)-1]
	lines[len(lines)-1] = nil
	c.idle[host] = lines[:len(lines)-1]
	return l
}

func (c *carrier) keep(l *line) {
	l.used, l.since = true, time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.idle[l.host]
	if len(lines) >= maxIdle {
		l.conn.Close()
		return
	}
	c.idle[l.host] = append(lines, l)
	if !c.sweeping {
		c.sweeping = true
		time.AfterFunc(keepIdle, c.sweep)
	}
}

// sweep closes what has been idle for too long, and comes again while there is
// something left.
func (c *carrier) sweep() {
	c.closeIdle(time.Now().Add(-keepIdle))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sweeping = len(c.idle) > 0; c.sweeping {
		time.AfterFunc(keepIdle/2, c.sweep)
	}
}

// closeIdle closes the lines that have been idle since a time or longer.
func (c *carrier) closeIdle(since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for host, lines := range c.idle {
		for len(lines) > 0 && !lines[0].since.After(since) {
			lines[0].conn.Close()
			lines = lines[1:]
		}
		if len(lines) == 0 {
			delete(c.idle, host)
		} else {
			c.idle[host] = lines
		}
	}
}

// CloseIdleConnections also closes those of the transport.
func (c *carrier) CloseIdleConnections() {
	c.transport.CloseIdleConnections()
	c.closeIdle(time.Now())
}
