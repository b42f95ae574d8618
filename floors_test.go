package corsac_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The plan of the house: a package imports from lower lines only, never from
// its own line. It is a statement of policy: what breaks it is mended where the
// import stands, not here.
var floors = [][]string{
	// vocabulary
	{"internal/origins", "internal/methods", "internal/headers", "internal/paths", "internal/http1", "docs"},
	// the two halves
	{".", "fetch"},
	// what is written, what should be
	{"policyfile", "corstest", "internal/enforcertest", "internal/pasted"},
	// what to do with it
	{"explain", "diff", "audit", "export", "survey", "internal/cases", "internal/gateway", "internal/lab"},
	// the pages, and the engine beside real ones
	{"internal/playground", "internal/lab/differential", "internal/lab/pages", "demo"},
	// the person
	{"cmd/corsac", "bench"},
}

// The root package and fetch are what people import: they stay on the standard
// library and what the Go project keeps beside it.
var lean = map[string]bool{".": true, "fetch": true}

const module = "github.com/corsac-cors/corsac"

func TestFloors(t *testing.T) {
	t.Parallel()
	floorOf := make(map[string]int)
	for i, floor := range floors {
		for _, pkg := range floor {
			floorOf[pkg] = i
		}
	}
	for pkg, imports := range packages(t) {
		floor, planned := floorOf[pkg]
		if !planned {
			t.Errorf("package %s has no floor: give it one in the plan", pkg)
			continue
		}
		for imported, file := range imports {
			inner, ours := strings.CutPrefix(imported, module+"/")
			if imported == module {
				inner, ours = ".", true
			}
			switch {
			case ours && floorOf[inner] >= floor:
				t.Errorf("%s: %s must not import %s, which is not on a lower floor", file, pkg, inner)
			case !ours && (lean[pkg] || floor == 0) && !isStandard(imported):
				t.Errorf("%s: %s must not import %s: it stays on the standard library and golang.org/x", file, pkg, imported)
			}
		}
	}
}

// TestFloorsAreTold holds the table of CONTRIBUTING.md against the plan, floor by floor.
func TestFloorsAreTold(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			told = append(told, cells[2])
		}
	}
	told = told[min(2, len(told)):] // the head of the table, and its rule
	if len(told) != len(floors) {
		t.Fatalf("CONTRIBUTING.md tells of %d floors, the plan has %d", len(told), len(floors))
	}
	for i, floor := range floors {
		var packages []string
		for j, quoted := range strings.Split(told[i], "`") {
			switch {
			case j%2 == 0: // between two names
			case quoted == "corsac":
				packages = append(packages, ".")
			default:
				packages = append(packages, quoted)
			}
		}
		if !slices.Equal(packages, floor) {
			t.Errorf("CONTRIBUTING.md tells of the packages %q, the plan has %q", packages, floor)
		}
	}
}

func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") || strings.HasPrefix(imported, "golang.org/x/")
}

// packages returns, for each package of the module, the imports of its code
// (not of its tests) and a file that has each.
func packages(t *testing.T) map[string]map[string]string {
	found := make(map[string]map[string]string)
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (isNested(file) || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(file))
		if found[pkg] == nil {
			found[pkg] = make(map[string]string)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[pkg][imported] = file
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found["."]) == 0 {
		t.Fatal("the root package was not found: the plan was held against nothing")
	}
	return found
}

// isNested reports whether a folder is a module of its own.
func isNested(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}
