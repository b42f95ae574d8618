package survey

import (
	"testing"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestExportsRead exports each policy of the corpus that has one rule for
// everything, and reads what was written. Of the normal form all are read. What
// comes back must be the policy, but for what testdata/exports.txt lists.
func TestExportsRead(t *testing.T) {
	t.Parallel()
	var lines []string
	n := 0
	for _, dir := range []string{"../corstest/testdata/corpus", "../export/testdata/corpus"} {
		corpus, err := cases.Corpus(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range corpus {
			rules := p.File.Policy.Rules()
			for _, language := range []string{"nginx", "apache", "json"} {
				if len(rules) != 1 && language != "json" || language != "json" && (rules[0].Path != "/" || rules[0].Host != "") {
					continue
				}
				n++
				target, ok := export.Find(language)
				if !ok {
					t.Fatal(language)
				}
				e := target.Export(p.File.Policy, p.Name)
				var pages []string
				for _, r := range rules {
					for _, o := range r.Origins {
						pages = append(pages, pageOf(o)...)
					}
				}
				s, err := Read(language, p.Name, e.Text(), pages...)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range differences(p.File.Policy, checked(t, s)) {
					lines = append(lines, language+": "+p.Name+": "+d)
				}
			}
		}
	}
	listed(t, "exports.txt", n, lines)
}
