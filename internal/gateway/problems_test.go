package gateway_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

// wantProblem checks the body and media type of what the gateway itself says.
func wantProblem(t testing.TB, res *http.Response, status int) {
	t.Helper()
	if res == nil || res.StatusCode != status {
		t.Fatalf("got %v, want %d", res, status)
	}
	wantHeader(t, res, "Content-Type", "application/problem+json")
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	if p.Type != "about:blank" || p.Title != http.StatusText(status) || p.Status != status || p.Detail == "" {
		t.Errorf("problem %+v", p)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	silent := listen(t) // accepts, and says nothing
	hangsUp := listen(t)
	go acceptAll(hangsUp, func(c net.Conn) { c.Read(make([]byte, 1024)); c.Close() })
	nonsense := listen(t)
	go acceptAll(nonsense, func(c net.Conn) { c.Read(make([]byte, 1024)); io.WriteString(c, "SSH-2.0-x\r\n\r\n"); c.Close() })
	cuts := listen(t)
	go acceptAll(cuts, func(c net.Conn) {
		c.Read(make([]byte, 1024))
		c.(*net.TCPConn).SetLinger(0) // a reset
		c.Close()
	})
	ok := upstream(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	stranger := httptest.NewTLSServer(nil)
	t.Cleanup(stranger.Close)
	old := listen(t)
	go acceptAll(old, func(c net.Conn) {
		tls.Server(c, &tls.Config{MaxVersion: tls.VersionTLS11, Certificates: stranger.TLS.Certificates}).Handshake()
		c.Close()
	})
	const (
		unreachable = "the server behind this gateway cannot be reached"
		unproven    = "the server behind this gateway could not prove who it is"
		improper    = "the server behind this gateway sent no proper response"
		late        = "the server behind this gateway did not answer in time"
	)

	for _, tt := range []struct {
		name   string
		change func(*policyfile.Gateway)
		method string
		path   string
		body   string
		header []string
		status int
		says   string // the problem's detail
		fault  string // the upstream's, as metrics count it
	}{
		{name: "nobody listens", change: upstreamAt(nobody), status: 502, says: unreachable, fault: "connect"},
		{name: "no such name", change: upstreamAt("http://nowhere.invalid"), status: 502, says: unreachable, fault: "connect"},
		{name: "upstream hangs up", change: upstreamAt("http://" + hangsUp.Addr().String()), method: "POST", status: 502, says: improper, fault: "broken"},
		{name: "upstream cuts the connection", change: upstreamAt("http://" + cuts.Addr().String()), method: "POST", status: 502, says: improper, fault: "broken"},
		{name: "upstream speaks no HTTP", change: upstreamAt("http://" + nonsense.Addr().String()), status: 502, says: improper, fault: "broken"},
		{name: "upstream speaks no TLS", change: upstreamAt("https://" + nonsense.Addr().String()), status: 502, says: unproven, fault: "tls"},
		{name: "upstream speaks old TLS", change: upstreamAt("https://" + old.Addr().String()), status: 502, says: unproven, fault: "tls"},
		{name: "upstream is somebody else", change: upstreamAt(stranger.URL), status: 502, says: unproven, fault: "tls"},
		{name: "upstream speaks no HTTP/2", change: upstreamAt("h2c://" + nonsense.Addr().String()), status: 502, says: improper, fault: "broken"},
		{name: "upstream is silent", change: func(g *policyfile.Gateway) {
			g.Upstream, g.Timeouts.Response = "http://"+silent.Addr().String(), 20*time.Millisecond
		}, status: 504, says: late, fault: "timeout"},
		{name: "upstream's TLS is silent", change: func(g *policyfile.Gateway) {
			g.Upstream, g.Timeouts.Connect = "https://"+silent.Addr().String(), 20*time.Millisecond
		}, status: 504, says: late, fault: "timeout"},
		{name: "no route", change: func(g *policyfile.Gateway) {
			g.Upstream, g.Routes = "", []policyfile.Route{{Path: "/api/", Upstream: ok}}
		}, path: "/other", status: 404, says: `no route leads to the path \"/other\"`},
		{name: "length over the limit", change: bodyLimit(ok, 10), method: "POST", body: strings.Repeat("a", 11), status: 413, says: "the request's body is larger than 10B"},
		{name: "body over the limit", change: bodyLimit(ok, 10), method: "POST", body: "chunked " + strings.Repeat("a", 100_000), status: 413, says: "the request's body is larger than 10B"},
		{name: "host not served", change: func(g *policyfile.Gateway) { g.Upstream, g.Hosts = ok, []string{"api.example.com"} }, status: 421, says: `the host \"127.0.0.1:`},
		{name: "path of two meanings", change: upstreamAt(ok), path: "/a/..%2Fb", status: 400, says: "the path hides"},
		{name: "TRACE", change: upstreamAt(ok), method: "TRACE", status: 405, says: "no TRACE goes through this gateway"},
		{name: "head over the limit", change: upstreamAt(ok), header: []string{"Cookie", strings.Repeat("a", 70<<10)}, status: 431, says: "the head of the request is larger than the limit of 64KiB"},
		{name: "path over the limit", change: upstreamAt(ok), path: "/" + strings.Repeat("a", 70<<10), status: 431, says: "the head of the request is larger than the limit of 64KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := to(t, "")
			tt.change(&c.Gateway)
			g, url := start(t, c)
			method := tt.method
			if method == "" {
				method = "GET"
			}
			var body io.Reader
			if chunks, ok := strings.CutPrefix(tt.body, "chunked "); ok {
				body = io.MultiReader(strings.NewReader(chunks))
			} else if tt.body != "" {
				body = strings.NewReader(tt.body)
			}
			res, text := send(t, method, url+tt.path, body, append(tt.header, "Origin", app)...)
			res.Body = io.NopCloser(strings.NewReader(text))
			wantProblem(t, res, tt.status)
			wantHeader(t, res, "Access-Control-Allow-Origin", app)
			wantHeader(t, res, "Access-Control-Allow-Credentials", "true")
			wantHeader(t, res, "Vary", "Origin")
			wantHeader(t, res, "Cache-Control", "no-store")
			if tt.status == 405 {
				wantHeader(t, res, "Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS")
			}
			wantHeader(t, res, "X-Content-Type-Options", "nosniff")
			if !strings.Contains(text, `"detail":"`+tt.says) {
				t.Errorf("it does not say %q: %s", tt.says, text)
			}
			if m := metricsOf(t, g); tt.fault != "" && !strings.Contains(m, fmt.Sprintf("corsac_upstream_errors_total{error=%q", tt.fault)) ||
				tt.fault == "" && strings.Contains(m, "corsac_upstream_errors_total{") {
				t.Errorf("it is not counted as %q", tt.fault)
			}
			if strings.Contains(text, "127.0.0.1:") && tt.status >= 500 {
				t.Errorf("it tells of the upstream: %s", text)
			}

			res, _ = send(t, method, url+tt.path, nil, append(tt.header, "Origin", "https://evil.example.net")...)
			wantHeader(t, res, "Access-Control-Allow-Origin")
		})
	}
}

func upstreamAt(address string) func(*policyfile.Gateway) {
	return func(g *policyfile.Gateway) { g.Upstream = address }
}

func bodyLimit(upstream string, n policyfile.Size) func(*policyfile.Gateway) {
	return func(g *policyfile.Gateway) { g.Upstream, g.Limits.Body = upstream, n }
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func acceptAll(ln net.Listener, serve func(net.Conn)) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go serve(c)
	}
}

