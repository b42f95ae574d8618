package gateway_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// malformedRequests are heads that no handler of net/http would hear of. Each
// has an allowed Origin, which the page must be able to read the answer for.
var malformedRequests = []struct {
	name, request string
	status        int
}{
	{"bad escape in the path", "GET /%zz HTTP/1.1\r\nHost: a\r\nORIGIN\r\n", 400},
	{"percent at the end of the path", "GET /100% HTTP/1.1\r\nHost: a\r\nORIGIN\r\n", 400},
	{"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nORIGINContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400},
	{"length with a sign", "POST / HTTP/1.1\r\nHost: a\r\nORIGINContent-Length: +5\r\n\r\nabcde", 400},
	{"length and chunked", "POST / HTTP/1.1\r\nHost: a\r\nORIGINContent-Length: 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
	{"chunked and length", "POST / HTTP/1.1\r\nHost: a\r\nORIGINTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
	{"unknown transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nORIGINTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
	{"chunked twice", "POST / HTTP/1.1\r\nHost: a\r\nORIGINTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501},
	{"space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nORIGINContent-Length : 5\r\n\r\n", 400},
	{"line without a colon", "GET / HTTP/1.1\r\nHost: a\r\nORIGINcookies\r\n\r\n", 400},
	{"folded line", "GET / HTTP/1.1\r\nHost: a\r\nORIGINX: a\r\n b\r\n\r\n", 400},
	{"line feeds alone", "GET / HTTP/1.1\nHost: a\nOrigin: " + app + "\n\n", 400},
	{"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nORIGIN\r\n", 400},
	{"no host", "GET / HTTP/1.1\r\nORIGIN\r\n", 400},
	{"control byte in a value", "GET / HTTP/1.1\r\nHost: a\r\nORIGINX: a\x01b\r\n\r\n", 400},
	{"control byte in a method", "G\x01T / HTTP/1.1\r\nHost: a\r\nORIGIN\r\n", 400},
	{"fragment", "GET /#top HTTP/1.1\r\nHost: a\r\nORIGIN\r\n", 400},
	{"no version", "GET /\r\nHost: a\r\nORIGIN\r\n", 400},
	{"version of tomorrow", "GET / HTTP/3.0\r\nHost: a\r\nORIGIN\r\n", 505},
	{"expectation", "GET / HTTP/1.1\r\nHost: a\r\nORIGINExpect: miracles\r\n\r\n", 417},
	{"head far over the limit", "GET / HTTP/1.1\r\nHost: a\r\nORIGINX: " + strings.Repeat("a", 300<<10) + "\r\n\r\n", 431},
	{"too many fields", "GET / HTTP/1.1\r\nHost: a\r\nORIGIN" + strings.Repeat("X: a\r\n", 5000) + "\r\n", 431},
}

// TestMalformedRequests: pages read these answers too.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("the upstream was reached by %s", r.URL) })
	_, url := start(t, to(t, api))
	for _, tt := range malformedRequests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, err := raw(t, url, strings.Replace(tt.request, "ORIGIN", "Origin: "+app+"\r\n", 1))
			if err != nil {
				t.Fatal(err)
			}
			wantProblem(t, res, tt.status)
			wantHeader(t, res, "Access-Control-Allow-Origin", app)
			wantHeader(t, res, "Vary", "Origin")
			if !res.Close {
				t.Error("the connection stays open")
			}

			res, err = raw(t, url, strings.Replace(strings.Replace(tt.request, "ORIGIN", "Origin: "+app+"\r\n", 1), app, "https://evil.example.net", 1))
			if err != nil {
				t.Fatal(err)
			}
			wantProblem(t, res, tt.status)
			wantHeader(t, res, "Access-Control-Allow-Origin")
		})
	}
}

// TestOddOrigins: an origin that is written in a way that no browser does is
// nobody's, also in answers to malformed requests.
func TestOddOrigins(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, upstream(t, func(http.ResponseWriter, *http.Request) {})))
	for _, tt := range []struct{ name, lines string }{
		{"twice", "Origin: " + app + "\r\nOrigin: https://evil.example.net\r\n"},
		{"space before the colon", "Origin: " + app + "\r\nOrigin : https://evil.example.net\r\n"},
		{"folded", "Origin: " + app + "\r\n .evil.example.net\r\n"},
		{"cut off", "X: " + strings.Repeat("a", 256<<10-len("GET /%zz HTTP/1.1\r\nHost: a\r\nX: \r\nOrigin: "+app)) + "\r\nOrigin: " + app + ".evil.example.net\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, err := raw(t, url, "GET /%zz HTTP/1.1\r\nHost: a\r\n"+tt.lines+"\r\n")
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode < 400 {
				t.Errorf("got %d", res.StatusCode)
			}
			wantHeader(t, res, "Access-Control-Allow-Origin")
		})
	}
}

