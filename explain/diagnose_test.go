package explain

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
)

const app = "https://app.example.com"

// A fault is a server that has it, what a page asks of it, and what explain has
// to say.
type fault struct {
	name    string
	serve   http.HandlerFunc
	ask     Question // Request.URL is a path on the server, or an address
	code    string
	tells   []string // parts of the evidence, the cause or the fix
	answer  Answer   // Blocked if empty
	notices bool     // the code is a notice, not the cause
}

// lines answers with a status and header lines, whatever the method.
func lines(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, f := range fetch.Lines(header...) {
			w.Header().Add(f.Name, f.Value)
		}
		w.WriteHeader(status)
	}
}

// split answers OPTIONS and other methods apart.
func split(options, others http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "OPTIONS" {
			options(w, r)
			return
		}
		others(w, r)
	}
}

func body(text string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h(w, r)
		_, _ = io.WriteString(w, text)
	}
}

// withOrigin answers apart what has an Origin and what has none.
func withOrigin(with, without http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "" {
			with(w, r)
			return
		}
		without(w, r)
	}
}

func call(method string, header ...string) Question {
	return Question{Request: fetch.Request{Method: method, Header: fetch.Lines(header...)}}
}

func with(q Question, change func(*Question)) Question {
	change(&q)
	return q
}

var (
	fine      = lines(200, "Access-Control-Allow-Origin: "+app, "Vary: Origin")
	bare      = lines(200)
	including = with(call("GET"), func(q *Question) { q.Request.Credentials = fetch.CredentialsInclude })
)

