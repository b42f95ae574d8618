package policyfile_test

import (
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/policyfile"
)

// A key that there is not is one of another tool, or a slip of the finger.
func TestKeysThatWereMeant(t *testing.T) {
	t.Parallel()
	const sections, rule, test, gateway, route, tls = "%s: x", "rules: [{%s: x}]", "tests: [{%s: x}]", "gateway: {%s: x}", "gateway: {routes: [{%s: x}]}", "gateway: {tls: {%s: x}}"
	for _, tt := range []struct {
		name, in, want string
		keys           []string
	}{
		{"of the file", sections, "rules", []string{"rule", "Rules", "rulse"}},
		{"of the file", sections, "gateway", []string{"gatway", "gate_way", "Gate way"}},
		{"of a rule", rule, "origins", []string{"origin", "allowedOrigins", "allow-origins", "Access-Control-Allow-Origin", "orgins", "roigins", "originss", "original"}},
		{"of a rule", rule, "methods", []string{"allowed_methods", "AllowMethods", "method", "emthods", "metohds", "metods"}},
		{"of a rule", rule, "headers", []string{"allowedHeaders", "requestHeaders", "header", "heeaders", "haeders"}},
		{"of a rule", rule, "expose", []string{"exposedHeaders", "expose-headers", "Access-Control-Expose-Headers", "responseHeaders", "exposes"}},
		{"of a rule", rule, "credentials", []string{"allow credentials", "credentialed", "cookies", "supports_credentials"}},
		{"of a rule", rule, "max-age", []string{"maxage", "MaxAge", "max_age", "maxAgeInSeconds"}},
		{"of a rule", rule, "path", []string{"prefix", "paths", "apth"}},
		{"of a rule", rule, "host", []string{"domain", "hostname", "Hosts"}},
		{"of a test", test, "allow", []string{"permit", "allows", "alow"}},
		{"of a test", test, "block", []string{"deny", "refuse", "reject", "forbid", "blocks"}},
		{"of a test", test, "because", []string{"reason", "becuase"}},
		{"of the gateway", gateway, "listen", []string{"address", "bind", "port", "listne"}},
		{"of the gateway", gateway, "upstream", []string{"target", "backend", "proxy_pass", "to", "url", "upstreams"}},
		{"of the gateway", gateway, "hosts", []string{"domains", "server_name", "host"}},
		{"of the gateway", gateway, "admin", []string{"metrics", "amdin"}},
		{"of the gateway", gateway, "trust-forwarded", []string{"trustedProxies", "trust proxy", "trustForwarded"}},
		{"of a route", route, "upstream", []string{"target", "backend", "proxyPass", "to", "url"}},
		{"of a route", route, "strip-path", []string{"stripPrefix", "strip_path"}},
		{"of TLS", tls, "cert", []string{"certificate", "certs"}},
		{"of none", rule, "", []string{"colour", "allow", "get", "allowget", "o", strings.Repeat("origins", 6)}},
		{"of none", gateway, "", []string{"cors", "le", "workers"}},
	} {
		for _, key := range tt.keys {
			t.Run(tt.name+"/"+key, func(t *testing.T) {
				t.Parallel()
				_, err := policyfile.Parse("x", []byte(strings.ReplaceAll(tt.in, "%s", key)))
				want := "there is no key \"" + key + "\" (the keys here are "
				if tt.want != "" {
					want = "there is no key \"" + key + "\" (did you mean \"" + tt.want + "\"?)"
				}
				if got := told(err); !strings.Contains(got, want) {
					t.Errorf("%s\nwant %s", got, want)
				}
			})
		}
	}
}
