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

// connect makes a connection. As on networks, some of what is sent is under way,
// or two that both send would wait for each other.
func connect() (net.Conn, net.Conn) {
	a, fromA := net.Pipe()
	b, fromB := net.Pipe()
	flow(fromA, fromB)
	flow(fromB, fromA)
	return a, b
}

func flow(from, to net.Conn) {
	underWay := make(chan []byte, 16)
	go func() {
		defer close(underWay)
		for {
			p := make([]byte, 4<<10)
			n, err := from.Read(p)
			if err != nil {
				return
			}
			underWay <- p[:n]
		}
	}()
	go func() {
		defer to.Close()
		for p := range underWay {
			to.Write(p) // or nobody is there any more
		}
	}()
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
	p.close.Do(func() { close(p.closed) })
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
	client = w.client(t)
	client.Transport.(*http.Transport).DialContext = front.dial
	return "http://piped.test", client
}

// startPiped serves a configuration until the test ends, and h behind it.
func startPiped(t testing.TB, c gateway.Config, front *pipes, h http.HandlerFunc) *gateway.Gateway {
	t.Helper()
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
	return startOn(t, c, front, func(g *gateway.Gateway) { g.DialBy(behind.dial) })
}
