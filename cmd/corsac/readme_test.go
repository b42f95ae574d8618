package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the README tells to type is typed: corsac.yaml is the one it shows, and what.txt what a console
// says. Commands that reach for the network, or that do not end by themselves, are only parsed.
func TestREADMECommands(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	copied := `Access to fetch at 'https://api.example.com/users' from origin 'http://localhost:3000' has been blocked by CORS policy: ` +
		`No 'Access-Control-Allow-Origin' header is present on the requested resource.`
	policy := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	if policy == nil {
		t.Fatal("the README has no policy")
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string][]byte{"corsac.yaml": policy[1], "what-you-copied.txt": []byte(copied)} {
		if err := os.WriteFile(filepath.Join(".", name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}

	ends := map[string]int{ // by the verb and the first argument
		"check corsac.yaml":             exitFine,
		"test corsac.yaml":              exitFine,
		"explain < what-you-copied.txt": exitNo,
		"export nginx corsac.yaml":      exitFine,
	}
	lines := regexp.MustCompile(`(?m)^    (?:go run \./cmd/)?corsac (.*)$`).FindAllStringSubmatch(string(page), -1)
	typed := 0
	for _, m := range lines {
		line, _, _ := strings.Cut(m[1], "  #")
		line = strings.TrimSpace(line)
		want, runs := ends[line]
		if !runs {
			parse(t, strings.Fields(line))
			continue
		}
		typed++
		args, file, fromFile := strings.Cut(line, "<")
		var stdin bytes.Buffer
		if fromFile {
			text, err := os.ReadFile(strings.TrimSpace(file))
			if err != nil {
				t.Errorf("%s: %v", line, err)
			}
			stdin.Write(text)
		}
		var stdout, stderr bytes.Buffer
		if got := run(t.Context(), strings.Fields(args), &stdin, &stdout, &stderr); got != want || stdout.Len() == 0 {
			t.Errorf("corsac %s ends with %d, want %d, and prints\n%s%s", line, got, want, &stdout, &stderr)
		}
	}
	if typed != len(ends) {
		t.Errorf("the README has %d of the %d commands that are run here", typed, len(ends))
	}
}

// parse holds a command line against the verbs and their flags.
func parse(t *testing.T, args []string) {
	t.Helper()
	var none bytes.Buffer
	verb, rest, err := newRoot(newTerminal(&none, &none, &none)).Find(goStyle(args))
	if err == nil {
		err = verb.ParseFlags(rest)
	}
	if err == nil {
		err = verb.ValidateArgs(verb.Flags().Args())
	}
	if err != nil || !verb.HasParent() {
		t.Errorf("corsac %s: %v", strings.Join(args, " "), err)
	}
}
