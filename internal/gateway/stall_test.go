package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
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
	const wait = time.Second
	for _, tt := range []struct {
		name           string
		server, client func(context.Context, *websocket.Conn)
		change         func(*gateway.Config)
	}{
		{"by the upstream", waitForTheEnd, writeForever, func(c *gateway.Config) { c.Gateway.Timeouts.Response = wait }},
		{"by the upstream, whose client has gone", waitForTheEnd, func(_ context.Context, ws *websocket.Conn) { ws.CloseNow() }, func(c *gateway.Config) { c.Gateway.Timeouts.Response = wait }},
		{"by the client", writeForever, waitForTheEnd, func(c *gateway.Config) { c.Gateway.Timeouts.Write = wait }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
				defer cancel()
				c, front := to(t, "http://piped.test"), newPipes()
				tt.change(&c)
				g := startPiped(t, c, front, func(w http.ResponseWriter, r *http.Request) {
					ws, err := websocket.Accept(w, r, nil)
					if err != nil {
						return
					}
					defer ws.CloseNow()
					tt.server(ctx, ws)
				})
				ws, _, err := websocket.Dial(ctx, "http://piped.test", &websocket.DialOptions{HTTPClient: wires[0].clientOf(t, front)})
				if err != nil {
					t.Fatal(err)
				}
				defer ws.CloseNow()
				go tt.client(ctx, ws)
				for _, step := range []struct {
					pass     time.Duration
					inFlight int
				}{{wait - 1, 1}, {1, 0}} {
					time.Sleep(step.pass)
					synctest.Wait()
					if text := metricsOf(t, g); !strings.Contains(text, fmt.Sprintf("corsac_requests_in_flight %d\n", step.inFlight)) {
						t.Errorf("not %d in flight: %s", step.inFlight, text)
					}
				}
			})
		})
	}
}

// writeForever ends when the connection does.
func writeForever(ctx context.Context, ws *websocket.Conn) {
	for ws.Write(ctx, websocket.MessageBinary, make([]byte, 1<<20)) == nil {
	}
}

func waitForTheEnd(ctx context.Context, _ *websocket.Conn) { <-ctx.Done() }
