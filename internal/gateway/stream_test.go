package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/corsac-cors/corsac/internal/gateway"
)

// patience bounds what hangs. No test waits for it.
const patience = 2 * time.Minute

// through starts a gateway before h, with what is spoken on both sides, and a
// client of it.
func (w wire) through(t testing.TB, h http.HandlerFunc, changes ...func(*gateway.Config)) (url string, client *http.Client) {
	t.Helper()
	c := to(t, strings.Replace(bothVersions(t, h).URL, "http", w.back, 1))
	for _, change := range changes {
		change(&c)
	}
	_, url = start(t, c)
	return url, w.client(t)
}

func (w wire) client(t testing.TB) *http.Client {
	tr := &http.Transport{Protocols: new(http.Protocols), DisableCompression: true, ExpectContinueTimeout: patience}
	tr.Protocols.SetHTTP1(w.front == "http")
	tr.Protocols.SetUnencryptedHTTP2(w.front == "h2c")
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// onEachWire runs a test for each pair of protocols.
func onEachWire(t *testing.T, test func(t *testing.T, w wire)) {
	t.Parallel()
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			test(t, w)
		})
	}
}

func do(t testing.TB, client *http.Client, req *http.Request) *http.Response {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func newRequest(t testing.TB, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", app)
	return req
}

func TestEventsArriveOneByOne(t *testing.T) {
	onEachPipe(t, func(t *testing.T, w wire) {
		read := make(chan struct{})
		url, client := w.piped(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range 3 {
				fmt.Fprintf(w, "data: %d\n\n", i)
				http.NewResponseController(w).Flush()
				select { // the next is sent only after this one has arrived
				case <-read:
				case <-r.Context().Done():
				}
			}
		}, func(c *gateway.Config) { c.Gateway.Timeouts.Write = time.Second })
		res := do(t, client, newRequest(t, "GET", url, nil))
		wantHeader(t, res, "Access-Control-Allow-Origin", app)
		lines := bufio.NewReader(res.Body)
		for i := range 3 {
			line, err := lines.ReadString('\n')
			if want := fmt.Sprintf("data: %d\n", i); err != nil || line != want {
				t.Fatalf("got %q, %v; want %q", line, err, want)
			}
			lines.ReadString('\n')
			if i == 0 { // longer than a write may take: a silent stream is none that stalls
				time.Sleep(3 * time.Second)
			}
			select {
			case read <- struct{}{}:
			case <-time.After(patience):
				t.Fatal("the stream was cut")
			}
		}
		if rest, err := io.ReadAll(lines); len(rest) > 0 || err != nil {
			t.Errorf("the stream ended with %q, %v", rest, err)
		}
	})
}

func TestPartsOfKnownLengthArriveAtOnce(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		read := make(chan struct{})
		url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "2")
			io.WriteString(w, "a")
			http.NewResponseController(w).Flush()
			<-read
			io.WriteString(w, "b")
		})
		res := do(t, client, newRequest(t, "GET", url, nil))
		b := make([]byte, 1)
		if _, err := io.ReadFull(res.Body, b); err != nil || b[0] != 'a' {
			t.Errorf("got %q, %v", b, err)
		}
		close(read)
		if _, err := io.ReadFull(res.Body, b); err != nil || b[0] != 'b' {
			t.Errorf("got %q, %v", b, err)
		}
	})
}

func TestRequestBodyStreams(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(w)
			rc.EnableFullDuplex()
			w.WriteHeader(200)
			rc.Flush()
			b := make([]byte, 1)
			for {
				if _, err := io.ReadFull(r.Body, b); err != nil {
					return
				}
				w.Write(bytes.ToUpper(b))
				rc.Flush()
			}
		})
		from, into := io.Pipe()
		res := do(t, client, newRequest(t, "POST", url, from))
		b := make([]byte, 1)
		for _, c := range "abc" {
			io.WriteString(into, string(c))
			if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != strings.ToUpper(string(c)) {
				t.Fatalf("got %q, %v", b, err)
			}
		}
		into.Close()
		if rest, err := io.ReadAll(res.Body); len(rest) > 0 || err != nil {
			t.Errorf("it ended with %q, %v", rest, err)
		}
	})
}

