package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/corsac-cors/corsac/internal/http1"
)

// network is the transport over sockets. It speaks HTTP/1.1, in which every
// byte is the agent's, and HTTP/2 to servers that speak nothing else.
type network struct {
	agent *Agent
	mu    sync.Mutex
	idle  map[poolKey][]*conn
}

// poolKey keeps apart what has carried credentials, as the standard's
// connection pool does.
type poolKey struct {
	scheme, address string
	credentials     bool
}

type conn struct {
	net.Conn
	client *http1.ClientConn
	key    poolKey
	remote netip.AddrPort
	tls    *tls.ConnectionState
	reused bool
	since  time.Time // of being idle
}

const (
	mostIdle    = 6 // for each server, as browsers have it
	idleTime    = 30 * time.Second
	dialTimeout = 10 * time.Second
)

// RoundTrip uses a connection that is there, or makes one.
func (n *network) RoundTrip(ctx context.Context, w *WireRequest) (*WireResponse, error) {
	started := time.Now()
	key := poolKey{w.URL.Scheme, w.URL.dialAddress(), w.Credentials}
	if c := n.take(key); c != nil {
		answer, err := n.exchange(ctx, c, w, started)
		if err == nil || !wasStale(ctx, answer, err) {
			return answer, err
		}
	}
	var timings Timings
	c, err := n.dial(ctx, w, key, started, &timings)
	if needsHTTP2(err) {
		return n.roundTripHTTP2(ctx, w, started)
	}
	if err != nil {
		return &WireResponse{Timings: timings}, err
	}
	answer, err := n.exchange(ctx, c, w, started)
	if err != nil && key.scheme == "https" && spokeHTTP2(err) {
		return n.roundTripHTTP2(ctx, w, started)
	}
	answer.Timings.Connected, answer.Timings.Secured = timings.Connected, timings.Secured
	return answer, err
}

// wasStale reports whether the server had closed an idle connection before the
// request came, in which case browsers send it again.
func wasStale(ctx context.Context, answer *WireResponse, err error) bool {
	closed := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
	return closed && ctx.Err() == nil && answer.Head.Raw == ""
}

func (n *network) dial(ctx context.Context, w *WireRequest, key poolKey, started time.Time, timings *Timings) (*conn, error) {
	raw, err := n.connect(ctx, key.address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, key: key, remote: addrPortOf(raw.RemoteAddr())}
	timings.Connected = time.Since(started)
	if w.Admit != nil {
		if err := w.Admit(c.remote); err != nil {
			_ = raw.Close()
			return nil, err
		}
	}
	if key.scheme == "https" {
		if err := c.secure(ctx, n.agent.TLS, w.URL.Host, "http/1.1"); err != nil {
			_ = raw.Close()
			return nil, err
		}
		timings.Secured = time.Since(started)
	}
	c.client = http1.NewClientConn(c.Conn)
	c.client.Lenience = n.agent.Profile.forgives()
	c.client.Limits = http1.Limits{Head: n.agent.MaxHead, Body: -1} // bodies are cut by who reads them
	return c, nil
}

// connect resolves localhost and its subdomains as browsers do: to this
// machine, whatever DNS says.
func (n *network) connect(ctx context.Context, address string) (net.Conn, error) {
	if n.agent.Dial != nil {
		return n.agent.Dial(ctx, "tcp", address)
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !isPotentiallyTrustworthy(Origin{Scheme: "http", Host: host}) || net.ParseIP(host) != nil {
		return dialer.DialContext(ctx, "tcp", address)
	}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	if err == nil {
		return c, nil
	}
	if c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("::1", port)); err == nil {
		return c, nil
	}
	return nil, err
}

func (c *conn) secure(ctx context.Context, config *tls.Config, host, protocol string) error {
	if config == nil {
		config = &tls.Config{}
	}
	config = config.Clone()
	config.NextProtos = []string{protocol}
	if config.ServerName == "" {
		config.ServerName = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	}
	secured := tls.Client(c.Conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return handshakeError{err}
	}
	state := secured.ConnectionState()
	c.Conn, c.tls = secured, &state
	return nil
}

// handshakeError tells a failure of TLS from one of HTTP after it.
type handshakeError struct{ error }

func (e handshakeError) Unwrap() []error {
	if isConnectionEnd(e.error) {
		return []error{e.error, TLSFailed}
	}
	return []error{e.error}
}

func isConnectionEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func addrPortOf(addr net.Addr) netip.AddrPort {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// exchange makes one exchange on a connection. The connection is given back when
// the body is closed, or closed if it is of no more use.
func (n *network) exchange(ctx context.Context, c *conn, w *WireRequest, started time.Time) (*WireResponse, error) {
	if c.reused && w.Admit != nil {
		if err := w.Admit(c.remote); err != nil {
			n.put(c)
			return &WireResponse{RemoteAddr: c.remote}, err
		}
	}
	x, err := c.client.RoundTrip(ctx, &w.Head, w.Body)
	answer := &WireResponse{
		RequestHead: x.Request.Raw, Head: x.Response, Interim: x.Interim,
		Protocol: "HTTP/1.1", RemoteAddr: c.remote, TLS: c.tls, Reused: c.reused,
	}
	if !x.FirstByte.IsZero() {
		answer.Timings.FirstByte = x.FirstByte.Sub(started)
	}
	if err != nil {
		x.Close()
		_ = c.Close()
		return answer, err
	}
	answer.Body = &networkBody{exchange: x, conn: c, network: n}
	return answer, nil
}

type networkBody struct {
	exchange *http1.Exchange
	conn     *conn
	network  *network
	once     sync.Once
}

// Read reads the body.
func (b *networkBody) Read(p []byte) (int, error) { return b.exchange.Body.Read(p) }

// Close ends the exchange.
func (b *networkBody) Close() error {
	b.once.Do(func() {
		if b.exchange.Close() {
			b.network.put(b.conn)
			return
		}
		_ = b.conn.Close()
	})
	return nil
}

func (n *network) take(key poolKey) *conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	for conns := n.idle[key]; len(conns) > 0; {
		c := conns[len(conns)-1]
		conns = conns[:len(conns)-1]
		n.idle[key] = conns
		if time.Since(c.since) < idleTime {
			return c
		}
		_ = c.Close()
	}
	return nil
}

func (n *network) put(c *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.idle == nil {
		n.idle = make(map[poolKey][]*conn)
	}
	if len(n.idle[c.key]) >= mostIdle {
		_ = c.Close()
		return
	}
	c.reused, c.since = true, time.Now()
	n.idle[c.key] = append(n.idle[c.key], c)
}

func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, conns := range n.idle {
		for _, c := range conns {
			_ = c.Close()
		}
	}
	n.idle = nil
}
