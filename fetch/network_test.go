package fetch_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/http1"
	"github.com/corsac-cors/corsac/internal/lab"
)

const allowAll = "Access-Control-Allow-Origin: *"

// serveConn hands each connection to a function.
func serveConn(t *testing.T, serve func(net.Conn)) (origin string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// readRequest reads what a client sends up to the empty line.
func readRequest(conn net.Conn) {
	buffer := make([]byte, 1)
	last := ""
	for !strings.HasSuffix(last, "\r\n\r\n") {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
		last = last[max(0, len(last)-3):] + string(buffer)
	}
}

// repeat writes until the client has enough.
func repeat(conn net.Conn, text string) {
	for {
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
	}
}

func TestHostileServers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		serve func(net.Conn)
		want  fetch.Kind
		body  fetch.Kind
	}{
		{"closes", func(net.Conn) {}, fetch.ConnectionClosed, ""},
		{"closes within the head", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nA: ") }, fetch.ConnectionClosed, ""},
		{"speaks something else", func(c net.Conn) { io.WriteString(c, "SSH-2.0-OpenSSH_9.2p1\r\n") }, fetch.MalformedResponse, ""},
		{"header without end", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"); repeat(c, "A: b\r\n") }, fetch.ResponseTooLarge, ""},
		{"line without end", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nA: "); repeat(c, "bbbb") }, fetch.ResponseTooLarge, ""},
		{"interim responses without end", func(c net.Conn) { repeat(c, "HTTP/1.1 100 Continue\r\n\r\n") }, fetch.ResponseTooLarge, ""},
		{"two lengths", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx")
		}, fetch.MalformedResponse, ""},
		{"two codings", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
		}, fetch.MalformedResponse, ""},
		{"NUL in the head", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n") }, fetch.MalformedResponse, ""},
		{"says nothing", func(c net.Conn) { io.Copy(io.Discard, c) }, fetch.TimedOut, ""},
		{"bad chunks", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
		}, "", fetch.MalformedResponse},
		{"body cut short", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nContent-Length: 10\r\n\r\nx") }, "", fetch.ConnectionClosed},
		{"body without end", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\n\r\n"); repeat(c, "xxxxxxxx") }, "", fetch.ResponseTooLarge},
		{"1 GB announced", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nContent-Length: 1073741824\r\n\r\n")
			repeat(c, "xxxxxxxx")
		}, "", fetch.ResponseTooLarge},
		{"slow body", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nContent-Length: 10\r\n\r\nx")
			io.Copy(io.Discard, c)
		}, "", fetch.TimedOut},
		{"compressed without end", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nContent-Encoding: gzip\r\n\r\n")
			w := gzip.NewWriter(c)
			for zeros := make([]byte, 1<<16); ; {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		}, "", fetch.ResponseTooLarge},
		{"compressed badly", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n"+allowAll+"\r\nContent-Encoding: gzip\r\n\r\nthis is no gzip at all")
		}, "", fetch.MalformedResponse},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			serve := func(c net.Conn) {
				readRequest(c)
				test.serve(c)
			}
			agent := fetch.Agent{MaxBody: 1 << 16, MaxHead: 1 << 14, Timeout: time.Minute}
			t.Cleanup(agent.Close)
			var verdict fetch.Verdict
			if test.want == fetch.TimedOut || test.body == fetch.TimedOut {
				verdict = after(t, time.Minute, &agent, serve)
			} else {
				verdict = agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: serveConn(t, serve)})
			}
			if verdict.Kind() != test.want {
				t.Fatalf("%v, want %q", verdict.Failure, test.want)
			}
			if test.want != "" {
				if verdict.Kind().Family() != fetch.Network || verdict.Exchanges[0].Err == nil || verdict.Exchanges[0].RequestHead == "" {
					t.Errorf("family %s, exchange %+v", verdict.Kind().Family(), verdict.Exchanges[0])
				}
				return
			}
			if r := verdict.Response; r.BodyFailure != test.body || len(r.Body) > 1<<16 {
				t.Errorf("body of %d bytes: %s, want %s", len(r.Body), r.BodyFailure, test.body)
			}
		})
	}
}

// after fetches in a bubble of synctest, where only waiting takes time.
func after(t *testing.T, wait time.Duration, agent *fetch.Agent, serve func(net.Conn)) (verdict fetch.Verdict) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		agent.Dial = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				serve(server)
			}()
			return client, nil
		}
		defer agent.Close()
		begun := time.Now()
		verdict = agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: "http://127.0.0.1"})
		if took := time.Since(begun); took != wait {
			t.Errorf("it took %s, want %s", took, wait)
		}
	})
	return verdict
}

