package gateway

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

// TestMalformedSays: who wrote the client finds out what is wrong, and where.
func TestMalformedSays(t *testing.T) {
	t.Parallel()
	g := twoWorlds(t)
	for _, tt := range []struct {
		name, head string
		want       string // status and detail
	}{
		{"target", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", `400 the request's head is malformed at byte 4 (target); the rule is: a "%" only before two hexadecimal digits, and no control bytes`},
		{"value", "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\x01\r\n\r\n", "400 the request's head is malformed at byte 25 (header-value); the rule is: no control bytes"},
		{"value behind the name of another", "GET / HTTP/1.1\r\nHost: A:\r\nA: \x01\r\n\r\n", "400 the request's head is malformed at byte 26 (header-value); the rule is: no control bytes"},
		{"expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n", "417 the only expectation that can be met is 100-continue"},
		{"space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400 the request's head is malformed at byte"},
		{"too many fields", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("A:\r\n", 20_000) + "\r\n", "431 the request has too many header fields"},
		{"too large", "GET / HTTP/1.1\r\nHost: a\r\nCookie: " + strings.Repeat("a", 300<<10) + "\r\n\r\n", "431 the head of the request is larger than 256KiB"},
		{"cut off", "GET / HTTP/1.1\r\nHost", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := g.newGate(nil)
			c.in = bufio.NewReader(strings.NewReader(tt.head))
			c.messages = c.newReader()
			err := c.messages.ReadRequestHead(&c.head)
			if err == nil {
				_, err = checkForServer(&c.head)
			}
			if err == nil {
				t.Fatal("it is not malformed")
			}
			got := ""
			if m := malformedBy(err, c.messages.Limits.Head); m != nil {
				got = fmt.Sprint(m.status, " ", m.detail)
			}
			if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	for err, want := range map[error]string{
		os.ErrDeadlineExceeded: "408 the request's head did not arrive in time",
		net.ErrClosed:          "",
		errNoHead:              "400 the request's head is malformed at byte 0 (start-line); the rule is: a method at the start of the connection",
	} {
		got := ""
		if m := malformedBy(err, 1); m != nil {
			got = fmt.Sprint(m.status, " ", m.detail)
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

// TestWhatIsKnownOfMalformedRequests: what they are said to be decides whether a
// page may read why they fail. Of what is odd no page has the name.
func TestWhatIsKnownOfMalformedRequests(t *testing.T) {
	t.Parallel()
	g := twoWorlds(t)
	client, server := net.Pipe()
	t.Cleanup(func() { client.Close(); server.Close() })
	const origin = "Origin: https://a.example"
	for _, tt := range []struct {
		name, raw    string
		method, path string
		origins      []string
	}{
		{"all", "PUT /a?b HTTP/1.1\r\n" + origin + "\r\n", "PUT", "/a", []string{"https://a.example"}},
		{"target that is none", "PUT /%zz?b=/c HTTP/1.1\r\n" + origin + "\r\n", "PUT", "/%zz", []string{"https://a.example"}},
		{"target with a host", "PUT http://b/a%20c HTTP/1.1\r\n", "PUT", "/a c", nil},
		{"method that is none", "P(T /a HTTP/1.1\r\n" + origin + "\r\n", "", "/", []string{"https://a.example"}},
		{"method alone", "PUT\r\n" + origin + "\r\n", "", "/", []string{"https://a.example"}},
		{"two words", "PUT /a\r\n", "PUT", "/a", nil},
		{"nothing", "", "", "/", nil},
		{"line that was cut off", "PUT /a HTTP/1.1\r\n" + origin, "PUT", "/a", nil},
		{"blanks around a value", "PUT /a HTTP/1.1\r\nOrigin:\t https://a.example \t\r\n", "PUT", "/a", []string{"https://a.example"}},
		{"blank before a colon", "PUT /a HTTP/1.1\r\nOrigin : https://a.example\r\n", "PUT", "/a", []string{" https://a.example"}},
		{"two", "PUT /a HTTP/1.1\r\n" + origin + "\r\n" + origin + "\r\n", "PUT", "/a", []string{"https://a.example", "https://a.example"}},
		{"folded", "PUT /a HTTP/1.1\r\n" + origin + "\r\n\t.example\r\n", "PUT", "/a", []string{"https://a.example .example"}},
		{"folded, where nothing is to be folded", "PUT /a HTTP/1.1\r\n " + origin + "\r\n", "PUT", "/a", []string{"https://a.example"}},
		{"nothing folded", "PUT /a HTTP/1.1\r\n" + origin + "\r\n \r\n", "PUT", "/a", []string{"https://a.example"}},
		{"name that is none", "PUT /a HTTP/1.1\r\nMy Origin: a\r\n: b\r\n", "PUT", "/a", nil},
		{"no colon", "PUT /a HTTP/1.1\r\nOrigin\r\n", "PUT", "/a", nil},
	} {
		c := g.newGate(server)
		c.head = http1.RequestHead{Raw: tt.raw}
		r := requestFrom(c)
		if r.Method != tt.method || r.URL.Path != tt.path || fmt.Sprintf("%q", r.Header["Origin"]) != fmt.Sprintf("%q", tt.origins) {
			t.Errorf("%s: got %q %q %q, want %q %q %q", tt.name, r.Method, r.URL.Path, r.Header["Origin"], tt.method, tt.path, tt.origins)
		}
		if !r.Close {
			t.Errorf("%s: the connection would stay open", tt.name)
		}
	}
}
