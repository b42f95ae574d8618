package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/policyfile"
)

// TestTrailersSayNothingOfRequests: servers merge what stands behind a body
// into the header, though they should not.
func TestTrailersSayNothingOfRequests(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, upstream(t, func(w http.ResponseWriter, r *http.Request) {
		announced := len(r.Trailer)
		io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, announced, r.Trailer)
	})))
	for _, line := range []string{
		"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Host: a", "Forwarded: for=192.0.2.7", "X-Real-IP: 192.0.2.7", "X_Forwarded_For: 192.0.2.7", "x.forwarded.for: 192.0.2.7",
		"Origin: " + app, "Access-Control-Request-Method: PUT", "Authorization: Bearer x", "Cookie: a=b",
		"Connection: close", "Keep-Alive: timeout=5", "Upgrade: websocket", "TE: gzip", "Proxy-Authorization: Basic x",
		"Content-Type: text/html", "Content_Length: 5", "Transfer_Encoding: chunked", "Expect: 100-continue", "If-Match: *",
	} {
		name, _, _ := strings.Cut(line, ":")
		for what, announced := range map[string]string{"announced": "Checksum, " + name, "not announced": "Checksum"} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				res, err := raw(t, url, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: "+announced+"\r\n\r\n"+
					"1\r\na\r\n0\r\nChecksum: abc\r\n"+line+"\r\n\r\n")
				if err != nil {
					t.Fatal(err)
				}
				if body, _ := io.ReadAll(res.Body); string(body) != "1 map[Checksum:[abc]]" {
					t.Errorf("the upstream got %s", body)
				}
			})
		}
	}
}

// TestTrailersSayNothingOfConnections: what an upstream says behind a body is
// not to be taken for what concerns the client's connection.
func TestTrailersSayNothingOfConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, announced string }{
		{"announced", "Trailer: Connection, Access-Control-Allow-Origin, access-control-allow-credentials, Vary, Checksum\r\n"},
		{"not announced", ""},
		{"others announced", "Trailer: A, B, C, D, E\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := start(t, to(t, rawUpstream(t, "HTTP/1.1 200 OK\r\n"+tt.announced+"Transfer-Encoding: chunked\r\n\r\n"+
				"1\r\na\r\n0\r\nChecksum: abc\r\nConnection: close\r\nKeep-Alive: timeout=1\r\nAccess-Control-Allow-Origin: *\r\naccess-control-allow-credentials: true\r\nUpgrade: h2c\r\n\r\n")))
			conn := dial(t, url)
			io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example.net\r\nConnection: close\r\n\r\n")
			text, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			head, rest, _ := strings.Cut(string(text), "\r\n\r\n")
			lines := strings.Split(strings.TrimPrefix(rest, "1\r\na\r\n0\r\n"), "\r\n")
			if got := slices.DeleteFunc(lines, func(s string) bool { return s == "" }); !slices.Equal(got, []string{"Checksum: abc"}) {
				t.Errorf("behind the body stands %q", got)
			}
			if strings.Contains(strings.ToLower(head), "access-control") {
				t.Errorf("the head announces CORS: %q", head)
			}
		})
	}
}

// rawUpstream answers each connection's requests with bytes as they are.
func rawUpstream(t testing.TB, answer string) (url string) {
	t.Helper()
	ln := listen(t)
	go acceptAll(ln, func(conn net.Conn) {
		defer conn.Close()
		in := bufio.NewReader(conn)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			io.Copy(io.Discard, r.Body)
			if _, err := io.WriteString(conn, answer); err != nil {
				return
			}
		}
	})
	return "http://" + ln.Addr().String()
}

// TestNamesThatReadAsOthers: to what makes variables of fields, as CGI does, all
// that is neither a letter nor a digit is the same.
func TestNamesThatReadAsOthers(t *testing.T) {
	t.Parallel()
	got := ask(t, policyfile.Route{}, nil, "/",
		"X.Forwarded.For", "192.0.2.7", "X!forwarded~Host", "a", "X|Real|IP", "192.0.2.7",
		"Content_Length", "5", "content.length", "5", "Transfer_Encoding", "chunked",
		"X_Name", "passes", "Content_Language", "passes")
	var odd []string
	for name := range got.Header {
		if strings.ContainsAny(name, "_.!~|") {
			odd = append(odd, name)
		}
	}
	slices.Sort(odd)
	if want := []string{"Content_language", "X_name"}; !slices.Equal(odd, want) {
		t.Errorf("the upstream got %q, want %q", odd, want)
	}
}