func TestTrailersPassBothWays(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Trailer", "Grpc-Status, Access-Control-Allow-Origin")
			w.Header().Set("Content-Type", "application/grpc")
			fmt.Fprintf(w, "%s %s %s", body, r.Trailer.Get("Checksum"), r.Header.Get("Te"))
			w.Header().Set("Grpc-Status", "7")
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set(http.TrailerPrefix+"Grpc-Message", "not announced")
		})
		req := newRequest(t, "POST", url, io.MultiReader(strings.NewReader("body")))
		req.Trailer = http.Header{"Checksum": {"abc"}}
		req.Header.Set("Te", "trailers")
		res := do(t, client, req)
		body, err := io.ReadAll(res.Body)
		if string(body) != "body abc trailers" || err != nil {
			t.Errorf("got %q, %v", body, err)
		}
		if res.Trailer.Get("Grpc-Status") != "7" || res.Trailer.Get("Grpc-Message") != "not announced" {
			t.Errorf("trailers %q", res.Trailer)
		}
		if v, ok := res.Trailer["Access-Control-Allow-Origin"]; ok && len(v) > 0 {
			t.Errorf("the upstream's CORS header is in the trailers: %q", v)
		}
	})
}

func TestTrailersOnlyResponse(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Grpc-Status", "12")
		})
		res := do(t, client, newRequest(t, "POST", url, nil))
		wantHeader(t, res, "Grpc-Status", "12")
	})
}

func TestUpstreamIsAskedBeforeABodyIsSent(t *testing.T) {
	onEachPipe(t, func(t *testing.T, w wire) {
		url, client := w.piped(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/no" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			io.Copy(w, r.Body)
		})
		for _, tt := range []struct {
			path   string
			status int
			body   string
		}{{"/yes", 200, "body"}, {"/no", 401, ""}} {
			var continued int
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { continued++ }})
			req := newRequest(t, "POST", url+tt.path, strings.NewReader("body")).WithContext(ctx)
			req.Header.Set("Expect", "100-continue")
			res := do(t, client, req)
			body, err := io.ReadAll(res.Body)
			if res.StatusCode != tt.status || string(body) != tt.body || err != nil {
				t.Errorf("%s: got %d %q, %v", tt.path, res.StatusCode, body, err)
			}
			if w.front == "http" && w.back == "http" && (continued > 0) != (tt.status == 200) {
				t.Errorf("%s: the client was told to continue %d times", tt.path, continued)
			}
		}
	})
}

func TestEarlyHintsPass(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(http.StatusEarlyHints)
			io.WriteString(w, "done")
		})
		var hints []string
		req := newRequest(t, "GET", url, nil)
		req = req.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
				hints = append(hints, fmt.Sprint(code, " ", header.Get("Link"), " ", header.Values("Access-Control-Allow-Origin")))
				return nil
			},
		}))
		res := do(t, client, req)
		if want := fmt.Sprintf("103 </style.css>; rel=preload [%s]", app); len(hints) != 1 || hints[0] != want {
			t.Errorf("hints %q, want %q", hints, want)
		}
		wantHeader(t, res, "Access-Control-Allow-Origin", app)
		wantHeader(t, res, "Link", "</style.css>; rel=preload")
	})
}

// TestNoContentTypeIsMadeUp: what net/http would guess from the body could make
// a page of what the upstream keeps from being one.
func TestNoContentTypeIsMadeUp(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			w.Header().Set("X-Content-Type-Options", "nosniff")
			io.WriteString(w, "<html><script>")
		})
		res := do(t, client, newRequest(t, "GET", url, nil))
		wantHeader(t, res, "Content-Type")
		wantHeader(t, res, "Access-Control-Allow-Origin", app)
	})
}

func TestHalfAResponseNeverLooksWhole(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		for _, length := range []string{"", "100"} {
			url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) {
				if length != "" {
					w.Header().Set("Content-Length", length)
				}
				io.WriteString(w, "half")
				http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			})
			res := do(t, client, newRequest(t, "GET", url, nil))
			wantHeader(t, res, "Access-Control-Allow-Origin", app)
			body, err := io.ReadAll(res.Body)
			if err == nil {
				t.Errorf("with length %q, the response ended well: %q", length, body)
			}
		}
	})
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	for _, back := range []string{"http", "h2c"} {
		t.Run(back, func(t *testing.T) {
			t.Parallel()
			c := to(t, strings.Replace(bothVersions(t, http.HandlerFunc(echoWebSocket)).URL, "http", back, 1))
			rule := appRule
			rule.RefuseOthers = true
			c.Policy = policy(t, rule)
			_, url := start(t, c)

			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			ws, res, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {app}}})
			if err != nil {
				t.Fatal(err)
			}
			defer ws.CloseNow()
			if v := res.Header.Values("Access-Control-Allow-Origin"); len(v) > 0 && v[0] == "*" {
				t.Errorf("the upstream's CORS header is in the handshake: %q", v)
			}
			for _, say := range []string{"one", strings.Repeat("two", 10_000)} {
				if err := ws.Write(ctx, websocket.MessageText, []byte(say)); err != nil {
					t.Fatal(err)
				}
				if _, got, err := ws.Read(ctx); string(got) != say || err != nil {
					t.Fatalf("got %d bytes, %v; want %d", len(got), err, len(say))
				}
			}
			ws.Close(websocket.StatusNormalClosure, "")

			_, res, err = websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example.net"}}})
			if err == nil || res == nil || res.StatusCode != 403 {
				t.Errorf("a page of another origin got %v, %v; want 403", res, err)
			}
		})
	}
}