func TestBodyUpToTheLimitPasses(t *testing.T) {
	t.Parallel()
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	c := to(t, api)
	c.Gateway.Limits.Body = 10
	_, url := start(t, c)
	for _, body := range []io.Reader{strings.NewReader("0123456789"), io.MultiReader(strings.NewReader("0123456789"))} {
		if res, text := send(t, "POST", url, body); res.StatusCode != 200 || text != "0123456789" {
			t.Errorf("got %d %q", res.StatusCode, text)
		}
	}
}

// TestBodyOverTheLimitInPieces: they count together, also where each is small
// and the first ones come to the limit itself.
func TestBodyOverTheLimitInPieces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, first, second string }{
		{"up to the limit, and one more", "0123456789", "a"},
		{"each below the limit", "012345", "678901"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			arrived := make(chan struct{})
			c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
				io.ReadFull(r.Body, make([]byte, len(tt.first)))
				close(arrived)
				io.Copy(io.Discard, r.Body)
			}))
			c.Gateway.Limits.Body = 10
			_, url := start(t, c)
			conn := dial(t, url)
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(tt.first), tt.first)
			<-arrived
			fmt.Fprintf(conn, "%x\r\n%s\r\n0\r\n\r\n", len(tt.second), tt.second)
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			wantProblem(t, res, 413)
		})
	}
}

