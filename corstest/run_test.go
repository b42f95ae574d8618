package corstest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
)

// A log is what a server was asked.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.lines = append(l.lines, r.Method+" "+r.Host+r.URL.RequestURI())
		l.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

func (l *log) count(line string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, seen := range l.lines {
		if strings.HasPrefix(seen, line) {
			n++
		}
	}
	return n
}

func serve(t testing.TB, h http.Handler) (url string, l *log) {
	l = &log{}
	s := httptest.NewServer(l.around(h))
	t.Cleanup(s.Close)
	return s.URL, l
}

func request(method, url string, header ...string) fetch.Request {
	return fetch.Request{Origin: app, Method: method, URL: url, Header: fetch.Lines(header...)}
}

func TestRunLive(t *testing.T) {
	t.Parallel()
	url, l := serve(t, users(t))
	cases := []corstest.Case{
		{Name: "read", Request: request("GET", "/users/"), Reads: []string{"ETag"}, Hides: []string{"X-Internal", "X-Absent"}},
		{Name: "not sent", Request: request("PUT", "/users/1")},
		{Name: "not sent either", Request: request("POST", "/users/"), Want: corstest.Block},
		{Name: "blocked before it is sent", Request: request("DELETE", "/users/1"), Want: corstest.Block, Because: corsac.UnlistedMethod},
		{Name: "blocked, but expected", Request: request("DELETE", "/users/1")},
		{Name: "from outside no rule looks like another origin", Request: request("GET", "/orders/"), Want: corstest.Block, Because: corsac.UnlistedOrigin},
	}
	want := []corstest.Outcome{corstest.Passed, corstest.Undecided, corstest.Undecided, corstest.Passed, corstest.Failed, corstest.Passed}
	for i, r := range corstest.Run(t.Context(), corstest.Target{URL: url}, cases...) {
		if r.Outcome != want[i] || r.Case.Name != cases[i].Name || len(r.Trials) != len(fetch.Profiles()) {
			t.Errorf("want %s: %s", want[i], r.String())
		}
	}
	if n := l.count("PUT") + l.count("POST") + l.count("DELETE"); n != 0 {
		t.Errorf("%d requests that may change something were sent", n)
	}

	sent := corstest.Run(t.Context(), corstest.Target{URL: url, Send: true, Profiles: []fetch.Profile{fetch.Chrome}}, cases[1], cases[2])
	if sent[0].Outcome != corstest.Passed || sent[1].Outcome != corstest.Failed {
		t.Errorf("with Send: %s\n%s", sent[0].String(), sent[1].String())
	}
	if l.count("PUT") != 1 || l.count("POST") != 1 {
		t.Errorf("sent %d PUT, %d POST, want one of each", l.count("PUT"), l.count("POST"))
	}
}

func TestNotSentIsSaid(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, users(t))
	r := corstest.Run(t.Context(), corstest.Target{URL: url, Profiles: []fetch.Profile{fetch.Standard}}, corstest.Case{Request: request("PUT", "/users/1")})[0]
	said := r.String()
	for _, want := range []string{"undecided", "PUT was not sent, because it may change something; the preflight allows it", "permit it to be sent, where that does no harm: --send", "< 204 No Content", "> PUT ", "(not sent)"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}

// TestRunNowhere: what cannot be asked is not known.
func TestRunNowhere(t *testing.T) {
	t.Parallel()
	closed := "http://" + lab.FreeAddress(t)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		target corstest.Target
		want   string
	}{
		{"nobody listens", t.Context(), corstest.Target{URL: closed}, "connection-refused"},
		{"nothing to test", t.Context(), corstest.Target{}, "neither a policy nor a handler nor a URL"},
		{"no URL", t.Context(), corstest.Target{URL: "localhost:8080"}, `"localhost:8080" is no URL of a server`},
		{"a path", t.Context(), corstest.Target{URL: "http://localhost:8080/api"}, `write "http://localhost:8080"`},
		{"a user name", t.Context(), corstest.Target{URL: "http://a:b@localhost:8080"}, `write "http://localhost:8080"`},
		{"it is over", over, corstest.Target{URL: closed}, "canceled"},
		{"it is over in process", over, corstest.Target{Handler: users(t)}, "canceled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, want := range []corstest.Access{corstest.Allow, corstest.Block} {
				r := corstest.Run(tt.ctx, tt.target, corstest.Case{Want: want, Request: request("GET", "/users/")})[0]
				if r.Outcome != corstest.Undecided || !strings.Contains(r.String(), tt.want) {
					t.Errorf("want undecided, %q in %s", tt.want, r.String())
				}
			}
		})
	}
}