func TestConnectionFailures(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(allowPage)
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(allowPage)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for _, test := range []struct {
		name, url string
		want      fetch.Kind
	}{
		{"refused", "http://" + lab.FreeAddress(t), fetch.ConnectionRefused},
		{"unknown name", "https://nowhere.invalid", fetch.NameNotResolved},
		{"unknown authority", secure.URL, fetch.TLSFailed},
		{"https to a plain server", strings.Replace(plain.URL, "http://", "https://", 1), fetch.TLSFailed},
		{"http to a TLS server", strings.Replace(secure.URL, "https://", "http://", 1), fetch.MissingAllowOrigin}, // net/http answers 400
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			agent := fetch.Agent{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				if host, _, _ := net.SplitHostPort(address); host == "nowhere.invalid" {
					return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
				}
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}}
			t.Cleanup(agent.Close)
			if verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: test.url}); verdict.Kind() != test.want {
				t.Errorf("%v, want %s", verdict.Failure, test.want)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 1)
	origin := serveConn(t, func(c net.Conn) {
		readRequest(c)
		reached <- struct{}{}
		io.Copy(io.Discard, c)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	var agent fetch.Agent
	verdict := agent.Fetch(ctx, fetch.Request{Origin: page, URL: origin})
	if verdict.Kind() != fetch.Canceled {
		t.Errorf("%v", verdict.Failure)
	}
	if verdict := agent.Fetch(ctx, fetch.Request{Origin: page, URL: origin}); verdict.Kind() != fetch.Canceled {
		t.Errorf("canceled before: %v", verdict.Failure)
	}
}

// A failing response whose body never ends does not hold up the verdict.
func TestHiddenBody(t *testing.T) {
	t.Parallel()
	serve := func(c net.Conn) {
		readRequest(c)
		io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nInvalid CORS request")
		io.Copy(io.Discard, c)
	}
	for _, tt := range []struct {
		most int
		wait time.Duration
		want string
	}{
		{7, 0, "Invalid"},
		{100, time.Second, "Invalid CORS request"},
		{0, 50 * time.Millisecond, ""},
	} {
		verdict := after(t, tt.wait, &fetch.Agent{HiddenBody: tt.most}, serve)
		if verdict.Kind() != fetch.MissingAllowOrigin || string(verdict.Exchanges[0].Body) != tt.want {
			t.Errorf("%d bytes: %v, %q", tt.most, verdict.Failure, verdict.Exchanges[0].Body)
		}
	}
}

func TestBytesOnTheWire(t *testing.T) {
	t.Parallel()
	server := serveRaw(t, "127.0.0.1", func(r *http1.RequestHead) string {
		if isPreflight(r) {
			return respond("204 No Content", "", allowAll, "Access-Control-Allow-Headers: x-odd, x-b")
		}
		return "HTTP/1.1 200 Fine\r\naccess-CONTROL-allow-origin: *\nX-Odd: \x0b\x0c\x01\xff\r\nAccess-Control-Expose-Headers: x-odd\r\nX-Odd:again\r\nContent-Length: 0\r\n\r\n"
	})
	var agent fetch.Agent
	t.Cleanup(agent.Close)
	header := fetch.Header{{Name: "x-ODD", Value: "\x01\xfe"}, {Name: "X-b", Value: "1"}, {Name: "x-odd", Value: "2"}}
	verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: server.origin + "/a|b?^", Header: header})
	if !verdict.OK() {
		t.Fatal(verdict.Failure)
	}
	sent := server.requests()[1]
	var lines []string
	for _, f := range sent.Header {
		if strings.EqualFold(f.Name, "x-odd") || f.Name == "X-b" {
			lines = append(lines, f.Name+"="+f.Value)
		}
	}
	if got := strings.Join(lines, " "); got != "x-ODD=\x01\xfe X-b=1 x-odd=2" || sent.Target != "/a|b?^" {
		t.Errorf("sent %q to %s", got, sent.Target)
	}
	x := verdict.Exchanges[1]
	if x.RequestHead != sent.Raw || !strings.HasPrefix(x.Response.Raw, "HTTP/1.1 200 Fine\r\naccess-CONTROL-allow-origin: *\nX-Odd: \x0b") {
		t.Errorf("recorded %q and %q", x.RequestHead, x.Response.Raw)
	}
	if got := fmt.Sprintf("%q", verdict.Response.Header.Values("x-odd")); got != `["\v\f\x01\xff" "again"]` {
		t.Errorf("the page reads %s", got)
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", page)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
	})
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	var agent fetch.Agent
	t.Cleanup(agent.Close)
	get := func(r fetch.Request) fetch.Verdict {
		r.Origin, r.URL = page, server.URL
		verdict := agent.Fetch(t.Context(), r)
		if !verdict.OK() {
			t.Error(verdict.Failure)
		}
		return verdict
	}
	get(fetch.Request{})
	verdict := get(fetch.Request{Method: "PUT"}) // and its preflight
	if got := connections.Load(); got != 1 || !verdict.Exchanges[1].Reused {
		t.Errorf("%d connections, want 1", got)
	}
	get(fetch.Request{Credentials: fetch.CredentialsInclude})
	if got := connections.Load(); got != 2 {
		t.Errorf("%d connections, want another for credentials", got)
	}
	server.CloseClientConnections()
	get(fetch.Request{Method: "POST", Body: []byte("x")}) // on a new connection, as the kept one is stale
	agent.Close()
	get(fetch.Request{})
}

