package pasted_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/pasted"
)

func TestCurl(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		r    fetch.Request
		want string
	}{
		{"simple", fetch.Request{URL: "https://a.test/x"}, `curl 'https://a.test/x'`},
		{"a preflighted request", fetch.Request{
			Origin: "https://p.test", URL: "https://a.test/x", Method: "put", Body: []byte(`{"a":1}`),
			Header: fetch.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "X-A", Value: ""}, {Name: "Cookie", Value: "forbidden=1"}},
		}, `curl 'https://a.test/x' \
  -X 'PUT' \
  -H 'Origin: https://p.test' \
  -H 'Content-Type: application/json' \
  -H 'X-A;' \
  --data-raw '{"a":1}'`},
		{"what would mean something to the shell", fetch.Request{URL: "https://a.test/?'$(id)`id`!", Method: "POST", Body: []byte("it's $HOME\n\x01\xff€")},
			`curl 'https://a.test/?%27$(id)` + "`id`" + `!' \
  -H 'Content-Type:' \
  --data-raw $'it\'s $HOME\n\x01\xff€'`},
		{"globs", fetch.Request{URL: "https://[::1]/{a}"}, `curl -g 'https://[::1]/%7Ba%7D'`},
		{"relative", fetch.Request{Page: "https://p.test/a/b", Origin: "https://p.test", URL: "../c"}, `curl 'https://p.test/c' -H 'Origin: https://p.test'`},
		{"line breaks in a header", fetch.Request{URL: "https://a.test/", Header: fetch.Header{{Name: "X-A", Value: "a\r\nb: c"}, {Name: "@file", Value: ""}}}, `curl 'https://a.test/'`},
		{"a NUL in the body", fetch.Request{URL: "https://a.test/", Method: "POST", Body: []byte("a\x00b"), BodyType: "text/plain"},
			"curl 'https://a.test/' \\\n  -H 'Content-Type: text/plain' \\\n  --data-binary @body # 3 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := pasted.Curl(row.r); got != row.want {
				t.Errorf("%s\nwant\n%s", got, row.want)
			}
		})
	}
}

// What real bash and real curl send is the request that was printed.
func TestCurlIsWhatCurlSends(t *testing.T) {
	t.Parallel()
	needBash(t)
	lab.Need(t, "curl")
	seen := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		seen <- r
	}))
	defer server.Close()
	for _, r := range []fetch.Request{
		{Origin: "null", Method: "GET"},
		{Origin: "https://p.test", Method: "PROPFIND", Header: fetch.Header{{Name: "X-Empty", Value: ""}, {Name: "X-A", Value: "it's \"$HOME\" `id` !! \\ \x80"}}},
		{Origin: "https://p.test", Method: "POST", BodyType: "text/plain;charset=UTF-8", Body: []byte("@file\n$(id) 'x' \\' \t\x01\xff\r\n€ !")},
		{Origin: "https://p.test", Method: "POST", Body: []byte{}},
	} {
		r.URL = server.URL + "/a?b=[c]&d='e'"
		out, err := exec.CommandContext(t.Context(), "bash", "--norc", "-c", pasted.Curl(r)+" -q -sS --max-time 20").CombinedOutput()
		if err != nil {
			t.Fatalf("%s\n%v: %s", pasted.Curl(r), err, out)
		}
		got := <-seen
		body, _ := io.ReadAll(got.Body)
		if got.Method != r.Method || string(body) != string(r.Body) || got.Header.Get("Origin") != r.Origin || got.Header.Get("Content-Type") != r.BodyType {
			t.Errorf("%s\nsent %s %v %q", pasted.Curl(r), got.Method, got.Header, body)
		}
		for _, h := range r.Header {
			if got.Header.Get(h.Name) != h.Value || len(got.Header.Values(h.Name)) != 1 {
				t.Errorf("%s: %q, want %q", h.Name, got.Header.Values(h.Name), h.Value)
			}
		}
	}
}

// carried is the part of a request that a command line can carry.
func carried(r fetch.Request) fetch.Request {
	r.Credentials, r.Page, r.Referrer, r.ReferrerPolicy, r.TargetAddressSpace = "", "", "", "", ""
	r.Redirect, r.Cache = "", ""
	return r
}

