package policyfile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// hostile are the building blocks of files that only an attacker writes.
var hostile = []string{
	"[", "{", "- ", "? ", "a: ", "&a ", "!a ", "[*a,", "*", "\"", "'", "| ", "|\n", ">\n", "#", "# x\n", "a", "a ", "a\n",
	"a:\n", "- a\n", "- \n", "a,", "]", "}", "%", "@", "`", ",", "---\n", "...\n", "%YAML 1.2\n", "--- a\n", "<<: ", "a: |\n  x\n",
	"\\", "\"\\\n", "{a: ", "[[], ", "- [", "? - ", "&a [", "!a [", "&a - ", "[? ", "x: *a\n", "a: b\n  c\n", "  a\n", " a: b\n  c: d\n",
	"- - a\n", "? a\n", "? a\n: b\n", "\"a\" ", "'a' ", "[a]: ", "{a}: ", "a\n\n", "&a\n", "!a\n", "?\n", ":\n", ": ", "a:\n- x\n",
	"- a:\n", "- a:\n\n", "- - \n", "b:, ", "{a:}, ", "[a:], ", "{a}, ", "a: b, ", "? , ", "- a: &a\n", "- &a a: b\n", "- \"a\":\n",
	"- a: b\n  c:\n", "- a: []\n", "- a: |\n", "- |\n", "- a: *b\n", "- {}\n", "a: {b},", "é", "\"\\u00e9\" ", "a #x\n", "''", "\r",
	"{a: [b:*, ", "[b:c", ":1", ":*", "*.b", "\t", "\x00", "\xff", "\ufeff", "\u2028",
}

func FuzzParse(f *testing.F) {
	for _, s := range hostile {
		f.Add([]byte(s + s + s))
		f.Add([]byte("rules:\n  - path: " + s))
		f.Add([]byte("rules: [" + s))
	}
	for _, name := range examples(f) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := policyfile.Parse("fuzz.yaml", data)
		if (file == nil) == (err == nil) {
			t.Fatalf("Parse = %v, %v", file, err)
		}
		checkProblems(t, err)
		formatted, err := policyfile.Format(data)
		if err != nil {
			if checkProblems(t, err); file != nil {
				t.Fatalf("Format refuses a file that Parse takes: %v", err)
			}
			return
		}
		again, err := policyfile.Format(formatted)
		if err != nil || !bytes.Equal(again, formatted) {
			t.Fatalf("Format is not idempotent (%v):\n%s\nand then:\n%s", err, formatted, again)
		}
		if file == nil {
			return
		}
		same, err := policyfile.Parse("fuzz.yaml", formatted)
		if err != nil {
			t.Fatalf("Format made a good file bad: %v\n%s", err, formatted)
		}
		if diff := cmp.Diff(meaning(file), meaning(same), cmpopts.IgnoreFields(policyfile.Test{}, "Line", "Column"), cmpEmpty); diff != "" {
			t.Fatalf("Format changed the meaning (-before +after):\n%s", diff)
		}
	})
}

func meaning(f *policyfile.File) []any { return []any{f.Policy.Rules(), f.Gateway, f.Tests} }

// checkProblems fails if err does not say where and what is wrong.
func checkProblems(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var problems corsac.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("the error is no list of problems: %v", err)
	}
	for _, p := range problems {
		if p.File != problems[0].File {
			t.Fatalf("a problem of another file than %s: %#v", problems[0].File, p)
		}
		if p.Line < 1 || p.Column < 1 || p.Message == "" || strings.ContainsAny(p.Message, "\n\r\x1b") {
			t.Fatalf("bad problem: %#v", p)
		}
	}
	if len(problems) > 1001 {
		t.Fatalf("%d problems", len(problems))
	}
	if !slices.IsSortedFunc(problems, func(a, b corsac.Problem) int { return a.Line - b.Line }) {
		t.Fatalf("problems out of order:\n%v", problems)
	}
}

// examples are the names of files that people might write.
func examples(tb testing.TB) []string {
	names, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(names) == 0 {
		tb.Fatalf("no examples: %v", err)
	}
	return names
}
