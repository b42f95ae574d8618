package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// putIn writes files into a directory, and returns where they are.
func putIn(t *testing.T, dir string) func(name, text string) string {
	return func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
}

// answering are command lines with an answer on stdout, and how it ends. Each
// verb has some, but for serve, which answers nothing, and demo, which does not
// end by itself.
func answering(t *testing.T) map[string]int {
	t.Helper()
	put := putIn(t, t.TempDir())
	good := put("good.yaml", "rules:\n  - {path: /, origins: https://a.example}\ntests:\n  - allow: GET / from https://a.example\n")
	failing := put("failing.yaml", "rules: []\ntests:\n  - allow: GET / from https://a.example\n")
	bad := put("bad.yaml", "rules:\n  - {path: a, origins: https://a.example}\n")
	nginx := put("nginx.conf", "server { location / { add_header Access-Control-Allow-Origin https://a.example; } }\n")
	return map[string]int{
		"--help":               0,
		"help check":           0,
		"completion bash":      0,
		"check " + good:        0,
		"check --json " + good: 0,
		"check " + bad:         1,
		"check --json " + bad:  1,
		"explain CX-P01":       0,
		"explain --policy " + good + " --origin https://a.example https://api.example/":        0,
		"explain --policy " + good + " --origin https://b.example --json https://api.example/": 1,
		"export nginx " + good:                0,
		"export --list":                       0,
		"fmt " + good:                         0,
		"fmt --check " + good:                 1,
		"fmt --diff " + good:                  1,
		"import --from nginx " + nginx:        0,
		"import --from nginx --json " + nginx: 0,
		"schema":                              0,
		"test " + good:                        0,
		"test --json " + good:                 0,
		"test " + failing:                     1,
		"test --json " + failing:              1,
		"version":                             0,
	}
}

func TestEveryVerbAnswersSomewhere(t *testing.T) {
	t.Parallel()
	lines := answering(t)
	for _, verb := range newRoot(newTerminal(nil, nil, nil)).Commands() {
		if slices.Contains([]string{"serve", "demo"}, verb.Name()) {
			continue
		}
		found := false
		for line := range lines {
			found = found || strings.HasPrefix(line, verb.Name())
		}
		if !found {
			t.Errorf("no command line here has the verb %s", verb.Name())
		}
	}
}

// TestAnswersThatDoNotArrive: what stdout does not take, is no answer.
func TestAnswersThatDoNotArrive(t *testing.T) {
	t.Parallel()
	full := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	for line, code := range answering(t) {
		for _, tt := range []struct {
			name   string
			stdout io.Writer
			code   int
			says   string // in part
		}{
			{"arrives", io.Discard, code, ""},
			{"full disk", failing{full}, exitCannotTell, "corsac: write /dev/stdout: no space left on device\n"},
			{"reader gone", failing{fmt.Errorf("write: %w", syscall.EPIPE)}, exitCannotTell, ""},
		} {
			t.Run(line+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				var stderr bytes.Buffer
				got := run(t.Context(), strings.Fields(line), strings.NewReader(""), tt.stdout, &stderr)
				if got != tt.code {
					t.Errorf("it ended with %d, want %d: %s", got, tt.code, &stderr)
				}
				if said := strings.Count(stderr.String(), "corsac: "); said != strings.Count(tt.says, "corsac: ") || !strings.Contains(stderr.String(), tt.says) {
					t.Errorf("it said %q, want %q", &stderr, tt.says)
				}
			})
		}
	}
}

// TestWhatElseWentWrong is said beside an answer that did not arrive.
func TestWhatElseWentWrong(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "good.yaml")
	if err := os.WriteFile(good, []byte("rules: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"check", good, "none.yaml"}, strings.NewReader(""), failing{errors.New("full")}, &stderr)
	if code != exitCannotTell || !strings.Contains(stderr.String(), "corsac: full\n") || !strings.Contains(stderr.String(), "none.yaml") {
		t.Errorf("it ended with %d: %s", code, &stderr)
	}
}

// Failing is a writer that takes nothing.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
