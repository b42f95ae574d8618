package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/internal/origins"
	"github.com/corsac-cors/corsac/policyfile"
)

// What serve allows without a file, where flags do not say it: what a front end
// in development needs. With credentials there is no "*", so the usual headers
// are listed.
var (
	localMethods   = []string{"PUT", "PATCH", "DELETE"}
	anyHeader      = []string{"*", "Authorization"}
	usualHeaders   = []string{"Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Requested-With", "X-CSRF-Token", "X-XSRF-Token", "X-Request-Id", "Idempotency-Key", "@tracing"}
	anyResponse    = []string{"*", "Authorization"}
	usualResponses = []string{"Content-Disposition", "ETag", "Link", "Location", "Retry-After", "X-Request-Id", "X-Total-Count"}
)

// localConfig is what the flags come to, or everything that is wrong with them.
func (s *serving) localConfig() (gateway.Config, error) {
	g := s.local()
	for _, o := range s.overrides() {
		o.Set(&g)
	}
	if !s.changed("hosts") {
		g.Hosts = hostsOf(g.Listen)
	}
	var problems corsac.Problems
	add := func(path, hint, format string, args ...any) {
		problems = append(problems, corsac.Problem{Path: path, Hint: hint, Message: fmt.Sprintf(format, args...)})
	}
	rule := s.rule()
	rule.MaxAge = s.age(add)
	p, err := corsac.New(rule)
	var inRule corsac.Problems
	errors.As(err, &inRule)
	problems = append(problems, inRule...)
	g.Check(add)
	checkCircle(g, add)
	if len(problems) > 0 {
		return gateway.Config{}, problems
	}
	return gateway.Config{Policy: p, Gateway: g, Version: version(debug.ReadBuildInfo())}, nil
}

// rule is the policy that the flags come to.
func (s *serving) rule() corsac.Rule {
	r := corsac.Rule{
		Path:        "/",
		Origins:     s.allow,
		Methods:     localMethods,
		Headers:     anyHeader,
		Expose:      anyResponse,
		Credentials: s.credentials,
		// A page of any other site could else send requests to the gateway
		// that a developer's machine runs. Where all may read, nobody is other.
		RefuseOthers: !slices.Contains(s.allow, "*"),
	}
	if s.credentials {
		r.Headers, r.Expose = usualHeaders, usualResponses
	}
	if s.changed("methods") {
		r.Methods = s.methods
	}
	if s.changed("headers") {
		r.Headers = s.headers
	}
	if s.changed("expose") {
		r.Expose = s.expose
	}
	return r
}

// age is how long browsers remember preflights. It is read here and not by the
// flag, which would say only that it is wrong, and nothing of the rest.
func (s *serving) age(problem func(path, hint, format string, args ...any)) time.Duration {
	if !s.changed("max-age") {
		return 0
	}
	d, hint, ok := policyfile.ParseMaxAge(s.maxAge)
	switch {
	case !ok:
		problem("rules[0].max-age", hint, "%q is no duration", s.maxAge)
	case d < 0:
		problem("rules[0].max-age", "write 0s to forbid that browsers remember", "%s is negative", d)
	case d == 0:
		return corsac.NoCache
	default:
		return d
	}
	return 0
}

// local is the gateway that the flags come to: one upstream, made to work with
// a browser on the developer's machine.
func (s *serving) local() policyfile.Gateway {
	g := policyfile.DefaultGateway()
	g.Routes = []policyfile.Route{{Upstream: s.to, RewriteCookies: true, HideOrigin: true, InsecureUpstream: s.insecure}}
	return g
}

// hostsOf are the names that a loopback address is known by. A site whose name
// was made to resolve to it (DNS rebinding) is not among them.
func hostsOf(listen string) []string {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || !origins.IsLoopback(host) {
		return nil
	}
	return []string{"localhost", "*.localhost", "127.0.0.1", "::1", host}
}

// byFlag turns a problem into one of the flag that it came from, if it came from
// one: with a file, some say what they say over it.
func (s *serving) byFlag(p corsac.Problem) (corsac.Problem, bool) {
	flag, hint := flagOf(p.Path)
	given := s.file == "" || s.changed(flag) || strings.HasPrefix(flag, "tls-") && s.tlsByFlags()
	if !given || p.Line > 0 {
		return p, false
	}
	p.File, p.Path, p.Hint = "", "--"+flag, cmp.Or(hint, p.Hint)
	return p, true
}

