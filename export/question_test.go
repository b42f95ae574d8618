package export

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// An asker puts requests together at random that have to do with a policy.
type asker struct {
	*rand.Rand
	pages, hosts, paths, methods []string
}

func newAsker(random *rand.Rand, p *corsac.Policy) *asker {
	a := &asker{
		Rand:    random,
		pages:   []string{app, evil, "http://api.example.com"},
		hosts:   []string{"api.example.com", "other.example.com"},
		paths:   []string{"/", "/x"},
		methods: []string{"PUT", "DELETE"},
	}
	for _, r := range p.Rules() {
		for _, entry := range r.Origins {
			a.pages = append(a.pages, a.instance(entry))
		}
		if r.Host != "" {
			a.hosts = append(a.hosts, r.Host)
		}
		a.paths = append(a.paths, r.Path, r.Path)
		a.methods = append(a.methods, r.Methods...)
	}
	return a
}

// one is one of the words.
func (a *asker) one(words ...string) string { return words[a.IntN(len(words))] }

// in reports true once in n times.
func (a *asker) in(n int) bool { return a.IntN(n) == 0 }

// instance is an origin that an entry stands for.
func (a *asker) instance(entry string) string {
	p, err := origins.ParsePattern(entry)
	if err != nil || p == origins.Any {
		return evil
	}
	if p.Subdomains {
		p.Host, p.Subdomains = a.one("a.", "a.b.", "xn--bcher-kva.", "x_1-y.")+p.Host, false
	}
	if p.AnyHost {
		p.Host, p.AnyHost = "2c127fa4-62c7-7e4f-90e5-472b45eecfdc", false
	}
	if p.AnyPort {
		p.Port, p.AnyPort = a.one("", "1", "8443", "65535"), false
	}
	return p.String()
}

// A question is a request, as it goes over the wire.
type question struct {
	head string
	// request is what a server of Go makes of it.
	request *http.Request
}

func (a *asker) question() *question {
	for {
		q := &question{head: a.head()}
		var err error
		if q.request, err = http.ReadRequest(bufio.NewReader(strings.NewReader(q.head))); err == nil {
			return q
		}
	}
}

// head is a request without a body.
func (a *asker) head() string {
	method, host := a.method(), a.host()
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", a.name(name), value) }
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, a.target(), host)
	if a.in(4) {
		line("Origin", a.ownOrigin(host))
	} else {
		for range a.lines() {
			line("Origin", a.origin())
		}
	}
	if strings.EqualFold(method, "OPTIONS") || a.in(20) {
		for range a.lines() {
			line("Access-Control-Request-Method", a.one("GET", "PUT", "DELETE", "patch", "*", "", "PUT, DELETE", "a b", a.one(a.methods...)))
		}
		for range a.lines() {
			line("Access-Control-Request-Headers", a.one("authorization", "x-other", "", "Content-Type,AUTHORIZATION", " , ,a,,", "a b", "*", strings.Repeat("x-a,", 500)))
		}
	}
	if a.in(3) {
		line("Sec-Fetch-Site", a.one("same-origin", "same-site", "cross-site", "none", "Same-Origin", "same-origin, none"))
	}
	if a.in(4) {
		line("X-Forwarded-Proto", a.one("https", "http", "https, http", "https,http", "HTTPS", "wss", "ws", "wss, ws"))
	}
	if a.in(4) {
		line("X-Forwarded-Host", a.one("api.example.com", "www.example.com", "API.example.com:443", "api.example.com:80",
			"api.example.com:8443", "www.example.com, api.example.com", "[::1]:8080", "|", ".*"))
	}
	switch upgrade := a.one("websocket", "WebSocket", "h2c, websocket", "websocket/13", "websockets", "h2c"); {
	case method == "GET" && a.in(4):
		line("Connection", "Upgrade")
		line("Upgrade", upgrade)
		line("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		line("Sec-WebSocket-Version", "13")
	default:
		line("Connection", "close")
	}
	if !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, method) {
		line("Content-Length", "0")
	}
	return b.String() + "\r\n"
}

func (a *asker) method() string {
	if a.in(12) {
		return a.one("put", "get", "options", "patch", "QUERY", "PROPFIND", "A!B")
	}
	return a.one("GET", "GET", "HEAD", "POST", "POST", "OPTIONS", "OPTIONS", "OPTIONS", strings.ReplaceAll(a.one(a.methods...), "*", "LOCK"))
}

// lines is how many lines there are of a header: mostly one.
func (a *asker) lines() int {
	switch a.IntN(16) {
	case 0, 1:
		return 0
	case 2:
		return 2
	}
	return 1
}

