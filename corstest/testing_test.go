package corstest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
)

const (
	app  = "https://app.example.com"
	evil = "https://evil.example.net"
)

// A recorder is a test that fails without consequences.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper()                           {}
func (r *recorder) Error(args ...any)                 { r.said = append(r.said, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }

func mustNew(t testing.TB, rules ...corsac.Rule) *corsac.Policy {
	t.Helper()
	p, err := corsac.New(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// users is an API in good order.
func users(t testing.TB) http.Handler {
	return mustNew(t, corsac.Rule{
		Path:        "/users/",
		Origins:     []string{app},
		Methods:     []string{"PUT"},
		Headers:     []string{"Authorization", "Content-Type"},
		Expose:      []string{"ETag"},
		Credentials: true,
	}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("X-Internal", "1")
	}))
}

// put is a request as people make them.
func put(header ...string) *http.Request {
	r := httptest.NewRequest("PUT", "/users/1", strings.NewReader(`{"name":"Ada"}`))
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func TestAllowedAndBlockedHold(t *testing.T) {
	t.Parallel()
	api := users(t)
	request := put("Content-Type: application/json", "Authorization: Bearer s3cr3t")
	corstest.Allowed(t, api, app, request)
	corstest.Allowed(t, api, app, request, corstest.Reads("etag", "Content-Type"), corstest.Hides("X-Internal"))
	corstest.Allowed(t, api, app, request, corstest.Preflighted(corstest.WithPreflight), corstest.Credentials())
	corstest.Allowed(t, api, app, request, corstest.Browsers(fetch.Firefox))
	corstest.Blocked(t, api, evil, request)
	corstest.Blocked(t, api, evil, request, corstest.Because(corsac.UnlistedOrigin))
	corstest.Blocked(t, api, app, put("X-Other: 1"), corstest.Because(corsac.UnlistedHeader))
	corstest.Blocked(t, api, app, httptest.NewRequest("DELETE", "/users/1", nil), corstest.Because(corsac.UnlistedMethod))
	corstest.Allowed(t, api, app, httptest.NewRequest("GET", "/users/", nil), corstest.Preflighted(corstest.NoPreflight))
	corstest.Allowed(t, api, app, httptest.NewRequest("GET", "https://api.example.com/users/", nil))
	// The name that httptest makes up is nobody's.
	corstest.Blocked(t, api, "https://example.com", httptest.NewRequest("GET", "/users/", nil))
	// A page of the API's own origin asks nobody.
	corstest.Allowed(t, api, "https://api.example.com", httptest.NewRequest("DELETE", "https://api.example.com/x", nil))
}

// TestAllowedSendsWhatTheRequestHas: cookies, the body and the host arrive.
func TestAllowedSendsWhatTheRequestHas(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"", "api.example.com"} {
		seen := false
		api := mustNew(t, corsac.Rule{Origins: []string{app}, Methods: []string{"PUT"}, Headers: []string{"Content-Type"}, Credentials: true}).
			Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen = true
				body, _ := io.ReadAll(r.Body)
				cookie, _ := r.Cookie("session")
				if cookie == nil || cookie.Value != "s3cr3t" || string(body) != `{"name":"Ada"}` || host != "" && r.Host != host {
					t.Errorf("cookie %v, body %q, host %q", cookie, body, r.Host)
				}
			}))
		r := put("Content-Type: application/json")
		r.AddCookie(&http.Cookie{Name: "session", Value: "s3cr3t"})
		r.AddCookie(&http.Cookie{Name: "theme", Value: "dark"})
		if host != "" {
			r.Host = host
		}
		corstest.Allowed(t, api, app, r)
		corstest.Allowed(t, api, app, r) // the body is there again
		if !seen {
			t.Error("the handler has seen nothing")
		}
	}
}

