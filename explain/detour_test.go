package explain

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// TestDetour: who cannot change the server is told of the gateway, and nobody
// else is.
func TestDetour(t *testing.T) {
	t.Parallel()
	const local = "http://localhost:3000"
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		ask   fetch.Request
		want  string // SERVER stands for the server's origin
	}{
		{"no CORS", bare, fetch.Request{Origin: local}, "corsac serve --to SERVER --allow http://localhost:3000"},
		{"a login before the preflight", lines(401), fetch.Request{Origin: "http://127.0.0.1:5173", Method: "PUT"}, "corsac serve --to SERVER --allow http://127.0.0.1:5173"},
		{"credentials", lines(200, "Access-Control-Allow-Origin: *"), fetch.Request{Origin: local, Credentials: fetch.CredentialsInclude},
			"corsac serve --to SERVER --allow http://localhost:3000 --credentials"},
		{"a page in production", bare, fetch.Request{Origin: app}, ""},
		{"no fault", lines(200, "Access-Control-Allow-Origin: "+local), fetch.Request{Origin: local}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := start(t, tt.serve).URL
			tt.ask.URL = server + "/users?token=x"
			r := Explain(t.Context(), Question{Request: tt.ask})
			if want := strings.ReplaceAll(tt.want, "SERVER", server); r.Meanwhile != want {
				t.Errorf("%q, want %q, after %s", r.Meanwhile, want, r.Headline)
			}
		})
	}
}

func TestDetourBesideTheServer(t *testing.T) {
	t.Parallel()
	page := fetch.Origin{Scheme: "http", Host: "localhost", Port: "3000"}
	r := &Report{Answer: Blocked, Causes: []Diagnosis{{Code: "CX-O01"}}}
	if got, want := r.detour(page, "http://localhost:8080/users"), "corsac serve --listen 127.0.0.1:8090 --to http://localhost:8080 --allow http://localhost:3000"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Causes[0].Code = "CX-N03"
	if got := r.detour(page, "http://localhost:8080/users"); got != "" {
		t.Errorf("%q goes around a server that is not there", got)
	}
}

func TestDetourOfAConsoleLine(t *testing.T) {
	t.Parallel()
	p, err := pasted.Parse([]byte("Access to fetch at 'https://a.test/x' from origin 'http://localhost:3000' has been blocked by CORS policy: " +
		"No 'Access-Control-Allow-Origin' header is present on the requested resource."))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Meaning(p.Messages[0], nil, false).Meanwhile, "corsac serve --to https://a.test --allow http://localhost:3000"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
