package demo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

// perform starts a demo on free ports, which ends with the test. Another handler may play the API.
func perform(t *testing.T, api http.Handler) *stage {
	t.Helper()
	return performOn(t, "", api)
}

func performOn(t *testing.T, db string, api http.Handler) *stage {
	t.Helper()
	const free = "127.0.0.1:0"
	s, err := newStage(t.Context(), Options{FrontEnd: free, Gateway: free, API: free, DB: db, Out: t.Output()}, api)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// client keeps no connections, which would keep goroutines.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// fetch sends a request with headers, "Name: value", and returns the answer with its body read.
func fetch(t *testing.T, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// TestRun is not parallel: it counts goroutines.
func TestRun(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	var opened string
	var out strings.Builder
	var page, total string
	err := Run(ctx, Options{FrontEnd: "127.0.0.1:0", Gateway: "127.0.0.1:0", API: "127.0.0.1:0", Out: &out, Open: func(url string) error {
		opened = url
		go func() { // Run serves as soon as this function has returned
			defer cancel()
			_, page = fetch(t, "GET", url)
			_, scene := fetch(t, "GET", url+"/scene.json")
			var at struct{ Gateway string }
			if err := json.Unmarshal([]byte(scene), &at); err != nil {
				t.Error(err)
			}
			users, _ := fetch(t, "GET", at.Gateway+"/users", "Authorization: Bearer "+Token)
			total = users.Header.Get("TotalItemsCount")
		}()
		return errors.New("there is no screen here")
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page, "<title>Corsac demo") {
		t.Errorf("the page is %q", page)
	}
	if total != "1000" {
		t.Errorf("the gateway says %q, want 1000", total)
	}
	for _, want := range []string{"page     " + opened, "users in SQLite (in memory)", "Ctrl-C ends it.", "Open " + opened + " in a browser (there is no screen here)."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it says\n%s\nwant %q in it", out.String(), want)
		}
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(opened, "http://")); err == nil {
		c.Close()
		t.Error("the page's server still listens")
	}
	for runtime.NumGoroutine() > before { // some end a moment later
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			buf := make([]byte, 1<<20)
			t.Fatalf("goroutines are left behind:\n%s", buf[:runtime.Stack(buf, true)])
		}
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	taken := listenLocal(t)
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"a port that is taken", Options{API: taken.Addr().String()}, "the API cannot listen: something listens on " + taken.Addr().String() + " already"},
		{"a port alone", Options{FrontEnd: "3000"}, "write host and port, such as 127.0.0.1:3000"},
		{"an address that is none", Options{FrontEnd: "here:there"}, "the front end cannot listen: "},
		{"another such", Options{Gateway: "x:y"}, "the gateway cannot listen: "},
		{"all at once", Options{FrontEnd: "x:y", API: "x:y"}, "the API cannot listen: "},
		{"another database", Options{DB: "mysql://localhost"}, `cannot use a database of scheme "mysql"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // should it run, it ends
			defer cancel()
			if err := Run(ctx, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestNewSite(t *testing.T) {
	t.Parallel()
	taken := listenLocal(t)
	s := &stage{}
	defer s.close()
	site, err := s.newSite("gateway", taken.Addr().String(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if site.address() == taken.Addr().String() || !strings.HasPrefix(site.url, "http://127.0.0.1:") {
		t.Errorf("address %s, URL %s", site.address(), site.url)
	}
	if want := taken.Addr().String() + " is taken, so the gateway has another port"; len(s.moved) != 1 || s.moved[0] != want {
		t.Errorf("it says %q, want %q", s.moved, want)
	}
}

func TestURLOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, want string }{
		{"127.0.0.1:3000", "http://127.0.0.1:3000"},
		{"127.0.0.1:80", "http://127.0.0.1"},
		{"0.0.0.0:3000", "http://127.0.0.1:3000"},
		{"[::]:3000", "http://127.0.0.1:3000"},
		{"[::1]:3000", "http://[::1]:3000"},
		{"[::1]:80", "http://[::1]"},
	} {
		a, err := net.ResolveTCPAddr("tcp", tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := urlOf(a); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.address, got, tt.want)
		}
	}
}

func TestPolicyFor(t *testing.T) {
	t.Parallel()
	if got := policyFor("http://127.0.0.1:3000", "127.0.0.1:8080", "http://127.0.0.1:8081"); got != policyText {
		t.Errorf("for the default addresses it is\n%s\nwant corsac.yaml as it is", got)
	}
	for _, tt := range []struct{ frontEnd, gateway, api, origin string }{
		{"http://127.0.0.1:3000", "127.0.0.1:8080", "http://127.0.0.1:8081", "http://127.0.0.1:3000"},
		{"http://127.0.0.1", "127.0.0.1:80", "http://127.0.0.1:1", "http://127.0.0.1"},
		{"http://127.0.0.1:4000", "127.0.0.1:5000", "http://127.0.0.1:6000", "http://127.0.0.1:4000"},
		{"http://[::1]:4000", "[::1]:5000", "http://[::1]:6000", "http://[::1]:4000"},
	} {
		text := policyFor(tt.frontEnd, tt.gateway, tt.api)
		h, err := newGateway(text)
		if err != nil {
			t.Errorf("%+v: %v\n%s", tt, err, text)
			continue
		}
		res := serve(h, "OPTIONS /users\nOrigin: "+tt.origin+"\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: pagenumber")
		if got := res.Header().Get("Access-Control-Allow-Origin"); got != tt.origin {
			t.Errorf("%+v: the gateway allows %q, want %q", tt, got, tt.origin)
		}
	}
}

func TestFrontEnd(t *testing.T) {
	t.Parallel()
	s := perform(t, nil)
	host := "Host: " + strings.TrimPrefix(s.frontEnd.url, "http://")
	_, port, _ := net.SplitHostPort(s.frontEnd.address())
	for _, tt := range []struct {
		name, path, host string
		status           int
		contentType      string
		body             string
	}{
		{"the page", "/", host, 200, "text/html; charset=utf-8", "<!doctype html>"},
		{"a script", "/page.js", host, 200, "text/javascript; charset=utf-8", "import "},
		{"the style", "/style.css", host, 200, "text/css; charset=utf-8", ""},
		{"the fox", "/fox.svg", host, 200, "image/svg+xml", "<svg"},
		{"the addresses", "/scene.json", host, 200, "application/json", `"gateway":"` + s.gateway.url + `"`},
		{"the wire", "/wire?after=0", host, 200, "application/json", `{"exchanges":[],"latest":0}`},
		{"after nothing", "/wire", host, 400, "application/problem+json", `after is \"\"`},
		{"after what is no number", "/wire?after=x", host, 400, "application/problem+json", `after is \"x\"`},
		{"another file", "/migrations", host, 404, "text/plain; charset=utf-8", ""},
		{"a stranger's name", "/wire?after=0", "Host: rebound.example:" + port, 421, "text/plain; charset=utf-8", "this is the Corsac demo: open " + s.frontEnd.url},
		{"another port", "/", "Host: localhost:1", 421, "text/plain; charset=utf-8", ""},
		{"no port", "/", "Host: localhost", 421, "text/plain; charset=utf-8", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, body := fetch(t, "GET", s.frontEnd.url+tt.path, tt.host)
			if res.StatusCode != tt.status || res.Header.Get("Content-Type") != tt.contentType || !strings.Contains(body, tt.body) {
				t.Errorf("%s, %s, %q: want %d, %s, %q", res.Status, res.Header.Get("Content-Type"), body, tt.status, tt.contentType, tt.body)
			}
			if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "connect-src 'self' "+s.gateway.url+" "+s.api.url) {
				t.Errorf("Content-Security-Policy: %s", csp)
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("other origins may read it")
			}
		})
	}
}

