package policyfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	if f, err = policyfile.Parse("corsac.yaml", []byte("rules: []\ngateway:\n  tls: {cert: cert.pem, key: key.pem}\n")); err != nil || f.Gateway.TLS.Cert != "cert.pem" {
		t.Errorf("of a text that is no file: %v, %v", f, err)
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
	g.Upstream = ""
	if routes = g.AllRoutes(); !reflect.DeepEqual(routes, g.Routes) {
		t.Errorf("without upstream: routes %+v", routes)
	}
}

// Each row is a section and what is said of it, as in [TestProblems].
func TestGatewayProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, section, want string }{
		{"listen", "  listen: localhost", `3:11 gateway.listen: "localhost" is no address to listen on (write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine)`},
		{"port", "  listen: :99999", `3:11 gateway.listen: "99999" is no port (write a number up to 65535)`},
		{"port with letters", "  listen: :http", `3:11 gateway.listen: "http" is no port (write a number up to 65535)`},
		{"port below all", "  listen: :-1", `3:11 gateway.listen: "-1" is no port (write a number up to 65535)`},
		{"port one too high", "  listen: :65536", `3:11 gateway.listen: "65536" is no port (write a number up to 65535)`},
		{"port alone, in quotes", "  listen: '8080'", `3:11 gateway.listen: "8080" is no address to listen on (write "127.0.0.1:8080", or ":8080" for every address of the machine)`},
		{"listen at a URL", "  listen: http://localhost:8080/a", `3:11 gateway.listen: "http://localhost:8080/a" is no address to listen on (write "localhost:8080")`},
		{"listen at a URL without a port", "  listen: https://a.example", `3:11 gateway.listen: "https://a.example" is no address to listen on (write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine)`},
		{"listen at a URL without a host", "  listen: http://:8080x/", `3:11 gateway.listen: "http://:8080x/" is no address to listen on (write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine)`},
		{"admin", "  admin: 9090", `3:10 gateway.admin: a number stands where a string is expected (write "127.0.0.1:9090", or ":9090" for every address of the machine)`},
		{"admin without a port", "  admin: localhost", `3:10 gateway.admin: "localhost" is no address to listen on (write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine)`},
		{"another word", "  port: 8080", `3:3 gateway.listen: there is no key "port" (did you mean "listen"?)`},
		{"admin and gateway at one address", "  listen: :80\n  admin: :80", `4:10 gateway.admin: ":80" is what the gateway itself listens on (choose another port)`},
		{"pprof alone", "  pprof: true", `3:10 gateway.pprof: there is no admin address to serve profiles at (write admin: 127.0.0.1:9090 beside it)`},
		{"upstream without a scheme", "  upstream: localhost:8081", `3:13 gateway.upstream: the address "localhost:8081" has no scheme (write "http://localhost:8081")`},
		{"upstream with another scheme", "  upstream: ftp://a", `3:13 gateway.upstream: "ftp://a" has the scheme "ftp" (write http://, https:// or h2c:// before the host; WebSockets need http:// or https:// too)`},
		{"WebSocket upstream", "  upstream: wss://a", `3:13 gateway.upstream: "wss://a" has the scheme "wss" (write http://, https:// or h2c:// before the host; WebSockets need http:// or https:// too)`},
		{"upstream without a host", "  upstream: http://", `3:13 gateway.upstream: "http://" is no address of a server (write an address such as http://localhost:8081)`},
		{"upstream with a port only", "  upstream: http://:8081", `3:13 gateway.upstream: "http://:8081" is no address of a server (write an address such as http://localhost:8081)`},
		{"upstream without slashes", "  upstream: http:a", `3:13 gateway.upstream: the address "http:a" has no scheme (write "http://a")`},
		{"upstream with a query", "  upstream: http://a/?b", `3:13 gateway.upstream: "http://a/?b" has more than a path (end it before the ? or #)`},
		{"upstream with a password and no scheme", "  upstream: a:secret@b", `3:13 gateway.upstream: the address "…@b" has no scheme (write an address such as http://localhost:8081)`},
		{"upstream with a password and another scheme", "  upstream: ftp://a:secret@b", `3:13 gateway.upstream: "ftp://…@b" has the scheme "ftp" (write http://, https:// or h2c:// before the host; WebSockets need http:// or https:// too)`},
		{"upstream with a password in which nothing else is right", "  upstream: 'http://a:se cret@b'", `3:13 gateway.upstream: "http://…@b" is no address of a server (write an address such as http://localhost:8081)`},
		{"upstream with a password", "  upstream: http://a:secret@b", `3:13 gateway.upstream: "http://a:xxxxx@b" holds a user's name (remove what is before the @)`},
		{"upstream out of order", "  upstream: http://a b", `3:13 gateway.upstream: "http://a b" is no address of a server (write an address such as http://localhost:8081)`},
		{"upstream with a port that is none", "  upstream: http://a:99999", `3:13 gateway.upstream: "99999" is no port (write a number up to 65535)`},
		{"upstream with a star", "  upstream: http://*.example.com", `3:13 gateway.upstream: "http://*.example.com" is no address of a server (write an address such as http://localhost:8081)`},
		{"upstream with a variable", "  upstream: http://${HOST}", `3:13 gateway.upstream: "http://${HOST}" is no address of a server (write an address such as http://localhost:8081)`},
		{"route without upstream", "  routes: [{path: /a/}]", `3:12 gateway.routes[0].upstream: there is no upstream (write the address of the API, such as http://localhost:8081)`},
		{"route's upstream", "  routes: [{upstream: x}]", `3:23 gateway.routes[0].upstream: the address "x" has no scheme (write "http://x")`},
		{"route's path", "  routes: [{upstream: 'http://a', path: a}]", `3:41 gateway.routes[0].path: the path "a" does not begin with a slash (write "/a")`},
		{"route's path in blanks", "  routes: [{upstream: 'http://a', path: ' /a/ '}]", `3:41 gateway.routes[0].path: the path " /a/ " has blanks around it (write "/a/")`},
		{"route's path not clean", "  routes: [{upstream: 'http://a', path: /a//b/}]", `3:41 gateway.routes[0].path: the path "/a//b/" is not clean (write "/a/b/")`},
		{"route's pattern", "  routes: [{upstream: 'http://a', path: '/a/*'}]", `3:41 gateway.routes[0].path: the path "/a/*" is a pattern (write the part of the path that is always the same, with a slash at its end for all that is below)`},
		{"route's path with a query", "  routes: [{upstream: 'http://a', path: '/a?'}]", `3:41 gateway.routes[0].path: the path "/a?" is a pattern (write the part of the path that is always the same, with a slash at its end for all that is below)`},
		{"route's URL", "  routes: [{upstream: 'http://a', path: 'https://a.example/b/'}]", `3:41 gateway.routes[0].path: the path "https://a.example/b/" is a URL (write the path alone, such as /users/)`},
		{"routes that are text", "  routes: /a/", `3:11 gateway.routes: a string stands where a list is expected (write each entry on a line of its own, with a dash before it)`},
		{"route's host", "  routes: [{upstream: 'http://a', host: 'https://a'}]", `3:41 gateway.routes[0].host: "https://a" is no host name (write a host name, such as api.example.com)`},
		{"route's host with port", "  routes: [{upstream: 'http://a', host: 'a:80'}]", `3:41 gateway.routes[0].host: the host "a:80" has a port (remove the port)`},
		{"route's address with port", "  routes: [{upstream: 'http://a', host: '[::1]:80'}]", `3:41 gateway.routes[0].host: the host "[::1]:80" has a port (remove the port)`},
		{"two routes for one path", "  routes: [{upstream: 'http://a', path: /a/}, {upstream: 'http://b', path: /a/}]", `3:76 gateway.routes[1].path: "/a/" has two routes (remove one of them, or give it another path or host)`},
		{"two routes for one host, however written", "  routes: [{upstream: 'http://a', host: a.example}, {upstream: 'http://b', host: A.example, path: /}]", `3:99 gateway.routes[1].path: "a.example/" has two routes (remove one of them, or give it another path or host)`},
		{"a route beside the upstream", "  upstream: http://a\n  routes: [{upstream: 'http://b'}]", `4:12 gateway.routes[0].path: "/" has two routes (remove one of them, or give it another path or host)`},
		{"hosts", "  hosts: [a.example, '*']", `3:22 gateway.hosts[1]: "*" is no host name (write a host name, such as api.example.com)`},
		{"hosts that are none", "  hosts: ['', '*.', 'a*b', 'a@b', 'a b', 'a b:80', a/b, é.example]", `3:11 gateway.hosts[0]: "" is no host name (write a host name, such as api.example.com)
3:15 gateway.hosts[1]: "" is no host name (write a host name, such as api.example.com)
3:21 gateway.hosts[2]: "a*b" is no host name (write a host name, such as api.example.com)
3:28 gateway.hosts[3]: "a@b" is no host name (write a host name, such as api.example.com)
3:35 gateway.hosts[4]: "a b" is no host name (write a host name, such as api.example.com)
3:42 gateway.hosts[5]: the host "a b:80" has a port (remove the port)
3:52 gateway.hosts[6]: "a/b" is no host name (write a host name, such as api.example.com)
3:57 gateway.hosts[7]: "é.example" is no host name (write a host name, such as api.example.com)`},
		{"trusted proxies", "  trust-forwarded: [10.0.0.0/33]", `3:21 gateway.trust-forwarded[0]: "10.0.0.0/33" is neither an address nor a prefix (write an IP address or a prefix, such as "10.0.0.0/8")`},
		{"certificate without key", "  tls: {cert: a.pem}", `3:8 gateway.tls.key: there is a certificate and no key (write key: and the file of the private key)`},
		{"key without certificate", "  tls: {key: a.pem}", `3:8 gateway.tls.cert: there is a key and no certificate (write cert: and the file of the certificate)`},
		{"no certificate", "  tls: {cert: '', key: key.pem}", `3:15 gateway.tls.cert: "" is no file (write the name of a file, or remove it)`},
		{"no key", "  tls: {cert: cert.pem, key: ''}", `3:30 gateway.tls.key: "" is no file (write the name of a file, or remove it)`},
		{"files and self-signed", "  tls: {cert: a, key: b, self-signed: true}", `3:39 gateway.tls.self-signed: there are files and a self-signed certificate (remove it, or cert and key)`},
		{"certificate and self-signed", "  tls: {cert: a, self-signed: true}", `3:31 gateway.tls.self-signed: there are files and a self-signed certificate (remove it, or cert and key)`},
		{"key and self-signed", "  tls: {key: b, self-signed: true}", `3:30 gateway.tls.self-signed: there are files and a self-signed certificate (remove it, or cert and key)`},
		{"log format", "  log: {format: xml}", `3:17 gateway.log.format: there is no format "xml" (write text or json)`},
		{"log level", "  log: {level: all}", `3:16 gateway.log.level: there is no level "all" (write debug, info, warn or error)`},
		{"negative timeouts", "  timeouts: {header: -1s, body: -1s, write: -1s, idle: -1s, connect: -1s, response: -1s, shutdown: -1ms}", `3:22 gateway.timeouts.header: -1s is negative (write 0s to wait without end)
3:33 gateway.timeouts.body: -1s is negative (write 0s to wait without end)
3:45 gateway.timeouts.write: -1s is negative (write 0s to wait without end)
3:56 gateway.timeouts.idle: -1s is negative (write 0s to wait without end)
3:70 gateway.timeouts.connect: -1s is negative (write 0s to wait without end)
3:85 gateway.timeouts.response: -1s is negative (write 0s to wait without end)
3:100 gateway.timeouts.shutdown: -1ms is negative (write 0s to wait without end)`},
		{"small header limit", "  limits: {header: 1KiB}", `3:20 gateway.limits.header: 1KiB is too little for what browsers send (write 4KiB at least)`},
		{"header limit just too small", "  limits: {header: 4095}", `3:20 gateway.limits.header: 4095B is too little for what browsers send (write 4KiB at least)`},
		{"limit without sense", "  limits: {requests: 9999999999999999999}", `3:22 gateway.limits.requests: 9999999999999999999 is too large`},
		{"limits that are no whole numbers", "  limits: {connections: 1.5, requests: [1]}", `3:25 gateway.limits.connections: a number stands where a whole number is expected (write digits alone)
3:40 gateway.limits.requests: a list stands where a whole number is expected (write digits alone)`},
		{"limit in quotes", "  limits: {requests: '5'}", `3:22 gateway.limits.requests: a string stands where a whole number is expected (write 5 without quotes)`},
		{"negative limit", "  limits: {requests: -1}", `3:22 gateway.limits.requests: -1 is negative (write 0 for no limit)`},
		{"negative connections", "  limits: {connections: -1}", `3:25 gateway.limits.connections: -1 is negative (write 0 for no limit)`},
		{"no size", "  limits: {body: lots}", `3:18 gateway.limits.body: "lots" is no size (write a number and a unit, such as 64KiB or 10MB)`},
		{"size in brackets", "  limits: {body: [1]}", `3:18 gateway.limits.body: a list stands where a string is expected (write one value, without dash and brackets)`},
		{"timeout beyond all", "  timeouts: {idle: 9999999999h}", `3:20 gateway.timeouts.idle: "9999999999h" is no duration (write one such as "90s", "10m" or "2h")`},
		{"unknown key", "  limits: {bodies: 1}", `3:12 gateway.limits.bodies: there is no key "bodies" (the keys here are header, body, connections, requests)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseGateway(tt.section + "\n")
			if diff := cmp.Diff(tt.want, told(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(tt.want, "secret") {
				t.Error("it shows the password")
			}
		})
	}
}

// What stands at the very limits of what is refused is taken.
func TestGatewayLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, section string }{
		{"any free port, twice", "  listen: 127.0.0.1:0\n  admin: 127.0.0.1:0"},
		{"the highest port", "  listen: :65535"},
		{"the smallest header limit", "  limits: {header: 4KiB}"},
		{"a certificate of this run", "  tls: {self-signed: true}"},
		{"no limits", "  limits: {header: 0, body: 0, connections: 0, requests: 0}"},
		{"no timeouts", "  timeouts: {header: 0s, body: 0s, write: 0s, idle: 0s, connect: 0s, response: 0s, shutdown: 0s}"},
		{"hosts that are addresses", "  hosts: ['::1', '[::1]', 127.0.0.1]"},
		{"a host with routes for two paths", "  routes: [{upstream: 'http://a', host: a.example}, {upstream: 'http://a', host: a.example, path: /b}]"},
		{"a path with routes for two hosts", "  routes: [{upstream: 'http://a', host: a.example}, {upstream: 'http://a', host: b.example}]"},
		{"the highest port of an upstream", "  upstream: http://a:65535"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := parseGateway(tt.section + "\n"); err != nil {
				t.Error(err)
			}
		})
	}
	for key, words := range map[string][]string{"format": {"text", "json"}, "level": {"debug", "info", "warn", "error"}} {
		for _, word := range words {
			if _, err := parseGateway(fmt.Sprintf("  log: {%s: %s}\n", key, word)); err != nil {
				t.Error(err)
			}
		}
	}
}

// The defaults are what editors show as such.
func TestGatewayDefaultsAreAsDescribed(t *testing.T) {
	t.Parallel()
	described := regexp.MustCompile(`The default is ([^ ]+)\.`)
	found := 0
	var check func(at string, s reflect.Value)
	check = func(at string, s reflect.Value) {
		for i := range s.NumField() {
			f, v := s.Type().Field(i), s.Field(i)
			if v.Kind() == reflect.Struct {
				check(at+"."+f.Name, v)
				continue
			}
			if m := described.FindStringSubmatch(f.Tag.Get("jsonschema_description")); m == nil {
				if !v.IsZero() {
					t.Errorf("%s.%s is %v, and its description does not say so", at, f.Name, v)
				}
			} else if found++; !isWritten(v, m[1]) {
				t.Errorf("%s.%s is %v, and described as %s", at, f.Name, v, m[1])
			}
		}
	}
	check("Gateway", reflect.ValueOf(policyfile.DefaultGateway()))
	if found == 0 {
		t.Error("no default is described")
	}
}

func isWritten(v reflect.Value, text string) bool {
	if d, err := time.ParseDuration(text); err == nil && v.Type() == reflect.TypeFor[time.Duration]() {
		return v.Int() == int64(d)
	}
	return fmt.Sprint(v) == text
}

func TestParsePrefix(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"10.0.0.0/8", "10.0.0.0/8"},
		{"10.1.2.3/8", "10.0.0.0/8"},
		{"127.0.0.1", "127.0.0.1/32"},
		{"::1", "::1/128"},
		{"localhost", ""},
	} {
		p, err := policyfile.ParsePrefix(tt.in)
		if got := p.String(); (err == nil) != (tt.want != "") || err == nil && got != tt.want {
			t.Errorf("ParsePrefix(%q) = %s, %v; want %q", tt.in, got, err, tt.want)
		}
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
	if got := fmt.Sprint(policyfile.Size(64<<10), policyfile.Size(1500), policyfile.Size(0), policyfile.Size(1e9)); got != "64KiB 1500B 0B 1000000000B" {
		t.Errorf("sizes are written %s", got)
	}
}
