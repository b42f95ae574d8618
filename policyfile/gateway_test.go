package policyfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

func parseGateway(section string) (policyfile.Gateway, error) {
	f, err := policyfile.Parse("corsac.yaml", []byte("rules: []\ngateway:\n"+section))
	if err != nil {
		return policyfile.Gateway{}, err
	}
	return f.Gateway, nil
}

func TestGatewayDefaults(t *testing.T) {
	t.Parallel()
	f, err := policyfile.Parse("corsac.yaml", []byte("rules: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Gateway, policyfile.DefaultGateway()) {
		t.Errorf("without the section: %+v", f.Gateway)
	}
	g, err := parseGateway("  upstream: http://localhost:8081\n  timeouts: {write: 0s, idle: 5m}\n  limits: {body: 10MiB, requests: 0, header: 8192}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := policyfile.DefaultGateway()
	want.Upstream = "http://localhost:8081"
	want.Timeouts.Write, want.Timeouts.Idle = 0, 5*time.Minute
	want.Limits.Body, want.Limits.Requests, want.Limits.Header = 10<<20, 0, 8192
	if !reflect.DeepEqual(g, want) {
		t.Errorf("got %+v\nwant %+v", g, want)
	}
}

// What a file names stands beside it, wherever the gateway is started; what a
// flag names is where the shell stands.
func TestGatewayFilesBesideThePolicy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "corsac.yaml")
	key := filepath.Join(dir, "elsewhere", "key.pem")
	if err := os.WriteFile(name, fmt.Appendf(nil, "rules: []\ngateway:\n  tls: {cert: tls/cert.pem, key: '%s'}\n", key), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := policyfile.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	if want := (policyfile.TLS{Cert: filepath.Join(dir, "tls", "cert.pem"), Key: key}); f.Gateway.TLS != want {
		t.Errorf("got %+v, want %+v", f.Gateway.TLS, want)
	}
	over := policyfile.Override{Path: "gateway.tls", Set: func(g *policyfile.Gateway) { g.TLS.Cert = "other.pem" }}
	if f, err = policyfile.Read(name, over); err != nil || f.Gateway.TLS.Cert != "other.pem" {
		t.Errorf("a flag's file is %q, %v", f.Gateway.TLS.Cert, err)
	}
}

func TestGatewayRoutes(t *testing.T) {
	t.Parallel()
	g, err := parseGateway(`
  upstream: https://api.example.com/v1
  hosts: [api.example.com, "*.example.org", "::1"]
  trust-forwarded: 10.0.0.0/8
  routes:
    - path: /users/
      upstream: h2c://localhost:8081
      strip-path: true
    - host: api.example.com
      upstream: http://[::1]:8082
`)
	if err != nil {
		t.Fatal(err)
	}
	routes := g.AllRoutes()
	if len(routes) != 3 || routes[0].Path != "/" || routes[0].Upstream != g.Upstream || !routes[1].StripPath || routes[2].Host != "api.example.com" {
		t.Errorf("routes %+v", routes)
	}
}

func TestGatewayProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, section string
		path, message string
	}{
		{"listen", "  listen: localhost", "gateway.listen", `"localhost" is no address to listen on`},
		{"port", "  listen: :99999", "gateway.listen", `"99999" is no port`},
		{"port with letters", "  listen: :http", "gateway.listen", `"http" is no port`},
		{"admin", "  admin: 9090", "gateway.admin", ""},
		{"another word", "  port: 8080", "gateway.listen", `there is no key "port"`},
		{"admin and gateway at one address", "  listen: :80\n  admin: :80", "gateway.admin", `":80" is what the gateway itself listens on`},
		{"pprof alone", "  pprof: true", "gateway.pprof", "there is no admin address to serve profiles at"},
		{"upstream without a scheme", "  upstream: localhost:8081", "gateway.upstream", `the address "localhost:8081" has no scheme`},
		{"upstream with another scheme", "  upstream: ftp://a", "gateway.upstream", `"ftp://a" has the scheme "ftp"`},
		{"WebSocket upstream", "  upstream: wss://a", "gateway.upstream", `"wss://a" has the scheme "wss"`},
		{"upstream without a host", "  upstream: http://", "gateway.upstream", `"http://" is no address of a server`},
		{"upstream with a port only", "  upstream: http://:8081", "gateway.upstream", `"http://:8081" is no address of a server`},
		{"upstream without slashes", "  upstream: http:a", "gateway.upstream", `the address "http:a" has no scheme`},
		{"upstream with a query", "  upstream: http://a/?b", "gateway.upstream", `"http://a/?b" has more than a path`},
		{"upstream with a password and no scheme", "  upstream: a:secret@b", "gateway.upstream", `the address "…@b" has no scheme`},
		{"upstream with a password and another scheme", "  upstream: ftp://a:secret@b", "gateway.upstream", `"ftp://…@b" has the scheme`},
		{"upstream with a password in which nothing else is right", "  upstream: 'http://a:se cret@b'", "gateway.upstream", `"http://…@b" is no address`},
		{"upstream with a password", "  upstream: http://a:secret@b", "gateway.upstream", `"http://a:xxxxx@b" holds a user's name`},
		{"upstream out of order", "  upstream: http://a b", "gateway.upstream", `"http://a b" is no address of a server`},
		{"upstream with a port that is none", "  upstream: http://a:99999", "gateway.upstream", `"99999" is no port`},
		{"upstream with a star", "  upstream: http://*.example.com", "gateway.upstream", `"http://*.example.com" is no address of a server`},
		{"upstream with a variable", "  upstream: http://${HOST}", "gateway.upstream", `"http://${HOST}" is no address of a server`},
		{"route without upstream", "  routes: [{path: /a/}]", "gateway.routes[0].upstream", "there is no upstream"},
		{"route's upstream", "  routes: [{upstream: x}]", "gateway.routes[0].upstream", `the address "x" has no scheme`},
		{"route's path", "  routes: [{upstream: 'http://a', path: a}]", "gateway.routes[0].path", `the path "a" does not begin with a slash`},
		{"route's path in blanks", "  routes: [{upstream: 'http://a', path: ' /a/ '}]", "gateway.routes[0].path", `the path " /a/ " has blanks around it`},
		{"route's path not clean", "  routes: [{upstream: 'http://a', path: /a//b/}]", "gateway.routes[0].path", `the path "/a//b/" is not clean`},
		{"route's pattern", "  routes: [{upstream: 'http://a', path: '/a/*'}]", "gateway.routes[0].path", `the path "/a/*" is a pattern`},
		{"route's host", "  routes: [{upstream: 'http://a', host: 'https://a'}]", "gateway.routes[0].host", `"https://a" is no host name`},
		{"route's host with port", "  routes: [{upstream: 'http://a', host: 'a:80'}]", "gateway.routes[0].host", `the host "a:80" has a port`},
		{"two routes for one path", "  routes: [{upstream: 'http://a', path: /a/}, {upstream: 'http://b', path: /a/}]", "gateway.routes[1].path", `"/a/" has two routes`},
		{"a route beside the upstream", "  upstream: http://a\n  routes: [{upstream: 'http://b'}]", "gateway.routes[0].path", `"/" has two routes`},
		{"hosts", "  hosts: [a.example, '*']", "gateway.hosts[1]", `"*" is no host name`},
		{"trusted proxies", "  trust-forwarded: [10.0.0.0/33]", "gateway.trust-forwarded[0]", `"10.0.0.0/33" is neither an address nor a prefix`},
		{"certificate without key", "  tls: {cert: a.pem}", "gateway.tls.key", "there is a certificate and no key"},
		{"key without certificate", "  tls: {key: a.pem}", "gateway.tls.cert", "there is a key and no certificate"},
		{"no certificate", "  tls: {cert: '', key: key.pem}", "gateway.tls.cert", `"" is no file`},
		{"no key", "  tls: {cert: cert.pem, key: ''}", "gateway.tls.key", `"" is no file`},
		{"files and self-signed", "  tls: {cert: a, key: b, self-signed: true}", "gateway.tls.self-signed", "there are files and a self-signed certificate"},
		{"log format", "  log: {format: xml}", "gateway.log.format", `there is no format "xml"`},
		{"log level", "  log: {level: all}", "gateway.log.level", `there is no level "all"`},
		{"negative timeout", "  timeouts: {body: -1s}", "gateway.timeouts.body", "-1s is negative"},
		{"small header limit", "  limits: {header: 1KiB}", "gateway.limits.header", "1KiB is too little for what browsers send"},
		{"negative limit", "  limits: {requests: -1}", "gateway.limits.requests", "-1 is negative"},
		{"negative connections", "  limits: {connections: -1}", "gateway.limits.connections", "-1 is negative"},
		{"no size", "  limits: {body: lots}", "gateway.limits.body", `"lots" is no size`},
		{"unknown key", "  limits: {bodies: 1}", "gateway.limits.bodies", `there is no key "bodies"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseGateway(tt.section + "\n")
			var problems corsac.Problems
			if !errors.As(err, &problems) || len(problems) != 1 {
				t.Fatalf("got %v, want one problem", err)
			}
			p := problems[0]
			if p.Path != tt.path || !strings.HasPrefix(p.Message, tt.message) {
				t.Errorf("got %s: %q, want %s: %q", p.Path, p.Message, tt.path, tt.message)
			}
			if p.Line < 3 {
				t.Errorf("it stands in line %d", p.Line)
			}
			if strings.Contains(p.String(), "secret") {
				t.Errorf("it shows the password: %s", p)
			}
		})
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]policyfile.Size{
		"0": 0, "1": 1, "1024": 1024, "10B": 10, "64KiB": 64 << 10, "10 MiB": 10 << 20, "1GiB": 1 << 30, "5kB": 5000, "5KB": 5000, "2MB": 2e6, "3GB": 3e9,
		"9223372036854775807": 1<<63 - 1,
	} {
		var s policyfile.Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q is %d, %v; want %d", text, s, err, want)
		}
		var again policyfile.Size
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%d is written %q, which is %d", s, s, again)
		}
	}
	for _, text := range []string{"", "KiB", "-1", "1.5MB", "10TB", "1e3", "9223372036854775808", "9223372036854775807KiB", "0x10"} {
		var s policyfile.Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for %d", text, s)
		}
	}
	if got := fmt.Sprint(policyfile.Size(64<<10), policyfile.Size(1500)); got != "64KiB 1500B" {
		t.Errorf("sizes are written %s", got)
	}
}
