package corstest_test

import (
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
)

// What docs/testing.md shows stands here, so that it is compiled and run.

var handler = api()

func TestPages(t *testing.T) {
	request := httptest.NewRequest("PUT", "/users/1", strings.NewReader(`{"name":"Ada"}`))
	request.Header.Set("Content-Type", "application/json")

	corstest.Allowed(t, handler, "https://app.example.com", request, corstest.Reads("ETag"))
	corstest.Blocked(t, handler, "https://evil.example.net", request)
}

func runDocs(t *testing.T, server *httptest.Server, cases []corstest.Case) {
	target := corstest.Target{URL: server.URL}
	for _, r := range corstest.Run(t.Context(), target, cases...) {
		if r.Outcome != corstest.Passed {
			t.Error(r.String())
		}
	}
}

func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := os.ReadFile("docs_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)\n```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) == 0 {
		t.Error("the page has no Go")
	}
	for _, b := range blocks {
		indented := "\t" + strings.ReplaceAll(strings.ReplaceAll(b[1], "\n", "\n\t"), "\n\t\n", "\n\n")
		if !strings.Contains(string(compiled), "\n"+b[1]+"\n") && !strings.Contains(string(compiled), "\n"+indented+"\n") {
			t.Errorf("nothing here compiles\n%s", b[1])
		}
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	runDocs(t, server, []corstest.Case{{Request: fetch.Request{Origin: "https://app.example.com", URL: "/users/"}}})
}
