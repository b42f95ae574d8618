package gateway_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

const app = "https://app.example.com"

// nobody is an upstream that does not listen. A port that was listened on for a
// moment would be another test's the next.
const nobody = "http://127.0.0.1:1"

// appRule lets the app do what apps do.
var appRule = corsac.Rule{
	Path:        "/",
	Origins:     []string{app},
	Methods:     []string{"PUT", "DELETE"},
	Headers:     []string{"Authorization", "Content-Type"},
	Expose:      []string{"TotalItemsCount"},
	Credentials: true,
}

// client has a transport of its own: the end of a test's server closes idle
// connections of http.DefaultTransport, those of other tests included.
var client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

func policy(t testing.TB, rules ...corsac.Rule) *corsac.Policy {
	t.Helper()
	p, err := corsac.New(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// to is a configuration with one rule and one route. What should take a moment
// may take as long as it likes.
func to(t testing.TB, upstream string) gateway.Config {
	g := policyfile.DefaultGateway()
	g.Upstream = upstream
	g.Timeouts.Header, g.Timeouts.Connect = patience, patience
	return gateway.Config{Policy: policy(t, appRule), Gateway: g}
}

// start serves a configuration until the test ends.
func start(t testing.TB, c gateway.Config) (g *gateway.Gateway, url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return startOn(t, c, ln), "http://" + ln.Addr().String()
}

func startOn(t testing.TB, c gateway.Config, ln net.Listener, changes ...func(*gateway.Gateway)) *gateway.Gateway {
	t.Helper()
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(g)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serving ended: %v", err)
		}
	})
	return g
}

// upstream is a server behind the gateway.
func upstream(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// send sends a request with header lines given as name, value.
func send(t testing.TB, method, url string, body io.Reader, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	tr := &http.Transport{DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("reading the response: %v", err)
	}
	return res, string(text)
}

func TestOnlyThePolicySpeaksCORS(t *testing.T) {
	t.Parallel()
	var reached []string
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		reached = append(reached, r.Method)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Max-Age", "600")
		w.Header().Set("Vary", "Cookie")
		io.WriteString(w, "users")
	})
	_, url := start(t, to(t, api))

	res, body := send(t, "GET", url+"/users", nil, "Origin", app)
	if body != "users" || res.StatusCode != 200 {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
	wantHeader(t, res, "Access-Control-Allow-Origin", app)
	wantHeader(t, res, "Access-Control-Expose-Headers", "TotalItemsCount")
	wantHeader(t, res, "Access-Control-Max-Age")
	wantHeader(t, res, "Vary", "Cookie", "Origin")

	res, _ = send(t, "GET", url+"/users", nil, "Origin", "https://evil.example.net")
	wantHeader(t, res, "Access-Control-Allow-Origin")
	wantHeader(t, res, "Access-Control-Allow-Credentials")
	wantHeader(t, res, "Vary", "Cookie", "Origin")

	res, _ = send(t, "OPTIONS", url+"/users", nil, "Origin", app,
		"Access-Control-Request-Method", "DELETE", "Access-Control-Request-Headers", "authorization")
	if res.StatusCode != 204 {
		t.Errorf("the preflight was answered %d", res.StatusCode)
	}
	wantHeader(t, res, "Access-Control-Allow-Methods", "DELETE, PUT")
	wantHeader(t, res, "Access-Control-Allow-Headers", "Authorization, Content-Type")
	if len(reached) != 2 {
		t.Errorf("the upstream was reached by %q, want two GETs", reached)
	}
}

// wantHeader compares the values of a header, one for each line.
func wantHeader(t testing.TB, res *http.Response, name string, want ...string) {
	t.Helper()
	got := res.Header.Values(name)
	if len(got) != len(want) {
		t.Errorf("%s is %q, want %q", name, got, want)
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
