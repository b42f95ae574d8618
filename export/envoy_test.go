package export

import "testing"

// FuzzEnvoy: whatever a policy holds, the text has the structure that it has for
// a policy in which nothing has a meaning to it; paths are matched in one of two
// ways. The module in schemas holds it against Envoy's types.
func FuzzEnvoy(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		got := yamlShape(t, envoy.Export(p, source).Text(), "match", "normalize_path")
		want := yamlShape(t, envoy.Export(plain, "corsac.yaml").Text(), "match", "normalize_path")
		if got != want {
			t.Errorf("Envoy reads\n%s\nand not\n%s", got, want)
		}
	})
}
