package policyfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/policyfile"
)

// What only an attacker writes is refused with words, before it can exhaust
// the stack or keep the parser busy for hours.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	const many = 20_000
	var keys, origins, bomb, buried strings.Builder
	for i := range many {
		fmt.Fprintf(&keys, "k%d: v\n", i)
	}
	for i := range 2000 {
		fmt.Fprintf(&origins, "https://t%d.example, ", i)
	}
	fmt.Fprintf(&bomb, "rules:\n- &m0 {path: /, origins: \"*\"}\n")
	for i := range 40 { // each merges the one before twice: 2^40 in all
		fmt.Fprintf(&bomb, "- &m%d\n  <<: [*m%d, *m%d]\n", i+1, i, i)
	}
	buried.WriteString("templates:\n" + strings.TrimPrefix(bomb.String(), "rules:\n") + "rules: [*m40]\n")
	const useless = " (policies need no such thing)"
	for _, tt := range []struct{ name, in, want string }{
		{"brackets", "rules: " + strings.Repeat("[", many), "this is nested too deeply" + useless},
		{"braces", "rules: " + strings.Repeat("{a: ", many), "nested too deeply"},
		{"dashes", strings.Repeat("- ", many), "nested too deeply"},
		{"dashes on lines", "rules:\n" + strings.Repeat("-\n", many), "too many empty entries"},
		{"colons", strings.Repeat("a: ", many), "nested too deeply"},
		{"keys", keys.String(), "the mapping has too many keys" + useless},
		{"keys in a list", "rules:\n- a: b\n" + strings.Repeat("  a: b\n", many), "too many keys"},
		{"keys in brackets", "rules: [\n" + strings.Repeat("a: b\n", many), "too many keys"},
		{"keys in brackets in brackets", "rules: [\n" + strings.Repeat(" a: [b\n, c]\n", many), "too many keys"},
		{"keys with brackets further left", "rules:\n" + strings.Repeat("  a: [\n]\n", many), "too many keys"},
		{"keys without values", "rules:\n" + strings.Repeat("- a:\n", many), "too many empty entries"},
		{"keys without values in brackets", "rules: {" + strings.Repeat("a:, ", many), "too many empty entries"},
		{"keys without values in braces", "rules: " + strings.Repeat("[{a: }, ", many), "nested too deeply"},
		{"keys without values before others", "rules:\n" + strings.Repeat("- a:\n  b: c\n", many), "too many empty entries"},
		{"keys without values behind others", "rules:\n" + strings.Repeat("- a: b\n  c:\n", many), "too many empty entries"},
		{"keys without values, with comments", "rules:\n" + strings.Repeat("- a: # b\n", many), "too many empty entries"},
		{"keys alone in braces in brackets", "rules: [" + strings.Repeat("{a}, ", many), "too many empty entries"},
		{"keys alone behind others in braces", "rules: [" + strings.Repeat("{a: b, c}, ", many), "too many empty entries"},
		{"keys alone in braces", "rules: {" + strings.Repeat("a, ", many), "too many empty entries"},
		{"question marks", strings.Repeat("? ", many), "too many"},
		{"question marks on lines", strings.Repeat("? a\n", many), "the file has too many empty entries, anchors, tags or documents" + useless},
		{"anchors", "rules: " + strings.Repeat("&a ", many), "too many"},
		{"anchors on lines", "rules:\n" + strings.Repeat("&a\n", many), "too many"},
		{"tags", "rules: " + strings.Repeat("!a ", many), "too many"},
		{"documents", strings.Repeat("---\n", many), "too many"},
		{"aliases of a long list", "rules:\n- origins: &o [" + origins.String() + "]\n" + strings.Repeat("- origins: *o\n", 200),
			"more than 200000 values"},
		{"merges of merges", bomb.String(), "more than 200000 values"},
		{"merges of merges that were passed over", buried.String(), "more than 200000 values"},
		{"words and marks", "rules: [" + strings.Repeat("a,", 400_000),
			"the file goes on after 600000 words and marks, which is the most that is read (keep large sets of origins elsewhere, and give them to the policy in Go)"},
		{"problems", "rules:\n" + strings.Repeat("- x: *none\n", many), "there are more problems than these 1000 (mend these first)"},
		{"wrong origins", "rules:\n- origins: [" + strings.Repeat("a, ", many) + "]\n", "there are more problems than these 1000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := policyfile.Parse("x", []byte(tt.in))
			checkProblems(t, err)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is not about %q: %.300v", tt.want, err)
			}
		})
	}
	for _, s := range hostile {
		checkProblems(t, second(policyfile.Parse("x", []byte(strings.Repeat(s, 2000)))))
		checkProblems(t, second(policyfile.Parse("x", []byte("rules: ["+strings.Repeat(s, 2000)))))
		checkProblems(t, second(policyfile.Parse("x", []byte("rules:\n- path: "+strings.Repeat(s, 2000)))))
	}
}

