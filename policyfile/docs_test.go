package policyfile_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/policyfile"
)

var (
	fenced = regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```$")
	inCode = regexp.MustCompile("`([^`]*)`")
)

// What the pages show is read, as it stands there.
func TestDocsExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../docs/policy.md", "../docs/gateway.md", "../README.md"} {
		page, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		examples := fenced.FindAllStringSubmatch(string(page), -1)
		if len(examples) == 0 && name != "../README.md" {
			t.Errorf("%s has no examples", name)
		}
		for _, e := range examples {
			text := strings.ReplaceAll("\n"+e[2], "\n"+e[1], "\n")
			// Some show a section alone, or a part of the gateway's.
			if strings.HasPrefix(text, "\n ") {
				text = "gateway:" + text
			}
			if !strings.Contains(text, "\nrules:") {
				text = "rules: []\n" + text
			}
			if _, err := policyfile.Parse(name, []byte(text)); err != nil {
				t.Errorf("%v in:\n%s", err, text)
			}
		}
	}
}

// The table of header groups holds what the groups hold.
func TestDocsGroups(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range headers.GroupNames() {
		g, _ := headers.LookupGroup(name)
		row := regexp.MustCompile("(?m)^\\| `" + name + "` \\|(.*)\\|([^|]*)\\|([^|]*)\\|$").FindStringSubmatch(string(page))
		if row == nil {
			t.Errorf("docs/policy.md has no row for %s", name)
			continue
		}
		if got := codeIn(row[2]); !slices.Equal(got, g.Request) {
			t.Errorf("request headers of %s: %q, want %q", name, got, g.Request)
		}
		if got := codeIn(row[3]); !slices.Equal(got, g.Response) {
			t.Errorf("response headers of %s: %q, want %q", name, got, g.Response)
		}
	}
}

func codeIn(cell string) []string {
	var names []string
	for _, m := range inCode.FindAllStringSubmatch(cell, -1) {
		names = append(names, m[1])
	}
	return names
}
