package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/lab"
)

// TestTestTo runs tests against a server in good order and one that has
// forgotten something.
func TestTestTo(t *testing.T) {
	t.Parallel()
	const tests = `rules: []
tests:
  - allow: GET https://api.example.com/users/ from https://app.example.com
    headers: Authorization
    reads: TotalItemsCount
  - block: GET /users/ from https://evil.example.net
    because: origin
  - block: DELETE /users/1 from https://app.example.com
    because: method
`
	const unsafe = `  - allow: POST /users/ from https://app.example.com
  - allow: PUT /users/1 from https://app.example.com
`
	good := corsac.Rule{
		Path: "/users/", Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"},
		Headers: []string{"Authorization"}, Expose: []string{"TotalItemsCount"},
	}
	forgetful := good
	forgetful.Headers = nil
	for _, tt := range []struct {
		name   string
		rule   corsac.Rule
		tests  string
		flags  []string
		code   int
		unsafe int64 // requests that arrive
		stdout []string
		stderr string
	}{
		{"in order", good, tests, nil, exitFine, 0, []string{"3 tests pass at http"}, ""},
		{"not sent", good, tests + unsafe, nil, exitCannotTell, 0, []string{
			":10:5: undecided: POST was not sent, because it may change something\n",
			":11:5: undecided: PUT was not sent, because it may change something; the preflight allows it\n",
			"2 of 5 tests are undecided at http",
		}, "2 tests could not be decided"},
		{"sent", good, tests + unsafe, []string{"--send", "--browser", "chrome"}, exitFine, 2, []string{"5 tests pass"}, ""},
		{"not in order", forgetful, tests + unsafe, nil, exitNo, 0, []string{
			":3:5: failed: the page is blocked by the preflight: the header is not allowed\n",
			"to do: list authorization in the preflight's Access-Control-Allow-Headers\n",
			"1 of 5 tests fails, 2 of 5 tests are undecided",
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := corsac.New(tt.rule)
			if err != nil {
				t.Fatal(err)
			}
			var unsafe atomic.Int64
			server := httptest.NewServer(p.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.Method != "GET" {
					unsafe.Add(1)
				}
			})))
			defer server.Close()
			file := filepath.Join(t.TempDir(), "corsac.yaml")
			if err := os.WriteFile(file, []byte(tt.tests), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := typed(t, append([]string{"test", "--to", server.URL, file}, tt.flags...)...)
			if code != tt.code || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, want %d; stderr %q, want %q", code, tt.code, stderr, tt.stderr)
			}
			for _, want := range tt.stdout {
				if !strings.Contains(stdout, want) {
					t.Errorf("no %q in\n%s", want, stdout)
				}
			}
			if n := unsafe.Load(); n != tt.unsafe {
				t.Errorf("%d requests that may change something have arrived, want %d", n, tt.unsafe)
			}
		})
	}
}

// TestTestToNobody: a server that is not there has blocked nobody.
func TestTestToNobody(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "corsac.yaml")
	if err := os.WriteFile(file, []byte("rules: []\ntests: [block: GET / from https://evil.example.net]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := typed(t, "test", "--to", "http://"+lab.FreeAddress(t), file)
	if code != exitCannotTell || !strings.Contains(stdout, "connection-refused") || !strings.Contains(stdout, "1 of 1 test is undecided") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
}

// typed runs the command as if it had been typed.
func typed(t *testing.T, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}
