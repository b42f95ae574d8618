package fetch_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

// chain answers /0 with a redirect of this status, and what follows with 200.
func chain(status int, location string, lines ...string) *script {
	return &script{answer: func(w *fetch.WireRequest) string {
		switch {
		case w.Head.Method == "OPTIONS" && w.Head.Header.Has("Access-Control-Request-Method"):
			return permission(w)
		case w.URL.Path == "/0":
			return strconv.Itoa(status) + "\nAccess-Control-Allow-Origin: *\nLocation: " + location + "\n" + strings.Join(lines, "\n")
		}
		return "200\nAccess-Control-Allow-Origin: *"
	}}
}

func TestRedirectChangesTheRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		method string
		want   string // method and body of the second request
	}{
		{301, "POST", "GET "}, {302, "POST", "GET "}, {303, "POST", "GET "}, {307, "POST", "POST x"}, {308, "POST", "POST x"},
		{301, "PUT", "PUT x"}, {302, "PUT", "PUT x"}, {303, "PUT", "GET "}, {307, "PUT", "PUT x"},
		{301, "GET", "GET "}, {303, "HEAD", "HEAD "}, {303, "patch", "GET "}, {302, "DELETE", "DELETE x"},
	} {
		s := chain(test.status, "/1")
		in := fetch.Request{Origin: page, URL: api + "/0", Method: test.method, Header: fetch.Lines("Content-Type: text/plain", "Content-Language: en", "Accept-Language: en")}
		if test.method != "GET" && test.method != "HEAD" {
			in.Body = []byte("x")
		}
		if verdict := s.fetch(t, in); !verdict.OK() || !verdict.Response.Redirected {
			t.Errorf("%d %s: %v", test.status, test.method, verdict.Failure)
		}
		last := s.sent[len(s.sent)-1]
		if got := last.Head.Method + " " + string(last.Body); got != test.want {
			t.Errorf("%d %s: then %s, want %s", test.status, test.method, got, test.want)
		}
		becameGET := last.Head.Method == "GET" && test.method != "GET"
		if got := last.Head.Header.Has("Content-Type") || last.Head.Header.Has("Content-Language"); got == becameGET {
			t.Errorf("%d %s: headers of the body: %t", test.status, test.method, got)
		}
		if !last.Head.Header.Has("Accept-Language") {
			t.Errorf("%d %s: other headers stay", test.status, test.method)
		}
	}
}

func TestAuthorizationStaysWithItsOrigin(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{"/1": "secret", "https://other.test/1": "(none)", "https://api.test:8443/1": "(none)", page + "/1": "(none)"} {
		s := chain(307, location)
		s.fetch(t, fetch.Request{Origin: page, URL: api + "/0", Header: fetch.Lines("Authorization: secret", "X-A: 1")})
		if got := s.sentHeader("Authorization"); got != want || s.sentHeader("X-A") != "1" {
			t.Errorf("to %s: Authorization %s, want %s", location, got, want)
		}
	}
	s := chain(302, "https://other.test/1")
	s.fetch(t, fetch.Request{Origin: page, URL: api + "/0", Header: fetch.Lines("Authorization: secret")})
	if got := s.methods(); got != "OPTIONS GET GET" {
		t.Errorf("without Authorization no second preflight: %s", got)
	}
}

func TestLocation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, location, want string
		kind                 fetch.Kind
	}{
		{"relative", "1?a b", "https://api.test/1?a%20b", ""},
		{"fragment of the request", "/1", "https://api.test/1", ""},
		{"bytes beyond ASCII", "/\xc3\xa9\xff", "https://api.test/%C3%A9%FF", ""},
		{"backslashes", `\\other.test\1`, "https://other.test/1", ""},
		{"no URL", "https://[", "", fetch.InvalidLocation},
		{"two", "/1\nLocation: /1", "", fetch.MultipleLocations},
		{"ftp", "ftp://api.test/", "", fetch.RedirectScheme},
		{"data", "data:,x", "", fetch.RedirectScheme},
		{"user name", "https://u@api.test/1", "", fetch.RedirectCredentials},
		{"bad port", "https://api.test:22/", "", fetch.BlockedPort},
		{"insecure", "http://api.test/1", "", fetch.MixedContent},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			verdict := chain(302, test.location).fetch(t, fetch.Request{Origin: page, URL: api + "/0#frag"})
			if verdict.Kind() != test.kind {
				t.Fatalf("%v, want %q", verdict.Failure, test.kind)
			}
			if test.kind == "" && (verdict.Response.URL != test.want || verdict.URLs[1] != test.want+"#frag") {
				t.Errorf("%s, %s", verdict.Response.URL, verdict.URLs)
			}
		})
	}
}

