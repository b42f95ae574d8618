package cases

import (
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/policyfile"
)

// A Policy is an entry of a corpus: a policy and what must become of requests
// under it.
type Policy struct {
	Name  string // "methods/PUT"
	File  *policyfile.File
	Cases []corstest.Case
}

// Corpus reads the archives of a folder, one theme each. A file in an archive is
// a whole policy file with its tests, under the name of what it shows. The
// project's corpus is in corstest/testdata/corpus.
func Corpus(dir string) ([]Policy, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	var all []Policy
	for _, name := range names {
		theme, err := readTheme(name)
		if err != nil {
			return nil, err
		}
		all = append(all, theme...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no corpus in %s", dir)
	}
	return all, nil
}

func readTheme(name string) (all []Policy, err error) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		return nil, err
	}
	theme := strings.TrimSuffix(filepath.Base(name), ".txtar")
	seen := make(map[string]bool)
	for _, f := range archive.Files {
		entry := theme + "/" + f.Name
		if seen[entry] {
			return nil, fmt.Errorf("%s stands there twice", entry)
		}
		seen[entry] = true
		file, err := policyfile.Parse(entry, f.Data)
		if err != nil {
			return nil, err
		}
		if len(file.Tests) == 0 {
			return nil, fmt.Errorf("%s has no tests", entry)
		}
		all = append(all, Policy{Name: entry, File: file, Cases: Of(file)})
	}
	return all, nil
}