var preflightFaults = []fault{
	{name: "login before CORS", serve: split(lines(401, "WWW-Authenticate: Bearer realm=x"), fine), ask: call("PUT"), code: "CX-P01",
		tells: []string{"WWW-Authenticate: Bearer realm=x", "before authentication", "OPTIONS without Origin: 401"}},
	{name: "login without a word", serve: lines(403), ask: call("PUT"), code: "CX-P01"},
	{name: "login, proven with the token",
		serve: func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				lines(405)(w, r)
				return
			}
			lines(401)(w, r)
		},
		ask: with(call("PUT", "Authorization: Bearer t0psecret"), func(q *Question) { q.Prove = true }), code: "CX-P01", tells: []string{"as no browser sends it: 405"}},
	{name: "a library refuses the headers", serve: split(body("Disallowed CORS headers", lines(400, "Access-Control-Allow-Origin: "+app)), fine),
		ask: call("GET", "X-A: 1", "X-B: 2"), code: "CX-P02", tells: []string{"the body says: Disallowed CORS headers"}},
	{name: "Spring refuses the origin", serve: body("Invalid CORS request", lines(403, "Vary: Origin", "Vary: Access-Control-Request-Method", "Vary: Access-Control-Request-Headers")),
		ask: call("PUT"), code: "CX-P02", tells: []string{"Invalid CORS request"}},
	{name: "one header is refused by status",
		serve: split(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Header.Get("Access-Control-Request-Headers"), "x-b") {
				lines(400, "Access-Control-Allow-Origin: *")(w, r)
				return
			}
			lines(204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *")(w, r)
		}, fine),
		ask: call("GET", "X-A: 1", "X-B: 2"), code: "CX-P02", tells: []string{"with x-b alone: 400"}},
	{name: "no route for OPTIONS", serve: split(lines(405, "Allow: GET, PUT"), fine), ask: call("PUT"), code: "CX-P03", tells: []string{"Allow: GET, PUT"}},
	{name: "OPTIONS not found, GET found", serve: split(lines(404), fine), ask: call("PUT"), code: "CX-P03"},
	{name: "slash at the end", serve: lines(308, "Location: /x/"), ask: call("PUT"), code: "CX-P04", tells: []string{"only the slash", "Location: /x/"}},
	{name: "http to https", serve: func(w http.ResponseWriter, r *http.Request) { lines(301, "Location: https://"+r.Host+r.URL.Path)(w, r) },
		ask: call("PUT"), code: "CX-P04", tells: []string{"from http to https"}},
	{name: "redirect to the login page", serve: lines(302, "Location: /login?next=x"), ask: call("PUT"), code: "CX-P04", tells: []string{"login page"}},
	{name: "method missing", serve: lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET"), ask: call("PUT"), code: "CX-P05", tells: []string{"add PUT"}},
	{name: "method in lower case", serve: lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: patch"), ask: call("PATCH"), code: "CX-P05", tells: []string{"another case"}},
	{name: "any method, with credentials", serve: lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: *"),
		ask: with(call("PUT"), func(q *Question) { q.Request.Credentials = fetch.CredentialsInclude }), code: "CX-P05", tells: []string{"not a wildcard with credentials"}},
	{name: "two headers missing", serve: lines(200, "Access-Control-Allow-Origin: *"), ask: call("GET", "X-Api-Key: 1", "X-B: 2"), code: "CX-P06",
		tells: []string{"x-api-key, x-b", "only the first of these 2"}},
	{name: "any header, with credentials", serve: lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: *"),
		ask: with(call("GET", "X-A: 1"), func(q *Question) { q.Request.Credentials = fetch.CredentialsInclude }), code: "CX-P06", tells: []string{"not a wildcard with credentials"}},
	{name: "tracing", serve: lines(200, "Access-Control-Allow-Origin: *"), ask: call("GET", "traceparent: 00-1-2-01"), code: "CX-P07", tells: []string{"OpenTelemetry"}},
	{name: "preflight out of nowhere", serve: split(bare, fine), ask: call("POST", "Content-Type: application/json"), code: "CX-P08", tells: []string{"HTML forms"}},
	{name: "semicolons", serve: lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET; PUT"), ask: call("PUT"), code: "CX-P10", tells: []string{"GET; PUT"}},
	{name: "star and Authorization", serve: lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"), ask: call("GET", "Authorization: Bearer x"),
		code: "CX-P09", answer: Readable, notices: true, tells: []string{"*, Authorization"}},
	{name: "patch", serve: split(lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PATCH"), bare), ask: call("patch"), code: "CX-J01"},
}

var originFaults = []fault{
	{name: "no CORS at all", serve: bare, ask: call("GET"), code: "CX-O01", tells: []string{"no origin gets any"}},
	{name: "not on the list", serve: lines(200, "Vary: Origin"), ask: call("GET"), code: "CX-O01", tells: []string{"not on its list"}},
	{name: "another origin", serve: lines(200, "Access-Control-Allow-Origin: https://other.example"), ask: call("GET"), code: "CX-O02", tells: []string{"it is fixed"}},
	{name: "slash", serve: lines(200, "Access-Control-Allow-Origin: "+app+"/"), ask: call("GET"), code: "CX-O02", tells: []string{"only by the slash"}},
	{name: "scheme", serve: lines(200, "Access-Control-Allow-Origin: http://app.example.com"), ask: call("GET"), code: "CX-O02", tells: []string{"only in http and https"}},
	{name: "port", serve: lines(200, "Access-Control-Allow-Origin: https://app.example.com:8443"), ask: call("GET"), code: "CX-O02", tells: []string{"only in the port"}},
	{name: "www", serve: lines(200, "Access-Control-Allow-Origin: https://www.app.example.com"), ask: call("GET"), code: "CX-O02", tells: []string{"www."}},
	{name: "case", serve: lines(200, "Access-Control-Allow-Origin: https://APP.example.com"), ask: call("GET"), code: "CX-O02", tells: []string{"upper and lower case"}},
	{name: "no scheme", serve: lines(200, "Access-Control-Allow-Origin: app.example.com"), ask: call("GET"), code: "CX-O02", tells: []string{"lacks the scheme"}},
	{name: "wildcard within", serve: lines(200, "Access-Control-Allow-Origin: https://*.example.com"), ask: call("GET"), code: "CX-O02", tells: []string{"wildcard alone"}},
	{name: "quotes", serve: lines(200, `Access-Control-Allow-Origin: "`+app+`"`), ask: call("GET"), code: "CX-O02", tells: []string{"only by the quotes"}},
	{name: "two layers", serve: lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: *"), ask: call("GET"), code: "CX-O03", tells: []string{"two layers", "2 lines"}},
	{name: "a list", serve: lines(200, "Access-Control-Allow-Origin: https://a.example, "+app), ask: call("GET"), code: "CX-O03", tells: []string{"one line has a list"}},
	{name: "a file", serve: fine, ask: with(call("GET"), func(q *Question) { q.Request.Origin = "null" }), code: "CX-O04"},
	{name: "an extension", serve: fine, ask: with(call("GET"), func(q *Question) { q.Request.Origin = "chrome-extension://abcdefgh" }), code: "CX-O05"},
	{name: "no origin", serve: lines(200, "Access-Control-Allow-Origin: true"), ask: call("GET"), code: "CX-O06"},
	{name: "star with credentials", serve: lines(200, "Access-Control-Allow-Origin: *"), ask: including, code: "CX-C01", tells: []string{"no answer sets a cookie"}},
	{name: "True", serve: lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: True"), ask: including, code: "CX-C02", tells: []string{"upper and lower case"}},
	{name: "credentials missing", serve: fine, ask: including, code: "CX-C02"},
	{name: "lax cookie", serve: lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: true", "Set-Cookie: sid=abcdefghij; Path=/"), ask: including,
		code: "CX-C03", answer: Readable, notices: true, tells: []string{"SameSite=Lax (the default)"}},
	{name: "cookie without credentials", serve: lines(200, "Access-Control-Allow-Origin: *", "Set-Cookie: sid=abcdefghij"), ask: call("GET"),
		code: "CX-C03", answer: Readable, notices: true, tells: []string{"neither keep nor send"}},
	{name: "logged out", serve: lines(401, "Access-Control-Allow-Origin: *"), ask: call("GET"), code: "CX-C03", answer: Readable, notices: true},
	{name: "unexposed", serve: lines(200, "Access-Control-Allow-Origin: *", "X-Total-Count: 3"), ask: call("GET"), code: "CX-H01", answer: Readable, notices: true,
		tells: []string{"Access-Control-Expose-Headers: X-Total-Count"}},
	{name: "opaque", serve: bare, ask: with(call("GET"), func(q *Question) { q.Request.Mode = fetch.ModeNoCORS }), code: "CX-J02", answer: Readable, notices: true},
	{name: "no Vary", serve: withOrigin(func(w http.ResponseWriter, r *http.Request) {
		lines(200, "Access-Control-Allow-Origin: "+r.Header.Get("Origin"), "Age: 12")(w, r)
	}, bare), ask: call("GET"), code: "CX-V01", answer: Readable, notices: true, tells: []string{"Age: 12"}},
	{name: "no Vary without Origin, cached", serve: withOrigin(fine, lines(200, "Cache-Control: max-age=600")), ask: call("GET"), code: "CX-V02", answer: Readable, notices: true},
}

var statusFaults = []fault{
	{name: "500", serve: withOrigin(lines(500), lines(500)), ask: call("GET"), code: "CX-S01", tells: []string{"Chrome hides the status"}},
	{name: "preflight 500", serve: lines(500), ask: call("PUT"), code: "CX-S01"},
	{name: "404", serve: lines(404), ask: call("GET"), code: "CX-S02"},
	{name: "preflight 404, GET too", serve: lines(404), ask: call("PUT"), code: "CX-S02"},
	{name: "413", serve: split(lines(204, "Access-Control-Allow-Origin: *"), lines(413)),
		ask:  with(call("POST", "Content-Type: text/plain"), func(q *Question) { q.Send, q.Request.Body = true, []byte("large") }),
		code: "CX-S03", tells: []string{"5 bytes", "client_max_body_size"}},
	{name: "502", serve: lines(502, "Server: nginx"), ask: call("GET"), code: "CX-S04", tells: []string{"nginx", "once more: 502, 502, 502"}},
	{name: "429", serve: lines(429, "Retry-After: 30"), ask: call("GET"), code: "CX-S04", tells: []string{"Retry-After: 30"}},
	{name: "challenge", serve: lines(403, "Cf-Mitigated: challenge"), ask: call("GET"), code: "CX-S04", tells: []string{"Cloudflare", "challenge"}},
	{name: "only with Origin", serve: withOrigin(lines(500), bare), ask: call("GET"), code: "CX-S05", tells: []string{"GET without Origin: 200"}},
	{name: "preflight only with Origin", serve: withOrigin(lines(500), bare), ask: call("PUT"), code: "CX-S05"},
	{name: "redirect without headers", serve: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			lines(302, "Location: /sso/login")(w, r)
			return
		}
		fine(w, r)
	}, ask: call("GET"), code: "CX-R01", tells: []string{"login page", "302, Location: /sso/login"}},
	{name: "redirect with a password", serve: lines(302, "Access-Control-Allow-Origin: *", "Location: http://u:p@127.0.0.1/"), ask: call("GET"), code: "CX-R03"},
	{name: "redirect to nowhere", serve: lines(302, "Access-Control-Allow-Origin: *", "Location: data:,x"), ask: call("GET"), code: "CX-R03"},
	{name: "circle", serve: lines(302, "Access-Control-Allow-Origin: *", "Location: /x"), ask: call("GET"), code: "CX-R04"},
	{name: "nothing comes back", serve: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ask: call("GET"), code: "CX-N05"},
}

var callFaults = []fault{
	{name: "mixed content", ask: with(call("GET"), func(q *Question) { q.Request.URL = "http://api.example.com/" }), code: "CX-B01"},
	{name: "connect-src", ask: with(call("GET"), func(q *Question) { q.Request.ConnectSrc, q.Request.URL = "'self'", "https://api.example.com/" }), code: "CX-B02", tells: []string{"connect-src 'self'"}},
	{name: "local network", serve: fine, ask: with(call("GET"), func(q *Question) { q.Request.AddressSpace = fetch.Public }), code: "CX-B03", tells: []string{"127.0.0.1"}},
	{name: "blocked port", ask: with(call("GET"), func(q *Question) { q.Request.URL = "http://127.0.0.1:6000/" }), code: "CX-B04"},
	{name: "resource policy", serve: lines(200, "Cross-Origin-Resource-Policy: same-origin"), ask: with(call("GET"), func(q *Question) { q.Request.Mode = fetch.ModeNoCORS }), code: "CX-B06"},
	{name: "no scheme", ask: with(call("GET"), func(q *Question) { q.Request.URL = "localhost:8080/x" }), code: "CX-J04", tells: []string{"http://localhost:8080/x"}},
	{name: "GET with a body", ask: with(call("GET"), func(q *Question) { q.Request.Body, q.Request.URL = []byte("x"), "https://api.example.com/" }), code: "CX-J05"},
	{name: "same-origin mode", ask: with(call("GET"), func(q *Question) {
		q.Request.Mode, q.Request.URL = fetch.ModeSameOrigin, "https://api.example.com/"
	}), code: "CX-J05"},
	{name: "WebSocket", ask: with(call("GET"), func(q *Question) { q.Request.URL = "wss://api.example.com/" }), code: "CX-W01", answer: Unknown},
	{name: "unknown name", ask: with(call("GET"), func(q *Question) {
		q.Request.URL, q.Request.Origin = "http://backend:8080/", "http://localhost:3000"
		q.Dial = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "backend", IsNotFound: true}
		}
	}), code: "CX-N02", tells: []string{"container"}},
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range slices.Concat(preflightFaults, originFaults, statusFaults, callFaults) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			q := f.ask
			if q.Request.Origin == "" {
				q.Request.Origin = app
			}
			if f.serve != nil {
				q.Request.URL = start(t, f.serve).URL + "/x" + q.Request.URL
			}
			f.judge(t, Explain(t.Context(), q))
		})
	}
}