func FuzzLocation(f *testing.F) {
	for _, seed := range []string{"", "/1", "//b.test", "https://u:p@b.test", "\xff", "http:x", "?", "#", `\\x\y`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, location string) {
		s := chain(302, location)
		agent := fetch.Agent{Transport: s}
		verdict := agent.Fetch(t.Context(), fetch.Request{Origin: page, URL: api + "/0"})
		for _, w := range s.sent {
			if !w.URL.IsHTTP() || w.URL.IncludesCredentials() || w.URL.Scheme != "https" && w.URL.Host != "localhost" && !strings.Contains(w.URL.Host, "127.") && !strings.HasSuffix(w.URL.Host, "localhost") && w.URL.Host != "[::1]" && !strings.HasSuffix(w.URL.Host, "localhost.") {
				t.Fatalf("%q led to %s", location, w.URL)
			}
		}
		if verdict.OK() == (verdict.Failure != nil) || verdict.OK() && verdict.Response == nil {
			t.Fatalf("%q: %+v", location, verdict)
		}
	})
}

func TestTwentyRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		last int
		want fetch.Kind
	}{{20, ""}, {21, fetch.TooManyRedirects}} {
		s := &script{answer: func(w *fetch.WireRequest) string {
			n, err := strconv.Atoi(w.URL.Path[1:])
			if err != nil {
				t.Error(err)
			}
			if n == test.last {
				return "200\nAccess-Control-Allow-Origin: *"
			}
			return "301\nAccess-Control-Allow-Origin: *\nLocation: /" + strconv.Itoa(n+1)
		}}
		if verdict := s.fetch(t, fetch.Request{Origin: page, URL: api + "/0"}); verdict.Kind() != test.want || len(s.sent) != 21 {
			t.Errorf("%d redirects: %v after %d requests", test.last, verdict.Failure, len(s.sent))
		}
	}
}

func TestRedirectModes(t *testing.T) {
	t.Parallel()
	s := chain(302, "/1")
	if verdict := s.fetch(t, fetch.Request{Origin: page, URL: api + "/0", Redirect: fetch.RedirectError}); verdict.Kind() != fetch.RedirectModeError {
		t.Errorf("error: %v", verdict.Failure)
	}
	verdict := s.fetch(t, fetch.Request{Origin: page, URL: api + "/0#f", Redirect: fetch.RedirectManual})
	if r := verdict.Response; r == nil || r.Type != fetch.OpaqueRedirect || r.Status != 0 || r.URL != api+"/0" || r.Header != nil {
		t.Errorf("manual: %+v, %v", r, verdict.Failure)
	}
	if got := s.methods(); got != "GET GET" {
		t.Errorf("sent %s", got)
	}
	verdict = chain(302, "https://other.test/1").fetch(t, fetch.Request{Page: api + "/", URL: "/0", Mode: fetch.ModeSameOrigin})
	if f := verdict.Failure; f == nil || f.Kind != fetch.SameOriginMode || f.Hop != 1 {
		t.Errorf("same-origin mode: %v", f)
	}
}

func TestReferrerPolicyOfARedirect(t *testing.T) {
	t.Parallel()
	s := chain(302, "/1", "Referrer-Policy: bogus, no-referrer, other")
	s.fetch(t, fetch.Request{Origin: page, URL: api + "/0"})
	if first, _ := s.sent[0].Head.Header.Get("Referer"); first != page+"/" || s.sentHeader("Referer") != "(none)" {
		t.Errorf("Referer: %s, then %s", first, s.sentHeader("Referer"))
	}
}

func TestRedirectStatusOnly(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 304, 305, 306, 309} {
		verdict := chain(status, "/1").fetch(t, fetch.Request{Origin: page, URL: api + "/0"})
		if !verdict.OK() || verdict.Response.Status != status {
			t.Errorf("%d: %v", status, verdict.Failure)
		}
	}
	none := scripted("302", "Access-Control-Allow-Origin: *")
	if verdict := none.fetch(t, fetch.Request{Origin: page, URL: api}); !verdict.OK() || verdict.Response.Status != 302 {
		t.Errorf("without Location: %v", verdict.Failure)
	}
}