func TestHTTP2WhereTheServerInsists(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Headers", "x-a")
		w.Header().Set("Access-Control-Expose-Headers", "x-proto")
		w.Header().Set("X-Proto", r.Proto)
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Host, r.Header.Get("X-A"), body)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	// net/http's server answers whoever offers HTTP/1.1 only; this one does not.
	strict := tls.NewListener(mustListen(t), &tls.Config{
		Certificates: server.TLS.Certificates, NextProtos: []string{"h2"},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == "http/1.1" {
				return &tls.Config{Certificates: server.TLS.Certificates, NextProtos: []string{"spdy/3"}}, nil
			}
			return nil, nil
		},
	})
	h2 := &http.Server{Handler: server.Config.Handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	go h2.Serve(strict)
	t.Cleanup(func() { h2.Close() })

	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	agent := fetch.Agent{TLS: &tls.Config{RootCAs: pool, ServerName: "example.com"}}
	t.Cleanup(agent.Close)
	for url, want := range map[string]string{server.URL: "HTTP/1.1", "https://" + strict.Addr().String(): "HTTP/2.0"} {
		verdict := agent.Fetch(t.Context(), fetch.Request{
			Origin: page, URL: url + "/x?y", Method: "POST", Body: []byte("body"), Header: fetch.Lines("X-A: 1"),
		})
		if !verdict.OK() {
			t.Errorf("%s: %v", want, verdict.Failure)
			continue
		}
		proto, _ := verdict.Response.Header.Get("X-Proto")
		x := verdict.Exchanges[1]
		if proto != want || x.Protocol != want || x.TLS == nil || !x.RemoteAddr.IsValid() || !strings.HasPrefix(x.Response.Raw, "HTTP/1.1 200") {
			t.Errorf("%s: %s, exchange %+v", want, proto, x)
		}
		if got, want := string(verdict.Response.Body), "POST "+strings.TrimPrefix(url, "https://")+" 1 body"; got != want {
			t.Errorf("body %q, want %q", got, want)
		}
	}
}