// start runs a server whose log nobody reads.
func start(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (f fault) judge(t *testing.T, r *Report) {
	t.Helper()
	want := f.answer
	switch {
	case want != "":
	case strings.HasPrefix(f.code, "CX-N"):
		want = Unknown // without a response, nobody knows what browsers would make of it
	default:
		want = Blocked
	}
	if r.Answer != want {
		t.Errorf("answer %s, want %s: %s", r.Answer, want, r.Headline)
	}
	at := slices.IndexFunc(r.Causes, func(d Diagnosis) bool { return d.Code == f.code })
	if at < 0 || at > 0 && !f.notices {
		t.Fatalf("want %s first, found %s", f.code, codesOf(r))
	}
	d := r.Causes[at]
	all := strings.Join(append([]string{d.Cause, d.Fix.What}, d.Evidence...), "\n")
	for _, part := range f.tells {
		if !strings.Contains(all, part) {
			t.Errorf("%s does not tell %q:\n%s", f.code, part, all)
		}
	}
	if d.Fix.What == "" {
		t.Error("there is no fix")
	}
}

func codesOf(r *Report) (codes []string) {
	for _, d := range r.Causes {
		codes = append(codes, d.Code+" ("+d.Cause+")")
	}
	return codes
}

// TestFaultsElsewhere are those that one plain server cannot have.
func TestFaultsElsewhere(t *testing.T) {
	t.Parallel()
	explained := func(change func(*Question)) *Report {
		q := Question{Request: fetch.Request{Origin: app}}
		change(&q)
		return Explain(t.Context(), q)
	}
	t.Run("taint", func(t *testing.T) {
		t.Parallel()
		last := start(t, fine)
		first := start(t, func(w http.ResponseWriter, r *http.Request) {
			lines(302, "Access-Control-Allow-Origin: "+app, "Location: "+last.URL)(w, r)
		})
		r := explained(func(q *Question) { q.Request.URL = first.URL })
		fault{code: "CX-R02", tells: []string{"Origin: null"}}.judge(t, r)
	})
	t.Run("certificate", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewUnstartedServer(fine)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		r := explained(func(q *Question) { q.Request.URL = s.URL })
		fault{code: "CX-N01"}.judge(t, r)
		if says := r.Says[0].Lines[0]; !strings.Contains(says, "net::ERR_CERT_AUTHORITY_INVALID") {
			t.Errorf("Chrome says %q", says)
		}
	})
	t.Run("TLS to a plain port", func(t *testing.T) {
		t.Parallel()
		s := start(t, fine)
		fault{code: "CX-N04"}.judge(t, explained(func(q *Question) { q.Request.URL = strings.Replace(s.URL, "http:", "https:", 1) }))
	})
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		fault{code: "CX-N03"}.judge(t, explained(func(q *Question) { q.Request.URL = "http://" + lab.FreeAddress(t) }))
	})
	t.Run("no end", func(t *testing.T) {
		t.Parallel()
		s := start(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		r := explained(func(q *Question) { q.Request.URL, q.Timeout = s.URL, 50*time.Millisecond })
		fault{code: "CX-N06"}.judge(t, r)
	})
	t.Run("garbage", func(t *testing.T) {
		t.Parallel()
		fault{code: "CX-N04"}.judge(t, explained(func(q *Question) { q.Request.URL = raw(t, "SSH-2.0-OpenSSH_9.2\r\n") }))
	})
}

