package gateway

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"os"
	"time"
	"unicode/utf8"
)

// maxLogged is how much of one value that a client chose is logged. The handler
// escapes what is in it.
const maxLogged = 256

func clip(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	cut := maxLogged
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// logRequest is the line of a request. The query is left out: it holds secrets
// more often than not.
func (x *exchange) logRequest() {
	ctx := context.Background()
	level := slog.LevelInfo
	if x.response.status >= 500 || x.failure == errAborted {
		level = slog.LevelWarn
	}
	if !x.runtime.gateway.Log.Requests || !x.gateway.log.Enabled(ctx, level) {
		return
	}
	r, d := x.request, x.decision
	// What was asked for, what came of it and why stand first: lines are long.
	attrs := []slog.Attr{
		slog.String("method", clip(r.Method)),
		slog.String("path", clip(r.URL.Path)),
		slog.Int("status", x.response.status),
		slog.String("kind", string(d.Kind)),
		slog.String("verdict", string(d.Verdict)),
		slog.String("reason", string(d.Reason)),
	}
	if d.Name != "" {
		attrs = append(attrs, slog.String("name", clip(d.Name)))
	}
	if err := x.why(); err != nil {
		attrs = append(attrs, slog.String("error", clip(err.Error())))
	}
	attrs = append(attrs,
		slog.Duration("duration", time.Since(x.start)),
		slog.Int64("bytes", x.response.bytes),
		slog.String("host", clip(r.Host)),
		slog.String("client", clip(x.client)),
		slog.String("proto", r.Proto),
	)
	if x.route != nil {
		attrs = append(attrs, slog.String("route", x.route.pattern), slog.String("upstream", x.route.Upstream))
	}
	x.gateway.log.LogAttrs(ctx, level, "request", attrs...)
}

// why is what went wrong, if anything did.
func (x *exchange) why() error {
	err := x.response.err
	switch {
	case x.failure != nil:
		return x.failure
	case err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && x.request.Context().Err() != nil:
		return x.errLeft() // and the connection says so in its own words
	}
	return err
}

// serverLog is for what net/http has to say by itself: of clients that speak no
// TLS and the like, which are many, of a fault of ours, and of connections that
// cannot be accepted, as when there are no more files to open.
func (g *Gateway) serverLog() *log.Logger { return log.New(serverLines{g.log}, "", 0) }

type serverLines struct{ log *slog.Logger }

func (l serverLines) Write(line []byte) (int, error) {
	level := slog.LevelDebug
	switch {
	case bytes.HasPrefix(line, []byte("http: panic serving")):
		level = slog.LevelError
	case bytes.HasPrefix(line, []byte("http: Accept error")): // at most one a second
		level = slog.LevelWarn
	}
	l.log.Log(context.Background(), level, string(bytes.TrimSuffix(line, []byte("\n"))))
	return len(line), nil
}
