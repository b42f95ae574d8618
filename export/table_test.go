package export

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

const (
	tableBegins = "<!-- The rest is written by the tests of package export, with CORSAC_UPDATE=1. -->\n"
	docs        = "../docs/export.md"
)

// TestTable holds docs/export.md against the targets. The proofs of the targets
// hold these against servers: what they do not declare fails there.
func TestTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.FromSlash(docs))
	if err != nil {
		t.Fatal(err)
	}
	byHand, _, found := strings.Cut(string(text), tableBegins)
	if !found {
		t.Fatalf("%s has no place for the table", docs)
	}
	want := byHand + tableBegins + table()
	if string(text) == want {
		return
	}
	if os.Getenv("CORSAC_UPDATE") != "1" {
		t.Fatalf("%s is not what the targets declare: run the test with CORSAC_UPDATE=1", docs)
	}
	if err := os.WriteFile(filepath.FromSlash(docs), []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func table() string {
	var b strings.Builder
	targets := Targets()
	b.WriteString("\n| |")
	for _, target := range targets {
		fmt.Fprintf(&b, " [%s](#%s) |", target.Name, target.Name)
	}
	b.WriteString("\n| --- |" + strings.Repeat(" --- |", len(targets)) + "\n")
	for _, f := range Features() {
		fmt.Fprintf(&b, "| %s |", f)
		for _, target := range targets {
			fmt.Fprintf(&b, " %s |", cell(target, f))
		}
		b.WriteString("\n")
	}
	for _, target := range targets {
		fmt.Fprintf(&b, "\n### %s\n\n%s. ", target.Name, upperFirst(target.Title))
		if target.Verified == "" {
			b.WriteString("Not run.\n")
		} else {
			fmt.Fprintf(&b, "Run with %s.\n", target.Verified)
		}
		if len(target.Losses) > 0 {
			b.WriteString("\n| loss | effect | of | what is done instead | what comes of it |\n| --- | --- | --- | --- | --- |\n")
		}
		for _, l := range target.Losses {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", l.Name, l.Effect, l.Feature, inCell(l.Message), inCell(l.Consequence))
		}
	}
	return b.String()
}

func inCell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// cell is the worst that becomes of a feature in a target.
func cell(target Target, f Feature) string {
	worst := ""
	for _, l := range target.Losses {
		if l.Feature == f && (worst == "" || rank(l.Effect) > rank(Effect(worst))) {
			worst = string(l.Effect)
		}
	}
	switch {
	case target.Verified == "" && worst == "":
		return "not run"
	case target.Verified == "":
		return "not run: " + worst
	}
	return cmp.Or(worst, "works")
}

func rank(e Effect) int { return slices.Index([]Effect{Different, Narrower, Wider}, e) }

// TestDeclared: each loss that a target declares is well told, and lost with
// some policy of the corpus: what never happens must not be declared.
func TestDeclared(t *testing.T) {
	t.Parallel()
	policies := map[string]*corsac.Policy{}
	for _, p := range corpus(t) {
		policies[p.Name] = p.File.Policy
	}
	file, err := policyfile.Parse("promised.yaml", []byte(promised))
	if err != nil {
		t.Fatal(err)
	}
	policies["promised"] = file.Policy
	policies["many"] = tenants(t, 10_000)
	// What only Go can say.
	if policies["no UTF-8"], err = corsac.New(corsac.Rule{Path: "/\xff/", Origins: []string{app}}); err != nil {
		t.Fatal(err)
	}
	for _, target := range Targets() {
		t.Run(target.Name, func(t *testing.T) {
			t.Parallel()
			lost := map[string]bool{}
			for _, p := range policies {
				e := target.Export(p, "corsac.yaml")
				checkDeclared(t, target, e)
				for _, l := range e.Losses {
					lost[l.Name] = true
				}
			}
			names := map[string]bool{}
			for _, l := range target.Losses {
				switch {
				case names[l.Name]:
					t.Errorf("%s is declared twice", l.Name)
				case !slices.Contains(Features(), l.Feature):
					t.Errorf("%s is of the feature %q, which is none", l.Name, l.Feature)
				case rank(l.Effect) < 0:
					t.Errorf("%s has the effect %q", l.Name, l.Effect)
				case l.Message == "" || l.Consequence == "" || strings.HasSuffix(l.Message, ".") || strings.HasSuffix(l.Consequence, "."):
					t.Errorf("%s is not told in two clauses without full stop", l.Name)
				case !lost[l.Name]:
					t.Errorf("%s is lost with no policy of the corpus", l.Name)
				}
				names[l.Name] = true
			}
		})
	}
}

// TestEveryFeatureOccurs: what the table says works has been tried.
func TestEveryFeatureOccurs(t *testing.T) {
	t.Parallel()
	occurs := map[Feature]bool{}
	for _, p := range corpus(t) {
		for _, f := range Says(p.File.Policy) {
			occurs[f] = true
		}
	}
	for _, p := range promises() {
		occurs[p.feature] = true
	}
	for _, f := range Features() {
		if !occurs[f] {
			t.Errorf("%s occurs in no policy and no promise", f)
		}
	}
}
