package export

import (
	"strings"
	"testing"
)

// FuzzGatewayAPI: whatever a policy holds, the text has the structure that it
// has for a policy in which nothing has a meaning to it. The module in schemas
// holds it against the Gateway API's schema.
func FuzzGatewayAPI(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		text := gatewayAPI.Export(p, source).Text()
		if strings.Contains(text, "\n---") {
			t.Fatalf("it is several documents: %s", text)
		}
		// Methods that the filter does not know are left out.
		got, want := yamlShape(t, text, "allowMethods"), yamlShape(t, gatewayAPI.Export(plain, "corsac.yaml").Text(), "allowMethods")
		if got != want {
			t.Errorf("clusters read\n%s\nand not\n%s", got, want)
		}
	})
}
