package enforcertest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/corsac-cors/corsac"
)

// The scene of most trials: pages of app read an API that asks for a token.
// Pages of evil are listed nowhere.
const (
	app  = "https://app.example.com"
	evil = "https://evil.example.net"
)

var users = corsac.Rule{
	Path:        "/users/",
	Origins:     []string{app, "https://*.example.org", "http://localhost:*"},
	Methods:     []string{"PUT", "DELETE"},
	Headers:     []string{"Authorization", "Content-Type", "ItemsPerPage", "PageNumber"},
	Expose:      []string{"TotalItemsCount"},
	Credentials: true,
	MaxAge:      2 * time.Hour,
}

// with returns a copy of the users rule with something changed.
func with(change func(r *corsac.Rule)) []corsac.Rule {
	r := users
	change(&r)
	return []corsac.Rule{r}
}

func usersRules() []corsac.Rule { return []corsac.Rule{users} }

// public is a rule whose answers are the same for everybody.
func public() []corsac.Rule {
	return []corsac.Rule{{Origins: []string{"*"}, Expose: []string{"ETag"}}}
}

func origin(o string) string { return "Origin: " + o }

// asks are the lines that make an OPTIONS request a preflight.
func asks(method string, names ...string) []string {
	lines := []string{"Access-Control-Request-Method: " + method}
	for _, n := range names {
		lines = append(lines, "Access-Control-Request-Headers: "+n)
	}
	return lines
}

// preflight is one as browsers send it.
func preflight(path, from, method string, names ...string) string {
	return request("OPTIONS "+path, append(asks(method, names...), origin(from))...)
}

// readable are the CORS headers of a response that pages of an origin read,
// under the users rule.
func readable(by string) []string {
	return []string{
		"Access-Control-Allow-Origin: " + by,
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Expose-Headers: TotalItemsCount",
	}
}

// permitted are the CORS headers of an answer to a preflight, under the users
// rule. They do not depend on what was asked.
func permitted(to string) []string {
	return []string{
		"Access-Control-Allow-Origin: " + to,
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Methods: DELETE, PUT",
		"Access-Control-Allow-Headers: Authorization, Content-Type, ItemsPerPage, PageNumber",
		"Access-Control-Max-Age: 7200",
	}
}

var (
	byOrigin   = []string{"Origin"}
	byQuestion = []string{"Origin", "Access-Control-Request-Method"}
)

// The six answers there are, under the users rule.

func permits(to string) Answer {
	return Answer{Status: 204, CORS: permitted(to), Vary: byQuestion, Upstream: Kept}
}

func denies() Answer { return Answer{Status: 403, Vary: byQuestion, Upstream: Kept} }

func shares(with string) Answer {
	return Answer{Status: 200, CORS: readable(with), Vary: byOrigin, Body: "hello", Upstream: Reached}
}

func hides() Answer { return Answer{Status: 200, Vary: byOrigin, Body: "hello", Upstream: Reached} }

func refuses() Answer { return Answer{Status: 403, Vary: byOrigin, Upstream: Kept} }

// turnsDown is the answer to what may be no HTTP at all: if the server makes
// something of it, the policy allows nothing.
func turnsDown() Answer { return Answer{Loose: true} }

