package fetch_test

import (
	"bufio"
	"context"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/http1"
)

// TestAsBrowsersDo runs the cases of testdata/cases.txt over sockets and holds
// verdicts and requests against what Chromium and Firefox were seen to do.
func TestAsBrowsersDo(t *testing.T) {
	t.Parallel()
	measured := readMeasured(t)
	named := make(map[string]string)
	for line := range readLines(t, "testdata/corserrors.txt") {
		id, name, _ := strings.Cut(line, " ")
		named[id] = name
	}
	for _, browser := range []struct {
		letter  string
		profile fetch.Profile
	}{{"C", fetch.Chrome}, {"F", fetch.Firefox}} {
		t.Run(browser.profile.Name, func(t *testing.T) {
			t.Parallel()
			stage := newStage(t)
			for _, id := range slices.Sorted(maps.Keys(stage.cases)) {
				want, ok := measured[id+browser.letter]
				if why := unlike[id+browser.letter]; why != "" || !ok {
					if !ok {
						t.Errorf("%s: nothing was measured", id)
					}
					continue
				}
				verdicts, requests, failure := stage.run(t, stage.cases[id], browser.profile)
				if name := named[id]; name != "" && browser.letter == "C" && !slices.Contains(chromiumNames(failure), name) {
					t.Errorf("%s %s: failure %v, Chromium named %s", id, stage.cases[id].name, failure, name)
				}
				if verdicts != want.verdicts {
					t.Errorf("%s %s: verdict %s, %s said %s", id, stage.cases[id].name, verdicts, browser.profile.Version, want.verdicts)
				}
				if requests != want.requests {
					t.Errorf("%s %s: sent\n%s\n%s sent\n%s", id, stage.cases[id].name, requests, browser.profile.Version, want.requests)
				}
			}
		})
	}
}

// chromiumNames are what Chromium may call a failure.
func chromiumNames(f *fetch.Failure) []string {
	if f == nil {
		return nil
	}
	if f.Kind.Family() == fetch.Misuse {
		return []string{"TypeError"}
	}
	prefix := ""
	if f.Preflight {
		prefix = "Preflight"
	}
	switch f.Kind {
	case fetch.MissingAllowOrigin:
		return []string{prefix + "MissingAllowOriginHeader"}
	case fetch.AllowOriginMismatch:
		return []string{prefix + "AllowOriginMismatch"}
	case fetch.MultipleAllowOrigin:
		return []string{prefix + "MultipleAllowOriginValues"}
	case fetch.InvalidAllowOrigin:
		return []string{prefix + "InvalidAllowOriginValue"}
	case fetch.WildcardWithCredentials:
		return []string{prefix + "WildcardOriginNotAllowed"}
	case fetch.InvalidAllowCredentials:
		return []string{prefix + "InvalidAllowCredentials"}
	}
	return chromiumNamesOf[f.Kind]
}

var chromiumNamesOf = map[fetch.Kind][]string{
	fetch.PreflightStatus:     {"PreflightInvalidStatus"},
	fetch.PreflightRedirect:   {"PreflightDisallowedRedirect"},
	fetch.InvalidAllowMethods: {"InvalidAllowMethodsPreflightResponse"},
	fetch.InvalidAllowHeaders: {"InvalidAllowHeadersPreflightResponse"},
	fetch.MethodNotAllowed:    {"MethodDisallowedByPreflightResponse"},
	fetch.HeaderNotAllowed:    {"HeaderDisallowedByPreflightResponse"},
	fetch.RedirectCredentials: {"RedirectContainsCredentials", "net::ERR_ABORTED"},
	fetch.RedirectScheme:      {"CorsDisabledScheme", "net::ERR_UNSAFE_REDIRECT"},
	fetch.RedirectModeError:   {"net::ERR_FAILED"},
	fetch.InvalidLocation:     {"net::ERR_INVALID_REDIRECT"},
	fetch.MultipleLocations:   {"net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION"},
	fetch.TooManyRedirects:    {"net::ERR_TOO_MANY_REDIRECTS"},
	fetch.SameOriginMode:      {"same-origin-mode"},
	fetch.NoCORSRedirectMode:  {"NoCorsRedirectModeNotFollow"},
	fetch.UnsupportedScheme:   {"UnsupportedScheme"},
	fetch.CrossOriginPolicy:   {"net::ERR_BLOCKED_BY_RESPONSE"},
	fetch.BlockedPort:         {"net::ERR_UNSAFE_PORT"},
	fetch.ProxyAuthentication: {"net::ERR_UNEXPECTED_PROXY_AUTH"},
	fetch.TargetAddressSpace:  {"InvalidLocalNetworkAccess"},
	fetch.NameNotResolved:     {"net::ERR_NAME_NOT_RESOLVED"},
	fetch.ConnectionClosed:    {"net::ERR_EMPTY_RESPONSE"},
	fetch.MalformedResponse:   {"net::ERR_INVALID_HTTP_RESPONSE"},
}

