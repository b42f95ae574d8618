package gateway

import (
	"context"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Serve answers on a listener until ctx ends: then it takes no more requests,
// waits for those in flight as long as the timeout says, and cuts the rest. The
// listener is closed.
func (g *Gateway) Serve(ctx context.Context, ln net.Listener) error {
	running, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	srv := g.newServer(running)
	if n := g.first.Limits.Connections; n > 0 {
		ln = netutil.LimitListener(ln, n)
	}
	if g.first.TLS.Enabled() {
		ln = g.newHandshakes(running, ln)
	} else {
		ln = gates{ln, g}
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	g.drain(srv)
	cut() // upgraded connections, which the server does not know any more
	srv.Close()
	<-failed
	ctx, stop := context.WithTimeout(context.Background(), lastWords)
	defer stop()
	g.await(ctx)
	return nil
}

// lastWords is how long what has been cut may take to say so in the log.
const lastWords = time.Second

// roomForHeads is how many times the limit a head may take before it is not
// read on. What says whether a page may read the answer is somewhere in the
// head, and a page would not learn why a request failed: so what is only
// somewhat too large, as with too many cookies, is read to its end.
const roomForHeads = 4

// maxHead is how much of a head is read.
func (g *Gateway) maxHead() int {
	if n := g.first.Limits.Header; n > 0 {
		return roomForHeads * int(n)
	}
	return http.DefaultMaxHeaderBytes
}

func (g *Gateway) newServer(running context.Context) *http.Server {
	var speaks http.Protocols
	speaks.SetHTTP1(true)
	speaks.SetHTTP2(true)
	speaks.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           g,
		Protocols:         &speaks,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: 30 * time.Second, WriteByteTimeout: g.first.Timeouts.Write},
		ReadHeaderTimeout: g.first.Timeouts.Header,
		IdleTimeout:       g.first.Timeouts.Idle,
		MaxHeaderBytes:    g.maxHead(),
		ConnState:         followGates,
		ConnContext:       withGate,
		BaseContext:       func(net.Listener) context.Context { return running },
		ErrorLog:          g.serverLog(),
	}
}

// drain waits for what is in flight, but not longer than it may.
func (g *Gateway) drain(srv *http.Server) {
	g.draining.Store(true)
	if n := g.inFlight.Load(); n > 0 {
		g.log.Info("waiting for requests in flight", "count", n)
	}
	ctx := context.Background()
	if wait := g.runtime.Load().gateway.Timeouts.Shutdown; wait > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, wait)
		defer stop()
	}
	// The server does not know of upgraded connections.
	if srv.Shutdown(ctx) != nil || !g.await(ctx) {
		g.log.Warn("requests in flight are cut", "count", g.inFlight.Load())
	}
}

// await reports whether nothing is in flight any more before ctx ends. Nothing
// new may come in.
func (g *Gateway) await(ctx context.Context) bool {
	for g.inFlight.Load() > 0 {
		select {
		case <-g.landed:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// land is called by each request that was in flight.
func (g *Gateway) land() {
	if g.inFlight.Add(-1) == 0 && g.draining.Load() {
		select {
		case g.landed <- struct{}{}:
		default:
		}
	}
}