func mustListen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func TestContentCodings(t *testing.T) {
	t.Parallel()
	compress := func(w io.WriteCloser, b *bytes.Buffer) string {
		_, err := io.WriteString(w, "hello")
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var b1, b2 bytes.Buffer
	gzipped, deflated := compress(gzip.NewWriter(&b1), &b1), compress(zlib.NewWriter(&b2), &b2)
	for coding, body := range map[string]string{"gzip": gzipped, "X-GZIP": gzipped, "deflate": deflated, "br": "hello", "identity": "hello"} {
		server := serveRaw(t, "127.0.0.1", func(*http1.RequestHead) string { return ok(body, allowAll, "Content-Encoding: "+coding) })
		var agent fetch.Agent
		t.Cleanup(agent.Close)
		verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: server.origin})
		if !verdict.OK() || string(verdict.Response.Body) != "hello" {
			t.Errorf("%s: %+v, %v", coding, verdict.Response, verdict.Failure)
		}
	}
	server := serveRaw(t, "127.0.0.1", func(*http1.RequestHead) string { return ok("", allowAll, "Content-Encoding: gzip") })
	var agent fetch.Agent
	t.Cleanup(agent.Close)
	if verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: server.origin}); !verdict.OK() || verdict.Response.BodyFailure != "" {
		t.Errorf("empty gzip: %v", verdict.Response.BodyFailure)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	cookies := func(in fetch.Request, agent *fetch.Agent) string {
		s := &script{answer: func(w *fetch.WireRequest) string {
			head := "\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Origin: " + page
			switch w.URL.Path {
			case "/out":
				return "302" + head + "\nLocation: https://api.example.com/"
			case "/back":
				return "302" + head + "\nLocation: " + page + "/"
			}
			return "200" + head + "\nSet-Cookie: new=1; SameSite=None; Secure"
		}}
		agent.Transport, agent.Jar = s, &fetch.Jar{}
		for _, line := range [][2]string{{page, "own=1"}, {"https://api.example.com", "sister=1; SameSite=Strict"}, {api, "none=1; SameSite=None; Secure"}, {api, "lax=1; SameSite=Lax"}, {api, "unset=1"}} {
			if err := agent.Jar.Add(line[0], line[1]); err != nil {
				t.Fatal(err)
			}
		}
		in.Origin = page
		agent.Fetch(t.Context(), in)
		return s.sentHeader("Cookie")
	}
	include := fetch.CredentialsInclude
	for _, test := range []struct {
		name  string
		in    fetch.Request
		agent *fetch.Agent
		want  string
	}{
		{"own", fetch.Request{URL: "/"}, &fetch.Agent{}, "own=1"},
		{"own, omit", fetch.Request{URL: "/", Credentials: fetch.CredentialsOmit}, &fetch.Agent{}, "(none)"},
		{"another origin", fetch.Request{URL: "https://api.example.com/"}, &fetch.Agent{}, "(none)"},
		{"another origin, include", fetch.Request{URL: "https://api.example.com/", Credentials: include}, &fetch.Agent{}, "sister=1"},
		{"redirected to another origin", fetch.Request{URL: "/out"}, &fetch.Agent{}, "(none)"},
		{"redirected back", fetch.Request{URL: "https://api.example.com/back"}, &fetch.Agent{}, "(none)"},
		{"cross-site", fetch.Request{URL: api, Credentials: include}, &fetch.Agent{}, "none=1; unset=1"},
		{"cross-site in Chrome", fetch.Request{URL: api, Credentials: include}, &fetch.Agent{Profile: fetch.Chrome}, "none=1"},
		{"cross-site, third parties blocked", fetch.Request{URL: api, Credentials: include}, &fetch.Agent{BlockThirdPartyCookies: true}, "(none)"},
	} {
		if got := cookies(test.in, test.agent); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// Cookies of a response are kept although the page may not read it.
func TestCookiesAreKeptBeforeTheCORSCheck(t *testing.T) {
	t.Parallel()
	s := scripted("200", "Set-Cookie: a=b; SameSite=None; Secure", "Set-Cookie: c=d; SameSite=Strict")
	agent := fetch.Agent{Transport: s}
	for range 2 {
		if verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: api, Credentials: fetch.CredentialsInclude}); verdict.Kind() != fetch.MissingAllowOrigin {
			t.Error(verdict.Failure)
		}
	}
	if got := s.sentHeader("Cookie"); got != "a=b" {
		t.Errorf("Cookie: %s", got)
	}
}

func TestCacheModesAndRange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in                       fetch.Request
		cacheControl, pragma, ae string
	}{
		{fetch.Request{}, "(none)", "(none)", "gzip, deflate"},
		{fetch.Request{Cache: fetch.CacheNoCache}, "max-age=0", "(none)", "gzip, deflate"},
		{fetch.Request{Cache: fetch.CacheReload}, "no-cache", "no-cache", "gzip, deflate"},
		{fetch.Request{Cache: fetch.CacheNoStore, Header: fetch.Lines("Cache-Control: x")}, "x", "no-cache", "gzip, deflate"},
		{fetch.Request{Header: fetch.Lines("If-None-Match: x")}, "no-cache", "no-cache", "gzip, deflate"},
		{fetch.Request{Header: fetch.Lines("Range: bytes=0-1")}, "(none)", "(none)", "identity"},
	} {
		s := scripted("200", allowAll)
		test.in.Origin, test.in.URL = page, api
		s.fetch(t, test.in)
		if cc, p, ae := s.sentHeader("Cache-Control"), s.sentHeader("Pragma"), s.sentHeader("Accept-Encoding"); cc != test.cacheControl || p != test.pragma || ae != test.ae {
			t.Errorf("%+v: Cache-Control %s, Pragma %s, Accept-Encoding %s", test.in, cc, p, ae)
		}
	}
}

func TestContentLength(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]string{"GET": "(none)", "POST": "0", "PUT": "0", "DELETE": "(none)"} {
		s := scripted("200", allowAll)
		s.fetch(t, fetch.Request{Origin: page, URL: "/x", Method: method})
		if got := s.sentHeader("Content-Length"); got != want {
			t.Errorf("%s: Content-Length %s, want %s", method, got, want)
		}
	}
}