func echoWebSocket(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer ws.CloseNow()
	for {
		kind, message, err := ws.Read(r.Context())
		if err != nil {
			return
		}
		if ws.Write(r.Context(), kind, message) != nil {
			return
		}
	}
}

// TestOnlyWebSocketsUpgrade: behind an upgrade to h2c there would be requests
// that no policy sees.
func TestOnlyWebSocketsUpgrade(t *testing.T) {
	t.Parallel()
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		if up := r.Header.Get("Upgrade"); up != "" {
			t.Errorf("the upstream was asked to upgrade to %q", up)
		}
		io.WriteString(w, "plain")
	})
	_, url := start(t, to(t, api))
	for _, header := range [][]string{
		{"Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA"},
		{"Connection", "Upgrade", "Upgrade", "websocket, h2c"},
		{"Connection", "Upgrade", "Upgrade", "websocket", "Upgrade", "h2c"},
	} {
		if res, body := send(t, "GET", url, nil, header...); res.StatusCode != 200 || body != "plain" {
			t.Errorf("%q: got %d %q", header, res.StatusCode, body)
		}
	}
}

// TestLargeBodiesAreNotHeld sends a large body up and down and looks at what
// the process holds meanwhile.
func TestLargeBodiesAreNotHeld(t *testing.T) {
	size := int64(128 << 20)
	if os.Getenv("CORSAC_TEST_ALL") == "1" {
		size = 1 << 30
	}
	w := wires[0]
	api := func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		if n != size {
			t.Errorf("the upstream read %d bytes", n)
		}
		io.CopyN(w, zeros{}, size)
	}
	url, client := w.through(t, api)
	client.Timeout = 5 * time.Minute
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res := do(t, client, newRequest(t, "POST", url, io.LimitReader(zeros{}, size)))
	if n, err := io.Copy(io.Discard, res.Body); n != size || err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestUploadsThatAreAnsweredEarly: the client's connection is not cut while it is
// sending, or it would lose the answer now and then.
func TestUploadsThatAreAnsweredEarly(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) })))
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	var uploads sync.WaitGroup
	for range 8 {
		uploads.Go(func() {
			for i := range 100 {
				var body io.Reader = bytes.NewReader(make([]byte, 300_000))
				if i%2 == 0 {
					body = io.MultiReader(body) // whose length nobody knows
				}
				res, err := client.Post(url, "text/plain", body)
				if err != nil {
					t.Error(err)
					return
				}
				if res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
					t.Errorf("got %s", res.Status)
				}
			}
		})
	}
	uploads.Wait()
}

func TestClientThatTakesNothingIsCut(t *testing.T) {
	const wait = time.Second
	onEachPipe(t, func(t *testing.T, w wire) {
		ended := make(chan error, 1)
		url, client := w.piped(t, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(w, zeros{}) // ends only because the gateway does
			ended <- err
		}, func(c *gateway.Config) { c.Gateway.Timeouts.Write = wait })
		begun := time.Now()
		do(t, client, newRequest(t, "GET", url, nil)) // and nothing is read
		if err := <-ended; err == nil {
			t.Error("zeros have an end")
		}
		if waited := time.Since(begun); waited != wait {
			t.Errorf("the gateway waited for the client for %s", waited)
		}
	})
}

func TestStalledBody(t *testing.T) {
	onEachWire(t, func(t *testing.T, w wire) {
		log := &logged{}
		url, client := w.through(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }, func(c *gateway.Config) {
			c.Gateway.Timeouts.Body = 50 * time.Millisecond
			c.Log = slog.New(slog.NewTextHandler(log, nil))
		})
		from, into := io.Pipe()
		t.Cleanup(func() { into.Close() })
		go io.WriteString(into, "half")
		res := do(t, client, newRequest(t, "POST", url, from))
		wantProblem(t, res, http.StatusRequestTimeout)
		wantHeader(t, res, "Access-Control-Allow-Origin", app)
		if line := log.line(t, "msg=request"); !strings.Contains(line, `error="the request's body did not arrive in time"`) {
			t.Error(line)
		}
	})
}

// dial connects to a gateway, until the test ends.
func dial(t testing.TB, url string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// raw sends bytes as they are, leaves the connection open, and reads the answer.
func raw(t testing.TB, url, request string) (*http.Response, error) {
	t.Helper()
	conn := dial(t, url)
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, err
	}
	// A server that does not read on may reset the connection at the end.
	body, _ := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}
