package gateway_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsac-cors/corsac/internal/gateway"
)

// Pipes are a network within the process, of one listener. In a bubble of
// synctest there can be no other: time passes there when all wait for it, so
// that no machine is too slow for a test of what takes too long.
type pipes struct {
	backlog chan net.Conn
	closed  chan struct{}
	close   sync.Once
}

func newPipes() *pipes {
	return &pipes{backlog: make(chan net.Conn, 8), closed: make(chan struct{})}
}

// dial is for transports: there is nobody else at any address.
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := connect()
	select {
	case p.backlog <- server:
		return client, nil
	case <-p.closed:
		return nil, errors.New("nobody listens")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A pipe is one end of a connection, of which each direction ends by itself.
type pipe struct {
	net.Conn // that is read from
	to       net.Conn
}

func connect() (a, b pipe) {
	a.to, b.Conn = flow()
	b.to, a.Conn = flow()
	return a, b
}

// flow is one direction. As on networks, some of what is sent is under way, or
// two that both send would wait for each other.
func flow() (to, from net.Conn) {
	to, in := net.Pipe()
	out, from := net.Pipe()
	underWay := make(chan []byte, 16)
	go func() {
		defer close(underWay)
		for {
			p := make([]byte, 4<<10)
			n, err := in.Read(p)
			if err != nil {
				return
			}
			underWay <- p[:n]
		}
	}()
	go func() {
		defer out.Close()
		for p := range underWay {
			out.Write(p)
		}
	}()
	go func() {
		out.Read(make([]byte, 1)) // until nobody is there any more
		in.Close()
	}()
	return to, from
}

func (p pipe) Write(b []byte) (int, error) { return p.to.Write(b) }

func (p pipe) CloseWrite() error { return p.to.Close() }

func (p pipe) Close() error { return errors.Join(p.to.Close(), p.Conn.Close()) }

func (p pipe) SetWriteDeadline(t time.Time) error { return p.to.SetWriteDeadline(t) }

func (p pipe) SetDeadline(t time.Time) error {
	return errors.Join(p.SetReadDeadline(t), p.SetWriteDeadline(t))
}

// mustDial connects until the test ends.
func (p *pipes) mustDial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := p.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.backlog:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close.Do(func() {
		close(p.closed)
		for range len(p.backlog) {
			(<-p.backlog).Close()
		}
	})
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// onEachPipe runs a test in a bubble for each pair of protocols.
func onEachPipe(t *testing.T, test func(t *testing.T, w wire)) {
	onEachWire(t, func(t *testing.T, w wire) {
		synctest.Test(t, func(t *testing.T) { test(t, w) })
	})
}

// piped is through, by pipes.
func (w wire) piped(t testing.TB, h http.HandlerFunc, changes ...func(*gateway.Config)) (url string, client *http.Client) {
	t.Helper()
	c := to(t, w.back+"://piped.test")
	for _, change := range changes {
		change(&c)
	}
	front := newPipes()
	startPiped(t, c, front, h)
	return "http://piped.test", w.clientOf(t, front)
}

func (w wire) clientOf(t testing.TB, front *pipes) *http.Client {
	client := w.client(t)
	client.Transport.(*http.Transport).DialContext = front.dial
	return client
}

// startPiped serves a configuration until the test ends, and h behind it.
func startPiped(t testing.TB, c gateway.Config, front *pipes, h http.HandlerFunc) *gateway.Gateway {
	t.Helper()
	behind := serveBehind(t, h)
	return startOn(t, c, front, func(g *gateway.Gateway) { g.DialBy(behind.dial) })
}

// serveBehind is bothVersions, by pipes.
func serveBehind(t testing.TB, h http.HandlerFunc) *pipes {
	behind := newPipes()
	s := &http.Server{Handler: h, Protocols: new(http.Protocols), ErrorLog: log.New(io.Discard, "", 0)}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	go s.Serve(behind)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("the upstream still serves: %v", err)
		}
	})
	return behind
}
