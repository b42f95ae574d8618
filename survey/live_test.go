package survey

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/policyfile"
)

const app = "https://app.example.com"

// lines are header lines of an answer; $ORIGIN, $METHOD and $HEADERS stand for
// what was asked.
func lines(status int, lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fill := strings.NewReplacer("$ORIGIN", r.Header.Get("Origin"),
			"$METHOD", r.Header.Get("Access-Control-Request-Method"), "$HEADERS", r.Header.Get("Access-Control-Request-Headers"))
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			if value = fill.Replace(value); value != "" {
				w.Header().Add(name, value)
			}
		}
		w.WriteHeader(status)
	}
}

// allowing answers pages of the origins only.
func allowing(is func(origin string) bool, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		if is(r.Header.Get("Origin")) {
			next(w, r)
		} else if strings.Contains(r.URL.Path, "not-found") {
			w.WriteHeader(404)
		}
	}
}

func isApp(origin string) bool { return origin == app }

// byQuestion lists only what was asked for, and refuses what is not allowed.
func byQuestion(w http.ResponseWriter, r *http.Request) {
	method := r.Header.Get("Access-Control-Request-Method")
	asked := r.Header.Get("Access-Control-Request-Headers")
	if r.Method == "OPTIONS" {
		for name := range strings.SplitSeq(asked, ",") {
			if name != "" && !slices.Contains([]string{"authorization", "x-tenant"}, name) {
				w.WriteHeader(403)
				return
			}
		}
		if !slices.Contains([]string{"GET", "DELETE", "PURGE"}, method) {
			w.WriteHeader(403)
			return
		}
	}
	lines(204, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Methods: $METHOD", "Access-Control-Allow-Headers: $HEADERS")(w, r)
}

func TestLive(t *testing.T) {
	t.Parallel()
	ask := Question{Origins: []string{app}, Methods: []string{"PURGE"}, Headers: []string{"X-Tenant"}}
	for _, tt := range []struct {
		name     string
		server   http.HandlerFunc
		question Question
		findings string // their names, but for vary and errors
		has      []string
		not      []string
	}{
		{"one origin", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN")), ask, "",
			[]string{"- " + app}, []string{"credentials: true", "methods"}},
		{"nobody", lines(200), ask, "", []string{"rules: []"}, []string{app}},
		{"everybody", lines(200, "Access-Control-Allow-Origin: *"), ask, "", []string{`- "*"`}, nil},
		{"everybody, with credentials", lines(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"), ask,
			"star-with-credentials", []string{`- "*"`}, []string{"credentials: true"}},
		{"reflects", lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Vary: Origin"), ask, "reflects", []string{`- "*"`}, []string{app}},
		{"reflects with credentials", lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true", "Vary: Origin"), ask,
			"reflects-with-credentials", []string{"- " + app, `# - "*"`, "credentials: true"}, []string{"\n      - \"*\""}},
		{"reflects with credentials, and nobody is named",
			lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true", "Vary: Origin"), Question{},
			"reflects-with-credentials", []string{"rules: []", `# - "*"`}, nil},
		{"a fixed origin that was not named", lines(200, "Access-Control-Allow-Origin: https://www.example.com"), Question{}, "",
			[]string{"- https://www.example.com"}, nil},
		{"pages that nobody named", allowing(func(o string) bool { return o == "http://localhost:5173" },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN")), Question{}, "", []string{"- http://localhost:5173\n"}, nil},
		{"null, with credentials", allowing(func(o string) bool { return isApp(o) || o == "null" },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true")), ask, "null", []string{"- " + app, `# - "null"`}, nil},
		{"by its beginning", allowing(func(o string) bool { return strings.HasPrefix(o, app) }, lines(200, "Access-Control-Allow-Origin: $ORIGIN")),
			ask, "more-behind", []string{"- " + app + "\n", "# - https://app.example.com:*"}, []string{"\n      - https://app.example.com:*"}},
		{"by its end", allowing(func(o string) bool { return strings.HasSuffix(o, "example.com") },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN")), ask, "more-before other-scheme", []string{"- https://*.example.com"}, nil},
		{"by its end, with a dot", allowing(func(o string) bool { return strings.HasSuffix(o, ".example.com") && strings.HasPrefix(o, "https:") },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN")), ask, "", []string{"- https://*.example.com"}, nil},
		{"a dot for any character", allowing(func(o string) bool { return isApp(o) || o == "https://appxexample.com" },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN")), ask, "any-for-dot", []string{"- " + app}, []string{"appx"}},
		{"subdomains of one label", allowing(func(o string) bool {
			return strings.HasSuffix(o, ".example.com") && strings.HasPrefix(o, "https:") && strings.Count(o, ".") == 2
		}, lines(200, "Access-Control-Allow-Origin: $ORIGIN")), ask, "one-label", []string{"- https://*.example.com", "several labels"}, nil},
		{"all of a public suffix, with credentials", allowing(func(o string) bool { return strings.HasPrefix(o, "https://") && strings.HasSuffix(o, ".github.io") },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true")),
			Question{Origins: []string{"https://me.github.io"}}, "left-out", []string{"# - https://*.github.io"}, []string{"\n      - https://*.github.io"}},
		{"http beside https, with credentials", allowing(func(o string) bool { return strings.HasSuffix(o, "://app.example.com") },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true")), ask, "other-scheme", []string{"# - http://app.example.com"}, nil},
		{"every port", allowing(func(o string) bool { return strings.HasPrefix(o+":", "http://localhost:") },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN")), Question{Origins: []string{"http://localhost:3000"}}, "", []string{"- http://localhost:*"}, nil},
		{"every extension", allowing(func(o string) bool { return strings.HasPrefix(o, "moz-extension://") },
			lines(200, "Access-Control-Allow-Origin: $ORIGIN")), Question{Origins: []string{"moz-extension://0b3e"}}, "every-host", []string{"- moz-extension://*"}, nil},
		{"lists what it is asked", allowing(isApp, byQuestion), ask, "", []string{"methods: [DELETE, PURGE]", "headers: [X-Tenant, Authorization]"}, []string{"PATCH]"}},
		{"echoes what it is asked", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Methods: $METHOD", "Access-Control-Allow-Headers: $HEADERS")),
			ask, "echoes-headers echoes-methods", []string{`methods: ["*"]`, `headers: ["*", Authorization]`}, nil},
		{"echoes what it is asked, with credentials", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Methods: $METHOD", "Access-Control-Allow-Headers: $HEADERS")),
			ask, "echoes-headers echoes-methods", []string{`methods: [PURGE]`, `headers: [X-Tenant]`, `# headers: "*"`}, nil},
		{"stars with credentials", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *", "Access-Control-Expose-Headers: *")),
			ask, "left-out star-is-a-name", []string{`# methods: "*"`, `# headers: "*"`, `# expose: "*"`}, []string{`["*"]`}},
		{"all there is", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT, GET",
			"Access-Control-Allow-Headers: Authorization", "Access-Control-Expose-Headers: ETag", "Access-Control-Max-Age: 600", "Timing-Allow-Origin: $ORIGIN")),
			ask, "", []string{"methods: [PUT]", "headers: [Authorization]", "expose: [ETag]", "max-age: 10m", "timing: true"}, nil},
		{"a max-age that is none", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Max-Age: 1h")), ask, "max-age", nil, []string{"max-age:"}},
		{"preflights behind authentication", allowing(isApp, func(w http.ResponseWriter, r *http.Request) {
			lines(map[string]int{"GET": 200, "OPTIONS": 401}[r.Method], "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Methods: PUT")(w, r)
		}), ask, "preflight-status", []string{"methods: [PUT]"}, nil},
		{"no preflights", allowing(isApp, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				lines(200, "Access-Control-Allow-Origin: $ORIGIN")(w, r)
			}
		}), ask, "no-preflights", []string{"- " + app}, []string{"methods"}},
		{"preflights only", allowing(isApp, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "OPTIONS" {
				lines(204, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Methods: PUT")(w, r)
			} else {
				w.WriteHeader(401)
			}
		}), ask, "preflights-only", []string{"- " + app, "methods: [PUT]"}, nil},
		{"two values", lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Origin: *"), ask, "several-values", []string{"- " + app}, nil},
		{"True", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Credentials: True")), ask, "credentials-value", []string{`# credentials: "true"`}, nil},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/?token=abc", http.StatusFound)
		}, ask, "redirect", []string{"rules: []"}, nil},
		{"headers that do not fit", allowing(isApp, lines(200, "Access-Control-Allow-Origin: $ORIGIN", "Access-Control-Allow-Methods: put, TRACE, PUT, a b", "Access-Control-Allow-Headers: Cookie, X-A, é: [x]")),
			ask, "left-out no-list", []string{"methods: [PUT]", "headers: [X-A]"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.server)
			defer server.Close()
			tt.question.URLs = []string{server.URL + "/"}
			s, err := Live(t.Context(), tt.question)
			if err != nil {
				t.Fatal(err)
			}
			checked(t, s)
			reproduce(t, s, corstest.Target{URL: server.URL, Send: true, Profiles: []fetch.Profile{fetch.Standard}})
			text := s.File()
			names := slices.DeleteFunc(findingNames(s), func(n string) bool { return n == "vary" || n == "errors" || n == "credentials-to-denied" })
			if got := strings.Join(names, " "); got != tt.findings {
				t.Errorf("found %q, want %q\n%s", got, tt.findings, findings(s))
			}
			for _, want := range tt.has {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in\n%s", want, text)
				}
			}
			rules, _, _ := strings.Cut(text, "\n\n# What was seen.")
			for _, not := range tt.not {
				if strings.Contains(rules, not) {
					t.Errorf("%q is in\n%s", not, rules)
				}
			}
			if strings.Contains(findings(s), "token=abc") {
				t.Errorf("a secret is in\n%s", findings(s))
			}
		})
	}
}

// TestSafe asks a server that lets nothing pass: nothing but OPTIONS and GET
// arrives, as often as it may, without what only a GET may carry; and a secret
// that comes back is shown nowhere.
func TestSafe(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []*http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = append(got, r)
		mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", "https://s3cr3t-value.example")
		w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	}))
	defer server.Close()
	const most = 40
	s, err := Live(t.Context(), Question{
		URLs: []string{server.URL + "/users/?q=1"}, Paths: []string{"/health"}, Origins: []string{app, "http://localhost:3000"},
		Sent: fetch.Lines("Authorization: Bearer s3cr3t-value"), MaxRequests: most,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 || len(got) > most || s.Requests != len(got) {
		t.Errorf("%d requests arrived, %d were counted", len(got), s.Requests)
	}
	for _, r := range got {
		if r.Method != "GET" && r.Method != "OPTIONS" || r.ContentLength > 0 || r.Header.Get("Cookie") != "" {
			t.Errorf("%s %s with %d bytes, %v", r.Method, r.URL, r.ContentLength, r.Header)
		}
		if has := r.Header.Get("Authorization") != ""; has != (r.Method == "GET") {
			t.Errorf("%s carries a token: %t", r.Method, has)
		}
		if r.URL.Path == "/users/" && r.URL.RawQuery != "q=1" {
			t.Errorf("the query has gone: %s", r.URL)
		}
	}
	if text := s.File() + findings(s); strings.Contains(text, "s3cr3t") {
		t.Errorf("the token is shown:\n%s", text)
	}
}

func TestUnsettled(t *testing.T) {
	t.Parallel()
	s, err := Live(t.Context(), Question{URLs: []string{"http://" + lab.FreeAddress(t) + "/"}, Origins: []string{app}})
	if err != nil || !strings.Contains(s.Unsettled, "refused") {
		t.Errorf("nobody listens: %v, %q", err, s.Unsettled)
	}
	for _, tt := range []struct {
		name, answer string
		origins      []string
		want         string
	}{
		{"too slow", "", []string{app}, "deadline"},
		{"too slow in its body, and nobody is named", "HTTP/1.1 200 OK\r\n\r\nand so on", nil, "name the origins"},
	} {
		synctest.Test(t, func(t *testing.T) { // where only waiting takes time
			s, err := Live(t.Context(), Question{
				URLs: []string{"http://127.0.0.1/"}, Origins: tt.origins,
				Dial: func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					go func() {
						defer server.Close()
						_, _ = http.ReadRequest(bufio.NewReader(server))
						_, _ = io.WriteString(server, tt.answer)
						_, _ = io.Copy(io.Discard, server)
					}()
					return client, nil
				},
			})
			if err != nil || !strings.Contains(s.Unsettled, tt.want) {
				t.Errorf("%s: %v, %q", tt.name, err, s.Unsettled)
			}
		})
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	_, err := Live(t.Context(), Question{URLs: []string{"ftp://a.example/", "https://u:secret@a.example/"}, Paths: []string{"users", "//b.example/"}})
	if err == nil || strings.Count(err.Error(), "\n") < 1 || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	_, err = Live(t.Context(), Question{URLs: []string{"https://a.example/"}, Paths: []string{"users", "//b.example/"}})
	if err == nil || !strings.Contains(err.Error(), `"users"`) || !strings.Contains(err.Error(), `"//b.example/"`) {
		t.Errorf("%v", err)
	}
}

// FuzzAnswers has a server say anything in its headers.
func FuzzAnswers(f *testing.F) {
	f.Add("*", "true", "PUT, *", "X-A", "ETag", "600", "/")
	f.Add("https://*.example.com/, null", "True", "a\": [b\n", "- x: y # z", "\\", "-1", "/a b#c/")
	f.Fuzz(func(t *testing.T, origin, credentials, methods, headers, expose, age, path string) {
		s := &Survey{Source: path}
		model := answers{status: 200, fields: []field{
			{name: allowOrigin, value: origin}, {name: allowCredentials, value: credentials}, {name: allowMethods, value: methods},
			{name: allowHeaders, value: headers}, {name: exposeHeaders, value: expose}, {name: maxAge, value: age},
		}}
		s.walk(t.Context(), []place{{path: path, target: path, server: model, comments: []string{path}}}, hints{origins: []string{app}, trusted: []string{app}}, 5000)
		file, err := policyfile.Parse("corsac.yaml", []byte(s.settle().File()))
		if err != nil {
			t.Fatalf("%v\n%s", err, s.File())
		}
		if len(file.Tests) != len(s.Tests) {
			t.Fatalf("%d tests became %d\n%s", len(s.Tests), len(file.Tests), s.File())
		}
	})
}

// answers gives the same answer to everything.
type answers answer

func (a answers) ask(context.Context, request) answer { return answer(a) }