// answers are the rows of the table of answers, one by one.
func answers() []Trial {
	trials := []Trial{
		{Name: "preflight, origin allowed", Rules: usersRules(),
			Request: preflight("/users/1", app, "PUT", "authorization,itemsperpage"), Want: permits(app)},
		{Name: "preflight, subdomain allowed", Rules: usersRules(),
			Request: preflight("/users/1", "https://a.b.example.org", "PUT"), Want: permits("https://a.b.example.org")},
		{Name: "preflight, port allowed", Rules: usersRules(),
			Request: preflight("/users/1", "http://localhost:5173", "PUT"), Want: permits("http://localhost:5173")},
		{Name: "preflight, origin not allowed", Rules: usersRules(),
			Request: preflight("/users/1", evil, "PUT"), Want: denies()},
		{Name: "preflight, no rule for the path", Rules: usersRules(),
			Request: preflight("/private", app, "PUT"), Want: denies()},
		{Name: "preflight, no rules at all",
			Request: preflight("/users/1", app, "PUT"), Want: denies()},
		{Name: "no rules at all",
			Request: request("GET /users/1", origin(app)),
			Want:    Answer{Status: 200, Body: "hello", Upstream: Reached}},
		{Name: "no rule for the path", Rules: usersRules(), Upstream: generous(200),
			Request: request("GET /private", origin(app)),
			Want:    Answer{Status: 200, Upstream: Reached}},
		{Name: "no rule for the path, unsafe", Rules: with(func(r *corsac.Rule) { r.RefuseOthers = true }),
			Request: request("POST /private", origin(evil)),
			Want:    Answer{Status: 200, Upstream: Reached}},
		{Name: "subdomain allowed", Rules: usersRules(),
			Request: request("GET /users/1", origin("https://a.example.org")), Want: shares("https://a.example.org")},
		{Name: "null not listed", Rules: usersRules(), Request: request("GET /users/1", origin("null")), Want: hides()},
		{Name: "preflight, null not listed", Rules: usersRules(),
			Request: preflight("/users/1", "null", "PUT"), Want: denies()},
		{Name: "unlisted request headers matter only to preflights", Rules: usersRules(),
			Request: request("GET /users/1", origin(app), "X-Unlisted: 1"), Want: shares(app)},
		{Name: "cookies do not matter", Rules: usersRules(),
			Request: request("GET /users/1", origin(evil), "Cookie: session=1"), Want: hides()},
	}
	trials = append(trials, byMethod()...)
	trials = append(trials, listedNull()...)
	trials = append(trials, starred()...)
	return append(trials, fieldsOfRules()...)
}

// byMethod sends requests whose answers a page reads, does not read, or that no
// page sent.
func byMethod() (trials []Trial) {
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "QUERY", "put"} {
		body := "hello"
		if method == "HEAD" {
			body = ""
		}
		for _, from := range []struct {
			name string
			line string
			cors []string
		}{
			{"allowed", origin(app), readable(app)},
			{"not allowed", origin(evil), nil},
			{"none", "X-None: 1", nil},
		} {
			trials = append(trials, Trial{
				Name: fmt.Sprintf("%s, origin %s", method, from.name), Rules: usersRules(),
				Request: requestWithBody(`{"a":1}`, method+" /users/1", from.line),
				Want:    Answer{Status: 200, CORS: from.cors, Vary: byOrigin, Lines: []string{"X-Upstream: hello"}, Body: body, Upstream: Reached},
			})
		}
	}
	return trials
}