// TestLengthOverTheLimitIsRefusedAtOnce: nothing of such a body is asked for.
func TestLengthOverTheLimitIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was reached") }))
	c.Gateway.Limits.Body = 10
	_, url := start(t, c)
	res, err := raw(t, url, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, res, 413)
}

// TestHeadUpToTheLimitPasses: the limit is for all bytes of a head.
func TestHeadUpToTheLimitPasses(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) {}))
	c.Gateway.Limits.Header = 4 << 10
	_, url := start(t, c)
	const head = "GET /a?b HTTP/1.1\r\nHost: api.example.com\r\nX-A: 1\r\nX-A: 2\r\nCookie: %s\r\n\r\n"
	room := 4<<10 - len(head) + len("%s")
	for _, tt := range []struct{ cookie, status int }{{room, 200}, {room + 1, 431}} {
		res, err := raw(t, url, fmt.Sprintf(head, strings.Repeat("a", tt.cookie)))
		if err != nil || res.StatusCode != tt.status {
			t.Errorf("%d bytes are answered %v, %v, want %d", tt.cookie-room+4<<10, res, err, tt.status)
		}
	}
}

// TestNothingIsLimited: a limit or a timeout of zero is none at all.
func TestNothingIsLimited(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	c.Gateway.Limits, c.Gateway.Timeouts = policyfile.Limits{}, policyfile.Timeouts{}
	s := startStoppable(t, c)
	body := strings.Repeat("a", 1<<20)
	for range 2 {
		res, text := send(t, "POST", s.url, strings.NewReader(body), "Cookie", strings.Repeat("a", 300<<10))
		if res.StatusCode != 200 || text != body {
			t.Errorf("got %d and %d bytes", res.StatusCode, len(text))
		}
	}
	conn := dial(t, s.url)
	in := bufio.NewReader(conn)
	for range 2 { // in pieces, and again when it was idle
		io.WriteString(conn, "GET / HTTP/1.1\r\nHo")
		io.WriteString(conn, "st: a\r\n\r\n")
		if res, err := http.ReadResponse(in, nil); err != nil || res.StatusCode != 200 {
			t.Fatalf("got %v, %v", res, err)
		}
	}
	conn.Close()
	s.stop()
	s.wait(t)
}

