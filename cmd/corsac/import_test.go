package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
)

// TestImportLive imports from a live API, and checks and tests what was written,
// on the policy itself and on the API.
func TestImportLive(t *testing.T) {
	t.Parallel()
	policy, err := corsac.New(
		corsac.Rule{Path: "/users/", Origins: []string{"https://app.example.com", "https://*.example.org"}, Methods: []string{"PUT"},
			Headers: []string{"Authorization"}, Expose: []string{"ETag"}, Credentials: true},
		corsac.Rule{Path: "/open", Origins: []string{"*"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(policy.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cr3t-token" && r.URL.Path == "/users/" {
			w.WriteHeader(401)
		}
	})))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "corsac.yaml")
	corsac := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if got := run(t.Context(), args, strings.NewReader(""), &out, &errs); got != code {
			t.Fatalf("%q ended with %d, not %d:\n%s%s", args, got, code, &out, &errs)
		}
		if strings.Contains(out.String()+errs.String(), "s3cr3t") {
			t.Errorf("the token is shown:\n%s%s", &out, &errs)
		}
		return out.String() + errs.String()
	}
	said := corsac(exitFine, "import", server.URL+"/users/", "--path", "/open", "--origin", "https://app.example.com,https://www.example.org",
		"-H", "Authorization: Bearer s3cr3t-token", "-o", file)
	if !strings.Contains(said, "2 rules, ") || !strings.Contains(said, "0 unsafe, 0 broken") {
		t.Errorf("it said:\n%s", said)
	}
	corsac(exitFine, "check", file)
	corsac(exitFine, "fmt", "--check", file)
	corsac(exitFine, "test", file)
	corsac(exitFine, "test", "--send", "--to", server.URL, file)

	closed := httptest.NewServer(http.NotFoundHandler())
	defer closed.Close()
	said = corsac(exitFine, "import", closed.URL+"/", "--origin", "https://app.example.com")
	if want := "no page of https://app.example.com may read anything there: corsac explain --origin https://app.example.com " + closed.URL; !strings.Contains(said, want) {
		t.Errorf("it did not say %q:\n%s", want, said)
	}
}
