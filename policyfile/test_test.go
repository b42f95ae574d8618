package policyfile_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/policyfile"
)

func TestTests(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse("x", []byte(`rules: []
tests:
  - allow: POST /users/?page=2 from https://app.example.com
    headers: [Authorization, ItemsPerPage]
    reads: TotalItemsCount
    hides: [X-Internal, ETag]
    credentials: true
  - block: DELETE  https://api.example.com/users/1  from null
    because: no-rule
  - block: GET http://localhost:8080/ from null
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []policyfile.Test{
		{
			Line: 3, Column: 5,
			Allow: true, Method: "POST", Target: &url.URL{Path: "/users/", RawQuery: "page=2"}, Origin: "https://app.example.com",
			Headers: []string{"Authorization", "ItemsPerPage"}, Reads: []string{"TotalItemsCount"},
			Hides: []string{"X-Internal", "ETag"}, Credentials: true,
		},
		{
			Line: 8, Column: 5,
			Method: "DELETE", Target: &url.URL{Scheme: "https", Host: "api.example.com", Path: "/users/1"}, Origin: "null",
			Because: policyfile.BecauseNoRule,
		},
		{
			Line: 10, Column: 5,
			Method: "GET", Target: &url.URL{Scheme: "http", Host: "localhost:8080", Path: "/"}, Origin: "null",
		},
	}
	if diff := cmp.Diff(want, f.Tests); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Columns are those of the very word that is wrong.
func TestTestProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"all words wrong", "- allow: G@T users#x from https://App.example.com\n",
			`3:10 tests[0].allow: "G@T" is no method (begin with one, as in "GET /users/ from https://app.example.com")
3:14 tests[0].allow: "users#x" has a fragment, which is not sent (remove it)
3:27 tests[0].allow: origin "https://App.example.com" has upper-case letters, which no browser sends in an origin (write "https://app.example.com")`},
		{"in quotes", "- block: \"get /a from *\"\n",
			`3:11 tests[0].block: "get" is sent in upper case (write "GET", as browsers do)
3:23 tests[0].block: "*" is a pattern, and a page has one origin (write one origin that it stands for, as in "https://app.example.com")`},
		{"in several lines", "- block: >\n    get /a from *\n",
			`3:10 tests[0].block: "get" is sent in upper case (write "GET", as browsers do)
3:10 tests[0].block: "*" is a pattern, and a page has one origin (write one origin that it stands for, as in "https://app.example.com")`},
		{"in single quotes", "- block: 'get /a from null'\n", `3:11 tests[0].block: "get" is sent in upper case (write "GET", as browsers do)`},
		{"with escapes", "- block: \"get\\u0020/a from null\"\n", `3:10 tests[0].block: "get" is sent in upper case (write "GET", as browsers do)`},
		{"a word twice", "- block: GET GET from null\n", `3:14 tests[0].block: "GET" does not begin with one slash (write "/GET")`},
		{"another word for from", "- block: GET /a by null\n", `3:10 tests[0].block: "GET /a by null" is no request (write METHOD PATH from ORIGIN, as in "PUT /users/1 from https://app.example.com")`},
		{"no text", "- block: 5\n- allow: [GET /a from null]\n", `3:10 tests[0].block: a number stands where a string is expected (write "5" in quotes)
4:10 tests[1].allow: a list stands where a string is expected (write one value, without dash and brackets)`},
		{"URLs that are none", "- allow: GET http://u@a/b from null\n- allow: GET https:///b from null\n- allow: GET /a# from null\n",
			`3:14 tests[0].allow: "http://u@a/b" is no URL of an API (write a URL of the scheme http or https, without a user name)
4:14 tests[1].allow: "https:///b" is no URL of an API (write a URL of the scheme http or https, without a user name)
5:14 tests[2].allow: "/a#" has a fragment, which is not sent (remove it)`},
		{"no sentence", "- allow: GET /a\n", `3:10 tests[0].allow: "GET /a" is no request (write METHOD PATH from ORIGIN, as in "PUT /users/1 from https://app.example.com")`},
		{"no path", "- allow: GET users from null\n- allow: GET //a/b from null\n- allow: GET ftp://a/b from null\n- allow: GET /%zz from null\n",
			`3:14 tests[0].allow: "users" does not begin with one slash (write "/users")
4:14 tests[1].allow: "//a/b" does not begin with one slash (write "/a/b")
5:14 tests[2].allow: "ftp://a/b" is no URL of an API (write a URL of the scheme http or https, without a user name)
6:14 tests[3].allow: "/%zz" is no path (write a path such as "/users/", or a URL)`},
		{"forbidden", "- allow: TRACE /a from null\n  headers: [Cookie, \"*\", a b, Host]\n  reads: [Set-Cookie, a b, \"*\"]\n  hides: c d\n",
			`3:10 tests[0].allow: no browser lets scripts use TRACE
4:13 tests[0].headers[0]: no browser lets scripts set "Cookie" (remove it, and write credentials: true for a page that sends cookies)
4:21 tests[0].headers[1]: "*" is no header name (write one header in each entry, without its value)
4:26 tests[0].headers[2]: "a b" is no header name (write one header in each entry, without its value)
4:31 tests[0].headers[3]: no browser lets scripts set "Host" (remove it: the browser alone sets it)
5:11 tests[0].reads[0]: no browser lets scripts read "Set-Cookie" (remove it)
5:23 tests[0].reads[1]: "a b" is no header name (write one header in each entry)
5:28 tests[0].reads[2]: "*" is no header name (write one header in each entry)
6:10 tests[0].hides[0]: "c d" is no header name (write one header in each entry)`},
		{"both", "- allow: GET /a from null\n  block: GET /a from null\n", `3:3 tests[0]: the test has both allow and block (make two tests of it)`},
		{"neither", "- because: origin\n", `3:3 tests[0]: the test has neither allow nor block (write allow: or block:, as in "allow: GET /users/ from https://app.example.com")`},
		{"neither, in another word", "- deny: GET /a from null\n", `3:3 tests[0].block: there is no key "deny" (did you mean "block"?)`},
		{"neither, but meant", "- allows: GET /a from null\n", `3:3 tests[0].allow: there is no key "allows" (did you mean "allow"?)`},
		{"no such reason", "- block: GET /a from null\n  because: bad\n", `4:12 tests[0].because: there is no reason "bad" (the reasons are origin, method, header, credentials, no-rule)`},
		{"reason for what is allowed", "- allow: GET /a from null\n  because: origin\n", `4:12 tests[0].because: what is allowed needs no reason (write block: instead of allow:, or remove it)`},
		{"reading what is blocked", "- block: GET /a from null\n  reads: ETag\n", `4:10 tests[0].reads: a page that is blocked reads nothing (remove it, or write allow: instead of block:)`},
		{"hiding from what is blocked", "- block: GET /a from null\n  hides: ETag\n", `4:10 tests[0].hides: a page that is blocked reads nothing (remove it, or write allow: instead of block:)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := policyfile.Parse("x", []byte("rules: []\ntests:\n"+tt.in))
			if diff := cmp.Diff(tt.want, told(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
