package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// handshakes is a listener whose connections have agreed upon TLS. Only then is
// it known which of them speak HTTP/1 and go through a gate. The others the
// server has to recognize, so it gets the *tls.Conn.
type handshakes struct {
	net.Listener
	gateway *Gateway
	config  *tls.Config

	running context.Context
	ready   chan accepted
	pending sync.WaitGroup
}

type accepted struct {
	conn net.Conn
	err  error
}

func (g *Gateway) newHandshakes(running context.Context, ln net.Listener) *handshakes {
	l := &handshakes{Listener: ln, gateway: g, config: g.tlsConfig(), running: running, ready: make(chan accepted)}
	go l.acceptAll()
	return l
}

// Accept returns the next connection that is ready, in whatever order.
func (l *handshakes) Accept() (net.Conn, error) {
	next, ok := <-l.ready
	if !ok {
		return nil, net.ErrClosed
	}
	return next.conn, next.err
}

// acceptAll leaves to the server what becomes of errors: of some, such as too
// many open files, it makes a pause.
func (l *handshakes) acceptAll() {
	ctx, stop := context.WithCancel(l.running)
	for ctx.Err() == nil {
		conn, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			stop() // nobody will take what is ready
		case err != nil:
			l.hand(ctx, accepted{err: err})
		default:
			l.pending.Go(func() { l.shake(ctx, conn) })
		}
	}
	stop()
	l.pending.Wait()
	close(l.ready)
}

// shake hands over a connection, or closes it.
func (l *handshakes) shake(ctx context.Context, conn net.Conn) {
	secured := tls.Server(conn, l.config)
	if wait := l.gateway.first.Timeouts.Header; wait > 0 {
		conn.SetDeadline(time.Now().Add(wait))
	}
	if err := secured.HandshakeContext(ctx); err != nil {
		l.refuse(conn, err)
		conn.Close()
		return
	}
	conn.SetDeadline(time.Time{})
	var next net.Conn = secured
	if secured.ConnectionState().NegotiatedProtocol != "h2" {
		next = &tlsGate{l.gateway.newGate(secured), secured}
	}
	if !l.hand(ctx, accepted{conn: next}) {
		conn.Close()
	}
}

// hand reports whether the server has taken it.
func (l *handshakes) hand(ctx context.Context, next accepted) bool {
	select {
	case l.ready <- next:
		return true
	case <-ctx.Done():
		return false
	}
}

// refuse tells a browser that was sent to http:// where to go.
func (l *handshakes) refuse(conn net.Conn, err error) {
	var record tls.RecordHeaderError
	if errors.As(err, &record) && record.Conn != nil && looksLikeHTTP(record.RecordHeader) {
		io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nThis port speaks HTTPS: write https:// instead of http://.\n")
	}
	l.gateway.log.Debug("no TLS with "+conn.RemoteAddr().String(), "error", err)
}

func looksLikeHTTP(header [5]byte) bool {
	switch string(header[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "PATCH", "DELET":
		return true
	}
	return false
}

// A tlsGate tells the server what was agreed upon.
type tlsGate struct {
	*gate
	secured *tls.Conn
}

// ConnectionState is what net/http takes Request.TLS from.
func (c *tlsGate) ConnectionState() tls.ConnectionState { return c.secured.ConnectionState() }
