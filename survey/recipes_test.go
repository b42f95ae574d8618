package survey

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/google/go-cmp/cmp"
)

// TestRecipes reads what people paste. An archive of testdata/recipes is named
// after its language; of each recipe it has the configuration, then what is
// found in it, then the policy file. With CORSAC_UPDATE=1 the latter two are
// rewritten.
func TestRecipes(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/recipes/*.txtar")
	if len(files) < 3 {
		t.Fatalf("there are %d archives", len(files))
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		language := strings.TrimSuffix(filepath.Base(file), ".txtar")
		var got []txtar.File
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ": findings") || strings.HasSuffix(f.Name, ": policy") {
				continue
			}
			got = append(got, f)
			t.Run(language+"/"+f.Name, func(t *testing.T) {
				s, err := Read(language, f.Name, string(f.Data))
				if err != nil {
					t.Fatal(err)
				}
				checked(t, s)
				got = append(got, txtar.File{Name: f.Name + ": findings", Data: []byte(findings(s))}, txtar.File{Name: f.Name + ": policy", Data: []byte(s.File())})
			})
		}
		written := txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: got})
		if os.Getenv("CORSAC_UPDATE") == "1" {
			if err := os.WriteFile(file, written, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(string(txtar.Format(archive)), string(written)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func findings(s *Survey) string {
	var b strings.Builder
	for _, f := range s.Findings {
		b.WriteString(f.String() + "\n")
	}
	if s.Unsettled != "" {
		b.WriteString("unsettled: " + s.Unsettled + "\n")
	}
	return b.String()
}
