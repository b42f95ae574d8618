package export

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/policyfile"
)

const (
	app   = "https://app.example.com"
	users = "https://users.example.com"
	evil  = "https://evil.example.net"
)

// promised is a policy in which every kind of answer occurs.
const promised = `
rules:
  - origins: ` + app + `
    methods: PUT
    headers: Authorization
    expose: TotalItemsCount
    credentials: true
    max-age: 10m
  - path: /open/
    origins: "*"
  - path: /users/
    origins: ` + users + `
  - path: /strict/
    origins: ` + app + `
    refuse-others: true
  - path: /apps/
    origins: ["chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn", "capacitor://localhost", "moz-extension://*", "https://*.example.org"]
  - path: /down/
    origins: ` + app + `
  - path: /one
    origins: ` + users + `
  - path: /buecher/
    host: xn--bcher-kva.example
    origins: ` + users + `
    refuse-others: true
  - path: /six/
    host: "[::1]"
    origins: ` + users + `
`

// A promise is one request and what must hold of its answer.
type promise struct {
	feature Feature
	name    string
	// request is a method, a path and header lines; Host is added.
	request []string
	want    want
	auth    bool // the server asks for HTTP authentication
}

// A want is what must hold of an answer.
type want struct {
	status  int // 0 for any
	is2xx   bool
	allow   string // Access-Control-Allow-Origin, or "" for none
	not     string // it may be anything but this and *
	lines   []string
	vary    []string // that must be among its names
	reached string   // "yes", "no", or "" for either
	or4xx   bool     // the server may refuse the request instead, without Allow-Origin
	unless  string   // what the API may see instead, for which nothing is wanted
}

