package schemas

import (
	"path/filepath"
	"testing"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// each exports every policy of the corpora to a target.
func each(t *testing.T, target string, check func(t *testing.T, p cases.Policy, e export.Export)) {
	t.Helper()
	to, ok := export.Find(target)
	if !ok {
		t.Fatalf("there is no target %q", target)
	}
	for _, dir := range []string{filepath.Join("..", "..", "corstest", "testdata", "corpus"), filepath.Join("..", "testdata", "corpus")} {
		policies, err := cases.Corpus(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range policies {
			t.Run(p.Name, func(t *testing.T) {
				t.Parallel()
				check(t, p, to.Export(p.File.Policy, p.Name+".yaml"))
			})
		}
	}
}
