package survey

import (
	"fmt"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestLarge reads a list of ten thousand origins.
func TestLarge(t *testing.T) {
	t.Parallel()
	r := corsac.Rule{}
	for i := range 10000 {
		r.Origins = append(r.Origins, fmt.Sprintf("https://tenant-%05d.example.com", i))
	}
	policy, err := corsac.New(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"nginx", "json"} {
		target, _ := export.Find(language)
		s, err := Read(language, "large", target.Export(policy, "large").Text())
		if err != nil {
			t.Fatal(err)
		}
		if d := differences(policy, checked(t, s)); len(d) > 0 {
			t.Errorf("%s: %.300s", language, d)
		}
	}
}

// TestExportsRead exports each policy of the corpus that has one rule for
// everything, and reads what was written. Of the normal form all are read. What
// comes back must be the policy, but for what testdata/exports.txt lists.
func TestExportsRead(t *testing.T) {
	t.Parallel()
	var lines []string
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
	listed(t, "exports.txt", lines)
}