func promises() []promise {
	full := []string{"Access-Control-Allow-Credentials: true", "Access-Control-Expose-Headers: TotalItemsCount"}
	preflight := []string{"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT",
		"Access-Control-Allow-Headers: Authorization", "Access-Control-Max-Age: 600"}
	ask := func(path, origin string) []string {
		return []string{"OPTIONS " + path, "Origin: " + origin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization"}
	}
	all := []promise{
		{feature: OwnHeaders, name: "of an allowed page", request: []string{"GET /", "Origin: " + app},
			want: want{status: 200, allow: app, lines: full, reached: "yes"}},
		{feature: OwnHeaders, name: "of another page", request: []string{"GET /", "Origin: " + evil},
			want: want{status: 200, reached: "yes"}},
		{feature: OwnHeaders, name: "of no page", request: []string{"GET /"}, want: want{status: 200, reached: "yes"}},
		{feature: OwnHeaders, name: "under *", request: []string{"GET /open/", "Origin: " + evil},
			want: want{status: 200, allow: "*", reached: "yes"}},
		{feature: OwnHeaders, name: "under *, of no page", request: []string{"GET /open/"},
			want: want{status: 200, allow: "*", reached: "yes"}},
		{feature: OwnHeaders, name: "to a method of nobody's", request: []string{"QUERY /", "Origin: " + evil}, want: want{or4xx: true}},
		{feature: Vary, name: "of an allowed page", request: []string{"GET /", "Origin: " + app},
			want: want{status: 200, allow: app, lines: full, vary: []string{"Origin", "Accept-Encoding"}}},
		{feature: Vary, name: "of another page", request: []string{"GET /", "Origin: " + evil},
			want: want{status: 200, vary: []string{"Origin", "Accept-Encoding"}}},
		{feature: Vary, name: "of no page", request: []string{"GET /"},
			want: want{status: 200, vary: []string{"Origin", "Accept-Encoding"}}},
		{feature: Vary, name: "of an API that says none", request: []string{"GET /?bare", "Origin: " + app},
			want: want{status: 200, allow: app, lines: full, vary: []string{"Origin"}}},
		{feature: Vary, name: "of a preflight", request: ask("/", app),
			want: want{is2xx: true, allow: app, lines: preflight, vary: []string{"Origin"}}},
		{feature: Preflights, name: "allowed", request: ask("/", app),
			want: want{is2xx: true, allow: app, lines: preflight, reached: "no"}},
		{feature: Preflights, name: "of another page", request: ask("/", evil), want: want{status: 403, reached: "no"}},
		{feature: Preflights, name: "where no rule allows it", request: ask("/users/", app), want: want{status: 403, reached: "no"}},
		{feature: Preflights, name: "behind authentication", request: ask("/", app), auth: true,
			want: want{is2xx: true, allow: app, lines: preflight, reached: "no"}},
		{feature: Preflights, name: "of another page behind authentication", request: ask("/", evil), auth: true,
			want: want{status: 403, reached: "no"}},
		{feature: Errors, name: "of the server's authentication", request: []string{"GET /", "Origin: " + app}, auth: true,
			want: want{status: 401, allow: app, lines: full, vary: []string{"Origin"}, reached: "no"}},
		{feature: Errors, name: "of an API that is down", request: []string{"GET /down/", "Origin: " + app},
			want: want{allow: app, vary: []string{"Origin"}, reached: "no"}},
		{feature: PlainOptions, name: "of an allowed page", request: []string{"OPTIONS /", "Origin: " + app},
			want: want{status: 200, allow: app, lines: full, reached: "yes"}},
		{feature: PlainOptions, name: "of no page", request: []string{"OPTIONS /"}, want: want{status: 200, reached: "yes"}},
		{feature: PlainOptions, name: "with a method and no page", request: []string{"OPTIONS /", "Access-Control-Request-Method: PUT"},
			want: want{status: 200, reached: "yes"}},
		{feature: PlainOptions, name: "of an odd page", request: []string{"OPTIONS /", "Origin: a|b"}, want: want{status: 200, reached: "yes"}},
		{feature: PlainOptions, name: "with an odd method and no page", request: []string{"OPTIONS /", "Access-Control-Request-Method: A|B"},
			want: want{status: 200, reached: "yes"}},
		{feature: TwoOrigins, name: "allowed first", request: []string{"GET /", "Origin: " + app, "Origin: " + evil}, want: want{or4xx: true}},
		{feature: TwoOrigins, name: "allowed last", request: []string{"GET /", "Origin: " + evil, "Origin: " + app}, want: want{or4xx: true}},
		{feature: TwoOrigins, name: "its own page, twice", request: []string{"POST /strict/", "Origin: https://api.example.com", "Origin: https://api.example.com",
			"Sec-Fetch-Site: same-origin", "Content-Length: 0"}, want: want{status: 403, reached: "no"}},
		{feature: EmptyLines, name: "of an origin, and a preflight", request: []string{"OPTIONS /", "Origin: ", "Access-Control-Request-Method: PUT"},
			want: want{status: 403, reached: "no"}},
		{feature: EmptyLines, name: "of an origin, and others refused", request: []string{"POST /strict/", "Origin: ", "Content-Length: 0"},
			want: want{status: 403, reached: "no"}},
		{feature: EmptyLines, name: "of a method", request: []string{"OPTIONS /", "Origin: " + evil, "Access-Control-Request-Method: "},
			want: want{status: 403, reached: "no"}},
		{feature: EmptyLines, name: "before another of a method", request: []string{"OPTIONS /open/", "Origin: " + evil,
			"Access-Control-Request-Method: ", "Access-Control-Request-Method: PUT"}, want: want{is2xx: true, allow: "*", reached: "no"}},
		{feature: OneOrigin, name: "in upper case", request: []string{"GET /", "Origin: https://APP.example.com"},
			want: want{status: 200, not: "https://APP.example.com"}},
		{feature: OneOrigin, name: "with more behind it", request: []string{"GET /", "Origin: " + app + ".evil.example"}, want: want{status: 200}},
		{feature: OneOrigin, name: "with another character for the dot", request: []string{"GET /", "Origin: https://appxexample.com"}, want: want{status: 200}},
		{feature: OneOrigin, name: "with something before it", request: []string{"GET /", "Origin: https://evil.example/" + app}, want: want{status: 200}},
		{feature: OneOrigin, name: "with a port", request: []string{"GET /", "Origin: " + app + ":8443"}, want: want{status: 200}},
		{feature: OneOrigin, name: "of another scheme", request: []string{"GET /", "Origin: http://app.example.com"}, want: want{status: 200}},
		{feature: RefuseOthers, name: "of another page", request: []string{"POST /strict/", "Origin: " + evil, "Content-Length: 0"},
			want: want{status: 403, reached: "no"}},
		{feature: RefuseOthers, name: "of another page, safe", request: []string{"GET /strict/", "Origin: " + evil}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of an allowed page", request: []string{"POST /strict/", "Origin: " + app, "Content-Length: 0"},
			want: want{status: 200, allow: app, reached: "yes"}},
		{feature: RefuseOthers, name: "of no page", request: []string{"POST /strict/", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, as the browser says",
			request: []string{"POST /strict/", "Origin: https://api.example.com", "Sec-Fetch-Site: same-origin", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, by its address",
			request: []string{"POST /strict/", "Origin: http://api.example.com", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, by its address and port",
			request: []string{"POST /strict/", "Host: api.example.com:80", "Origin: http://api.example.com", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, by its address as a proxy writes it",
			request: []string{"POST /strict/", "X-Forwarded-Host: API.example.com", "Origin: http://api.example.com", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, with TLS in front",
			request: []string{"POST /strict/", "X-Forwarded-Proto: https", "Origin: https://api.example.com", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, with TLS in front, as Traefik writes it of WebSockets",
			request: []string{"POST /strict/", "X-Forwarded-Proto: wss", "Origin: https://api.example.com", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, with TLS in front that is silent",
			request: []string{"POST /strict/", "Host: api.example.com:443", "Origin: https://api.example.com", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, whose host ends with a dot",
			request: []string{"POST /strict/", "Host: api.example.com.", "Origin: http://api.example.com.", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of its own page, whose host ends with a dot, as a proxy writes it",
			request: []string{"POST /strict/", "X-Forwarded-Host: api.example.com.", "Origin: http://api.example.com.", "Content-Length: 0"}, want: want{status: 200, reached: "yes"}},
		{feature: RefuseOthers, name: "of a page that names the default port, as no browser does",
			request: []string{"POST /strict/", "Host: api.example.com:80", "Origin: http://api.example.com:80", "Content-Length: 0"}, want: want{status: 403, reached: "no"}},
		{feature: RefuseOthers, name: "of a page with TLS where none is in front",
			request: []string{"POST /strict/", "X-Forwarded-Proto: http", "Origin: https://api.example.com", "Content-Length: 0"}, want: want{status: 403, reached: "no"}},
		{feature: RefuseOthers, name: "of a page of another port",
			request: []string{"POST /strict/", "Host: api.example.com:443", "Origin: http://api.example.com", "Content-Length: 0"}, want: want{status: 403, reached: "no"}},
		{feature: RefuseOthers, name: "of a page of its site",
			request: []string{"POST /strict/", "Origin: https://api.example.com", "Sec-Fetch-Site: same-site", "Content-Length: 0"}, want: want{status: 403, reached: "no"}},
		{feature: RefuseOthers, name: "of another page's WebSocket",
			request: []string{"GET /strict/", "Origin: " + evil, "Connection: Upgrade", "Upgrade: websocket",
				"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}, want: want{status: 403, reached: "no"}},
		{feature: Resources, name: "as it is", request: []string{"GET /one", "Origin: " + users}, want: want{status: 200, allow: users}},
		{feature: Paths, name: "a tree like a resource", request: []string{"GET /one/.", "Origin: " + users}, want: want{or4xx: true, unless: "GET /one"}},
		{feature: Paths, name: "a tree like a resource, from below", request: []string{"GET /one/x/..", "Origin: " + users}, want: want{or4xx: true, unless: "GET /one"}},
		{feature: Paths, name: "a tree like a resource, encoded", request: []string{"GET /one%2f.", "Origin: " + users}, want: want{or4xx: true, unless: "GET /one"}},
		{feature: Paths, name: "up in two ways, of no page", request: []string{"GET /open/%2F../..%2F/users/1"}, want: want{or4xx: true, unless: "GET /open/users/1"}},
		{feature: Subdomains, name: "deep", request: []string{"GET /apps/", "Origin: https://" + strings.Repeat("a.", 20) + "example.org"},
			want: want{status: 200, allow: "https://" + strings.Repeat("a.", 20) + "example.org"}},
		{feature: Subdomains, name: "too many", request: []string{"GET /apps/", "Origin: https://" + strings.Repeat("a.", 2000) + "example.net"}, want: want{status: 200}},
		{feature: Hosts, name: "an IPv6 address", request: []string{"GET /six/", "Host: [::1]", "Origin: " + users}, want: want{status: 200, allow: users}},
		{feature: Hosts, name: "an IPv6 address with a port", request: []string{"GET /six/", "Host: [::1]:8080", "Origin: " + users}, want: want{status: 200, allow: users}},
		{feature: Hosts, name: "another IPv6 address", request: []string{"GET /six/", "Host: [::]", "Origin: " + users}, want: want{status: 200}},
		{feature: Hosts, name: "in punycode, refusing a WebSocket", request: []string{"GET /buecher/", "Host: xn--bcher-kva.example:8080", "Origin: " + evil,
			"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="},
			want: want{status: 403, reached: "no"}},
	}
	for origin, listed := range map[string]bool{
		"chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn":  true,
		"chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":  false,
		"https://nkbihfbeogaeaoehlefnkodbefgpgknn":             false,
		"capacitor://localhost":                                true,
		"capacitor://localhost:1":                              false,
		"capacitor://LOCALHOST":                                false,
		"ionic://localhost":                                    false,
		"moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc": true,
		"xmoz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecf":  false,
		"moz-extension://":                                     false,
		"moz-extension://a.b":                                  true,
		"moz-extension://a.":                                   true,
		"moz-extension://a..b":                                 false,
		"moz-extension://.a":                                   false,
	} {
		p := promise{feature: OtherSchemes, name: origin, request: []string{"GET /apps/", "Origin: " + origin}, want: want{status: 200, reached: "yes"}}
		if listed {
			p.want.allow = origin
		}
		all = append(all, p)
	}
	for _, status := range []int{204, 301, 302, 304, 400, 401, 403, 404, 405, 413, 429, 500, 502, 503, 504} {
		all = append(all, promise{
			feature: Errors, name: fmt.Sprintf("of the API, %d", status),
			request: []string{fmt.Sprintf("GET /?status=%d", status), "Origin: " + app, `If-None-Match: "1"`},
			want:    want{status: status, allow: app, lines: full, vary: []string{"Origin"}, reached: "yes"},
		})
	}
	for _, path := range []string{"/open/../users/1", "/open/%2e%2e/users/1", "/open/./../users/1", "//users/1", "/open//../users/1", "/%75sers/1", "/users/../users/1", "/open%2f..%2fusers/1", "/open/..%2fusers/1"} {
		all = append(all,
			promise{feature: Paths, name: path + ", as a page of /open/", request: []string{"GET " + path, "Origin: " + evil}, want: want{or4xx: true}},
			promise{feature: Paths, name: path + ", as a page of /users/", request: []string{"GET " + path, "Origin: " + users}, want: want{allow: users, or4xx: true}})
	}
	for _, path := range []string{"/open/%252e%252e/users/1", "/Users/1", "/users1", "/users%20/1"} {
		all = append(all, promise{feature: Paths, name: path + ", as a page of /users/", request: []string{"GET " + path, "Origin: " + users},
			want: want{allow: map[bool]string{true: "*"}[strings.HasPrefix(path, "/open")], or4xx: true}})
	}
	return all
}

// provePromises tries all promises, on servers that stand for all of them.
func provePromises(t *testing.T, target Target, start start) {
	file, err := policyfile.Parse("promised.yaml", []byte(promised))
	if err != nil {
		t.Fatal(err)
	}
	e := target.Export(file.Policy, "promised.yaml")
	checkDeclared(t, target, e)
	api := serveAPI(t)
	open, closed := start(t, stand{Export: e, api: api}), start(t, stand{Export: e, api: api, auth: true})
	for _, p := range promises() {
		t.Run(string(p.feature)+"/"+p.name, func(t *testing.T) {
			url := open
			if p.auth {
				url = closed
			}
			res := p.send(t, url)
			faults := p.want.faults(res)
			if len(faults) == 0 {
				return
			}
			said := strings.Join(faults, "; ")
			wider := p.want.allow == "" && p.want.not == "" && len(res.Header.Values(allowOrigin)) > 0
			if i := slices.IndexFunc(e.Losses, func(l Loss) bool {
				return l.Feature == p.feature && (l.Effect != Narrower || !wider)
			}); i >= 0 {
				t.Logf("lost, as declared (%s): %s", e.Losses[i].Name, said)
				return
			}
			t.Errorf("%s\n%s %v", said, res.Status, res.Header)
		})
	}
}

// mustKeep tries the promises that no loss is to excuse, though it is of their
// feature.
func mustKeep(t *testing.T, target Target, start start, such func(promise) bool) {
	t.Helper()
	file, err := policyfile.Parse("promised.yaml", []byte(promised))
	if err != nil {
		t.Fatal(err)
	}
	s := stand{Export: target.Export(file.Policy, "promised.yaml"), api: serveAPI(t)}
	open := start(t, s)
	s.auth = true
	closed := start(t, s)
	for _, p := range promises() {
		if !such(p) {
			continue
		}
		url := open
		if p.auth {
			url = closed
		}
		res := p.send(t, url)
		for _, fault := range p.want.faults(res) {
			t.Errorf("%s/%s: %s\n%s %v", p.feature, p.name, fault, res.Status, res.Header)
		}
	}
}

// send sends the request as it is, on a connection of its own.
func (p *promise) send(t *testing.T, url string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	method, path, _ := strings.Cut(p.request[0], " ")
	lines := append([]string{method + " " + path + " HTTP/1.1"}, p.request[1:]...)
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Host:") }) {
		lines = append(lines, "Host: api.example.com")
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Connection:") }) {
		lines = append(lines, "Connection: close")
	}
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// comma is one in a list, which may have blanks around it.
var comma = regexp.MustCompile(`[ \t]*,[ \t]*`)

// faults are what does not hold, in words.
func (w want) faults(res *http.Response) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	allow := res.Header.Values("Access-Control-Allow-Origin")
	if w.or4xx && res.StatusCode >= 400 && len(allow) == 0 {
		return nil
	}
	if w.unless != "" && res.Header.Get("X-Reached") == w.unless {
		return nil
	}
	if w.not != "" && !slices.Contains(allow, w.not) && !slices.Contains(allow, "*") {
		return nil
	}
	if w.status != 0 && res.StatusCode != w.status {
		fault("the status is %d, not %d", res.StatusCode, w.status)
	}
	if w.is2xx && res.StatusCode/100 != 2 {
		fault("the status is %d, and not one of success", res.StatusCode)
	}
	wanted := slices.Clone(w.lines)
	if w.allow != "" {
		wanted = append(wanted, "Access-Control-Allow-Origin: "+w.allow)
	}
	var got []string
	for name, values := range res.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			for _, v := range values {
				got = append(got, name+": "+comma.ReplaceAllString(v, ", "))
			}
		}
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		fault("its CORS headers are %q, not %q", got, wanted)
	}
	faults = append(faults, missingInVary(res.Header.Values("Vary"), w.vary)...)
	if reached := res.Header.Get("X-Reached") != ""; w.reached != "" && reached != (w.reached == "yes") {
		fault("whether it reached the API: %t", reached)
	}
	return faults
}

// missingInVary are the names that none of the lines has, in words.
func missingInVary(lines, names []string) []string {
	said := strings.Split(strings.Join(lines, ","), ",")
	var faults []string
	for _, name := range names {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) }) {
			faults = append(faults, fmt.Sprintf("Vary is %q, without %s", lines, name))
		}
	}
	return faults
}
