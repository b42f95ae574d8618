package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/corsac-cors/corsac/internal/gateway"
)

// A stoppable gateway, with the moment of its end in the test's hands.
type stoppable struct {
	*gateway.Gateway
	url  string
	stop context.CancelFunc
	done chan error
}

func startStoppable(t testing.TB, c gateway.Config) *stoppable {
	t.Helper()
	ln := listen(t)
	s := startStoppableOn(t, c, ln)
	s.url = "http://" + ln.Addr().String()
	return s
}

func startStoppableOn(t testing.TB, c gateway.Config, ln net.Listener, changes ...func(*gateway.Gateway)) *stoppable {
	t.Helper()
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(g)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	s := &stoppable{Gateway: g, stop: stop, done: make(chan error, 1)}
	go func() { s.done <- g.Serve(ctx, ln) }()
	return s
}

func (s *stoppable) wait(t testing.TB) {
	t.Helper()
	select {
	case err := <-s.done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the gateway does not end")
	}
}

func admin(t testing.TB, g *gateway.Gateway, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	g.Admin().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func metricsOf(t testing.TB, g *gateway.Gateway) string { return admin(t, g, "/metrics").Body.String() }

func waitUntil(t testing.TB, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !met(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestShutdownWaitsForRequestsInFlight(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	s := startStoppable(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-release
		io.WriteString(w, "to the end")
	})))
	got := make(chan string, 1)
	go func() {
		res, err := client.Get(s.url)
		if err != nil {
			got <- err.Error()
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		got <- string(body)
		if err != nil {
			t.Error(err)
		}
	}()
	<-arrived
	if w := admin(t, s.Gateway, "/readyz"); w.Code != 200 {
		t.Errorf("/readyz says %d before", w.Code)
	}
	s.stop()
	waitUntil(t, "/readyz fails", func() bool { return admin(t, s.Gateway, "/readyz").Code == 503 })
	if w := admin(t, s.Gateway, "/healthz"); w.Code != 200 {
		t.Errorf("/healthz says %d", w.Code)
	}
	waitUntil(t, "no new connections", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(release)
	if body := <-got; body != "to the end" {
		t.Errorf("the request in flight got %q", body)
	}
	s.wait(t)
}

func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const wait = 10 * time.Second
		front, behind := newPipes(), serveBehind(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") != "" {
				echoWebSocket(w, r)
				return
			}
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		c := to(t, "http://piped.test")
		c.Gateway.Timeouts.Shutdown = wait
		log := &logged{}
		c.Log = slog.New(slog.NewTextHandler(log, nil))
		s := startStoppableOn(t, c, front, func(g *gateway.Gateway) { g.DialBy(behind.dial) })
		client := wires[0].clientOf(t, front)
		ws, _, err := websocket.Dial(t.Context(), "http://piped.test", &websocket.DialOptions{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		defer ws.CloseNow()
		res, err := client.Get("http://piped.test")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		s.stop()
		begun := time.Now()
		s.wait(t)
		// Whoever has served may end the program.
		if n := strings.Count(log.String(), "msg=request"); n != 2 {
			t.Errorf("%d of the 2 requests are in the log:\n%s", n, log)
		}
		if waited := time.Since(begun); waited != wait {
			t.Errorf("it ended after %s", waited)
		}
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Error("the stream that was cut ended well")
		}
		if _, _, err := ws.Read(t.Context()); err == nil {
			t.Error("the WebSocket is still open")
		}
	})
}

func TestShutdownWaitsForWebSockets(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, echoWebSocket))
	log := &logged{}
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	s := startStoppable(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	s.stop()
	waitUntil(t, "/readyz fails", func() bool { return admin(t, s.Gateway, "/readyz").Code == 503 })
	if err := ws.Write(ctx, websocket.MessageText, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if _, got, err := ws.Read(ctx); string(got) != "still here" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	ws.Close(websocket.StatusNormalClosure, "")
	s.wait(t)
	if !strings.Contains(log.String(), "msg=request") || strings.Contains(log.String(), "are cut") {
		t.Errorf("the WebSocket is not in the log, or said to be cut:\n%s", log)
	}
}

func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := to(t, "http://piped.test")
		c.Gateway.Limits.Connections = 1
		c.Gateway.Timeouts.Idle = 0
		ln := newPipes()
		startPiped(t, c, ln, func(http.ResponseWriter, *http.Request) {})
		ask := func(conn net.Conn) <-chan error {
			answered := make(chan error, 1)
			go func() {
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				_, err := conn.Read(make([]byte, 1))
				answered <- err
			}()
			return answered
		}
		first := ln.mustDial(t)
		if err := <-ask(first); err != nil {
			t.Fatal(err)
		}
		answered := ask(ln.mustDial(t))
		time.Sleep(time.Hour)
		select {
		case err := <-answered:
			t.Fatalf("there were two connections at a time: %v", err)
		default:
		}
		first.Close()
		if err := <-answered; err != nil {
			t.Error(err)
		}
	})
}

func TestSelfSigned(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Header.Get("X-Forwarded-Proto"))
	}))
	c.Gateway.TLS.SelfSigned = true
	s := startStoppable(t, c)
	address := strings.TrimPrefix(s.url, "http://")
	cert := certificateOf(t, address)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if err := cert.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	trust := x509.NewCertPool()
	trust.AddCert(cert)
	for _, http2 := range []bool{true, false} {
		asks := &tls.Config{RootCAs: trust}
		if !http2 {
			asks.NextProtos = []string{"http/1.1"} // as for wss:
		}
		tr := &http.Transport{TLSClientConfig: asks, ForceAttemptHTTP2: http2}
		res, err := (&http.Client{Transport: tr}).Get("https://" + address)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if string(body) != "https" || (res.ProtoMajor == 2) != http2 {
			t.Errorf("got %s by %s", body, res.Proto)
		}
		tr.CloseIdleConnections()
	}
	if err := s.Reload(c); err != nil {
		t.Fatal(err)
	}
	if !certificateOf(t, address).Equal(cert) {
		t.Error("a reload made another certificate")
	}
}

func certificateOf(t testing.TB, address string) *x509.Certificate {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0]
}

func TestCertificateFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) {}))
	c.Gateway.TLS.Cert, c.Gateway.TLS.Key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeCertificate(t, c)
	s := startStoppable(t, c)
	address := strings.TrimPrefix(s.url, "http://")
	before := certificateOf(t, address)

	writeFile(t, c.Gateway.TLS.Cert, []byte("no PEM"))
	if err := s.Reload(c); err == nil || !strings.Contains(err.Error(), "cert.pem") {
		t.Errorf("a bad certificate was taken: %v", err)
	}
	if !certificateOf(t, address).Equal(before) {
		t.Error("the old certificate is not in force")
	}
	writeCertificate(t, c)
	if err := s.Reload(c); err != nil {
		t.Fatal(err)
	}
	if certificateOf(t, address).Equal(before) {
		t.Error("the new certificate is not in force")
	}
}

// writeCertificate writes a new one to where the configuration says.
func writeCertificate(t testing.TB, c gateway.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, c.Gateway.TLS.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	writeFile(t, c.Gateway.TLS.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}