// unlike are the cases in which the browser does what the engine need not do,
// with the reason.
var unlike = map[string]string{
	"k279F": "Firefox's preflight cache fails at the start of a session",
	"m001F": "Firefox's preflight cache fails at the start of a session",
	"x010F": "Firefox's preflight cache fails at the start of a session",
	"x011F": "Firefox's preflight cache fails at the start of a session",
	"x031F": "Firefox's preflight cache fails at the start of a session",
	"x032F": "Firefox's preflight cache fails at the start of a session",
	"x020C": "framing is never guessed: a length that is no number is a fault",
	"x020F": "framing is never guessed: a length that is no number is a fault",
	"k382F": "Firefox sends a request ten times if the server closes the connection",
	"k383F": "Firefox sends a request ten times if the server closes the connection",
}

// A browserCase is what is fetched and how the servers answer.
type browserCase struct {
	id, name string
	null     bool // the page's origin is opaque
	fetches  []string
	waits    map[int]time.Duration // before the fetch of that index
	answers  map[string]string     // by "p" or "a", and the hop or nothing
}

type stage struct {
	cases             map[string]*browserCase
	page, first, othr *rawServer
	replace           *strings.Replacer

	mu  sync.Mutex
	log map[string][]string // requests by case
}

func newStage(t *testing.T) *stage {
	s := &stage{cases: readCases(t), log: make(map[string][]string)}
	s.page = serveRaw(t, "127.0.0.1", func(r *http1.RequestHead) string { return s.answer("page", r) })
	s.first = serveRaw(t, "127.0.0.1", func(r *http1.RequestHead) string { return s.answer("o1", r) })
	s.othr = serveRaw(t, "localhost", func(r *http1.RequestHead) string { return s.answer("o2", r) })
	with := func(userinfo, origin string) string { return strings.Replace(origin, "://", "://"+userinfo+"@", 1) }
	s.replace = strings.NewReplacer(
		"{page}", s.page.origin, "{o1}", s.first.origin, "{o2}", s.othr.origin,
		"{page:cred}", with("u:p", s.page.origin), "{o1:cred}", with("u:p", s.first.origin),
		"{o2:cred}", with("u:p", s.othr.origin), "{o2:user}", with("u", s.othr.origin),
		`\r\n`, "\r\n", `\n`, "\n", `\x0b`, "\x0b", `\t`, "\t", `\x00`, "\x00", `\x7f`, "\x7f", `\x80`, "\x80", `\\`, `\`)
	return s
}

// run fetches and returns what a browser's page and the servers saw. Paths are
// /c/<case>/<hop>.
func (s *stage) run(t *testing.T, c *browserCase, profile fetch.Profile) (verdicts, requests string, failure *fetch.Failure) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	agent := fetch.Agent{
		Profile: profile, Now: func() time.Time { return now }, Timeout: 20 * time.Second,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, _ := net.SplitHostPort(address)
			if host == "nowhere.invalid" {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}
	defer agent.Close()
	var outcomes []string
	for i, text := range c.fetches {
		now = now.Add(c.waits[i])
		verdict := agent.Fetch(t.Context(), s.request(c, text))
		outcome := "FAIL"
		if verdict.OK() {
			outcome = strconv.Itoa(verdict.Response.Status) + " " + string(verdict.Response.Type)
		}
		outcomes = append(outcomes, outcome)
		failure = verdict.Failure
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(outcomes, " / "), strings.Join(s.log[c.id], "\n"), failure
}

func (s *stage) request(c *browserCase, text string) fetch.Request {
	r := fetch.Request{Origin: s.page.origin, URL: s.first.origin + "/c/" + c.id + "/0"}
	if c.null {
		r.Origin = "null"
	}
	for i, part := range strings.Split(text, " | ") {
		option, value, isOption := strings.Cut(part, "=")
		value = s.fill(c, value)
		switch {
		case i == 0:
			r.Method = part
		case part == "upload":
			r.UploadListener = true
		case isOption && option == "cred":
			r.Credentials = fetch.Credentials(value)
		case isOption && option == "mode":
			r.Mode = fetch.Mode(value)
		case isOption && option == "redirect":
			r.Redirect = fetch.RedirectMode(value)
		case isOption && option == "cache":
			r.Cache = fetch.CacheMode(value)
		case isOption && option == "space":
			r.TargetAddressSpace = fetch.AddressSpace(value)
		case isOption && option == "body":
			r.Body = []byte(value)
		case isOption && option == "type":
			r.BodyType = value
		case isOption && option == "url":
			if r.URL = value; strings.HasPrefix(value, "/") {
				r.URL = s.first.origin + value
			}
		default:
			name, value, _ := strings.Cut(part, ":")
			r.Header.Add(name, s.fill(c, strings.TrimPrefix(value, " ")))
		}
	}
	return r
}

func (s *stage) fill(c *browserCase, text string) string {
	return s.replace.Replace(strings.ReplaceAll(text, "{id}", c.id))
}

func (s *stage) answer(server string, r *http1.RequestHead) string {
	parts := strings.Split(strings.TrimLeft(r.Target, "/"), "/")
	if len(parts) != 3 {
		return respond("404 Not Found", "")
	}
	hop, _, _ := strings.Cut(parts[2], "?")
	c := s.cases[parts[1]]
	s.record(c.id, server, hop, r)
	kind := "a"
	if isPreflight(r) {
		kind = "p"
	}
	text, found := c.answers[kind+hop]
	if !found {
		text, found = c.answers[kind]
	}
	origin, _ := r.Header.Get("Origin")
	switch {
	case kind == "p" && (!found || text == "echo"):
		return respond("204 No Content", "", "Access-Control-Allow-Origin: "+origin, echo(r, "Method", "Methods"), echo(r, "Headers", "Headers"))
	case !found && origin == "":
		return ok("x")
	case !found:
		return ok("x", "Access-Control-Allow-Origin: "+origin)
	}
	return s.write(c, text, r.Method)
}

func echo(r *http1.RequestHead, asked, allowed string) string {
	value, found := r.Header.Get("Access-Control-Request-" + asked)
	if !found {
		return "X-Nothing: asked"
	}
	return "Access-Control-Allow-" + allowed + ": " + value
}

func (s *stage) write(c *browserCase, text, method string) string {
	switch text {
	case "drop":
		return ""
	case "garbage":
		return "garbage garbage\r\n\r\n"
	case "103":
		return s.fill(c, "HTTP/1.1 103 Early Hints\r\nAccess-Control-Allow-Origin: {page}\r\n\r\n") + ok("x")
	case "trailer":
		return s.fill(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Access-Control-Allow-Origin\r\n\r\n"+
			"1\r\nx\r\n0\r\nAccess-Control-Allow-Origin: {page}\r\n\r\n")
	}
	if raw, found := strings.CutPrefix(text, "raw "); found {
		return s.fill(c, raw)
	}
	parts := strings.Split(text, " | ")
	for i, line := range parts[1:] {
		name, value, _ := strings.Cut(line, ":")
		if long := abbreviated[name]; long != "" {
			line = long + ":" + value
		}
		parts[i+1] = s.fill(c, line)
	}
	body := "x"
	if method == "HEAD" {
		body = ""
	}
	return respond(parts[0]+" X", body, parts[1:]...)
}

var abbreviated = map[string]string{
	"O": "Access-Control-Allow-Origin", "C": "Access-Control-Allow-Credentials", "M": "Access-Control-Allow-Methods",
	"H": "Access-Control-Allow-Headers", "E": "Access-Control-Expose-Headers", "A": "Access-Control-Max-Age", "L": "Location",
}

func isPreflight(r *http1.RequestHead) bool {
	return r.Method == "OPTIONS" && r.Header.Has("Access-Control-Request-Method")
}

func (s *stage) record(id, server, hop string, r *http1.RequestHead) {
	origin, found := r.Header.Get("Origin")
	switch {
	case !found:
		origin = "-"
	case origin == s.page.origin:
		origin = "page"
	}
	method := r.Method
	if isPreflight(r) {
		method = "PRE"
	}
	entry := method + hop + "@" + server + " O=" + origin
	for _, asked := range []struct{ word, name string }{{" ACRM=", "Access-Control-Request-Method"}, {" ACRH=", "Access-Control-Request-Headers"}} {
		if value, found := r.Header.Get(asked.name); found {
			entry += asked.word + value
		}
	}
	if r.Header.Has("Authorization") {
		entry += " AUTH"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log[id] = append(s.log[id], entry)
}

type measurement struct{ verdicts, requests string }

// readMeasured returns the measurements by case and browser.
func readMeasured(t *testing.T) map[string]measurement {
	measured := make(map[string]measurement)
	for line := range readLines(t, "testdata/browsers.txt") {
		parts := strings.SplitN(line, " | ", 3)
		id, browser, _ := strings.Cut(parts[0], " ")
		m := measurement{verdicts: strings.ReplaceAll(parts[1], "xhr", "cors"), requests: expand(parts[2])}
		for _, letter := range []string{"C", "F"} {
			if browser == "*" || browser == letter {
				measured[id+letter] = m
			}
		}
	}
	return measured
}

// expand writes repeated requests out.
func expand(text string) string {
	if text == "-" {
		return ""
	}
	var requests []string
	for part := range strings.SplitSeq(text, " > ") {
		times := 1
		if i := strings.LastIndex(part, " x"); i >= 0 {
			if n, err := strconv.Atoi(part[i+2:]); err == nil {
				part, times = part[:i], n
			}
		}
		for range times {
			requests = append(requests, part)
		}
	}
	return strings.Join(requests, "\n")
}

func readCases(t *testing.T) map[string]*browserCase {
	cases := make(map[string]*browserCase)
	var c *browserCase
	for line := range readLines(t, "testdata/cases.txt") {
		text, inCase := strings.CutPrefix(line, "  ")
		if !inCase {
			c = &browserCase{waits: make(map[int]time.Duration), answers: make(map[string]string)}
			c.id, c.name, _ = strings.Cut(line, " ")
			cases[c.id] = c
			continue
		}
		key, value, _ := strings.Cut(text, ":")
		value = unsqueeze(strings.TrimPrefix(value, " "))
		switch key {
		case "null":
			c.null = true
		case "f":
			c.fetches = append(c.fetches, value)
		case "w":
			wait, err := time.ParseDuration(value)
			if err != nil {
				t.Fatal(err)
			}
			c.waits[len(c.fetches)] = wait
		default:
			c.answers[key] = value
		}
	}
	for _, c := range cases {
		if len(c.fetches) == 0 {
			c.fetches = []string{"GET"}
		}
	}
	return cases
}

// unsqueeze writes "<a*128>" out.
func unsqueeze(s string) string {
	for {
		start := strings.IndexByte(s, '<')
		star := strings.IndexByte(s[max(start, 0):], '*') + max(start, 0)
		end := strings.IndexByte(s[max(start, 0):], '>') + max(start, 0)
		if start < 0 || star != start+2 || end < star {
			return s
		}
		n, err := strconv.Atoi(s[star+1 : end])
		if err != nil {
			return s
		}
		s = s[:start] + strings.Repeat(s[start+1:star], n) + s[end+1:]
	}
}

// readLines yields the lines of a file that are neither empty nor comments.
func readLines(t *testing.T, name string) func(func(string) bool) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(string) bool) {
		scanner := bufio.NewScanner(strings.NewReader(string(data)))
		for scanner.Scan() {
			line := scanner.Text()
			if line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}
