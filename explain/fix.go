package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A grant is what a server has to allow so that the request passes.
type grant struct {
	origin      string // or "*"
	methods     []string
	headers     []string
	credentials bool
}

// grantOf reads the grant off the heads that the request needs.
func (i *inquiry) grantOf(needs []Need) grant {
	g, open := grant{origin: i.page.String()}, false
	for _, n := range needs {
		for _, line := range n.Lines {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "access-control-allow-origin":
				open = open || value == "*"
			case "access-control-allow-methods":
				g.methods = splitList(value)
			case "access-control-allow-headers":
				g.headers = splitList(value)
			case "access-control-allow-credentials":
				g.credentials = true
			}
		}
	}
	if open && !g.credentials {
		g.origin = "*" // the server is open to all, and may stay so
	}
	if method := i.call().Method; !slices.Contains(g.methods, method) {
		g.methods = append(g.methods, method)
	}
	g.methods = spelledOut(g.methods, nil)
	g.headers = spelledOut(g.headers, i.unsafeNames())
	return g
}

// spelledOut puts names in the place of "*", which not all servers know.
func spelledOut(list, names []string) []string {
	if !slices.Contains(list, "*") {
		return list
	}
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "*" })
	list = append(list, names...)
	slices.Sort(list)
	return slices.Compact(list)
}

// unsafeNames are the headers that the preflight asks for.
func (i *inquiry) unsafeNames() (names []string) {
	for _, r := range i.whyPreflight() {
		if r.Name != "method" {
			names = append(names, strings.ToLower(r.Name))
		}
	}
	return names
}

// A dialect writes a grant in the language of a server.
type dialect struct {
	id   string
	file string // where it belongs
	// trial is what tests have run it with; empty means that nobody has.
	trial string
	write func(grant) []string
}

// dialects are in the order in which people are told of them.
var dialects = []dialect{
	{"nginx", "nginx.conf", "nginx", grant.nginx},
	{"apache", "the virtual host", "Apache", grant.apache},
	{"caddy", "Caddyfile", "Caddy", grant.caddy},
	{"haproxy", "haproxy.cfg", "HAProxy", grant.haproxy},
	{"lighttpd", "lighttpd.conf", "lighttpd", grant.lighttpd},
	{"varnish", "default.vcl", "Varnish", grant.varnish},
	{"traefik", "dynamic configuration", "Traefik", grant.traefik},
	{"envoy", "envoy.yaml", "", grant.envoy},
	{"kong", "kong.yml", "", grant.kong},
	{"iis", "web.config", "", grant.iis},
	{"aws-apigw", "template.yaml", "", grant.awsGateway},
	{"s3", "the bucket's CORS configuration", "", grant.s3},
	{"cloudflare", "worker.js", "Node.js, in place of a Worker", grant.cloudflare},
	{"express", "app.js", "Express", grant.express},
	{"php", "the script", "PHP", grant.php},
	{"go", "main.go", "Go", grant.golang},
	{"spring", "a @Configuration class", "Spring Web 4.3 on Tomcat", grant.spring},
	{"fastapi", "main.py", "FastAPI on uvicorn", grant.fastapi},
	{"flask", "app.py", "Flask with Flask-CORS", grant.flask},
	{"django", "settings.py", "Django with django-cors-headers", grant.django},
	{"rails", "config/initializers/cors.rb", "Rails with rack-cors", grant.rails},
	{"aspnet", "Program.cs", "", grant.aspnet},
	{"corsac", "corsac.yaml", "Corsac", grant.corsac},
}

// ServerIDs are the servers that fixes can be written for.
func ServerIDs() (ids []string) {
	for _, d := range dialects {
		ids = append(ids, d.id)
	}
	return ids
}

func dialectOf(server string) (dialect, bool) {
	n := slices.IndexFunc(dialects, func(d dialect) bool { return d.id == server })
	if n < 0 {
		return dialect{}, false
	}
	return dialects[n], true
}

// isPlain reports whether a grant can be written between quotes anywhere. What
// a server or a script may name beyond that is written nowhere: it could mean
// something to the server whose configuration it gets into.
func (g grant) isPlain() bool {
	for _, s := range slices.Concat([]string{g.origin}, g.methods, g.headers) {
		if !plainWord.MatchString(s) {
			return false
		}
	}
	return g.origin != "null"
}

var plainWord = regexp.MustCompile(`^(\*|[A-Za-z0-9._:/\[\]-]+)$`)

// isPublic: every page may read.
func (g grant) isPublic() bool { return g.origin == "*" }

// writeFor is the text for a server, or nil if there is none.
func (g grant) writeFor(server string) []string {
	d, ok := dialectOf(server)
	if !ok || !g.isPlain() {
		return nil
	}
	return d.write(g)
}

// join writes a list with each item between quotes.
func join(quote string, items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = quote + item + quote
	}
	return strings.Join(quoted, ", ")
}

// A headerLine is one header that a server has to add.
type headerLine struct{ name, value string }

// preflightLines are the headers beside Allow-Origin that a preflight needs.
func (g grant) preflightLines() []headerLine {
	lines := []headerLine{{"Access-Control-Allow-Methods", strings.Join(g.methods, ", ")}}
	if len(g.headers) > 0 {
		lines = append(lines, headerLine{"Access-Control-Allow-Headers", strings.Join(g.headers, ", ")})
	}
	return append(append(lines, g.credentialLines()...), headerLine{"Access-Control-Max-Age", "600"})
}

func (g grant) credentialLines() []headerLine {
	if !g.credentials {
		return nil
	}
	return []headerLine{{"Access-Control-Allow-Credentials", "true"}}
}

// each formats header lines, one a line: the name, then the value.
func each(format string, lines []headerLine) (text []string) {
	for _, l := range lines {
		text = append(text, fmt.Sprintf(format, l.name, l.value))
	}
	return text
}

// unsafeMethods are those that need permission.
func unsafeMethods(methods []string) (unsafe []string) {
	for _, m := range methods {
		if m != "GET" && m != "HEAD" && m != "POST" {
			unsafe = append(unsafe, m)
		}
	}
	return unsafe
}