// TestMalformedPreflight: the policy alone answers preflights, so that what is
// wrong with a request is in the answer to the request, where pages can read it.
func TestMalformedPreflight(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, upstream(t, func(http.ResponseWriter, *http.Request) {})))
	res, err := raw(t, url, "OPTIONS /100% HTTP/1.1\r\nHost: a\r\nOrigin: "+app+"\r\nAccess-Control-Request-Method: PUT\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusNoContent {
		t.Errorf("got %d", res.StatusCode)
	}
	wantHeader(t, res, "Access-Control-Allow-Origin", app)
}

// TestMalformedTellsNoSecrets: scripts may not read cookies, so the answer must
// not show them.
func TestMalformedTellsNoSecrets(t *testing.T) {
	t.Parallel()
	log := &logged{}
	c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) {}))
	c.Log = slog.New(slog.NewJSONHandler(log, nil))
	_, url := start(t, c)
	for _, line := range []string{"Cookie: secret\x01", "Cookie : secret", "secret", "Content-Length: secret", "X: a\r\n secret"} {
		res, err := raw(t, url, "GET /?secret HTTP/1.1\r\nHost: a\r\nOrigin: "+app+"\r\n"+line+"\r\n\r\n")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != 400 || strings.Contains(string(body), "secret") {
			t.Errorf("%q is answered %d %s", line, res.StatusCode, body)
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("logged: %s", log)
	}
	if n := strings.Count(log.String(), `"msg":"request"`); n != 5 {
		t.Errorf("%d requests are logged: %s", n, log)
	}
}

// TestSlowHead: a client that does not end its head hears why, be it its first or
// not, and one that has not begun does not stay.
func TestSlowHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const header = 10 * time.Second
		c := to(t, "http://never.asked.test")
		c.Gateway.Timeouts.Header = header
		ln := newPipes()
		startOn(t, c, ln)

		conn := ln.mustDial(t)
		in := bufio.NewReader(conn)
		slow := func() {
			t.Helper()
			io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nOrigin: "+app+"\r\nX-")
			begun := time.Now()
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(begun); waited != header {
				t.Errorf("the answer came after %s", waited)
			}
			wantProblem(t, res, http.StatusRequestTimeout)
			wantHeader(t, res, "Access-Control-Allow-Origin", app)
		}
		slow()

		conn = ln.mustDial(t)
		in.Reset(conn)
		fmt.Fprintf(conn, "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\n\r\n", app)
		if res, err := http.ReadResponse(in, nil); err != nil || res.StatusCode != http.StatusNoContent {
			t.Fatalf("got %v, %v", res, err)
		}
		slow()

		conn = ln.mustDial(t)
		begun := time.Now()
		if n, err := conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("got %d bytes, %v", n, err)
		}
		if waited := time.Since(begun); waited != header {
			t.Errorf("the connection was closed after %s", waited)
		}
	})
}

func TestMalformedWithTLS(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("X-Forwarded-Proto")) }))
	c.Gateway.TLS.SelfSigned = true
	_, url := start(t, c)
	conn, err := tls.Dial("tcp", strings.TrimPrefix(url, "http://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	in := bufio.NewReader(conn)
	for _, tt := range []struct {
		target string
		status int
	}{{"/", 200}, {"/%", 400}} {
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\n\r\n", tt.target, app)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(res.Body); res.StatusCode != tt.status || tt.status == 200 && string(body) != "https" {
			t.Errorf("%s is answered %d %s", tt.target, res.StatusCode, body)
		}
		wantHeader(t, res, "Access-Control-Allow-Origin", app)
	}
}

// TestHTTPOnTLSPort: who types http:// for https:// is told.
func TestHTTPOnTLSPort(t *testing.T) {
	t.Parallel()
	c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) {}))
	c.Gateway.TLS.SelfSigned = true
	_, url := start(t, c)
	res, err := raw(t, url, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 400 || !strings.Contains(string(body), "https://") {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
}

// TestManyRequestsOnOneConnection: whatever the pieces that they come in, each
// request is served, with its body, in order.
func TestManyRequestsOnOneConnection(t *testing.T) {
	t.Parallel()
	requests := []struct{ name, text, want string }{
		{"get", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a "},
		{"length", "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST /b hello"},
		{"no body", "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST /c "},
		{"chunks", "POST /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n02\r\nlo\r\n0\r\n\r\n", "POST /d hello"},
		{"trailer", "POST /e HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n", "POST /e hello7"},
		{"empty line before", "\r\nGET /f HTTP/1.1\r\nHost: a\r\n\r\n", "GET /f "},
		{"upgrade that is not taken", "GET /g HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "GET /g "},
		{"after it", "GET /h HTTP/1.1\r\nHost: a\r\n\r\n", "GET /h "},
	}
	var all string
	for _, r := range requests {
		all += r.text
	}
	_, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, r.Method, " ", r.URL.Path, " ", string(body), r.Trailer.Get("X-Sum"))
	})))
	for _, size := range []int{1, 2, 3, 7, 64, len(all)} {
		t.Run(fmt.Sprintf("pieces of %d bytes", size), func(t *testing.T) {
			t.Parallel()
			conn := dial(t, url)
			go func() {
				for rest := all; rest != ""; {
					n := min(size, len(rest))
					if _, err := io.WriteString(conn, rest[:n]); err != nil {
						t.Error(err)
						return
					}
					rest = rest[n:]
				}
			}()
			in := bufio.NewReader(conn)
			for _, r := range requests {
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatalf("%s: %v", r.name, err)
				}
				if body, _ := io.ReadAll(res.Body); string(body) != r.want {
					t.Errorf("%s: got %q, want %q", r.name, body, r.want)
				}
			}
		})
	}
}