func listedNull() []Trial {
	rules := []corsac.Rule{{Origins: []string{"null"}, Methods: []string{"PUT"}}}
	return []Trial{
		{Name: "null listed", Rules: rules, Request: request("GET /", origin("null")),
			Want: Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: null"}, Vary: byOrigin, Upstream: Reached}},
		{Name: "null listed, preflight", Rules: rules, Request: preflight("/", "null", "PUT"),
			Want: Answer{Status: 204, CORS: []string{"Access-Control-Allow-Origin: null", "Access-Control-Allow-Methods: PUT"}, Vary: byQuestion, Upstream: Kept}},
		{Name: "null listed, another origin", Rules: rules, Request: request("GET /", origin(app)), Want: hides()},
		{Name: "null listed, no origin", Rules: rules, Request: request("GET /"), Want: hides()},
	}
}

func starred() []Trial {
	everybody := []string{"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: ETag"}
	shared := Answer{Status: 200, CORS: everybody, Body: "hello", Upstream: Reached}
	all := []corsac.Rule{{Origins: []string{"*"}, Methods: []string{"*"}, Headers: []string{"*", "Authorization"}, Expose: []string{"*"}}}
	return []Trial{
		{Name: "star, any origin", Rules: public(), Request: request("GET /", origin(evil)), Want: shared},
		{Name: "star, null", Rules: public(), Request: request("GET /", origin("null")), Want: shared},
		{Name: "star, no origin", Rules: public(), Request: request("GET /"), Want: shared},
		{Name: "star, garbage", Rules: public(), Request: request("GET /", origin("; DROP")), Want: shared},
		{Name: "star, two origins", Rules: public(), Request: request("GET /", origin(app), origin(evil)), Want: shared},
		{Name: "star, preflight", Rules: public(), Request: preflight("/", evil, "POST"),
			Want: Answer{Status: 204, CORS: []string{"Access-Control-Allow-Origin: *"}, Vary: byQuestion, Upstream: Kept}},
		{Name: "star, preflight of a method not listed", Rules: public(), Request: preflight("/", evil, "DELETE"),
			Want: Answer{Status: 204, CORS: []string{"Access-Control-Allow-Origin: *"}, Vary: byQuestion, Upstream: Kept}},
		{Name: "star for everything, preflight", Rules: all, Request: preflight("/", evil, "DELETE", "authorization,x-a"),
			Want: Answer{Status: 204, Vary: byQuestion, Upstream: Kept, CORS: []string{
				"Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *, Authorization"}}},
		{Name: "star for everything", Rules: all, Request: request("DELETE /", origin(evil)),
			Want: Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *"}, Upstream: Reached}},
	}
}

// fieldsOfRules changes one field of a rule at a time.
func fieldsOfRules() []Trial {
	minimal := []corsac.Rule{{Origins: []string{app}}}
	allowed := "Access-Control-Allow-Origin: " + app
	timed := with(func(r *corsac.Rule) { r.Timing = true })
	noCache := []corsac.Rule{{Origins: []string{app}, MaxAge: corsac.NoCache}}
	return []Trial{
		{Name: "a rule with origins only", Rules: minimal, Request: request("GET /", origin(app)),
			Want: Answer{Status: 200, CORS: []string{allowed}, Vary: byOrigin, Upstream: Reached}},
		{Name: "a rule with origins only, preflight", Rules: minimal, Request: preflight("/", app, "POST", "content-type"),
			Want: Answer{Status: 204, CORS: []string{allowed}, Vary: byQuestion, Upstream: Kept}},
		{Name: "no-cache, preflight", Rules: noCache, Request: preflight("/", app, "POST"),
			Want: Answer{Status: 204, CORS: []string{allowed, "Access-Control-Max-Age: 0"}, Vary: byQuestion, Upstream: Kept}},
		{Name: "no-cache", Rules: noCache, Request: request("GET /", origin(app)),
			Want: Answer{Status: 200, CORS: []string{allowed}, Vary: byOrigin, Upstream: Reached}},
		{Name: "timing, origin allowed", Rules: timed, Upstream: responds(200, "Timing-Allow-Origin: *"),
			Request: request("GET /users/1", origin(app)),
			Want:    Answer{Status: 200, CORS: append(readable(app), "Timing-Allow-Origin: "+app), Vary: byOrigin, Upstream: Reached}},
		{Name: "timing, spelled in lower case by the upstream", Rules: timed, Upstream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["timing-allow-origin"] = []string{"*"}
			hello(w, r)
		}), Request: request("GET /users/1", origin(app)),
			Want: Answer{Status: 200, CORS: append(readable(app), "Timing-Allow-Origin: "+app), Vary: byOrigin, Upstream: Reached}},
		{Name: "timing, origin not allowed", Rules: timed, Request: request("GET /users/1", origin(evil)), Want: hides()},
		{Name: "timing, no origin", Rules: timed, Request: request("GET /users/1"), Want: hides()},
		{Name: "timing, preflight", Rules: timed, Request: preflight("/users/1", app, "PUT"), Want: permits(app)},
		{Name: "timing, star", Rules: []corsac.Rule{{Origins: []string{"*"}, Timing: true}}, Request: request("GET /"),
			Want: Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: *", "Timing-Allow-Origin: *"}, Upstream: Reached}},
		{Name: "no timing: the upstream's own stays", Rules: usersRules(), Upstream: responds(200, "Timing-Allow-Origin: "+app),
			Request: request("GET /users/1", origin(app)),
			Want:    Answer{Status: 200, CORS: append(readable(app), "Timing-Allow-Origin: "+app), Vary: byOrigin, Upstream: Reached}},
		{Name: "private networks need no header", Rules: usersRules(),
			Request: request("OPTIONS /users/1", append(asks("PUT"), origin(app), "Access-Control-Request-Private-Network: true")...),
			Want:    permits(app)},
	}
}

// ruleChoice asks which rule speaks for a request.
func ruleChoice() []Trial {
	rules := []corsac.Rule{
		{Path: "/", Origins: []string{"https://root.example"}},
		{Path: "/api/", Origins: []string{"https://api.example"}},
		{Path: "/api/health", Origins: []string{"https://health.example"}},
		{Path: "/a b/", Origins: []string{"https://space.example"}},
		{Path: "/", Host: "api.example.com", Origins: []string{"https://host.example"}},
	}
	tests := []struct {
		name, target, host, speaks string
	}{
		{"everything else", "/other", "", "https://root.example"},
		{"root", "/", "", "https://root.example"},
		{"tree", "/api/users/1", "", "https://api.example"},
		{"tree itself", "/api/", "", "https://api.example"},
		{"tree without its slash", "/api", "", "https://api.example"},
		{"name that only begins alike", "/apis", "", "https://root.example"},
		{"resource", "/api/health", "", "https://health.example"},
		{"below a resource", "/api/health/x", "", "https://api.example"},
		{"query", "/api/health?x=/../../", "", "https://health.example"},
		{"query beside a tree", "/?/api/", "", "https://root.example"},
		{"encoded space", "/a%20b/c", "", "https://space.example"},
		{"plus is no space", "/a+b/c", "", "https://root.example"},
		{"encoded letters", "/%61pi/health", "", "https://health.example"},
		{"case", "/API/users", "", "https://root.example"},
		{"host", "/api/users", "api.example.com", "https://host.example"},
		{"host with a port", "/api/users", "api.example.com:8080", "https://host.example"},
		{"host in upper case", "/api/users", "API.Example.COM", "https://host.example"},
		{"host with a dot behind", "/api/users", "api.example.com.", "https://host.example"},
		{"another host", "/api/users", "api.example.com.evil.net", "https://api.example"},
	}
	var trials []Trial
	for _, tt := range tests {
		for _, from := range []string{"https://root.example", "https://api.example", "https://health.example", "https://space.example", "https://host.example"} {
			want := hides()
			if from == tt.speaks {
				want.CORS = []string{"Access-Control-Allow-Origin: " + from}
			}
			header := []string{origin(from)}
			if tt.host != "" {
				header = append(header, "Host: "+tt.host)
			}
			trials = append(trials, Trial{Name: tt.name + ", from " + from[len("https://"):], Rules: rules, Request: request("GET "+tt.target, header...), Want: want})
		}
	}
	return trials
}

// responds answers with a status and header lines.
func responds(status int, lines ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		addLines(w.Header(), lines)
		w.WriteHeader(status)
		if status >= 200 && status != 204 && status != 304 {
			fmt.Fprintln(w, "hello")
		}
	})
}

// generous answers as an upstream does that knows CORS only by hearsay.
func generous(status int) http.Handler {
	return responds(status,
		"Access-Control-Allow-Origin: *",
		"Access-Control-Allow-Origin: "+evil,
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Methods: *",
		"Access-Control-Allow-Headers: *",
		"Access-Control-Expose-Headers: X-Secret",
		"Access-Control-Max-Age: 86400",
		"Access-Control-Allow-Private-Network: true",
	)
}
