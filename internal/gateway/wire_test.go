package gateway_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac/policyfile"
)

// A recorder is an upstream that keeps what it gets, byte for byte.
type recorder struct {
	url string
	mu  sync.Mutex
	got []*bytes.Buffer // by connection
}

func record(t testing.TB) *recorder {
	t.Helper()
	ln := listen(t)
	up := &recorder{url: "http://" + ln.Addr().String()}
	go acceptAll(ln, func(conn net.Conn) {
		defer conn.Close()
		in := bufio.NewReader(io.TeeReader(conn, up.page()))
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			if _, err := io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
				return
			}
		}
	})
	return up
}

// A page takes what one connection gets.
type page struct {
	up *recorder
	to *bytes.Buffer
}

func (up *recorder) page() page {
	up.mu.Lock()
	defer up.mu.Unlock()
	to := &bytes.Buffer{}
	up.got = append(up.got, to)
	return page{up, to}
}

func (p page) Write(b []byte) (int, error) {
	p.up.mu.Lock()
	defer p.up.mu.Unlock()
	return p.to.Write(b)
}

// messages are the requests as they came, but for fields that are not of
// interest, and for the order of the others.
func (up *recorder) messages() (all []string) {
	up.mu.Lock()
	defer up.mu.Unlock()
	for _, text := range up.got {
		for rest := text.String(); rest != ""; {
			head, behind, _ := strings.Cut(rest, "\r\n\r\n")
			lines := strings.Split(head, "\r\n")
			fields := slices.DeleteFunc(lines[1:], func(line string) bool {
				return strings.HasPrefix(line, "X-Forwarded-") || line == "Connection: keep-alive"
			})
			slices.Sort(fields)
			body, next, found := strings.Cut(behind, "GET /next ")
			all = append(all, strings.Join(append(lines[:1], fields...), "|")+"||"+body)
			rest = ""
			if found {
				rest = "GET /next " + next
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestOneRequestIsOne: what a client says in an odd way comes to the upstream as
// the same one request, said plainly, and what follows it as the next.
func TestOneRequestIsOne(t *testing.T) {
	t.Parallel()
	const (
		next   = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
		post   = "POST / HTTP/1.1\r\nHost: a\r\n"
		chunks = "Transfer-Encoding: chunked\r\n"
		hello  = "5\r\nhello\r\n0\r\n"

		plain   = "POST / HTTP/1.1|Content-Length: 5|Host: a||hello"
		chunked = "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||5\r\nhello\r\n0\r\n\r\n"
	)
	for _, tt := range []struct{ name, sent, want string }{
		{"zeros before a length", post + "Content-Length: 005\r\n\r\nhello", plain},
		{"blanks around a length", post + "Content-Length:\t 5 \r\n\r\nhello", plain},
		{"length that the connection is said to have", post + "Connection: Content-Length\r\nContent-Length: 5\r\n\r\nhello", plain},
		{"coding that the connection is said to have", post + "Connection: Transfer-Encoding\r\n" + chunks + "\r\n" + hello + "\r\n", chunked},
		{"coding in capitals", post + "TRANSFER-ENCODING: \tCHUNKED \r\n\r\n" + hello + "\r\n", chunked},
		{"names that read as a length and a coding", post + "Content_Length: 50\r\ncontent.length: 0\r\nTransfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello", plain},
		{"extensions, and zeros before a size", post + chunks + "\r\n0005 ;a=\"b\"\r\nhello\r\n000;c\r\n\r\n", chunked},
		{"chunks and a host in the trailers' names", post + chunks + "Trailer: Host, X-Forwarded-For\r\n\r\n" + hello + "\r\n", chunked},
		{"trailers that nobody announces", post + chunks + "\r\n" + hello + "Origin: https://app.example.com\r\n\r\n", chunked},
		{"trailers whose names are none", post + chunks + "Trailer: a b, \xe9, X\r\n\r\n" + hello + "X: y\r\n\r\n",
			"POST / HTTP/1.1|Host: a|Trailer: X|Transfer-Encoding: chunked||5\r\nhello\r\n0\r\nX: y\r\n\r\n"},
		{"trailers that a head has", post + chunks + "Trailer: X\r\n\r\n" + hello + "X: y\r\nX-Forwarded-For: 192.0.2.7\r\nContent_Length: 5\r\nCookie: a=b\r\n\r\n",
			"POST / HTTP/1.1|Host: a|Trailer: X|Transfer-Encoding: chunked||5\r\nhello\r\n0\r\nX: y\r\n\r\n"},
		{"expectation of HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", plain},
		{"upgrade that nobody knows", post + "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello", plain},
		{"empty line behind a body", post + "Content-Length: 5\r\n\r\nhello\r\n", plain},
		{"body of a HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "HEAD / HTTP/1.1|Content-Length: 5|Host: a||hello"},
		{"chunks of a GET", "GET / HTTP/1.1\r\nHost: a\r\n" + chunks + "\r\n" + hello + "\r\n", "GET / HTTP/1.1|Host: a|Transfer-Encoding: chunked||5\r\nhello\r\n0\r\n\r\n"},
		{"no length, in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", "GET / HTTP/1.1|Host: a||"},
		{"host of the target", "GET http://b/c?d HTTP/1.1\r\nHost: a\r\n\r\n", "GET /c?d HTTP/1.1|Host: b||"},
		{"target of two slashes", "GET //b/c HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b/c HTTP/1.1|Host: a||"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			up := record(t)
			c := to(t, "")
			c.Gateway.Routes = []policyfile.Route{{Upstream: up.url, PreserveHost: true}}
			_, url := start(t, c)
			conn := dial(t, url)
			io.WriteString(conn, tt.sent+next)
			answers, err := io.ReadAll(conn)
			if n := strings.Count(string(answers), " 204 No Content\r\n"); n != 2 || err != nil {
				t.Errorf("answered %q, %v", answers, err)
			}
			want := []string{"GET /next HTTP/1.1|Host: a||", tt.want}
			slices.Sort(want)
			if got := up.messages(); !slices.Equal(got, want) {
				t.Errorf("the upstream got %q\nwant %q", got, want)
			}
		})
	}
}

// TestRefusalsThatPagesRead: what net/http would refuse by itself, without CORS
// headers, the gate refuses before.
func TestRefusalsThatPagesRead(t *testing.T) {
	t.Parallel()
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("the upstream was reached by %s", r.URL) })
	_, url := start(t, to(t, api))
	for _, tt := range []struct {
		name, head string
		status     int
	}{
		{"a length among the trailers", "Transfer-Encoding: chunked\r\nTrailer: X,\tcontent-LENGTH\r\n", 400},
		{"a coding among the trailers", "Transfer-Encoding: chunked\r\nTrailer: X\r\nTrailer: Transfer-Encoding\r\n", 400},
		{"trailers among the trailers", "Transfer-Encoding: chunked\r\nTrailer: Trailer\r\n", 400},
		{"an expectation before the one that can be met", "Expect: miracles\r\nExpect: 100-continue\r\nContent-Length: 5\r\n", 417},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, err := raw(t, url, "POST / HTTP/1.1\r\nHost: a\r\nOrigin: "+app+"\r\n"+tt.head+"\r\n")
			if err != nil {
				t.Fatal(err)
			}
			wantProblem(t, res, tt.status)
			wantHeader(t, res, "Access-Control-Allow-Origin", app)
			if !res.Close {
				t.Error("the connection stays open")
			}
		})
	}
}

// TestWhatStandsBehindARequest is no part of it: where it is no request, the
// answer is about nothing that came before.
func TestWhatStandsBehindARequest(t *testing.T) {
	t.Parallel()
	for name, behind := range map[string]string{"two empty lines": "\r\n\r\n", "a line feed": "\n", "a blank": " ", "two empty lines and a line feed": "\r\n\r\n\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			up := record(t)
			_, url := start(t, to(t, up.url))
			conn := dial(t, url)
			io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nOrigin: "+app+"\r\nContent-Length: 5\r\n\r\nhello"+behind+"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n")
			in := bufio.NewReader(conn)
			if res, err := http.ReadResponse(in, nil); err != nil || res.StatusCode != 204 {
				t.Fatalf("answered %v, %v", res, err)
			}
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantProblem(t, res, 400)
			wantHeader(t, res, "Access-Control-Allow-Origin")
			if !res.Close {
				t.Error("the connection stays open")
			}
			if got := up.messages(); len(got) != 1 || !strings.HasSuffix(got[0], "||hello") {
				t.Errorf("the upstream got %q", got)
			}
		})
	}
}
