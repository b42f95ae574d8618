package export

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// decided is a policy in which everything matters: hosts, paths, methods,
// origins of every kind, and who asks.
const decided = `
rules:
  - origins: [` + app + `, "http://localhost:*", "capacitor://localhost"]
    methods: [PUT, PATCH]
    headers: [Authorization, Content-Type]
    expose: [ETag, TotalItemsCount]
    credentials: true
    max-age: 0s
  - path: /open/
    origins: "*"
    methods: "*"
    headers: ["*", Authorization]
    expose: "*"
    timing: true
  - path: /open/closed
    origins: [` + users + `, "null"]
    timing: true
  - path: /users/
    origins: [` + users + `, "https://*.example.org:*"]
    refuse-others: true
    max-age: 24h
  - host: api.example.com
    path: /users/me
    origins: ` + app + `
    refuse-others: true
  - host: other.example.com
    path: /open/
    origins: ` + evil + `
`

// proveDecisions sends requests put together at random and holds each answer
// against what the policy itself decides.
func proveDecisions(t *testing.T, target Target, start start) {
	t.Helper()
	file, err := policyfile.Parse("decided.yaml", []byte(decided))
	if err != nil {
		t.Fatal(err)
	}
	e := target.Export(file.Policy, "decided.yaml")
	twoAreOne := slices.ContainsFunc(e.Losses, func(l Loss) bool { return l.Feature == TwoOrigins })
	server := start(t, stand{Export: e, api: serveAPI(t)})
	random := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		r := newQuestion(random)
		if twoAreOne && len(r.header["Origin"]) > 1 {
			continue
		}
		res := r.send(t, server)
		for _, fault := range r.faults(file.Policy, res) {
			t.Errorf("%s\n%s: %s %v", strings.Join(r.lines, "\n"), fault, res.Status, res.Header)
		}
	}
}

// A question is a request, as lines.
type question struct {
	method, host, path string
	header             http.Header
	lines              []string
}

func newQuestion(random *rand.Rand) *question {
	one := func(words ...string) string { return words[random.IntN(len(words))] }
	q := &question{
		method: one("GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "OPTIONS", "OPTIONS"),
		host:   one("api.example.com", "api.example.com", "API.example.com:8080", "other.example.com", "127.0.0.1"),
		path: one("/", "/x", "/open", "/open/", "/open/x?status=404", "/open/closed", "/open/closed/", "/open/closedx",
			"/users", "/users/", "/users/1", "/users/me", "/users/me/", "/users/meow", "/Users/", "/users/%6de", "/users/1?/open/",
			"/open/../users/1", "/open/a/b/../../../users/1", "/open/a/../b/../../users/1", "/open/a/b/c/../../../../users/1", "/open/../users/.", "/users/x/../../open/x/.."),
		header: http.Header{},
	}
	add := func(name string, words ...string) {
		if w := one(words...); w != "" {
			q.header.Add(name, w)
		}
	}
	add("Origin", "", app, users, evil, "null", "http://localhost", "http://localhost:3000", "capacitor://localhost",
		"https://a.b.example.org", "https://a.example.org:8443", "https://example.org", "http://api.example.com", "https://api.example.com",
		"https://api.example.com:8443", "http://www.example.com", "https://evilexample.org", "HTTPS://app.example.com", app+"/", app+".")
	if strings.HasPrefix(q.path, "/open") && random.IntN(8) == 0 {
		add("Origin", evil, app)
	}
	if q.method == "OPTIONS" {
		add("Access-Control-Request-Method", "", "GET", "PUT", "DELETE")
		add("Access-Control-Request-Headers", "", "authorization", "x-other")
	}
	add("Sec-Fetch-Site", "", "", "", "same-origin", "same-site", "cross-site", "none")
	add("X-Forwarded-Proto", "", "", "", "https", "http", "https, http", "https,http")
	add("X-Forwarded-Host", "", "", "", "api.example.com", "www.example.com", "api.example.com:443", "api.example.com:80", "api.example.com:8443", "www.example.com, api.example.com")
	if q.method == "GET" {
		if add("Upgrade", "", "", "", "websocket", "WebSocket", "h2c, websocket", "websockets"); q.header.Get("Upgrade") != "" {
			q.header.Set("Connection", "Upgrade")
			q.header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
			q.header.Set("Sec-WebSocket-Version", "13")
		}
	}
	q.lines = []string{q.method + " " + q.path + " HTTP/1.1", "Host: " + q.host}
	if q.header.Get("Connection") == "" {
		q.lines = append(q.lines, "Connection: close")
	}
	if q.method == "POST" || q.method == "PUT" || q.method == "DELETE" {
		q.lines = append(q.lines, "Content-Length: 0")
	}
	for name, values := range q.header {
		for _, v := range values {
			q.lines = append(q.lines, name+": "+v)
		}
	}
	return q
}

func (q *question) send(t *testing.T, server string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, strings.Join(q.lines, "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: q.method})
	if err != nil {
		t.Fatalf("%v: %s", err, strings.Join(q.lines, "\n"))
	}
	conn.Close()
	return res
}

// faults are what the policy has decided otherwise.
func (q *question) faults(p *corsac.Policy, res *http.Response) []string {
	path, _, _ := strings.Cut(q.path, "?")
	path, err := url.PathUnescape(path)
	if err != nil {
		return []string{err.Error()}
	}
	d := p.Decide(corsac.Request{Method: q.method, Scheme: "http", Host: q.host, Path: path, Header: q.header})
	w := want{status: d.Status(), reached: map[bool]string{true: "yes", false: "no"}[d.Status() == 0]}
	for _, f := range d.AppendFields(nil) {
		switch {
		case f.Name == allowOrigin:
			w.allow = f.Value
		case strings.HasPrefix(f.Name, "Access-Control-"):
			w.lines = append(w.lines, f.Name+": "+f.Value)
		case res.Header.Get(f.Name) != f.Value:
			return []string{fmt.Sprintf("%s is %q, not %q", f.Name, res.Header.Get(f.Name), f.Value)}
		}
	}
	if vary := d.Vary(); vary != "" {
		w.vary = strings.Split(vary, ", ")
	}
	faults := w.faults(res)
	if d.Vary() == "" && slices.Contains(res.Header.Values("Vary"), "Origin") {
		faults = append(faults, "Vary names Origin, on which nothing depends")
	}
	return faults
}
