package fetch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/fetch"
)

// A preflight is answered, and the request after it allowed.
func answered(status string, lines ...string) *script {
	return &script{answer: func(w *fetch.WireRequest) string {
		if w.Head.Method == "OPTIONS" {
			return status + "\n" + strings.Join(lines, "\n")
		}
		return "200\nAccess-Control-Allow-Origin: " + page + "\nAccess-Control-Allow-Credentials: true"
	}}
}

const (
	allowOrigin      = "Access-Control-Allow-Origin: " + page
	allowCredentials = "Access-Control-Allow-Credentials: true"
)

func TestPreflightVerdicts(t *testing.T) {
	t.Parallel()
	put := fetch.Request{Method: "PUT"}
	token := fetch.Request{Header: fetch.Lines("Authorization: x")}
	custom := fetch.Request{Header: fetch.Lines("X-A: 1")}
	with := func(r fetch.Request) fetch.Request { r.Credentials = fetch.CredentialsInclude; return r }
	for _, test := range []struct {
		name    string
		in      fetch.Request
		profile fetch.Profile
		status  string
		lines   []string
		want    fetch.Kind
		named   string
	}{
		{"method listed", put, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Methods: PUT"}, "", ""},
		{"method missing", put, fetch.Standard, "204", []string{allowOrigin}, fetch.MethodNotAllowed, "PUT"},
		{"method star", put, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Methods: *"}, "", ""},
		{"method star with credentials", with(put), fetch.Standard, "204", []string{allowOrigin, allowCredentials, "Access-Control-Allow-Methods: *"}, fetch.MethodNotAllowed, "PUT"},
		{"header star", custom, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Headers: *"}, "", ""},
		{"header star with credentials", with(custom), fetch.Standard, "204", []string{allowOrigin, allowCredentials, "Access-Control-Allow-Headers: *"}, fetch.HeaderNotAllowed, "x-a"},
		{"Authorization and star", token, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Headers: *"}, fetch.HeaderNotAllowed, "authorization"},
		{"Authorization and star in Chrome", token, fetch.Chrome, "204", []string{allowOrigin, "Access-Control-Allow-Headers: *"}, "", ""},
		{"Authorization and star in Firefox", token, fetch.Firefox, "204", []string{allowOrigin, "Access-Control-Allow-Headers: *"}, "", ""},
		{"Authorization and star in Safari", token, fetch.Safari, "204", []string{allowOrigin, "Access-Control-Allow-Headers: *"}, "", ""},
		{"Authorization and star with credentials in Chrome", with(token), fetch.Chrome, "204", []string{allowOrigin, allowCredentials, "Access-Control-Allow-Headers: *"}, fetch.HeaderNotAllowed, "authorization"},
		{"Authorization named", token, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Headers: *, AUTHORIZATION"}, "", ""},
		{"status 199", put, fetch.Standard, "404", []string{allowOrigin, "Access-Control-Allow-Methods: PUT"}, fetch.PreflightStatus, ""},
		{"no origin and 404", put, fetch.Standard, "404", nil, fetch.MissingAllowOrigin, "Access-Control-Allow-Origin"},
		{"no origin and 404 in Safari", put, fetch.Safari, "404", nil, fetch.PreflightStatus, ""},
		{"redirect", put, fetch.Standard, "301", []string{allowOrigin, "Location: /x"}, fetch.PreflightRedirect, "Location"},
		{"redirect without origin", put, fetch.Standard, "301", []string{"Location: /x"}, fetch.MissingAllowOrigin, "Access-Control-Allow-Origin"},
		{"redirect without origin in Chrome", put, fetch.Chrome, "301", []string{"Location: /x"}, fetch.PreflightRedirect, "Location"},
		{"credentials not allowed", with(put), fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Methods: PUT"}, fetch.InvalidAllowCredentials, "Access-Control-Allow-Credentials"},
		{"bad methods that nothing needs", custom, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Headers: x-a", "Access-Control-Allow-Methods: a b"}, fetch.InvalidAllowMethods, "Access-Control-Allow-Methods"},
		{"bad headers that nothing needs", put, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Headers: x:a", "Access-Control-Allow-Methods: PUT"}, fetch.InvalidAllowHeaders, "Access-Control-Allow-Headers"},
		{"both lists at fault", put, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Headers: x:a"}, fetch.InvalidAllowHeaders, "Access-Control-Allow-Headers"},
		{"both lists at fault in Firefox", put, fetch.Firefox, "204", []string{allowOrigin, "Access-Control-Allow-Headers: x:a"}, fetch.MethodNotAllowed, "PUT"},
		{"upload listener", fetch.Request{Method: "POST", UploadListener: true}, fetch.Standard, "204", []string{allowOrigin}, "", ""},
		{"upload listener and PUT, no methods", fetch.Request{Method: "PUT", UploadListener: true}, fetch.Standard, "204", []string{allowOrigin}, "", ""},
		{"upload listener and PUT, other methods", fetch.Request{Method: "PUT", UploadListener: true}, fetch.Standard, "204", []string{allowOrigin, "Access-Control-Allow-Methods: PATCH"}, fetch.MethodNotAllowed, "PUT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := answered(test.status, test.lines...)
			test.in.Origin, test.in.URL = page, api
			agent := fetch.Agent{Transport: s, Profile: test.profile}
			verdict := agent.Fetch(t.Context(), test.in)
			if verdict.Kind() != test.want {
				t.Fatalf("%v, want %q", verdict.Failure, test.want)
			}
			if s.sent[0].Head.Method != "OPTIONS" || (len(s.sent) == 2) != (test.want == "") {
				t.Errorf("sent %s", s.methods())
			}
			if f := verdict.Failure; f != nil && (!f.Preflight || f.Name != test.named) {
				t.Errorf("%+v, want the name %q", f, test.named)
			}
		})
	}
}

func TestPreflightCarriesNothingOfTheScript(t *testing.T) {
	t.Parallel()
	s := answered("204", allowOrigin, allowCredentials, "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-a, authorization, content-type")
	agent := fetch.Agent{Transport: s, Jar: &fetch.Jar{}}
	if err := agent.Jar.Add(api, "id=1; Secure; SameSite=None"); err != nil {
		t.Fatal(err)
	}
	verdict := agent.Fetch(t.Context(), fetch.Request{
		Origin: page, URL: api, Method: "PUT", Body: []byte("x"), Credentials: fetch.CredentialsInclude,
		Header: fetch.Lines("X-A: 1", "Authorization: y", "Content-Type: a/b", "Accept: z"),
	})
	if !verdict.OK() {
		t.Fatal(verdict.Failure)
	}
	for _, name := range []string{"X-A", "Authorization", "Content-Type", "Cookie", "Content-Length"} {
		if s.sent[0].Head.Header.Has(name) || !s.sent[1].Head.Header.Has(name) {
			t.Errorf("%s belongs to the request only", name)
		}
	}
	accept, _ := s.sent[0].Head.Header.Get("Accept")
	if accept != "*/*" || s.sent[0].Body != nil || s.sent[0].Credentials || !s.sent[1].Credentials {
		t.Errorf("preflight %+v", s.sent[0])
	}
}

func TestPreflightCache(t *testing.T) {
	t.Parallel()
	put := fetch.Request{Method: "PUT"}
	for _, test := range []struct {
		name    string
		profile fetch.Profile
		lines   []string
		first   fetch.Request
		wait    time.Duration
		second  fetch.Request
		want    string // methods sent
	}{
		{"default of 5 seconds", fetch.Standard, nil, put, 4900 * time.Millisecond, put, "OPTIONS PUT PUT"},
		{"5 seconds later", fetch.Standard, nil, put, 5 * time.Second, put, "OPTIONS PUT OPTIONS PUT"},
		{"negative in the standard", fetch.Standard, []string{"Access-Control-Max-Age: -1"}, put, 4 * time.Second, put, "OPTIONS PUT PUT"},
		{"negative in Safari", fetch.Safari, []string{"Access-Control-Max-Age: -1"}, put, 0, put, "OPTIONS PUT OPTIONS PUT"},
		{"zero", fetch.Standard, []string{"Access-Control-Max-Age: 0"}, put, 0, put, "OPTIONS PUT OPTIONS PUT"},
		{"a year in the standard", fetch.Standard, []string{"Access-Control-Max-Age: 31536000"}, put, 364 * 24 * time.Hour, put, "OPTIONS PUT PUT"},
		{"beyond all numbers", fetch.Standard, []string{"Access-Control-Max-Age: 99999999999999999999999"}, put, 24 * time.Hour, put, "OPTIONS PUT PUT"},
		{"Chrome's cap", fetch.Chrome, []string{"Access-Control-Max-Age: 99999"}, put, 7200 * time.Second, put, "OPTIONS PUT OPTIONS PUT"},
		{"before Chrome's cap", fetch.Chrome, []string{"Access-Control-Max-Age: 99999"}, put, 7199 * time.Second, put, "OPTIONS PUT PUT"},
		{"Firefox's cap", fetch.Firefox, []string{"Access-Control-Max-Age: 99999"}, put, 86400 * time.Second, put, "OPTIONS PUT OPTIONS PUT"},
		{"before Firefox's cap", fetch.Firefox, []string{"Access-Control-Max-Age: 99999"}, put, 86399 * time.Second, put, "OPTIONS PUT PUT"},
		{"Safari's cap", fetch.Safari, []string{"Access-Control-Max-Age: 99999"}, put, 600 * time.Second, put, "OPTIONS PUT OPTIONS PUT"},
		{"plus in Safari", fetch.Safari, []string{"Access-Control-Max-Age: +600"}, put, 599 * time.Second, put, "OPTIONS PUT PUT"},
		{"plus in the standard", fetch.Standard, []string{"Access-Control-Max-Age: +600"}, put, 6 * time.Second, put, "OPTIONS PUT OPTIONS PUT"},
		{"two lines in the standard", fetch.Standard, []string{"Access-Control-Max-Age: 600", "Access-Control-Max-Age: 600"}, put, 6 * time.Second, put, "OPTIONS PUT OPTIONS PUT"},
		{"reload in the standard", fetch.Standard, nil, put, 0, fetch.Request{Method: "PUT", Cache: fetch.CacheReload}, "OPTIONS PUT PUT"},
		{"reload in Firefox", fetch.Firefox, nil, put, 0, fetch.Request{Method: "PUT", Cache: fetch.CacheReload}, "OPTIONS PUT OPTIONS PUT"},
		{"an upload listener asks for the method", fetch.Standard, nil, put, 0, fetch.Request{Method: "POST", UploadListener: true}, "OPTIONS PUT OPTIONS POST"},
		{"another origin", fetch.Standard, nil, put, 0, fetch.Request{Method: "PUT", Origin: "https://other.test"}, "OPTIONS PUT OPTIONS"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			s := answered("204", append([]string{allowOrigin, "Access-Control-Allow-Methods: PUT"}, test.lines...)...)
			agent := fetch.Agent{Transport: s, Profile: test.profile, Now: func() time.Time { return now }}
			for _, in := range []fetch.Request{test.first, test.second} {
				if in.URL = api; in.Origin == "" {
					in.Origin = page
				}
				agent.Fetch(t.Context(), in)
				now = now.Add(test.wait)
			}
			if got := s.methods(); got != test.want {
				t.Errorf("sent %s, want %s", got, test.want)
			}
		})
	}
}

// Two answers add up in the standard; entries that are made again live longer.
func TestPreflightCacheAddsUp(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := &script{}
	s.answer = func(w *fetch.WireRequest) string {
		if w.Head.Method == "OPTIONS" {
			return permission(w)
		}
		return "200\n" + allowOrigin
	}
	agent := fetch.Agent{Transport: s, Now: func() time.Time { return now }}
	get := func(lines ...string) {
		agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: api, Header: fetch.Lines(lines...)})
	}
	get("X-A: 1")
	get("X-B: 1")
	get("X-A: 1", "X-B: 1")
	now = now.Add(3 * time.Second)
	get("X-C: 1", "X-A: 1") // asks for both, and keeps X-A for five seconds more
	now = now.Add(3 * time.Second)
	get("X-A: 1", "X-C: 1")
	get("X-B: 1")
	if got, want := s.methods(), "OPTIONS GET OPTIONS GET GET OPTIONS GET GET OPTIONS GET"; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	agent.ForgetPreflights()
	get("X-A: 1")
	if got := s.methods(); !strings.HasSuffix(got, "OPTIONS GET OPTIONS GET") {
		t.Errorf("after forgetting: %s", got)
	}
}