// TestMessages: what people read when a test of theirs fails.
func TestMessages(t *testing.T) {
	t.Parallel()
	answer := func(status int, lines ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, line := range lines {
				name, value, _ := strings.Cut(line, ": ")
				w.Header().Add(name, value)
			}
			w.WriteHeader(status)
		})
	}
	preflightThen := func(ok http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "OPTIONS" {
				panic("lost\x1b[31m")
			}
			ok.ServeHTTP(w, r)
		})
	}
	for _, tt := range []struct {
		name    string
		api     http.Handler
		allowed bool
		request *http.Request
		options []corstest.Option
		want    []string
	}{
		{"no header", answer(200), true, httptest.NewRequest("GET", "/", nil), nil,
			[]string{"the page is blocked: the response has no Access-Control-Allow-Origin", "#concept-cors-check", "answer with Access-Control-Allow-Origin: " + app, "> GET /\n", "> Origin: " + app, "< 200 OK"}},
		{"an OPTIONS that the router does not know", answer(405), true, put(), nil,
			[]string{"blocked by the preflight", "< 405 Method Not Allowed"}},
		{"an OPTIONS that needs a login", answer(401, "Access-Control-Allow-Origin: *"), true, put(), nil,
			[]string{"the preflight's status is not fine", "answer the preflight with 204 instead of 401", "< 401 Unauthorized"}},
		{"a redirected preflight", answer(301, "Location: /users/1/?token=s3cr3t"), true, put(), nil,
			[]string{"< 301 Moved Permanently", "< Location: /users/1/?token=…"}},
		{"a method", answer(200, "Access-Control-Allow-Origin: *"), true, put(), nil,
			[]string{"the method is not allowed", "method: PUT", "list PUT in the preflight's Access-Control-Allow-Methods"}},
		{"a header", answer(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT"), true, put("X-Api-Key: s3cr3t"), nil,
			[]string{"the header is not allowed", "list x-api-key in the preflight's Access-Control-Allow-Headers"}},
		{"credentials", answer(200, "Access-Control-Allow-Origin: *"), true, httptest.NewRequest("GET", "/", nil), []corstest.Option{corstest.Credentials()},
			[]string{`"*" does not stand for every origin in a request with credentials`, "answer with Access-Control-Allow-Origin: " + app}},
		{"one browser only", answer(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: *"), true, put("Authorization: s3cr3t"), nil,
			[]string{"in standard: the page is blocked by the preflight: the header is not allowed"}},
		{"readable", answer(204, "Access-Control-Allow-Origin: *"), false, httptest.NewRequest("GET", "/", nil), nil,
			[]string{"the page reads the response (status 204)", "what allows it is Access-Control-Allow-Origin: *"}},
		{"readable, because it is the server's own page", answer(200), false, httptest.NewRequest("GET", app+"/", nil), nil,
			[]string{"the page reads the response (status 200)", "of one origin"}},
		{"another reason", answer(200), false, httptest.NewRequest("GET", "/", nil), []corstest.Option{corstest.Because(corsac.UnlistedMethod)},
			[]string{"the page is blocked because of the origin or a path without a rule, not because of the method"}},
		{"not exposed", answer(200, "Access-Control-Allow-Origin: *", "ETag: 1"), true, httptest.NewRequest("GET", "/", nil), []corstest.Option{corstest.Reads("ETag", "Location")},
			[]string{"the page cannot read ETag, Location", "list ETag, Location in Access-Control-Expose-Headers"}},
		{"exposed", answer(200, "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *"), true, httptest.NewRequest("GET", "/", nil), []corstest.Option{corstest.Hides("X-Internal")},
			[]string{"the page can read X-Internal", "take X-Internal out of Access-Control-Expose-Headers"}},
		{"a preflight", users(t), true, httptest.NewRequest("PUT", "/users/1", nil), []corstest.Option{corstest.Preflighted(corstest.NoPreflight)},
			[]string{"the browser asks with a preflight first", "use GET, HEAD or POST"}},
		{"no preflight", users(t), true, httptest.NewRequest("GET", "/users/1", nil), []corstest.Option{corstest.Preflighted(corstest.WithPreflight)},
			[]string{"without a preflight"}},
		{"a handler that panics", preflightThen(answer(204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT")), false, put(), nil,
			[]string{"undecided", "gave no answer that a browser could judge", "the handler panicked: lost\uFFFD[31m", "(no answer)"}},
		{"a header that is the browser's", answer(200), true, put("Cookie2: a"), nil, []string{"no script can set Cookie2"}},
		{"an origin of its own", answer(200), true, put("Origin: " + evil), nil, []string{"no script can set Origin"}},
		{"no origin", answer(200), false, nil, nil, []string{"undecided", "no browser makes such a request: invalid-origin", "mend the case"}},
		{"a body where none can be", users(t), true, httptest.NewRequest("GET", "/users/", strings.NewReader("x")), nil, []string{"no browser makes such a request: body-not-allowed"}},
		{"mixed content", answer(200), false, httptest.NewRequest("GET", "http://api.example.com/", nil), nil,
			[]string{"undecided", "blocked whatever the server allows: mixed-content"}},
		{"mixed content that must be read", answer(200), true, httptest.NewRequest("GET", "http://api.example.com/", nil), nil,
			[]string{"failed", "a page of https may not fetch over http"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{TB: t}
			origin, request := app, tt.request
			if request == nil {
				origin, request = "app.example.com", httptest.NewRequest("GET", "/", nil)
			}
			if tt.allowed {
				corstest.Allowed(r, tt.api, origin, request, tt.options...)
			} else {
				corstest.Blocked(r, tt.api, origin, request, tt.options...)
			}
			if len(r.said) != 1 {
				t.Fatalf("failed %d times, want once", len(r.said))
			}
			for _, want := range tt.want {
				if !strings.Contains(r.said[0], want) {
					t.Errorf("no %q in\n%s", want, r.said[0])
				}
			}
			if strings.Contains(r.said[0], "s3cr3t") || strings.Contains(r.said[0], "\x1b") {
				t.Errorf("a secret or a control character in\n%s", r.said[0])
			}
		})
	}
}

// TestSecrets: what may be secret is not printed, unless it is asked for.
func TestSecrets(t *testing.T) {
	t.Parallel()
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "id=s3cr3t")
		w.Header().Set("X-Token", "s3cr3t")
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Allow-Headers", "authorization, x-api-key")
	})
	fail := func(options ...corstest.Option) string {
		r := httptest.NewRequest("PUT", "/a?page=2&api_key=s3cr3t&q=s3cr3t-s3cr3t-s3cr3t", nil)
		r.Header.Set("Authorization", "Bearer s3cr3t")
		r.Header.Set("X-Api-Key", "s3cr3t")
		r.AddCookie(&http.Cookie{Name: "session", Value: "s3cr3t"})
		t := &recorder{TB: t}
		corstest.Blocked(t, api, app, r, options...)
		return strings.Join(t.said, "\n")
	}
	said := fail()
	for _, want := range []string{"> PUT /a?page=2&api_key=…&q=…", "> Authorization: (13 bytes)", "> Cookie: (14 bytes)", "< Set-Cookie: (9 bytes)", "< X-Token: (6 bytes)"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "s3cr3t") {
		t.Errorf("a secret in\n%s", said)
	}
	shown := fail(corstest.ShowSecrets())
	for _, want := range []string{"api_key=s3cr3t", "> Authorization: Bearer s3cr3t", "> Cookie: session=s3cr3t", "< Set-Cookie: id=s3cr3t"} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in\n%s", want, shown)
		}
	}
}