// comesBack prints a request that was read and reads what was printed.
func comesBack(t *testing.T, r fetch.Request) {
	t.Helper()
	line := pasted.Curl(r)
	p, err := pasted.Parse([]byte(line))
	if err != nil {
		t.Fatalf("%s\n%v", line, err)
	}
	if len(p.Requests) != 1 {
		t.Fatalf("%s\n%d requests", line, len(p.Requests))
	}
	again := p.Requests[0].Request
	if !reflect.DeepEqual(carried(again), carried(r)) {
		t.Fatalf("%s\nread back as\n%+v, want\n%+v", line, carried(again), carried(r))
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	comesBack(t, wanted)
}

func TestRedact(t *testing.T) {
	t.Parallel()
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
	for _, row := range []struct{ name, value, want string }{
		{"Authorization", "Bearer abc", "Bearer REDACTED"},
		{"authorization", "abc", "REDACTED"},
		{"Cookie", "sid=1; theme=dark; flag", "sid=REDACTED; theme=REDACTED;REDACTED"},
		{"Set-Cookie", "sid=1; Path=/; SameSite=None", "sid=REDACTED; Path=/; SameSite=None"},
		{"X-Api-Key", "k", "REDACTED"},
		{"X-CSRF-Token", "k", "REDACTED"},
		{"Ocp-Apim-Subscription-Key", "k", "REDACTED"},
		{"Content-Type", "application/json", "application/json"},
		{"Origin", "https://p.test", "https://p.test"},
		{"Referer", "https://p.test/?token=x&a=1", "https://p.test/?token=REDACTED&a=1"},
		{"Access-Control-Allow-Credentials", "true", "true"},
		{"Access-Control-Request-Headers", "authorization,x-api-key", "authorization,x-api-key"},
		{"WWW-Authenticate", `Bearer realm="x"`, `Bearer realm="x"`},
		{"X-A", "a " + jwt, "a REDACTED"},
		{"X-Unknown-Token", pasted.Unknown, pasted.Unknown},
	} {
		if got := pasted.RedactValue(row.name, row.value); got != row.want {
			t.Errorf("%s: %s is shown as %q, want %q", row.name, row.value, got, row.want)
		}
	}
	for _, row := range []struct{ url, want string }{
		{"https://a.test/x?q=1", "https://a.test/x?q=1"},
		{"https://me:pw@a.test/", "https://REDACTED@a.test/"},
		{"https://a.test/cb?code=1&page=2&access_token=3#id_token=4&x=5", "https://a.test/cb?code=REDACTED&page=2&access_token=REDACTED#id_token=REDACTED&x=5"},
		{"https://a.test/reset/" + jwt, "https://a.test/reset/REDACTED"},
		{"/users?api_key=1", "/users?api_key=REDACTED"},
	} {
		if got := pasted.RedactURL(row.url); got != row.want {
			t.Errorf("%s is shown as %q, want %q", row.url, got, row.want)
		}
	}
	for _, row := range []struct{ body, want string }{
		{`{"user":"a","password":"p\"q","otp":123456,"nested":{"refreshToken" : "x"}}`, `{"user":"a","password":"REDACTED","otp":"REDACTED","nested":{"refreshToken" : "REDACTED"}}`},
		{"user=a&password=p%20q", "user=a&password=REDACTED"},
		{"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nsecret\r\n--b--\r\n", "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nREDACTED\r\n--b--\r\n"},
		{"just text", "just text"},
	} {
		if got := string(pasted.RedactBody([]byte(row.body))); got != row.want {
			t.Errorf("%q is shown as %q, want %q", row.body, got, row.want)
		}
	}
}

func TestRedactedRequest(t *testing.T) {
	t.Parallel()
	r := wanted
	r.URL += "&apikey=s3cret"
	r.Body = []byte(`{"password":"s3cret"}`)
	line := pasted.Curl(pasted.Redact(r))
	if strings.Contains(line, "s3cret") || strings.Contains(line, "t0ken") {
		t.Errorf("a secret is left:\n%s", line)
	}
	if wanted.Header[1].Value != "Bearer t0ken" {
		t.Error("the request that was redacted was changed")
	}
}
