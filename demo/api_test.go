package demo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// testAPI is a table of requests: what is sent, and what must be in the answer.
func testAPI(t *testing.T, s *Store) {
	api := NewAPI(s, Token)
	const bearer = "Authorization: Bearer " + Token
	for _, tt := range []struct {
		name    string
		request string // "METHOD /path", then headers, then the body after an empty line
		status  int
		headers string // that the answer must have; a name with nothing after it must be absent
		body    string // that the answer's must contain
	}{
		{"the first page", "GET /users\n" + bearer, 200, "TotalItemsCount: 1000\nContent-Type: application/json\nCache-Control: no-store\nAccess-Control-Allow-Origin:",
			`[{"id":1,"name":"Amina Kipchoge","email":"amina.kipchoge@example.com","city":"Nairobi","country":"Kenya","joined":"2017-03-14"},`},
		{"one item", "GET /users\n" + bearer + "\nItemsPerPage: 1\nPageNumber: 1000", 200, "TotalItemsCount: 1000", `[{"id":1000,`},
		{"past the end", "GET /users\n" + bearer + "\nItemsPerPage: 100\nPageNumber: 11", 200, "TotalItemsCount: 1000", "[]\n"},
		{"the scheme has no case", "GET /users\nAuthorization: bearer " + Token, 200, "", ""},
		{"HEAD", "HEAD /users\n" + bearer, 200, "TotalItemsCount: 1000", ""},
		{"POST without a body", "POST /users\n" + bearer + "\nItemsPerPage: 1\nPageNumber: 2", 200, "TotalItemsCount: 1000", `[{"id":2,`},
		{"POST with a search", "POST /users\n" + bearer + "\nContent-Type: application/json; charset=utf-8\n\n" + `{"search":"gdańsk"}`, 200, "TotalItemsCount: 14", `"city":"Gdańsk"`},
		{"POST with an empty object", "POST /users\n" + bearer + "\nContent-Type: application/json\n\n{}", 200, "TotalItemsCount: 1000", ""},

		{"no token", "GET /users", 401, `WWW-Authenticate: Bearer realm="users"` + "\nContent-Type: application/problem+json\nTotalItemsCount:", "send an access token"},
		{"another scheme", "GET /users\nAuthorization: Basic ZGVtbzpkZW1v", 401, `WWW-Authenticate: Bearer realm="users"`, "send an access token"},
		{"a wrong token", "GET /users\n" + bearer + "x", 401, `WWW-Authenticate: Bearer realm="users", error="invalid_token"`, "not valid"},
		{"an empty token", "GET /users\nAuthorization: Bearer", 401, "", "not valid"},
		{"the token comes before the rest", "POST /users\nItemsPerPage: x", 401, "", ""},

		{"another path", "GET /nothing", 404, "Content-Type: application/problem+json", `"title":"Not Found"`},
		{"a user", "GET /users/1\n" + bearer, 404, "", ""},
		{"DELETE", "DELETE /users\n" + bearer, 405, "Allow: GET, HEAD, POST", ""},
		{"a preflight is a method like any other", "OPTIONS /users\nOrigin: http://127.0.0.1:3000\nAccess-Control-Request-Method: GET", 405, "Allow: GET, HEAD, POST\nAccess-Control-Allow-Origin:", "the methods are GET, HEAD, POST"},

		{"no number", "GET /users\n" + bearer + "\nItemsPerPage: ten", 400, "Content-Type: application/problem+json", `ItemsPerPage is \"ten\": give a number from 1 to 100`},
		{"none", "GET /users\n" + bearer + "\nItemsPerPage: 0", 400, "", ""},
		{"too many", "GET /users\n" + bearer + "\nItemsPerPage: 101", 400, "", ""},
		{"negative", "GET /users\n" + bearer + "\nPageNumber: -1", 400, "", ""},
		{"signed", "GET /users\n" + bearer + "\nPageNumber: +1", 400, "", ""},
		{"empty", "GET /users\n" + bearer + "\nPageNumber:", 400, "", `PageNumber is \"\"`},
		{"beyond integers", "GET /users\n" + bearer + "\nPageNumber: 99999999999999999999", 400, "", ""},
		{"long", "GET /users\n" + bearer + "\nPageNumber: " + strings.Repeat("9", 5000), 400, "", strings.Repeat("9", 40) + `\"…`},
		{"twice", "GET /users\n" + bearer + "\nPageNumber: 1\nPageNumber: 1", 400, "", "PageNumber is given 2 times"},
		{"everything wrong at once", "POST /users\n" + bearer + "\nItemsPerPage: a\nPageNumber: b\nContent-Type: application/json\n\n{\"find\":1}", 400, "",
			`"errors":["ItemsPerPage is \"a\": give a number from 1 to 100","PageNumber is \"b\": give a number from 1 to 1000000","the body has a member \"find\": \"search\" is the only one"]`},

		{"not JSON", "POST /users\n" + bearer + "\nContent-Type: application/json\n\nsearch=x", 400, "", "the body is no JSON object"},
		{"JSON null", "POST /users\n" + bearer + "\nContent-Type: application/json\n\nnull", 400, "", "the body is no JSON object"},
		{"two values", "POST /users\n" + bearer + "\nContent-Type: application/json\n\n{} {}", 400, "", "the body is no JSON object"},
		{"a search that is a number", "POST /users\n" + bearer + "\nContent-Type: application/json\n\n" + `{"search":1}`, 400, "", "is no string"},
		{"a search with NUL", "POST /users\n" + bearer + "\nContent-Type: application/json\n\n" + `{"search":"a\u0000"}`, 400, "", "NUL"},
		{"a search too long", "POST /users\n" + bearer + "\nContent-Type: application/json\n\n" + `{"search":"` + strings.Repeat("é", 101) + `"}`, 400, "", "101 characters"},
		{"a form", "POST /users\n" + bearer + "\nContent-Type: application/x-www-form-urlencoded\n\nsearch=x", 415, "", "send application/json"},
		{"no type", "POST /users\n" + bearer + "\n\n{}", 415, "", `Content-Type is \"\"`},
		{"a body too large", "POST /users\n" + bearer + "\nContent-Type: application/json\n\n" + strings.Repeat(" ", maxBody+1), 413, "Content-Type: application/problem+json", "8192 bytes"},

		{"a session without a token", "POST /session", 401, "Set-Cookie:", ""},
		{"the end of a session", "DELETE /session", 204, "Set-Cookie: corsac_demo_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", ""},
		{"nobody", "GET /me", 401, "WWW-Authenticate:", "nobody is signed in"},
		{"somebody with a forged cookie", "GET /me\nCookie: corsac_demo_session=" + strings.Repeat("0", 64), 401, "", "nobody is signed in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := serve(api, tt.request)
			if res.Code != tt.status {
				t.Errorf("status %d, want %d", res.Code, tt.status)
			}
			for line := range strings.SplitSeq(tt.headers, "\n") {
				name, want, _ := strings.Cut(line, ": ")
				name = strings.TrimSuffix(name, ":")
				if got := strings.Join(valuesOf(res.Header(), name), ", "); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if !strings.Contains(res.Body.String(), tt.body) {
				t.Errorf("body %s, want %s in it", res.Body, tt.body)
			}
			if res.Code >= 400 {
				checkProblem(t, res)
			}
		})
	}
	t.Run("a session", func(t *testing.T) {
		cookie := serve(api, "POST /session\n"+bearer).Result().Cookies()[0]
		if me := serve(api, "GET /me\nCookie: "+cookie.String()); !strings.Contains(me.Body.String(), `"name":"Amina Kipchoge"`) {
			t.Errorf("GET /me with %s: %d %s", cookie, me.Code, me.Body)
		}
	})
}

// serve writes the request as lines and returns the answer.
func serve(h http.Handler, request string) *httptest.ResponseRecorder {
	head, body, _ := strings.Cut(request, "\n\n")
	lines := strings.Split(head, "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		r.Header.Add(name, strings.TrimSpace(value))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// valuesOf compares names as HTTP does, without case.
func valuesOf(h http.Header, name string) (values []string) {
	for n, v := range h {
		if strings.EqualFold(n, name) {
			values = append(values, v...)
		}
	}
	return values
}

func checkProblem(t *testing.T, res *httptest.ResponseRecorder) {
	t.Helper()
	var p struct {
		Title, Detail string
		Status        int
	}
	if err := json.Unmarshal(res.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v in %s", err, res.Body)
	}
	if p.Status != res.Code || p.Title != http.StatusText(res.Code) || p.Detail == "" {
		t.Errorf("problem %+v for status %s", p, strconv.Itoa(res.Code))
	}
}
