package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
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

	mu        sync.Mutex
	idle      map[string][]*line // by address; the last was used last
	sweeping  bool
	forgotten bool // nothing will ask for an idle line any more
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
	var res *http.Response
	if err == nil {
		res, err = c.carry(r, m)
	}
	if !m.started {
		m.end()
	}
	if err != nil {
		return nil, cause(r, err)
	}
	return res, nil
}

// carry sends a message again if the line that was tried first had been hung up.
// What an upstream may have got, it gets once more on a line of its own: there,
// silence is an answer.
func (c *carrier) carry(r *http.Request, m *message) (*http.Response, error) {
	for own := false; ; {
		l, err := c.line(r, own)
		if err != nil {
			return nil, err
		}
		used, repeatable := l.used, m.repeatable()
		res, err := l.exchange(r, m)
		if err == nil && used && repeatable && res.StatusCode == http.StatusRequestTimeout {
			// It was for the idle line, on which no request had come.
			// https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9
			res.Body.Close()
			err = errSilent
		}
		again := errors.Is(err, errUnsent) || errors.Is(err, errSilent) && repeatable
		if !used || !again || r.Context().Err() != nil {
			return res, err
		}
		own = own || errors.Is(err, errSilent)
	}
}

// carries reports whether a request is one that the carrier writes itself.
func (c *carrier) carries(r *http.Request) bool {
	switch {
	case !canProbe, c.h2c, r.URL.Scheme != "http", r.Close, !isPlainHost(r.URL.Host), !isPlainHost(r.Host), !isPrintable(r.URL.RawQuery):
		return false
	case r.Header["Upgrade"] != nil, r.Header["Expect"] != nil && !asks(r), len(r.Trailer) > 0 && r.ContentLength >= 0:
		return false
	case hasContent(r) && r.ContentLength <= 0 && (r.ContentLength == 0 || !usuallyHasContent(r.Method)):
		return false // http.Transport finds out whether there is any
	}
	proxy, err := c.transport.Proxy(r)
	return proxy == nil && err == nil
}

// isPlainHost reports whether a host can be written as it is. Names in Unicode
// and addresses with zones have another form for that.
func isPlainHost(s string) bool {
	return isPrintable(s) && httpguts.ValidHostHeader(s) && !strings.Contains(s, "%")
}

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
// likeliest to live, or makes one.
func (c *carrier) line(r *http.Request, own bool) (*line, error) {
	for !own {
		l := c.takeIdle(r.URL.Host)
		if l == nil {
			break
		}
		if l.allow(c.response); time.Since(l.since) < l.rest && l.isAlive() {
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
	if len(lines) >= maxIdle || c.forgotten {
		l.conn.Close()
		return
	}
	c.idle[l.host] = append(lines, l)
	if !c.sweeping {
		c.sweeping = true
		time.AfterFunc(sweepEvery, c.sweep)
	}
}

// Nobody reads an idle line, so nobody hears that its other side has hung up.
const sweepEvery = 5 * time.Second

// sweep closes idle lines that will not be used, and comes again while there are
// others.
func (c *carrier) sweep() {
	c.closeIdle(func(l *line) bool {
		l.allow(0) // the deadline of its last exchange may be over
		return time.Since(l.since) >= l.rest || !l.isAlive()
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sweeping = len(c.idle) > 0; c.sweeping {
		time.AfterFunc(sweepEvery, c.sweep)
	}
}

func (c *carrier) closeIdle(useless func(*line) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for host, lines := range c.idle {
		kept := slices.DeleteFunc(lines, func(l *line) bool {
			if !useless(l) {
				return false
			}
			l.conn.Close()
			return true
		})
		if c.idle[host] = kept; len(kept) == 0 {
			delete(c.idle, host)
		}
	}
}

// forget is called when there will be no more requests. Those in flight end.
func (c *carrier) forget() {
	c.mu.Lock()
	c.forgotten = true
	c.mu.Unlock()
	c.closeIdle(func(*line) bool { return true })
	c.transport.CloseIdleConnections()
}