func second(_ *policyfile.File, err error) error { return err }

// A file that is too much is said to be that, and nothing is said of what was
// not read any more.
func TestTooManyValues(t *testing.T) {
	t.Parallel()
	in := "rules:\n" + strings.Repeat("- {path: /a, origins: \"*\", methods: [PUT]}\n", 30_000) + "tests: []\n"
	_, err := policyfile.Parse("x", []byte(in))
	want := "1:1 the file comes to more than 200000 values, which is the most that is read (" +
		"keep large sets of origins elsewhere, and give them to the policy in Go)"
	if got := told(err); got != want {
		t.Errorf("error: %.500s", got)
	}
}

// A file of the largest useful size is read.
func TestManyOrigins(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("rules:\n  - path: /\n    origins:\n")
	for i := range 100_000 {
		fmt.Fprintf(&b, "      - https://t%d.example.com\n", i)
	}
	f, err := policyfile.Parse("x", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.Policy.Rules()[0].Origins); n != 100_000 {
		t.Errorf("%d origins", n)
	}
}

// What many rules come to is no attack, in whichever style they are written.
func TestManyRules(t *testing.T) {
	t.Parallel()
	const many = 1100
	for _, tt := range []struct{ name, head, rule, foot string }{
		{"lists further right", "rules:\n", "  - path: /%d\n    origins:\n      - https://a.example\n", ""},
		{"lists below their keys", "rules:\n", "- path: /%d\n  origins:\n  - https://a.example\n", ""},
		{"values below their keys", "rules:\n", "- path:\n    /%d\n  origins:\n    https://a.example\n", ""},
		{"dashes on lines of their own", "rules:\n", "-\n  path: /%d\n  origins: https://a.example\n", ""},
		{"dashes further left", "rules:\n", "-   path: /%d\n    origins: [https://a.example]\n", ""},
		{"braces", "rules: [\n", "  {path: /%d, origins: [https://a.example]},\n", "]\n"},
		{"braces on lines", "rules:\n", "- {\n  path: /%d,\n  origins: [\n    https://a.example\n  ]\n}\n", ""},
		{"comments", "rules:\n", "  # one\n  - path: # two\n# three\n      /%d\n    origins: # four\n# five\n      - # six\n        https://a.example\n", ""},
		{"JSON", "{\"rules\":[\n", "{\"path\":\"/%d\",\"origins\":[\"https://a.example\"]},\n", "{\"path\":\"/a\",\"origins\":\"*\"}]}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			b.WriteString(tt.head)
			for i := range many {
				fmt.Fprintf(&b, tt.rule, i)
			}
			b.WriteString(tt.foot)
			if f, err := policyfile.Parse("x", []byte(b.String())); err != nil || len(f.Policy.Rules()) < many {
				t.Errorf("error: %.500v", err)
			}
		})
	}
}