// raw answers every connection with the same bytes.
func raw(t *testing.T, answer string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 8<<10)
			_, _ = c.Read(buffer)
			_, _ = io.WriteString(c, answer)
			_ = c.Close()
		}
	}()
	return "http://" + ln.Addr().String()
}

// TestEveryCodeIsTried: each is found by a test, whatever else may be asked.
func TestEveryCodeIsTried(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"CX-R02", "CX-N01", "CX-N03", "CX-N04", "CX-N06", "CX-J03", "CX-B05", "CX-B07", "CX-V03", "CX-C04"}
	for _, c := range Codes {
		tried := slices.ContainsFunc(slices.Concat(preflightFaults, originFaults, statusFaults, callFaults), func(f fault) bool { return f.code == c.Code })
		if !tried && !slices.Contains(elsewhere, c.Code) {
			t.Errorf("%s is found by no test", c.Code)
		}
	}
	problems := make(map[int]bool)
	for _, c := range Codes {
		problems[c.problem] = true
	}
	for n := 1; n <= 39; n++ {
		if !problems[n] {
			t.Errorf("problem %d has no code", n)
		}
	}
}

func TestOnlySafeMethodsAreSent(t *testing.T) {
	t.Parallel()
	var unsafe atomic.Int32
	s := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "OPTIONS" && r.Method != "GET" && r.Method != "HEAD" {
			unsafe.Add(1)
		}
		lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *")(w, r)
	})
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "QUERY"} {
		r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: s.URL, Method: method}})
		if r.Answer != Unknown || unsafe.Load() != 0 {
			t.Errorf("%s: answer %s, %d requests sent", method, r.Answer, unsafe.Load())
		}
	}
	r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: s.URL, Method: "DELETE"}, Send: true})
	if r.Answer != Readable || unsafe.Load() != 1 {
		t.Errorf("with permission: answer %s, %d requests sent", r.Answer, unsafe.Load())
	}
}