// flagOf is the flag that says the same as an entry of a file, and what to do
// about it where that is not the same.
func flagOf(entry string) (flag, hint string) {
	for _, e := range []struct{ entry, flag, hint string }{
		{"rules[0].origins", "allow", ""},
		{"gateway.routes[0].upstream", "to", ""},
		{"gateway.pprof", "pprof", "say --admin 127.0.0.1:9090 too"},
		{"gateway.tls.key", "tls-key", "say --tls-key and the file of the private key"},
		{"gateway.tls.cert", "tls-cert", "say --tls-cert and the file of the certificate"},
		{"gateway.tls.self-signed", "tls-self-signed", "leave it out, or --tls-cert and --tls-key"},
		{"gateway.tls", "tls-cert", ""},
		{"gateway.log.format", "log-format", ""},
		{"gateway.log.level", "log-level", ""},
	} {
		if strings.HasPrefix(entry, e.entry) {
			return e.flag, e.hint
		}
	}
	flag = strings.TrimPrefix(strings.TrimPrefix(entry, "rules[0]."), "gateway.")
	flag, _, _ = strings.Cut(flag, "[")
	return flag, ""
}

// introduce says what is served: in words, or where a machine reads the log, in
// a line of it.
func (s *serving) introduce(c gateway.Config, ln, admin net.Listener) {
	st := styleFor(s.stderr)
	scheme := "http"
	if c.Gateway.TLS.Enabled() {
		scheme = "https"
	}
	if c.Gateway.Log.Format == "json" {
		said := []any{"url", scheme + "://" + reachable(ln.Addr()), "rules", len(c.Policy.Rules()), "routes", len(c.Gateway.AllRoutes())}
		if s.file != "" {
			said = append(said, "file", s.file)
		}
		if admin != nil {
			said = append(said, "admin", "http://"+reachable(admin.Addr()))
		}
		c.Log.Info("serving", said...)
		return
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(s.stderr, "  %s %s\n", st.faint(fmt.Sprintf("%-14s", name)), fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(s.stderr, "corsac serves %s\n", st.bold(scheme+"://"+reachable(ln.Addr())))
	for _, r := range c.Gateway.AllRoutes() {
		line("route", "%s%s to %s", r.Host, policyfile.CleanPath(r.Path), r.Upstream)
	}
	for _, r := range c.Policy.Rules() {
		introduceRule(line, r)
	}
	if s.file == "" {
		line("in the page", "call %s://%s instead of %s", scheme, besidePage(s.allow[0], ln.Addr()), s.to)
		line("for local use", "cookies and redirects of the API are made to work here, and allowed origins are hidden from it")
	} else {
		line("file", "%s, read again when it changes", s.file)
	}
	if c.Gateway.TLS.SelfSigned {
		line("certificate", "made for this run: browsers warn of it")
	}
	if admin != nil {
		line("admin", "http://%s/metrics, /healthz, /readyz", reachable(admin.Addr()))
	}
}

func introduceRule(line func(name, format string, args ...any), r corsac.Rule) {
	path := r.Host + r.Path
	line("pages", "%s may read %s", few(r.Origins), path)
	line("", "methods GET, HEAD, POST%s", also(r.Methods))
	line("", "request headers %s; response headers %s", orNone(r.Headers), orNone(r.Expose))
	if r.Credentials {
		line("", "with cookies")
	}
}

// few names a few of many.
func few(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func also(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", " + strings.Join(names, ", ")
}

func orNone(names []string) string {
	switch {
	case len(names) == 0:
		return "the safelisted ones only"
	case names[0] == "*":
		return "any"
	}
	return few(names)
}

// besidePage is the address by which a page is to call a gateway on its own
// machine: localhost and 127.0.0.1 are two sites, and no cookie goes from one to
// the other.
func besidePage(page string, a net.Addr) string {
	u, err := url.Parse(strings.TrimSuffix(page, ":*"))
	host, port, addrErr := net.SplitHostPort(a.String())
	if err != nil || addrErr != nil {
		return reachable(a)
	}
	to, from := addressOf(u.Hostname()), addressOf(host)
	isFound := to == from || from.IsUnspecified() || u.Hostname() == "localhost" && from == netip.IPv6Loopback()
	if to.IsLoopback() && isFound {
		return net.JoinHostPort(u.Hostname(), port)
	}
	return reachable(a)
}

// reachable is an address that can be opened in a browser.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip, bad := netip.ParseAddr(host); err == nil && bad == nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return a.String()
}
