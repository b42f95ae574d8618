package policyfile

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/corsac-cors/corsac/internal/paths"
)

// A Gateway is the section gateway: the reverse proxy of corsac serve. Begin
// with [DefaultGateway], because a limit or timeout of zero is none at all.
type Gateway struct {
	Listen         string   `yaml:"listen" jsonschema:"example=127.0.0.1:8080,example=:8080" jsonschema_description:"The address to listen on: host:port, or :port for every address of the machine. The default is 127.0.0.1:8080."`
	Upstream       string   `yaml:"upstream" jsonschema:"example=http://localhost:8081" jsonschema_description:"The API behind the gateway: http://, https:// or h2c:// (HTTP/2 without TLS), a host and perhaps a path. Short for one route that takes everything."`
	Routes         []Route  `yaml:"routes" jsonschema_description:"Which requests go to which upstream, if there are several. Routes with a host come first, then the longest path."`
	Hosts          list     `yaml:"hosts" jsonschema:"example=api.example.com" jsonschema_description:"The host names served, without port; *.example.com stands for every subdomain. Requests for other hosts are answered 421, which keeps out DNS rebinding. By default every host is served."`
	TrustForwarded list     `yaml:"trust-forwarded" jsonschema:"example=10.0.0.0/8" jsonschema_description:"Addresses of the proxies in front, as IP addresses or prefixes. What they say in X-Forwarded-* is kept and added to; what anybody else says is removed."`
	TLS            TLS      `yaml:"tls" jsonschema_description:"Serve HTTPS."`
	Admin          string   `yaml:"admin" jsonschema:"example=127.0.0.1:9090" jsonschema_description:"The address for /metrics, /healthz and /readyz. By default there is none."`
	Pprof          bool     `yaml:"pprof" jsonschema_description:"Serve Go's profiles below /debug/pprof/ at the admin address."`
	Log            Log      `yaml:"log" jsonschema_description:"What is logged to standard error."`
	Timeouts       Timeouts `yaml:"timeouts" jsonschema_description:"How long to wait for what. 0s means without end."`
	Limits         Limits   `yaml:"limits" jsonschema_description:"How much of what. 0 means without limit; for header, 1MiB."`
}

// A Route sends a part of the gateway to an upstream.
type Route struct {
	Path             string `yaml:"path" jsonschema:"example=/users/" jsonschema_description:"As the path of a rule: /users/ is a tree, /health is one resource. The default is /, everything."`
	Host             string `yaml:"host" jsonschema:"example=api.example.com" jsonschema_description:"Only requests for this host name, without port. By default every host."`
	Upstream         string `yaml:"upstream" jsonschema:"required,example=http://localhost:8081" jsonschema_description:"The API: http://, https:// or h2c:// (HTTP/2 without TLS), a host and perhaps a path, to which the request's path is added."`
	StripPath        bool   `yaml:"strip-path" jsonschema_description:"Take the route's path off the request's before it goes to the upstream."`
	PreserveHost     bool   `yaml:"preserve-host" jsonschema_description:"Send the client's Host header to the upstream instead of the upstream's own."`
	HideOrigin       bool   `yaml:"hide-origin" jsonschema_description:"Send no Origin header to the upstream with requests of allowed origins, for an upstream that refuses origins it does not know."`
	RewriteCookies   bool   `yaml:"rewrite-cookies" jsonschema_description:"Make the upstream's cookies work on the gateway's host: remove Domain and, where the gateway has no TLS, Secure, Partitioned and SameSite=None. For local development."`
	KeepRedirects    bool   `yaml:"keep-redirects" jsonschema_description:"Leave redirects to the upstream's own address as they are. By default they lead back to the gateway."`
	InsecureUpstream bool   `yaml:"insecure-upstream" jsonschema_description:"Accept any TLS certificate of the upstream. For local development."`
}

// TLS says how HTTPS is served.
type TLS struct {
	Cert       string `yaml:"cert" jsonschema_description:"The file of the certificate and those that lead to its root, in PEM. It is read anew when it changes. A relative name is looked for beside the policy file."`
	Key        string `yaml:"key" jsonschema_description:"The file of the certificate's private key, in PEM. A relative name is looked for beside the policy file."`
	SelfSigned bool   `yaml:"self-signed" jsonschema_description:"Make a certificate for this run, for localhost and the address listened on. Browsers warn of it."`
}

// Enabled reports whether there is TLS at all.
func (t TLS) Enabled() bool { return t.SelfSigned || t.Cert != "" }

