package export

import (
	"flag"
	"os/exec"
	"testing"

	"github.com/corsac-cors/corsac"
)

// hostileValues are the name of the source, a path, a method and a header's
// name, each of which would be something else in some language if it were not
// quoted.
var hostileValues = []struct{ source, path, method, name string }{
	{"corsac.yaml", "/users", "PUT", "X-One"},
	{"a\nb */ ?> --> #{x} ${y}.yaml", "/a\"b", "A!#$%&'*+-.^_`|~B", "X-$host"},
	{"*/ system('id'); /*", "/'; drop/", "$HOME", "`id`"},
	{"<?php ?>", "/a\nb", "'", "%{Host}e"[:2]},
	{"x\r\nX: y", "/a\\", "^", "|"},
	{"\u2028 \x00 \xff", "/a b;c", "~", "~"},
	{"--%>", "/$(id)`id`", "#", "#"},
	{"%h %{x}i", "/<script>&amp;", "&", "&"},
	{"[[x]]", "/]]--", "-", "--"},
	{"{{ .Env }}", "/é/ü", "+", "'"},
	{`\u000a } \\u000a class Evil {`, `/\u0022+"x`, `$\`[:1], "U000A"},
}

// hostile adds the seeds of every target's fuzz test.
func hostile(f *testing.F) {
	for _, s := range hostileValues {
		f.Add(s.source, s.path, s.method, s.name)
	}
}

// hostilePolicies are a policy that has the values, wherever it may, and the
// same with harmless ones. What no policy can have is skipped.
func hostilePolicies(t *testing.T, path, method, name string) (p, plain *corsac.Policy) {
	t.Helper()
	rules := func(path, method, name string) []corsac.Rule {
		return []corsac.Rule{{
			Path: path, Origins: []string{"https://app.example.com", "https://*.example.org"},
			Methods: []string{method}, Headers: []string{name}, Expose: []string{name},
			Credentials: true, RefuseOthers: true,
		}}
	}
	p, err := corsac.New(rules(path, method, name)...)
	if err != nil {
		t.Skip("no policy has it")
	}
	r := p.Rules()[0]
	if len(r.Methods) != 1 || len(r.Headers) != 1 || len(r.Expose) != 1 {
		t.Skip("some of it goes without saying")
	}
	harmless := "/plain"
	if isTree(r.Path) {
		harmless += "/"
	}
	if r.Path == "/" {
		harmless = "/"
	}
	plain, err = corsac.New(rules(harmless, "PUT", "X-Plain")...)
	if err != nil {
		t.Fatal(err)
	}
	return p, plain
}

// isFuzzing reports whether the test invents its input, rather than trying what
// it has from the start.
func isFuzzing() bool { return flag.Lookup("test.fuzz").Value.String() != "" }

// mustRead has a server check its configuration.
func mustRead(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", program, err, out)
	}
}