// TestRunLiveHosts: a case's host is asked for at the target's address, also
// over TLS; what the target redirects to is found where it is, without what the
// script has set.
func TestRunLiveHosts(t *testing.T) {
	t.Parallel()
	var token string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token += r.Header.Get("X-Token")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "x-token")
	}))
	t.Cleanup(elsewhere.Close)
	away := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
	l := &log{}
	s := httptest.NewTLSServer(l.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "x-token")
		if r.URL.Path == "/away" && r.Method == "GET" {
			http.Redirect(w, r, away+"/", http.StatusFound)
		}
	})))
	t.Cleanup(s.Close)
	target := corstest.Target{URL: s.URL, TLS: &tls.Config{InsecureSkipVerify: true}, Profiles: []fetch.Profile{fetch.Standard}}
	for _, r := range corstest.Run(t.Context(), target,
		corstest.Case{Request: request("GET", "https://api.example.com/users/")},
		corstest.Case{Request: request("GET", "https://api.example.com:1234/orders/")},
		corstest.Case{Request: request("GET", "/away", "X-Token: s3cr3t")},
	) {
		if r.Outcome != corstest.Passed {
			t.Error(r.String())
		}
	}
	for _, want := range []string{"GET api.example.com/users/", "GET api.example.com:1234/orders/"} {
		if l.count(want) != 1 {
			t.Errorf("%q was asked %d times, want once; asked: %q", want, l.count(want), l.lines)
		}
	}
	if token != "" {
		t.Errorf("the token %q went to another server", token)
	}
}

// TestRunLiveOverHTTP: a server that is tested without TLS is one that pages of
// https can reach in production.
func TestRunLiveOverHTTP(t *testing.T) {
	t.Parallel()
	url, l := serve(t, users(t))
	target := corstest.Target{URL: "http://staging.test:8080", Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "staging.test:8080" {
			t.Errorf("%s was dialled", address)
		}
		var d net.Dialer
		return d.DialContext(ctx, network, strings.TrimPrefix(url, "http://"))
	}}
	for _, r := range corstest.Run(t.Context(), target,
		corstest.Case{Request: request("GET", "/users/")},
		corstest.Case{Request: request("GET", "https://api.example.com/users/")},
		corstest.Case{Request: fetch.Request{Origin: "http://localhost:3000", URL: "/users/"}, Want: corstest.Block},
	) {
		if r.Outcome != corstest.Passed {
			t.Error(r.String())
		}
	}
	if l.count("GET staging.test:8080/users/") == 0 || l.count("GET api.example.com/users/") == 0 {
		t.Errorf("asked: %q", l.lines)
	}
	if r := corstest.Run(t.Context(), target, corstest.Case{Request: request("DELETE", "/users/")})[0]; !strings.Contains(r.String(), "> OPTIONS /users/\n") {
		t.Error(r.String())
	}
}

// TestReasons: only a policy tells what looks alike from outside.
func TestReasons(t *testing.T) {
	t.Parallel()
	p := mustNew(t, corsac.Rule{Path: "/users/", Origins: []string{app}}, corsac.Rule{Path: "/open/", Origins: []string{"*"}})
	with := func(c fetch.Credentials, r fetch.Request) fetch.Request { r.Credentials = c; return r }
	for _, tt := range []struct {
		name          string
		request       fetch.Request
		exact, beside []corsac.Reason
	}{
		{"origin", fetch.Request{Origin: evil, URL: "/users/"}, []corsac.Reason{corsac.UnlistedOrigin}, []corsac.Reason{corsac.UnlistedOrigin, corsac.NoRule}},
		{"origin, asked first", fetch.Request{Origin: evil, URL: "/users/", Method: "PUT"}, []corsac.Reason{corsac.UnlistedOrigin}, []corsac.Reason{corsac.UnlistedOrigin, corsac.NoRule}},
		{"no rule", request("GET", "/"), []corsac.Reason{corsac.NoRule}, []corsac.Reason{corsac.UnlistedOrigin, corsac.NoRule}},
		{"method", request("PUT", "/users/"), []corsac.Reason{corsac.UnlistedMethod}, []corsac.Reason{corsac.UnlistedMethod}},
		{"header", request("GET", "/users/", "X-A: b"), []corsac.Reason{corsac.UnlistedHeader}, []corsac.Reason{corsac.UnlistedHeader}},
		{"credentials", with("include", request("GET", "/users/")), []corsac.Reason{corsac.NoCredentials}, []corsac.Reason{corsac.NoCredentials}},
		{"credentials for everybody", with("include", request("GET", "/open/")), []corsac.Reason{corsac.NoCredentials}, []corsac.Reason{corsac.NoCredentials}},
		{"nothing", request("GET", "/users/"), nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for target, want := range map[*corstest.Target][]corsac.Reason{
				{Policy: p}: tt.exact,
				{Policy: p, Handler: p.Wrap(http.NotFoundHandler())}: tt.exact,
				{Handler: p.Wrap(http.NotFoundHandler())}:            tt.beside,
			} {
				for _, trial := range corstest.Run(t.Context(), *target, corstest.Case{Request: tt.request})[0].Trials {
					if !slices.Equal(trial.Because, want) {
						t.Errorf("%s: %q, want %q", trial.Profile, trial.Because, want)
					}
				}
			}
		})
	}
}