// TestRunEndsEarly is Ctrl-C while the database is still waited for.
func TestRunEndsEarly(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, ctrlC := context.WithCancel(t.Context())
	go func() {
		c, err := silent.Accept()
		ctrlC()
		if err == nil {
			defer c.Close()
			io.Copy(io.Discard, c)
		}
	}()
	t.Cleanup(func() { silent.Close() })
	if err := Run(ctx, Options{DB: "postgres://" + silent.Addr().String() + "/users"}); err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// TestLocalhost comes by the machine's other name, which to browsers is another site.
func TestLocalhost(t *testing.T) {
	t.Parallel()
	s := perform(t, nil)
	r := httptest.NewRequest("GET", "/?a=b", nil)
	r.Host = strings.Replace(s.frontEnd.address(), "127.0.0.1", "localhost", 1)
	w := httptest.NewRecorder()
	s.guard(http.NotFoundHandler()).ServeHTTP(w, r)
	if got, want := w.Header().Get("Location"), s.frontEnd.url+"/?a=b"; w.Code != http.StatusTemporaryRedirect || got != want {
		t.Errorf("%d to %q, want 307 to %q", w.Code, got, want)
	}
}

// TestStage looks at one request from both ends: what Corsac says, and what was recorded.
func TestStage(t *testing.T) {
	t.Parallel()
	s := perform(t, nil)
	origin := "Origin: " + s.frontEnd.url
	direct, _ := fetch(t, "GET", s.api.url+"/users", origin, "Authorization: Bearer "+Token)
	through, _ := fetch(t, "GET", s.gateway.url+"/users", origin, "Authorization: Bearer "+Token)
	if got := direct.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("the API itself allows %q", got)
	}
	if got := through.Header.Get("Access-Control-Allow-Origin"); got != s.frontEnd.url {
		t.Errorf("Corsac allows %q, want %q", got, s.frontEnd.url)
	}
	_, body := fetch(t, "GET", s.frontEnd.url+"/wire?after=1")
	var wire struct {
		Exchanges []Exchange
		Latest    int64
	}
	if err := json.Unmarshal([]byte(body), &wire); err != nil {
		t.Fatal(err)
	}
	if wire.Latest != 3 || len(wire.Exchanges) != 2 || wire.Exchanges[0].Server != "gateway" || wire.Exchanges[1].Server != "api" {
		t.Errorf("after the first exchange there are %+v", wire)
	}
}
