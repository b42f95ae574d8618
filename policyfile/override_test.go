package policyfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/policyfile"
)

// A file is judged as it is with what stands over it: what is wrong with that
// has no line, and all else has.
func TestOverrides(t *testing.T) {
	t.Parallel()
	listen := func(to string) policyfile.Override {
		return policyfile.Override{Path: "gateway.listen", Set: func(g *policyfile.Gateway) { g.Listen = to }}
	}
	admin := policyfile.Override{Path: "gateway.admin", Set: func(g *policyfile.Gateway) { g.Admin = "127.0.0.1:9090" }}
	hosts := policyfile.Override{Path: "gateway.hosts", Set: func(g *policyfile.Gateway) { g.Hosts = []string{"a/b"} }}
	tls := policyfile.Override{Path: "gateway.tls", Set: func(g *policyfile.Gateway) { g.TLS.Key = "key.pem" }}
	for _, tt := range []struct {
		name, section string
		over          []policyfile.Override
		want          string
	}{
		{"nothing", "  pprof: true\n", nil, "3:10 gateway.pprof: there is no admin address to serve profiles at (write admin: 127.0.0.1:9090 beside it)"},
		{"what the file lacks", "  pprof: true\n", []policyfile.Override{admin}, ""},
		{"what the file has wrong", "  listen: nowhere\n", []policyfile.Override{listen(":8080")}, ""},
		{"what does not go together in the file", "  listen: :9090\n  admin: :9090\n", []policyfile.Override{listen(":8080")}, ""},
		{"what does not go together with the file", "  admin: 127.0.0.1:9090\n", []policyfile.Override{listen("127.0.0.1:9090")},
			`3:10 gateway.admin: "127.0.0.1:9090" is what the gateway itself listens on (choose another port)`},
		{"what does not go together with an override", "  listen: 127.0.0.1:9090\n", []policyfile.Override{admin},
			`0:0 gateway.admin: "127.0.0.1:9090" is what the gateway itself listens on (choose another port)`},
		{"an override that is wrong", "  listen: :8080\n  upstream: x\n", []policyfile.Override{listen("nowhere")},
			`0:0 gateway.listen: "nowhere" is no address to listen on (write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine)
4:13 gateway.upstream: the address "x" has no scheme (write "http://x")`},
		{"an entry of a list", "  hosts: [a.example]\n", []policyfile.Override{hosts}, `0:0 gateway.hosts[0]: "a/b" is no host name (write a host name, such as api.example.com)`},
		{"half a mapping, the other half in the file", "  tls: {cert: cert.pem}\n", []policyfile.Override{tls}, ""},
		{"no name of a file in the file", "  tls: {cert: '', key: ''}\n", []policyfile.Override{tls}, "0:0 gateway.tls.cert: there is a key and no certificate (write cert: and the file of the certificate)"},
		{"half a mapping, alone", "", []policyfile.Override{tls}, "0:0 gateway.tls.cert: there is a key and no certificate (write cert: and the file of the certificate)"},
		{"what cannot be read stays wrong", "  listen: [8080]\n", []policyfile.Override{listen(":8080")},
			"3:11 gateway.listen: a list stands where a string is expected (write one value, without dash and brackets)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			section := tt.section
			if section == "" {
				section = "  log: {}\n"
			}
			f, err := policyfile.Parse("corsac.yaml", []byte("rules: []\ngateway:\n"+section), tt.over...)
			if (f == nil) != (tt.want != "") {
				t.Fatalf("Parse = %v, %v", f, err)
			}
			if err == nil {
				return
			}
			if diff := cmp.Diff(tt.want, told(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
