package gateway

import (
	"context"
	"log/slog"
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
	failed := make(chan error, 1)
	go func() { failed <- g.serve(srv, ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	g.drain(srv)
	cut() // upgraded connections, which the server does not know any more
	srv.Close()
	<-failed
	return nil
}

func (g *Gateway) serve(srv *http.Server, ln net.Listener) error {
	if g.first.TLS.Enabled() {
		return srv.ServeTLS(ln, "", "")
	}
	return srv.Serve(ln)
}

// roomForHeads is how many times the limit a head may take before the server
// stops reading it. It answers such a request by itself, without CORS headers,
// and a page would not learn why: so what is only somewhat too large, as with
// too many cookies, gets as far as the gateway, which can tell.
const roomForHeads = 4

func (g *Gateway) newServer(running context.Context) *http.Server {
	var speaks http.Protocols
	speaks.SetHTTP1(true)
	speaks.SetHTTP2(true)
	speaks.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           g,
		Protocols:         &speaks,
		TLSConfig:         g.tlsConfig(),
		HTTP2:             &http.HTTP2Config{SendPingTimeout: 30 * time.Second, WriteByteTimeout: g.first.Timeouts.Write},
		ReadHeaderTimeout: g.first.Timeouts.Header,
		IdleTimeout:       g.first.Timeouts.Idle,
		MaxHeaderBytes:    roomForHeads * int(g.first.Limits.Header),
		BaseContext:       func(net.Listener) context.Context { return running },
		ErrorLog:          slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
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
	if err := srv.Shutdown(ctx); err != nil {
		g.log.Warn("requests in flight are cut", "count", g.inFlight.Load())
		return
	}
	for g.inFlight.Load() > 0 && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
}
