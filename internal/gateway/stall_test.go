package gateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/corsac-cors/corsac/internal/gateway"
)

// TestUpstreamThatTakesNothing: it cannot be left to the client, which is not
// heard from while its body is not read.
func TestUpstreamThatTakesNothing(t *testing.T) {
	const wait = time.Second
	onEachPipe(t, func(t *testing.T, w wire) {
		release := make(chan struct{})
		url, client := w.piped(t, func(w http.ResponseWriter, r *http.Request) { <-release },
			func(c *gateway.Config) { c.Gateway.Timeouts.Response = wait })
		t.Cleanup(func() { close(release) })
		for _, length := range []int64{-1, 1 << 40} {
			r := newRequest(t, "POST", url, zeros{})
			r.ContentLength = length
			begun := time.Now()
			res := do(t, client, r)
			if waited := time.Since(begun); waited != wait {
				t.Errorf("the answer came after %s", waited)
			}
			wantProblem(t, res, http.StatusGatewayTimeout)
			wantHeader(t, res, "Access-Control-Allow-Origin", app)
		}
	})
}

// TestUpstreamThatAnswersEarly may then take its time with the body.
func TestUpstreamThatAnswersEarly(t *testing.T) {
	const much = 8 << 20 // more than is under way
	onEachPipe(t, func(t *testing.T, w wire) {
		url, client := w.piped(t, func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(w)
			rc.EnableFullDuplex()
			rc.Flush()
			time.Sleep(3 * time.Second) // longer than the head may take
			n, _ := io.Copy(io.Discard, r.Body)
			if n == much {
				io.WriteString(w, "all")
			}
		}, func(c *gateway.Config) { c.Gateway.Timeouts.Response = time.Second })
		for _, length := range []int64{-1, much} {
			r := newRequest(t, "POST", url, io.LimitReader(zeros{}, much))
			r.ContentLength = length
			res := do(t, client, r)
			if body, err := io.ReadAll(res.Body); string(body) != "all" || err != nil {
				t.Errorf("got %q, %v", body, err)
			}
		}
	})
}

func TestWebSocketThatIsNotRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		server, client func(context.Context, *websocket.Conn)
		change         func(*gateway.Config)
	}{
		{"by the upstream", waitForTheEnd, writeForever, func(c *gateway.Config) { c.Gateway.Timeouts.Response = time.Second }},
		{"by the upstream, whose client has gone", waitForTheEnd, func(_ context.Context, ws *websocket.Conn) { ws.CloseNow() }, func(c *gateway.Config) { c.Gateway.Timeouts.Response = time.Second }},
		{"by the client", writeForever, waitForTheEnd, func(c *gateway.Config) { c.Gateway.Timeouts.Write = 50 * time.Millisecond }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
			defer cancel()
			c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
				ws, err := websocket.Accept(w, r, nil)
				if err != nil {
					return
				}
				defer ws.CloseNow()
				tt.server(ctx, ws)
			}))
			tt.change(&c)
			g, url := start(t, c)
			ws, _, err := websocket.Dial(ctx, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ws.CloseNow()
			go tt.client(ctx, ws)
			waitUntil(t, "the gateway has ended it", func() bool { return strings.Contains(metricsOf(t, g), "corsac_requests_in_flight 0\n") })
		})
	}
}

// writeForever ends when the connection does.
func writeForever(ctx context.Context, ws *websocket.Conn) {
	for ws.Write(ctx, websocket.MessageBinary, make([]byte, 1<<20)) == nil {
	}
}

func waitForTheEnd(ctx context.Context, _ *websocket.Conn) { <-ctx.Done() }
