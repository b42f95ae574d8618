package cases_test

import (
	"os"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/internal/cases"
	"github.com/corsac-cors/corsac/policyfile"
)

// TestDocs runs the tests that the documents show.
func TestDocs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../../docs/testing.md", "../../docs/policy.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		ran := 0
		for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			if !strings.Contains(block, "\ntests:") {
				continue
			}
			f, err := policyfile.Parse(name, []byte(block))
			if err != nil {
				t.Errorf("%v in\n%s", err, block)
				continue
			}
			for _, r := range corstest.Run(t.Context(), corstest.Target{Policy: f.Policy}, cases.Of(f)...) {
				ran++
				if r.Outcome != corstest.Passed {
					t.Errorf("%s: %s", name, r.String())
				}
			}
		}
		if ran == 0 {
			t.Errorf("%s shows no tests", name)
		}
	}
}
