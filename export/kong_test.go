package export

import "testing"

// FuzzKong: whatever a policy holds, the text has the structure that it has for
// a policy in which nothing has a meaning to it.
func FuzzKong(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		// Methods that the plugin does not know are left out.
		got, want := yamlShape(t, kong.Export(p, source).Text(), "methods"), yamlShape(t, kong.Export(plain, "corsac.yaml").Text(), "methods")
		if got != want {
			t.Errorf("Kong reads\n%s\nand not\n%s", got, want)
		}
	})
}