// find makes names of files that are relative to a directory names that open
// them from anywhere: a service is started in another.
func (t *TLS) find(dir string) {
	for _, name := range []*string{&t.Cert, &t.Key} {
		if *name != "" && !filepath.IsAbs(*name) {
			*name = filepath.Join(dir, *name)
		}
	}
}

// Log says what is logged, and how.
type Log struct {
	Format   string `yaml:"format" jsonschema:"enum=text,enum=json" jsonschema_description:"text or json. The default is text."`
	Level    string `yaml:"level" jsonschema:"enum=debug,enum=info,enum=warn,enum=error" jsonschema_description:"The least that is logged: debug, info, warn or error. The default is info."`
	Requests bool   `yaml:"requests" jsonschema_description:"One line for each request. The default is true."`
}

// Timeouts say how long the gateway waits.
type Timeouts struct {
	Header   time.Duration `yaml:"header" jsonschema_description:"For a client to send the head of a request. The default is 10s."`
	Body     time.Duration `yaml:"body" jsonschema_description:"For a client to send more of a body. The default is 60s."`
	Write    time.Duration `yaml:"write" jsonschema_description:"For a client to take more of a response, or of what comes through a WebSocket. The default is 60s. It cuts no stream that is merely silent."`
	Idle     time.Duration `yaml:"idle" jsonschema_description:"For the next request on a connection. The default is 2m."`
	Connect  time.Duration `yaml:"connect" jsonschema_description:"For a connection to an upstream, and once more for its TLS. The default is 10s."`
	Response time.Duration `yaml:"response" jsonschema_description:"For an upstream to take more of a request, or of what comes through a WebSocket, and for the head of its response. The default is 60s."`
	Shutdown time.Duration `yaml:"shutdown" jsonschema_description:"For the requests in flight to end when the gateway stops. The default is 10s."`
}

// Limits say how much the gateway takes.
type Limits struct {
	Header      Size `yaml:"header" jsonschema:"example=64KiB" jsonschema_description:"The head of a request: 4KiB at least. The default is 64KiB."`
	Body        Size `yaml:"body" jsonschema:"example=10MiB" jsonschema_description:"The body of a request. By default there is no limit: bodies are passed on as they come, never held."`
	Connections int  `yaml:"connections" jsonschema_description:"Connections of clients at a time; more wait to be accepted. The default is 10000."`
	Requests    int  `yaml:"requests" jsonschema_description:"Requests in flight to upstreams; more are answered 503. The default is 10000."`
}

// DefaultGateway is the section as it is when the file says nothing in it.
func DefaultGateway() Gateway {
	return Gateway{
		Listen: "127.0.0.1:8080",
		Log:    Log{Format: "text", Level: "info", Requests: true},
		Timeouts: Timeouts{
			Header: 10 * time.Second, Body: time.Minute, Write: time.Minute, Idle: 2 * time.Minute,
			Connect: 10 * time.Second, Response: time.Minute, Shutdown: 10 * time.Second,
		},
		Limits: Limits{Header: 64 << 10, Connections: 10_000, Requests: 10_000},
	}
}

// AllRoutes are the routes, with Upstream as the one that it is short for.
func (g *Gateway) AllRoutes() []Route {
	if g.Upstream == "" {
		return g.Routes
	}
	return append([]Route{{Path: "/", Upstream: g.Upstream}}, g.Routes...)
}

// A problemFunc reports something wrong with the entry at a path.
type problemFunc = func(path, hint, format string, args ...any)

// Check reports what is wrong, each thing with its place, such as
// "gateway.listen", what to do, and what it is.
func (g *Gateway) Check(problem func(path, hint, format string, args ...any)) {
	checkListen("gateway.listen", g.Listen, problem)
	if g.Admin != "" {
		checkListen("gateway.admin", g.Admin, problem)
		if g.Admin == g.Listen && !strings.HasSuffix(g.Admin, ":0") {
			problem("gateway.admin", "choose another port", "%q is what the gateway itself listens on", g.Admin)
		}
	}
	if g.Pprof && g.Admin == "" {
		problem("gateway.pprof", "write admin: 127.0.0.1:9090 beside it", "there is no admin address to serve profiles at")
	}
	if g.Upstream != "" {
		checkUpstream("gateway.upstream", g.Upstream, problem)
	}
	g.checkRoutes(problem)
	for i, h := range g.Hosts {
		checkHostName(at("gateway.hosts", i), strings.TrimPrefix(h, "*."), problem)
	}
	for i, p := range g.TrustForwarded {
		if _, err := ParsePrefix(p); err != nil {
			problem(at("gateway.trust-forwarded", i), `write an IP address or a prefix, such as "10.0.0.0/8"`, "%q is neither an address nor a prefix", p)
		}
	}
	g.TLS.check(problem)
	g.Log.check(problem)
	g.Timeouts.check(problem)
	g.Limits.check(problem)
}

