package export

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/lab"
)

// TestGo compiles and runs what is written for the whole corpus, in one program
// that has a package for each policy and prints the normal form of each. What is
// asked at random is answered by that program, too.
func TestGo(t *testing.T) {
	t.Parallel()
	dir := newGoModule(t)
	policies := map[string]*corsac.Policy{"large": tenants(t, 10_000)}
	for i, p := range corpus(t) {
		policies[fmt.Sprintf("p%d", i)] = p.File.Policy
	}
	for i, p := range decidedPolicies(t) {
		policies[fmt.Sprintf("d%d", i)] = p
	}
	var imports, calls, wraps strings.Builder
	servers := map[string]string{} // the name of a policy, by what is written for it
	for name, p := range policies {
		e := golang.Export(p, name+".yaml")
		if len(e.Losses) > 0 {
			t.Errorf("%s: losses: %v", name, e.Losses)
		}
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := writeFiles(filepath.Join(dir, name), e); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&imports, "\t%s \"exported/%s\"\n", name, name)
		fmt.Fprintf(&calls, "\t\t%q: %s.Policy().Rules(),\n", name, name)
		fmt.Fprintf(&wraps, "\t\t%q: %s.Policy().Wrap,\n", name, name)
		servers[golang.Export(p, "decided.yaml").Text()] = name
	}
	program := strings.NewReplacer("IMPORTS", imports.String(), "RULES", calls.String(), "WRAPS", wraps.String()).Replace(goProgram)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	goCommand(t, dir, "build", "-o", "program", ".")
	binary := filepath.Join(dir, "program")
	out, err := exec.CommandContext(t.Context(), binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]corsac.Rule
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for name, p := range policies {
		if diff := cmp.Diff(p.Rules(), got[name]); diff != "" {
			t.Errorf("%s (-policy +compiled):\n%s", name, diff)
		}
	}
	if out := goCommand(t, dir, "vet", "./..."); len(out) > 0 {
		t.Errorf("vet: %s", out)
	}
	t.Run("decisions", func(t *testing.T) {
		proveDecisions(t, golang, func(t testing.TB, s stand) string {
			address := lab.FreeAddress(t)
			lab.Serve(t, address, binary, func(string) ([]string, error) {
				return []string{servers[s.Text()], address, s.api}, nil
			})
			return "http://" + address
		})
	})
}

// goProgram prints all policies, or puts the one that is named in front of an
// API.
const goProgram = `package main

import (
	"encoding/json"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"

	"github.com/corsac-cors/corsac"
IMPORTS)

var rules = map[string][]corsac.Rule{
RULES}

var wraps = map[string]func(http.Handler) http.Handler{
WRAPS}

func main() {
	if len(os.Args) == 1 {
		json.NewEncoder(os.Stdout).Encode(rules)
		return
	}
	api, err := url.Parse(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	wrap := wraps[os.Args[1]]
	log.Fatal(http.ListenAndServe(os.Args[2], wrap(httputil.NewSingleHostReverseProxy(api))))
}
`

// newGoModule is a module that uses this checkout of the library.
func newGoModule(t *testing.T) (dir string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	// The versions that the library itself was tested with.
	text := strings.Replace(string(mod), "module github.com/corsac-cors/corsac", "module exported", 1) +
		"\nrequire github.com/corsac-cors/corsac v0.0.0\n\nreplace github.com/corsac-cors/corsac => " + strconv.Quote(root) + "\n"
	for name, data := range map[string][]byte{"go.mod": []byte(text), "go.sum": sums} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func goCommand(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, said.String())
	}
	return out
}

func TestGoDuration(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"corsac.NoCache":   corsac.NoCache,
		"24 * time.Hour":   24 * time.Hour,
		"90 * time.Minute": 90 * time.Minute,
		"61 * time.Second": 61 * time.Second,
	} {
		if got := goDuration(d); got != want {
			t.Errorf("%v is written %s, want %s", d, got, want)
		}
	}
}

// FuzzGo: whatever the policy says is in literals and in comments. The same
// tokens are left when it says something harmless.
func FuzzGo(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		got, literals := goShape(t, golang.Export(p, source).Text())
		want, _ := goShape(t, golang.Export(plain, "plain").Text())
		if got != want {
			t.Fatalf("its shape is\n%s\nnot\n%s", got, want)
		}
		r := p.Rules()[0]
		for _, value := range []string{r.Path, r.Methods[0], r.Headers[0], r.Expose[0]} {
			if value != "/" && !literals[value] {
				t.Errorf("%q is no literal: %v", value, literals)
			}
		}
	})
}

// goShape is the syntax without the values of strings.
func goShape(t *testing.T, text string) (shape string, literals map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "policy.go", text, 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var b strings.Builder
	literals = make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		fmt.Fprintf(&b, "%T ", n)
		switch n := n.(type) {
		case *ast.Ident:
			b.WriteString(n.Name + "\n")
		case *ast.BasicLit:
			value, err := strconv.Unquote(n.Value)
			if err != nil {
				t.Fatal(err)
			}
			literals[value] = true
		}
		return true
	})
	return b.String(), literals
}
