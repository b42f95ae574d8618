package survey

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocs holds the list of findings in docs/import.md against the code.
func TestDocs(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(docs), "## Findings")
	listed := make(map[string]bool)
	for line := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		for _, m := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(first, -1) {
			if strings.HasPrefix(line, "| `") {
				listed[m[1]] = true
			}
		}
	}
	made := make(map[string]bool)
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:Name: |trick\{|name :?= |\{\{)"([a-z-]+)"(?:, |\n|$)`).FindAllStringSubmatch(string(source), -1) {
			made[m[1]] = true
		}
	}
	delete(made, "echoes-")
	made["echoes-methods"], made["echoes-headers"] = true, true
	delete(made, "methods") // a field
	for name := range made {
		if !listed[name] {
			t.Errorf("docs/import.md does not list %s", name)
		}
	}
	for name := range listed {
		if !made[name] {
			t.Errorf("docs/import.md lists %s, which is never found", name)
		}
	}
}