// TestBodyThatIsNone: it is the client's fault, and the page is told so.
func TestBodyThatIsNone(t *testing.T) {
	t.Parallel()
	g, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })))
	conn := dial(t, url)
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n", app)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, res, 400)
	wantHeader(t, res, "Access-Control-Allow-Origin", app)
	if m := metricsOf(t, g); strings.Contains(m, "corsac_upstream_errors_total{") {
		t.Error("it is counted as the upstream's")
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
	})
	c := to(t, api)
	c.Gateway.Limits.Requests = 1
	g, url := start(t, c)
	done := make(chan int)
	go func() {
		res, err := client.Get(url)
		if err != nil {
			t.Error(err)
			done <- 0
			return
		}
		res.Body.Close()
		done <- res.StatusCode
	}()
	<-arrived
	res, text := send(t, "GET", url, nil, "Origin", app)
	res.Body = io.NopCloser(strings.NewReader(text))
	wantProblem(t, res, 503)
	wantHeader(t, res, "Access-Control-Allow-Origin", app)
	wantHeader(t, res, "Retry-After", "1")
	if !strings.Contains(text, "too many requests are in flight") {
		t.Error(text)
	}
	waitUntil(t, "one request is counted", func() bool { return strings.Contains(metricsOf(t, g), "corsac_requests_in_flight 1\n") })
	if res, _ := send(t, "OPTIONS", url, nil, "Origin", app, "Access-Control-Request-Method", "PUT"); res.StatusCode != 204 {
		t.Errorf("a preflight, which needs no upstream, got %d", res.StatusCode)
	}
	close(release)
	if status := <-done; status != 200 {
		t.Errorf("the first request got %d", status)
	}
}

func TestRefusalIsAProblem(t *testing.T) {
	t.Parallel()
	reached := false
	c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) { reached = true }))
	rule := appRule
	rule.RefuseOthers = true
	c.Policy = policy(t, rule)
	_, url := start(t, c)
	res, text := send(t, "DELETE", url, nil, "Origin", "https://evil.example.net")
	res.Body = io.NopCloser(strings.NewReader(text))
	wantProblem(t, res, 403)
	if !strings.Contains(text, `pages from \"https://evil.example.net\" may not send this request`) {
		t.Error(text)
	}
	wantHeader(t, res, "Access-Control-Allow-Origin")
	wantHeader(t, res, "Vary", "Origin")
	if reached {
		t.Error("the upstream was reached")
	}
}

// TestNoRequestHidesInAnother: whatever bytes a client sends, each request that
// reaches the upstream was judged, and is framed anew.
func TestNoRequestHidesInAnother(t *testing.T) {
	t.Parallel()
	const inner = "DELETE /inner HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example.net\r\nConnection: close\r\n\r\n"
	for _, tt := range []struct{ name, request string }{
		{"chunk extension", "POST /outer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"b\"\r\nx\r\n0\r\n\r\n" + inner},
		{"body of a GET", fmt.Sprintf("GET /outer HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", len(inner)) + inner},
		{"no length", "POST /outer HTTP/1.1\r\nHost: a\r\n\r\n" + inner},
		{"upgrade that is none", "GET /outer HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\n\r\n" + inner},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var reached sync.Map
			c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				reached.Store(r.URL.Path, true)
			}))
			rule := appRule
			rule.RefuseOthers = true
			c.Policy = policy(t, rule)
			_, url := start(t, c)
			conn := dial(t, url)
			io.WriteString(conn, tt.request)
			if _, err := io.ReadAll(conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Fatal(err)
			}
			if _, ok := reached.Load("/outer"); !ok {
				t.Error("the upstream was not reached at all")
			}
			if _, ok := reached.Load("/inner"); ok {
				t.Error("the inner request reached the upstream")
			}
		})
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	g := policyfile.DefaultGateway()
	g.Listen = "nowhere"
	g.TLS.Cert, g.TLS.Key = "missing.pem", "missing.key"
	_, err := gateway.New(gateway.Config{Policy: policy(t, appRule), Gateway: g})
	if err == nil {
		t.Fatal("it works")
	}
	for _, want := range []string{
		"gateway.listen", "(write host:port", "gateway.upstream: there is no upstream (write the address of the API, such as http://localhost:8081)",
		`gateway.tls: certificate "missing.pem" and key "missing.key": open missing.pem`, "(name files in PEM that belong together)",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %s", err, want)
		}
	}
	if _, err := gateway.New(gateway.Config{Gateway: to(t, "http://localhost:1").Gateway}); err == nil || err.Error() != "the gateway has no policy" {
		t.Errorf("without a policy: %v", err)
	}
}
