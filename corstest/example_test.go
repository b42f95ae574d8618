package corstest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
)

// t is the test's own in a test.
var t = &testing.T{}

func api() http.Handler {
	policy, err := corsac.New(corsac.Rule{
		Path:    "/users/",
		Origins: []string{"https://app.example.com"},
		Methods: []string{"PUT"},
		Headers: []string{"Content-Type"},
		Expose:  []string{"ETag"},
	})
	if err != nil {
		panic(err)
	}
	return policy.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
	}))
}

// A page may change a user and read the new version's tag.
func ExampleAllowed() {
	request := httptest.NewRequest("PUT", "/users/1", strings.NewReader(`{"name":"Ada"}`))
	request.Header.Set("Content-Type", "application/json")

	corstest.Allowed(t, api(), "https://app.example.com", request, corstest.Reads("ETag"))
	// Output:
}

// Nobody else may, and the reason is the right one.
func ExampleBlocked() {
	request := httptest.NewRequest("GET", "/users/1", nil)

	corstest.Blocked(t, api(), "https://evil.example.net", request, corstest.Because(corsac.UnlistedOrigin))
	// Output:
}

// What a test that fails says.
func ExampleRun() {
	target := corstest.Target{Handler: api(), Profiles: []fetch.Profile{fetch.Standard}}
	results := corstest.Run(context.Background(), target,
		corstest.Case{
			Request: fetch.Request{Origin: "https://app.example.com", URL: "/users/1"},
			Reads:   []string{"ETag"},
		},
		corstest.Case{
			Name:    "apps delete users",
			Request: fetch.Request{Origin: "https://app.example.com", URL: "/users/1", Method: "DELETE"},
		},
	)
	for _, r := range results {
		fmt.Println(r.String())
	}
	// Output:
	// allow GET /users/1 from https://app.example.com: passed
	// apps delete users: failed
	// the page is blocked by the preflight: the method is not allowed
	//   CORS-preflight fetch (https://fetch.spec.whatwg.org/#cors-preflight-fetch-0)
	//     method: DELETE
	//     Access-Control-Allow-Methods: PUT
	//     credentials mode: same-origin
	//   to do: list DELETE in the preflight's Access-Control-Allow-Methods
	//   > OPTIONS /users/1
	//   > Access-Control-Request-Method: DELETE
	//   > Origin: https://app.example.com
	//   < 204 No Content
	//   < Access-Control-Allow-Headers: Content-Type
	//   < Access-Control-Allow-Methods: PUT
	//   < Access-Control-Allow-Origin: https://app.example.com
	//   < Vary: Origin, Access-Control-Request-Method
}
