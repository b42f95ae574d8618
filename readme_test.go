package corsac_test

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
)

// inAGoServer is the README's example, so that the compiler has read it.
func inAGoServer(mux http.Handler) {
	policy, err := corsac.New(corsac.Rule{
		Path:    "/users/",
		Origins: []string{"https://app.example.com"},
		Methods: []string{"PUT", "DELETE"},
		Headers: []string{"Authorization", "Content-Type", "ItemsPerPage", "PageNumber"},
		Expose:  []string{"TotalItemsCount"},
	})
	if err != nil {
		log.Fatal(err) // all that is wrong with the rules, each with what to write instead
	}
	log.Fatal(http.ListenAndServe(":8080", policy.Wrap(mux)))
}

var _ = inAGoServer

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestREADMEGo(t *testing.T) {
	t.Parallel()
	compiled := read(t, "readme_test.go")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(blocks) == 0 {
		t.Error("the README has no Go")
	}
	for _, b := range blocks {
		indented := strings.ReplaceAll("\n"+strings.TrimSuffix(b[1], "\n"), "\n", "\n\t")
		if !strings.Contains(compiled, indented+"\n}\n") {
			t.Errorf("nothing here compiles%s", indented)
		}
	}
}

// TestREADMEFigures holds what the README and the CHANGELOG count against what counts it.
func TestREADMEFigures(t *testing.T) {
	t.Parallel()
	replayed := 0
	for _, row := range enforcertest.Rows() {
		if row.NotOurs == "" {
			replayed++
		}
	}
	// 10 URLs and 100 requests are the workload's, under Preflights; the second peer is left out, for it
	// does as jub0bs/cors does.
	cells := regexp.MustCompile(`(?m)^\| chromium [0-9.]+, one after the other \| (\d+) \| (\d+) \|`).
		FindStringSubmatch(read(t, "bench/RESULTS.md"))
	if cells == nil {
		t.Fatal("bench/RESULTS.md has no count of Chromium's preflights")
	}
	for _, told := range []struct{ page, figure string }{
		{"README.md", fmt.Sprintf("%d published vulnerabilities", replayed)},
		{"CHANGELOG.md", fmt.Sprintf("%d published or observed faults", replayed)},
		{"README.md", fmt.Sprintf("100 requests to 10 URLs cause %s preflights in Chromium, and %s with servers that", cells[1], cells[2])},
	} {
		if !strings.Contains(strings.Join(strings.Fields(read(t, told.page)), " "), told.figure) {
			t.Errorf("%s does not say %q", told.page, told.figure)
		}
	}
}
