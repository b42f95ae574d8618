package explain

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/docs"
)

func TestEveryCodeHasAPage(t *testing.T) {
	t.Parallel()
	unread := make(map[string]bool)
	pages, err := fs.Glob(docs.Explain, "explain/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		unread[page] = true
	}
	for _, c := range Codes {
		name := "explain/" + c.Code + ".md"
		text, err := docs.Explain.ReadFile(name)
		if err != nil {
			t.Errorf("%s has no page: %v", c.Code, err)
			continue
		}
		delete(unread, name)
		if want := "# " + c.Code + ": " + c.Title + "\n"; !strings.HasPrefix(string(text), want) {
			t.Errorf("%s does not begin with %q", name, want)
		}
		if advice := whatToDo(c.Code); len(advice) < 20 || !strings.HasSuffix(advice, ".") || strings.ContainsAny(advice, "\n`") {
			t.Errorf("%s: this is no advice: %q", name, advice)
		}
		for _, chapter := range []string{"## In the console", "## What happens", "## How it is told", "## What to do"} {
			if !strings.Contains(string(text), chapter) {
				t.Errorf("%s has no %q", name, chapter)
			}
		}
	}
	for page := range unread {
		t.Errorf("%s is the page of no code", page)
	}
}