// TestClientLeaves: that it is gone reaches the upstream through the gate.
func TestClientLeaves(t *testing.T) {
	t.Parallel()
	begun, ended := make(chan bool), make(chan bool)
	_, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	})))
	ctx, leave := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-begun; leave() }()
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Error("there was an answer")
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the upstream does not hear of it")
	}
}

// TestPreflightsOnOneConnection: the first is answered by the server and the
// others by the gate, and nobody can tell.
func TestPreflightsOnOneConnection(t *testing.T) {
	t.Parallel()
	for origin, verdict := range map[string]string{app: "allow", "https://evil.example.net": "refuse"} {
		t.Run(verdict, func(t *testing.T) {
			t.Parallel()
			log := &logged{}
			c := to(t, upstream(t, func(http.ResponseWriter, *http.Request) {}))
			c.Log = slog.New(slog.NewJSONHandler(log, nil))
			g, url := start(t, c)
			conn := dial(t, url)
			const count = 5
			in := bufio.NewReader(conn)
			var first string
			for i := range count {
				fmt.Fprintf(conn, "OPTIONS /users/ HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\n\r\n", origin)
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil {
					t.Fatal(err)
				}
				res.Header.Del("Date")
				switch got := fmt.Sprint(res.Proto, res.Status, res.Close, res.ContentLength, res.Header); {
				case i == 0:
					first = got
				case got != first:
					t.Errorf("request %d is answered %s, the first %s", i+1, got, first)
				}
			}
			if n := strings.Count(log.String(), `"kind":"preflight","verdict":"`+verdict+`"`); n != count {
				t.Errorf("%d of %d requests are logged: %s", n, count, log)
			}
			if text := metricsOf(t, g); !strings.Contains(text, fmt.Sprintf(`route="/",verdict=%q} %d`, verdict, count)) {
				t.Errorf("metrics: %s", text)
			}
		})
	}
}

// TestPreflightsWhenEnding: what is answered when the gateway ends reaches its
// client, and no connection keeps the gateway from ending.
func TestPreflightsWhenEnding(t *testing.T) {
	t.Parallel()
	s := startStoppable(t, to(t, upstream(t, func(http.ResponseWriter, *http.Request) {})))
	const clients = 8
	begun, answers := make(chan bool, clients), make(chan int, clients)
	for range clients {
		go func() { answers <- askUntilTheEnd(t, strings.TrimPrefix(s.url, "http://"), begun) }()
	}
	for range clients {
		<-begun
	}
	s.stop()
	total := 0
	for range clients {
		total += <-answers
	}
	s.wait(t)
	want := fmt.Sprintf(`corsac_decisions_total{kind="preflight",reason="listed",route="/",verdict="allow"} %d`, total)
	if text := metricsOf(t, s.Gateway); !strings.Contains(text, want+"\n") {
		t.Errorf("%d answers came: %s", total, text)
	}
}

// askUntilTheEnd sends preflights until the connection ends, and counts answers.
func askUntilTheEnd(t *testing.T, address string, begun chan<- bool) (answers int) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	in := bufio.NewReader(conn)
	for ; ; answers++ {
		if answers == 3 {
			begun <- true
		}
		fmt.Fprintf(conn, "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\n\r\n", app)
		if _, err := in.Peek(1); err != nil {
			return answers
		}
		if _, err := http.ReadResponse(in, nil); err != nil {
			t.Errorf("an answer is cut: %v", err)
			return answers
		}
	}
}

// TestRequestLongAfterPreflights: the time that an answer of the gate may take
// is not that of what the server says later on the connection.
func TestRequestLongAfterPreflights(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const wait = time.Second
		c := to(t, "http://piped.test")
		c.Gateway.Timeouts.Write = wait
		ln := newPipes()
		startPiped(t, c, ln, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(3 * wait)
			http.NewResponseController(w).Flush()
			io.WriteString(w, "late")
		})
		conn := ln.mustDial(t)
		in := bufio.NewReader(conn)
		for _, method := range []string{"OPTIONS", "OPTIONS", "PUT"} {
			fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\nContent-Length: 0\r\n\r\n", method, app)
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("%s: %v", method, err)
			}
			if body, err := io.ReadAll(res.Body); err != nil || method == "PUT" && string(body) != "late" {
				t.Errorf("%s: %q, %v", method, body, err)
			}
		}
	})
}