// name is the name of a header, in one case or another.
func (a *asker) name(s string) string {
	switch a.IntN(8) {
	case 0:
		return strings.ToLower(s)
	case 1:
		return strings.ToUpper(s)
	}
	return s
}

func (a *asker) host() string {
	host := a.one(a.hosts...)
	if a.in(8) {
		host = a.one("127.0.0.1", "[::1]", "xn--bcher-kva.example", "api.example.com.", "www.api.example.com")
	}
	if a.in(8) {
		host = strings.ToUpper(host)
	}
	return host + a.one("", "", "", ":80", ":443", ":8080")
}

func (a *asker) origin() string {
	page := a.one(a.pages...)
	if a.in(3) {
		scheme, host, _ := strings.Cut(page, "://")
		page = a.one("", "null", "Null", "NULL", "*", "://", "own", page+"/", page+".", app+":443", app+":99999", page+":080", page+":",
			page+".evil.example", page+"@evil.example", page+" "+evil, page+","+evil, evil+","+page, page+"|", page+"é", page+"\\", page+"%00", page+"%", page+"$", page+"'", page+`"`,
			strings.ToUpper(page), scheme+"://"+strings.ToUpper(host), strings.ToUpper(scheme)+"://"+host, "http://"+host, "https://"+host,
			scheme+"://evil"+host, scheme+"://evil."+host, scheme+"://."+host, scheme+"://a..example.org", scheme+"://"+app+"@"+host, scheme+"://user:pass@"+host,
			strings.ReplaceAll(page, ".", "x"), "https://evil.example/"+page, page+"?"+page, "http://[::1]:3000", "http://[::1]", "http://[0:0::1]:3000",
			"https://xn--bcher-kva.example", "https://bücher.example", "http://127.0.0.1", "http://2130706433",
			"https://"+host+strings.Repeat(".a", 1500), "https://"+strings.Repeat("a", 3000), "https://api.example.com", "https://api.example.com:8443", "http://API.example.com")
	}
	return a.one("", "", "", "  ") + page
}

// ownOrigin is what a page of the host has for its origin, or nearly so.
func (a *asker) ownOrigin(host string) string {
	switch {
	case a.in(8):
		host = a.one("www.example.com", "api.example.com:8443")
	case a.in(2):
		host = strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443")
	}
	return a.one("http://", "https://") + strings.ToLower(host)
}

// target is a path of the policy, or one near it, however written, and how the
// API is to answer.
func (a *asker) target() string {
	var b strings.Builder
	path := a.one(a.paths...)
	switch a.IntN(6) {
	case 0:
		path = strings.TrimSuffix(path, "/")
	case 1:
		path += "/"
	case 2:
		path = strings.TrimSuffix(path, "/") + a.one("/1", "/1/", "x", "/me", "/..", "/.", "/../", "%", " ", "/users/", ".", "é")
	case 3:
		path = a.one(a.paths...) + a.one("/", "/a/", "/a/b/c/", "") + strings.Repeat(a.one("../", "./", "/", "..//"), 1+a.IntN(5)) + path
	case 4:
		path = a.one(strings.ToUpper(path), "/"+path, "/."+path, "/.."+path)
	}
	// Browsers encode what they have to; others may encode what they like.
	encoding := a.one("browser", "browser", "browser", "browser", "some", "all")
	for i, c := range []byte(path) {
		switch {
		case i > 0 && (encoding == "some" && a.in(5) || encoding == "all" && c != '/'), c <= ' ', c > '~', strings.IndexByte("%?#\"<>`{}^|\\", c) >= 0:
			fmt.Fprintf(&b, a.one("%%%02x", "%%%02X"), c)
		default:
			b.WriteByte(c)
		}
	}
	path = b.String()
	if path == "" {
		path = "/"
	}
	return path + a.one("", "", "", "?bare", "?lines", "?lines", "?status=204", "?status=301", "?status=401", "?status=404", "?status=500", "?status=502", "?/open/", "?x=/../users/")
}

// status is that of the API's answer.
func (q *question) status() int {
	if status, err := strconv.Atoi(strings.TrimPrefix(q.request.URL.RawQuery, "status=")); err == nil {
		return status
	}
	return http.StatusOK
}

// vary is what the API says in Vary.
func (q *question) vary() []string {
	switch q.request.URL.RawQuery {
	case "bare":
		return nil
	case "lines":
		return []string{"Accept-Encoding", "Cookie", "ORIGIN"}
	}
	return []string{"Accept-Encoding"}
}

func (q *question) send(t *testing.T, server string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(conn, q.head); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), q.request)
	if err != nil { // php -S has no words for some requests
		return &http.Response{Status: err.Error(), StatusCode: http.StatusBadRequest}
	}
	return res
}
