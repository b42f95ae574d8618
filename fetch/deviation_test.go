package fetch_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

// What profiles write on the wire; that browsers do so is internal/lab's matter.
func TestProfilesWriteHeadersTheirWay(t *testing.T) {
	t.Parallel()
	const page = "https://app.test/"
	for _, test := range []struct {
		name    string
		request fetch.Request
		header  string // of the last request
		want    map[string][]string
	}{
		{"a Range in other words", fetch.Request{Header: fetch.Lines("Range: Bytes=00-01")}, "Range",
			map[string][]string{"standard": {"Bytes=00-01"}, "chrome": {"bytes=0-1"}, "firefox": {"Bytes=00-01"}}},
		{"a Range of two ranges", fetch.Request{Header: fetch.Lines("Range: bytes=00-01,5-")}, "Range",
			map[string][]string{"chrome": {"bytes=00-01,5-"}}},
		{"a Range past the cache", fetch.Request{Header: fetch.Lines("Range: Bytes=-01"), Cache: fetch.CacheNoStore}, "Range",
			map[string][]string{"chrome": {"Bytes=-01"}}},
		{"a header set twice", fetch.Request{Header: fetch.Lines("X-Foo: 1", "X-Foo:", "x-foo: 2", "X-Foo: 3")}, "X-Foo",
			map[string][]string{"standard": {"1", "", "2", "3"}, "chrome": {"1, , 2, 3"}, "firefox": {"2, 3"}, "safari": {"1, , 2, 3"}}},
		{"Authorization set twice", fetch.Request{Header: fetch.Lines("Authorization: 1", "Authorization: 2")}, "Authorization",
			map[string][]string{"chrome": {"1, 2"}, "firefox": {"2"}}},
		{"a validator", fetch.Request{Header: fetch.Lines("If-None-Match: x")}, "Cache-Control",
			map[string][]string{"standard": {"no-cache"}, "chrome": {"max-age=0"}, "firefox": {"no-cache"}}},
		{"a validator of an XMLHttpRequest", fetch.Request{Header: fetch.Lines("If-None-Match: x"), XHR: true}, "Cache-Control",
			map[string][]string{"standard": {"no-cache"}, "chrome": {"max-age=0"}, "firefox": nil}},
		{"an Origin that the referrer policy hides", fetch.Request{Method: "POST", Mode: fetch.ModeNoCORS, ReferrerPolicy: fetch.NoReferrer}, "Origin",
			map[string][]string{"standard": {"null"}, "chrome": {"https://app.test"}, "firefox": {"null"}}},
		{"a sandbox in no-cors with credentials", fetch.Request{Origin: "null", Mode: fetch.ModeNoCORS, Credentials: fetch.CredentialsInclude}, "Origin",
			map[string][]string{"standard": nil, "chrome": nil, "firefox": {"null"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for name, want := range test.want {
				profile, _ := fetch.ProfileNamed(name)
				agent := fetch.Agent{Profile: profile, Transport: fetch.Handler(http.HandlerFunc(allow))}
				r := test.request
				r.Page, r.URL = page, "https://api.app.test/"
				v := agent.Fetch(t.Context(), r)
				if len(v.Exchanges) == 0 {
					t.Fatalf("%s: %v", name, v.Failure)
				}
				if got := v.Exchanges[len(v.Exchanges)-1].Request.Header.Values(test.header); !slices.Equal(got, want) {
					t.Errorf("%s sends %q, want %q", name, got, want)
				}
			}
		})
	}
}

func allow(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	h.Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
	h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
}

func TestSandboxInSecurePage(t *testing.T) {
	t.Parallel()
	agent := fetch.Agent{Transport: fetch.Handler(http.HandlerFunc(allow))}
	for page, want := range map[string]fetch.Kind{"https://app.test/": fetch.MixedContent, "http://app.test/": ""} {
		if v := agent.Fetch(t.Context(), fetch.Request{Origin: "null", Page: page, URL: "http://api.test/"}); v.Kind() != want {
			t.Errorf("in %s: %q, want %q", page, v.Kind(), want)
		}
	}
}

// A cookie with SameSite=Strict, on the ways on which browsers differ.
func TestStrictCookies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, url string
		want      map[string]bool
	}{
		{"to the page's host without TLS", "http://127.0.0.1/", map[string]bool{"standard": false, "chrome": false, "firefox": true}},
		{"back through another site", "https://other.test/away", map[string]bool{"standard": true, "chrome": true, "firefox": false}},
		{"straight", "https://127.0.0.1/", map[string]bool{"standard": true, "chrome": true, "firefox": true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for name, want := range test.want {
				profile, _ := fetch.ProfileNamed(name)
				server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					allow(w, r)
					w.Header().Set("Access-Control-Allow-Credentials", "true")
					if r.URL.Path == "/away" {
						http.Redirect(w, r, "https://127.0.0.1/", http.StatusFound)
					}
				})
				agent := fetch.Agent{Profile: profile, Transport: fetch.Handler(server), Jar: &fetch.Jar{}}
				if err := agent.Jar.Add("https://127.0.0.1/", "strict=1; SameSite=Strict"); err != nil {
					t.Fatal(err)
				}
				v := agent.Fetch(t.Context(), fetch.Request{Page: "https://127.0.0.1/page", URL: test.url, Credentials: fetch.CredentialsInclude})
				if v.Failure != nil {
					t.Fatalf("%s: %v", name, v.Failure)
				}
				if got := v.Exchanges[len(v.Exchanges)-1].Request.Header.Has("Cookie"); got != want {
					t.Errorf("%s sends it: %t", name, got)
				}
			}
		})
	}
}