// TestSupposition: of a request that is not sent, GET tells something.
func TestSupposition(t *testing.T) {
	t.Parallel()
	preflight := lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *")
	for _, f := range []struct {
		fault
		headline string
	}{
		{fault{name: "GET may be read", serve: split(preflight, fine)}, "answered as GET is, the page may read it"},
		{fault{name: "GET has a slash", serve: split(preflight, lines(200, "Access-Control-Allow-Origin: "+app+"/")), code: "CX-O02"}, "the page may not read it"},
		{fault{name: "GET has none", serve: split(preflight, bare), code: "CX-O01"}, "the page may not read it"},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: start(t, f.serve).URL, Method: "PUT"}})
			if !strings.Contains(r.Headline, f.headline) || len(r.Says) > 0 {
				t.Errorf("headline %q, browsers say %v", r.Headline, r.Says)
			}
			for _, p := range r.Profiles {
				if p.Answer != Unknown {
					t.Errorf("%s: %s", p.Name, p.Answer)
				}
			}
			if f.code == "" {
				return
			}
			f.answer = Unknown
			f.judge(t, r)
			if r.Causes[0].Certainty != Likely {
				t.Errorf("it is %s", r.Causes[0].Certainty)
			}
		})
	}
}

func TestSecretsStayWithTheirHost(t *testing.T) {
	t.Parallel()
	var leaked atomic.Value
	leaked.Store("")
	other := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") != "" {
			leaked.Store(fmt.Sprint(r.Header))
		}
		lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *")(w, r)
	})
	s := start(t, split(lines(204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"),
		lines(302, "Access-Control-Allow-Origin: *", "Location: "+other.URL+"/x")))
	Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: s.URL, Header: fetch.Lines("X-Api-Key: hunter2hunter2")}})
	if got := leaked.Load(); got != "" {
		t.Errorf("the other host got %s", got)
	}
}