// TestPolicyAdvice: the advice names fields of a policy where there is one, and
// doing as it says makes the case pass.
func TestPolicyAdvice(t *testing.T) {
	t.Parallel()
	p := mustNew(t, corsac.Rule{Path: "/users/", Origins: []string{app}}, corsac.Rule{Path: "/open/", Origins: []string{"*"}})
	cookie := fetch.Request{Origin: app, URL: "/users/", Credentials: "include"}
	for _, tt := range []struct {
		c    corstest.Case
		want string
	}{
		{corstest.Case{Request: fetch.Request{Origin: evil, URL: "/users/1"}}, "list https://evil.example.net in the origins of the rule that covers /users/1"},
		{corstest.Case{Request: fetch.Request{Origin: evil, URL: "/users/1", Method: "PUT"}}, "list https://evil.example.net in the origins of the rule that covers /users/1"},
		{corstest.Case{Request: request("GET", "https://api.example.com/x")}, "write a rule that covers api.example.com/x"},
		{corstest.Case{Request: request("PUT", "/users/1")}, "list PUT in the methods of"},
		{corstest.Case{Request: request("GET", "/users/1", "X-A: b")}, "list x-a in the headers of"},
		{corstest.Case{Request: cookie}, "set credentials in the rule that covers /users/"},
		{corstest.Case{Request: fetch.Request{Origin: app, URL: "/open/", Credentials: "include"}}, `set credentials in the rule that covers /open/, and list origins instead of "*"`},
		{corstest.Case{Request: request("GET", "/users/1"), Reads: []string{"ETag"}}, "list ETag in the expose list of"},
		{corstest.Case{Request: request("GET", "/users/1"), Want: corstest.Block}, "the rule that covers /users/1 allows it"},
	} {
		r := corstest.Run(t.Context(), corstest.Target{Policy: p}, tt.c)[0]
		for _, trial := range r.Trials {
			if trial.Outcome != corstest.Failed || !strings.Contains(trial.Advice, tt.want) {
				t.Errorf("%s: %s, advice %q, want %q in it", trial.Profile, trial.Outcome, trial.Advice, tt.want)
			}
		}
		// Browsers name different steps, and there is one explanation.
		if n := len(r.Explain()); n != 1 {
			t.Errorf("%d explanations, want one: %s", n, r.String())
		}
	}
}

// TestModes: an opaque response is none that a page reads.
func TestModes(t *testing.T) {
	t.Parallel()
	opaque := fetch.Request{Origin: app, URL: "/users/", Mode: fetch.ModeNoCORS}
	allow := corstest.Run(t.Context(), corstest.Target{Handler: users(t)}, corstest.Case{Request: opaque})[0]
	if allow.Outcome != corstest.Failed || !strings.Contains(allow.String(), "opaque") {
		t.Error(allow.String())
	}
	block := corstest.Run(t.Context(), corstest.Target{Handler: users(t)}, corstest.Case{Request: opaque, Want: corstest.Block})[0]
	if block.Outcome != corstest.Passed {
		t.Error(block.String())
	}
}

// TestHostileServers: nothing of a server reaches a terminal as it is, and not
// all of it.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "\x1b[2J\x07"+strings.Repeat("x", 10_000))
		for i := range 1000 {
			w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("y", 100))
		}
	})
	r := corstest.Run(t.Context(), corstest.Target{Handler: h}, corstest.Case{Request: request("GET", "/")})[0]
	said := r.String()
	if r.Outcome != corstest.Failed || strings.ContainsAny(said, "\x1b\x07") {
		t.Errorf("%q", said)
	}
	if len(said) > 20_000 {
		t.Errorf("%d bytes were said", len(said))
	}
}
