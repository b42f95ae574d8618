package cases_test

import (
	"testing"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/internal/cases"
)

const corpusDir = "../../corstest/testdata/corpus"

func corpus(t testing.TB) []cases.Policy {
	t.Helper()
	all, err := cases.Corpus(corpusDir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCorpusInProcess asks the policies themselves, in every browser's way.
func TestCorpusInProcess(t *testing.T) {
	t.Parallel()
	const enough = 150
	all := corpus(t)
	if len(all) < enough {
		t.Errorf("the corpus has %d policies, want %d", len(all), enough)
	}
	for _, p := range all {
		hold(t, p, corstest.Run(t.Context(), corstest.Target{Policy: p.File.Policy}, p.Cases...))
	}
}

func hold(t testing.TB, p cases.Policy, results []corstest.Result) {
	t.Helper()
	for _, r := range results {
		if r.Outcome != corstest.Passed {
			t.Errorf("%s: %s", p.Name, r.String())
		}
	}
}

// TestCorpusTurnedRound: a case that holds does not hold when it asks for the
// opposite, else it could not fail.
func TestCorpusTurnedRound(t *testing.T) {
	t.Parallel()
	opposite := map[corstest.Access]corstest.Access{corstest.Allow: corstest.Block, corstest.Block: corstest.Allow}
	for _, p := range corpus(t) {
		for _, c := range p.Cases {
			c.Want, c.Because = opposite[c.Want], ""
			if r := corstest.Run(t.Context(), corstest.Target{Policy: p.File.Policy}, c)[0]; r.Outcome != corstest.Failed {
				t.Errorf("%s: %s, turned round: %s, want failed", p.Name, c.Name, r.Outcome)
			}
		}
	}
}