func (g *Gateway) checkRoutes(problem problemFunc) {
	seen := make(map[string]bool)
	if g.Upstream != "" {
		seen["/"] = true
	}
	for i, r := range g.Routes {
		place := at("gateway.routes", i)
		if r.Upstream == "" {
			problem(place+".upstream", "write the address of the API, such as http://localhost:8081", "there is no upstream")
		} else {
			checkUpstream(place+".upstream", r.Upstream, problem)
		}
		if r.Host != "" {
			checkHostName(place+".host", r.Host, problem)
		}
		checkRoutePath(place+".path", r.Path, problem)
		key := strings.ToLower(r.Host) + CleanPath(r.Path)
		if seen[key] {
			problem(place+".path", "remove one of them, or give it another path or host", "%q has two routes", key)
		}
		seen[key] = true
	}
}

func checkRoutePath(place, p string, problem problemFunc) {
	switch {
	case p == "":
	case strings.Contains(p, "://"):
		problem(place, "write the path alone, such as /users/", "the path %q is a URL", p)
	case strings.ContainsAny(p, "*{}?#"):
		problem(place, "write the part of the path that is always the same, with a slash at its end for all that is below", "the path %q is a pattern", p)
	case strings.TrimSpace(p) != p:
		problem(place, "write "+strconv.Quote(CleanPath("/"+strings.TrimSpace(p))), "the path %q has blanks around it", p)
	case p[0] != '/':
		problem(place, "write "+strconv.Quote(CleanPath("/"+p)), "the path %q does not begin with a slash", p)
	case CleanPath(p) != p:
		problem(place, "write "+strconv.Quote(CleanPath(p)), "the path %q is not clean", p)
	}
}

// CleanPath is a path without empty and dot segments. The slash at the end,
// which makes a tree, stays; nothing at all is the tree of everything.
func CleanPath(p string) string { return paths.Clean(p) }

func checkHostName(place, host string, problem problemFunc) {
	if bare := strings.Trim(host, "[]"); strings.Contains(bare, ":") && !strings.Contains(bare, "/") {
		if _, err := netip.ParseAddr(bare); err == nil {
			return
		}
		problem(place, "remove the port", "the host %q has a port", host)
		return
	}
	if host == "" || strings.ContainsAny(host, "/*@ ") || !httpguts.ValidHostHeader(host) {
		problem(place, "write a host name, such as api.example.com", "%q is no host name", host)
	}
}

// ParsePrefix reads a prefix of IP addresses, or one address.
func ParsePrefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(a.BitLen())
}

func (t TLS) check(problem problemFunc) {
	switch {
	case t.SelfSigned && (t.Cert != "" || t.Key != ""):
		problem("gateway.tls.self-signed", "remove it, or cert and key", "there are files and a self-signed certificate")
	case t.Cert != "" && t.Key == "":
		problem("gateway.tls.key", "write key: and the file of the private key", "there is a certificate and no key")
	case t.Cert == "" && t.Key != "":
		problem("gateway.tls.cert", "write cert: and the file of the certificate", "there is a key and no certificate")
	}
}

func (l Log) check(problem problemFunc) {
	if !slices.Contains([]string{"text", "json"}, l.Format) {
		problem("gateway.log.format", "write text or json", "there is no format %q", l.Format)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, l.Level) {
		problem("gateway.log.level", "write debug, info, warn or error", "there is no level %q", l.Level)
	}
}

func (t Timeouts) check(problem problemFunc) {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{
		{"header", t.Header}, {"body", t.Body}, {"write", t.Write}, {"idle", t.Idle},
		{"connect", t.Connect}, {"response", t.Response}, {"shutdown", t.Shutdown},
	} {
		if d.value < 0 {
			problem("gateway.timeouts."+d.key, "write 0s to wait without end", "%s is negative", d.value)
		}
	}
}

func (l Limits) check(problem problemFunc) {
	if 0 < l.Header && l.Header < 4<<10 {
		problem("gateway.limits.header", "write 4KiB at least", "%s is too little for what browsers send", l.Header)
	}
	if l.Connections < 0 {
		problem("gateway.limits.connections", "write 0 for no limit", "%d is negative", l.Connections)
	}
	if l.Requests < 0 {
		problem("gateway.limits.requests", "write 0 for no limit", "%d is negative", l.Requests)
	}
}

func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
