package export

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// nginx decides with maps, which it evaluates once for each request, and sets
// headers with add_header … always, which also errors and its own answers have.
// Headers that are empty are left out, so that one list serves all requests.
var nginx = Target{
	Name:     "nginx",
	Title:    "nginx, in two files: maps, and a part of server { }",
	Verified: "nginx 1.22",
	Losses:   []Loss{nginxTwoOrigins, nginxMethods, emptyLines},
	write:    writeNginx,
}

var nginxTwoOrigins = Loss{
	Name: "two-origins", Effect: Different, Feature: TwoOrigins,
	Message:     "of several Origin lines nginx before 1.23 sees the first",
	Consequence: "such a request, which no browser sends, is answered as that of a page of the first",
}

var nginxMethods = Loss{
	Name: "odd-methods", Effect: Narrower, Feature: Methods,
	Message:     "nginx answers 400 to methods that have anything but capital letters, hyphens and underscores in them",
	Consequence: "requests with such methods fail",
}

func writeNginx(p *plan) []File {
	p.lose(nginxTwoOrigins)
	p.lose(emptyLines)
	for _, r := range p.rules {
		if slices.ContainsFunc(r.Methods, isOddForNginx) {
			p.loseIn(nginxMethods, r, "methods")
		}
	}
	n := &nginxWriter{plan: p}
	maps := n.maps()
	return []File{
		{"corsac-maps.conf", header{"# ", []string{
			"Put it into http { }, outside of every server: /etc/nginx/conf.d/corsac-maps.conf",
			"Then: nginx -t && nginx -s reload",
		}, true}.comment(p.source) + maps},
		{"corsac-server.conf", header{"# ", []string{
			"Put it into server { }: include /etc/nginx/corsac-server.conf;",
			"A location with an add_header of its own forgets those of the server: include the file there, too.",
		}, true}.comment(p.source) + n.server()},
	}
}

func isOddForNginx(method string) bool {
	return strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != ""
}

// A nginxWriter writes one policy.
type nginxWriter struct {
	*plan
	dollar bool // whether a value has a dollar, for which nginx has no escape
}

// quote is a string in which variables are not looked for.
func (n *nginxWriter) quote(s string) string {
	if strings.Contains(s, "$") {
		n.dollar = true
	}
	return `"` + nginxQuote.Replace(s) + `"`
}

var (
	nginxQuote   = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", "${corsac_dollar}")
	nginxPattern = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
)

// pattern is a regular expression as the key of a map.
func (n *nginxWriter) pattern(expr string) string {
	return `"~` + nginxPattern.Replace(expr) + `"`
}

// A nginxEntry is a line of a map.
type nginxEntry struct{ key, value string }

func nginxMap(b *strings.Builder, from, to string, entries ...nginxEntry) {
	fmt.Fprintf(b, "map %s $%s {\n", from, to)
	for _, e := range entries {
		fmt.Fprintf(b, "\t%s %s;\n", e.key, e.value)
	}
	b.WriteString("}\n")
}

func (n *nginxWriter) maps() string {
	var b strings.Builder
	n.ruleMap(&b)
	n.originMaps(&b)
	n.verdictMaps(&b)
	n.fieldMaps(&b)
	text := b.String()
	if n.dollar {
		text = "geo $corsac_dollar {\n\tdefault \"$\";\n}\n" + text
	}
	return n.hashSizes() + text
}

// hashSizes makes room for long lists: nginx does not do so by itself.
func (n *nginxWriter) hashSizes() string {
	most, longest := 0, 0
	for _, r := range n.rules {
		most = max(most, len(r.exact))
		for _, o := range r.exact {
			longest = max(longest, len(o))
		}
	}
	var b strings.Builder
	if most > 1000 {
		fmt.Fprintf(&b, "map_hash_max_size %d; # for as many origins; where nginx says it is there twice, keep the larger\n", powerOfTwo(2*most))
	}
	if longest > 40 {
		fmt.Fprintf(&b, "map_hash_bucket_size %d; # for such long origins\n", powerOfTwo(2*longest))
	}
	return b.String()
}

func powerOfTwo(least int) int {
	n := 64
	for n < least {
		n *= 2
	}
	return n
}

// ruleMap finds the number of the rule that speaks. The first expression that
// matches counts.
func (n *nginxWriter) ruleMap(b *strings.Builder) {
	b.WriteString("# Which rule speaks for the host and the path.\n")
	entries := []nginxEntry{{"default", "none"}}
	for _, r := range n.rules {
		host := "[^|]*"
		if r.Host != "" {
			host = regexp.QuoteMeta(r.Host)
		}
		path := atEnd(strings.TrimPrefix(r.pathRegexp(), "^"))
		entries = append(entries, nginxEntry{n.pattern("(?s)^" + host + `\|` + path), fmt.Sprint(r.index)})
	}
	nginxMap(b, `"$host|$uri"`, "corsac_rule", entries...)
}

// atEnd has an expression match up to the very end: in PCRE a dollar also stands
// before a line feed that ends the text, and a path may have one.
func atEnd(expr string) string {
	if rest, ok := strings.CutSuffix(expr, "(?:/|$)"); ok {
		return rest + `(?:/|\z)`
	}
	return strings.TrimSuffix(expr, "$") + `\z`
}

// originMaps say what Access-Control-Allow-Origin is under each rule. Plain
// keys are compared without regard to case: what the web's origins never have,
// capital letters, is looked for afterwards.
func (n *nginxWriter) originMaps(b *strings.Builder) {
	choice := []nginxEntry{{"default", `""`}}
	for _, r := range n.rules {
		name := fmt.Sprintf("corsac_origin_%d", r.index)
		if r.any {
			choice = append(choice, nginxEntry{fmt.Sprint(r.index), `"*"`})
			continue
		}
		choice = append(choice, nginxEntry{fmt.Sprint(r.index), "$" + name})
		entries := []nginxEntry{{"default", `""`}}
		for _, o := range r.exact {
			entries = append(entries, nginxEntry{n.originKey(o), n.quote(o)})
		}
		if r.null {
			entries = append(entries, nginxEntry{`"null"`, `"null"`})
		}
		for _, p := range r.patterns {
			entries = append(entries, nginxEntry{n.pattern(originRegexp(p)), "$http_origin"})
		}
		fmt.Fprintf(b, "# The origins of rule %d, %s\n", r.index, printable(r.Host+r.Path))
		nginxMap(b, "$http_origin", name, entries...)
	}
	nginxMap(b, "$corsac_rule", "corsac_found", choice...)
	nginxMap(b, `"$corsac_found|$http_origin"`, "corsac_listed",
		nginxEntry{"default", "$corsac_found"},
		nginxEntry{n.pattern(`^[^*|][^|]*\|(?:[^:]*[A-Z]|https?:.*[A-Z])`), `""`})
}

// originKey is the key of an exact origin: in a plain one, case does not count,
// and it may in the origins of apps.
func (n *nginxWriter) originKey(origin string) string {
	if strings.HasPrefix(origin, "https://") || strings.HasPrefix(origin, "http://") {
		return n.quote(origin)
	}
	return n.pattern(atEnd("^" + regexp.QuoteMeta(origin) + "$"))
}

func (n *nginxWriter) verdictMaps(b *strings.Builder) {
	b.WriteString("# What kind of request it is.\n")
	nginxMap(b, "$http_origin", "corsac_asked", nginxEntry{"default", "$http_access_control_request_method"}, nginxEntry{`""`, `""`})
	nginxMap(b, `"$request_method|$corsac_asked"`, "corsac_kind",
		nginxEntry{"default", "request"},
		nginxEntry{n.pattern(`^OPTIONS\|.`), "preflight"})
	b.WriteString("# A page's own server is not another's. What the proxy nearest to the page says of it counts,\n" +
		"# but one that took TLS off may be silent.\n")
	nginxMap(b, "$http_x_forwarded_host", "corsac_host",
		nginxEntry{"default", "$http_host"}, nginxEntry{n.pattern(`^\s*(?<corsac_first_host>[^,\s]+)`), "$corsac_first_host"})
	nginxMap(b, `"$http_sec_fetch_site|$http_origin|$http_x_forwarded_proto,$scheme|$corsac_host"`, "corsac_own",
		nginxEntry{"default", `""`},
		nginxEntry{n.pattern(`^(?:same-origin|none)\|`), "own"},
		nginxEntry{n.pattern(`^\|http(s)?://(?![^|]*(?(1):443|:80)\|)([^|]+)\|(?:,http|,?(?i:(?:http|ws)(?(1)s))(?:[\s,][^|]*)?)\|(?i:\2)(?:(?(1):443|:80))?$`), "own"})
	b.WriteString("# What nginx answers itself: 204, 403 or nothing.\n")
	entries := []nginxEntry{
		{"default", `""`},
		{n.pattern(`^preflight\|[^|]*\|[^|]`), "204"},
		{n.pattern(`^preflight\|`), "403"},
	}
	for _, r := range n.rules {
		if r.RefuseOthers {
			others := fmt.Sprintf(`^request\|%d\|\|\|(?:(?!GET\||HEAD\||OPTIONS\|)[^|]*\|[^|]*\||GET\|(?i:[^|]*\bwebsocket\b[^|]*)\|).`, r.index)
			entries = append(entries, nginxEntry{n.pattern(others), "403"})
		}
	}
	nginxMap(b, `"$corsac_kind|$corsac_rule|$corsac_listed|$corsac_own|$request_method|$http_upgrade|$http_origin"`, "corsac_answer", entries...)
}

// fieldMaps have a map for each header that some rule sends.
func (n *nginxWriter) fieldMaps(b *strings.Builder) {
	b.WriteString("# What the headers say.\n")
	nginxMap(b, "$corsac_listed", "corsac_state", nginxEntry{"default", `"$corsac_kind|$corsac_rule"`}, nginxEntry{`""`, `""`})
	for _, name := range corsFields[1:] {
		if entries := n.values(name); len(entries) > 1 {
			nginxMap(b, "$corsac_state", nginxVariable(name), entries...)
		}
	}
	if entries := n.timing(); len(entries) > 1 {
		nginxMap(b, "$corsac_state", nginxVariable(timingAllowOrigin), entries...)
	}
	nginxMap(b, `"$request_method|$corsac_rule"`, "corsac_vary", n.vary()...)
}

// nginxVariable is the variable of a header.
func nginxVariable(name string) string {
	return "corsac_" + strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "Access-Control-")), "-", "_")
}

func (n *nginxWriter) values(name string) []nginxEntry {
	entries := []nginxEntry{{"default", `""`}}
	for _, r := range n.rules {
		for _, in := range []struct {
			kind   string
			fields []corsac.Field
		}{{"preflight", r.preflight}, {"request", r.response}} {
			if v := value(in.fields, name); v != "" {
				entries = append(entries, nginxEntry{fmt.Sprintf(`"%s|%d"`, in.kind, r.index), n.quote(v)})
			}
		}
	}
	return entries
}

func (n *nginxWriter) timing() []nginxEntry {
	entries := []nginxEntry{{"default", `""`}}
	for _, r := range n.rules {
		if r.Timing {
			entries = append(entries, nginxEntry{fmt.Sprintf(`"request|%d"`, r.index), "$corsac_listed"})
		}
	}
	return entries
}

func (n *nginxWriter) vary() []nginxEntry {
	entries := []nginxEntry{
		{"default", `"Origin"`},
		{n.pattern(`^OPTIONS\|`), `"Origin, Access-Control-Request-Method"`},
		{n.pattern(`\|none$`), `""`},
	}
	for _, r := range n.rules {
		if r.any {
			entries = append(entries, nginxEntry{n.pattern(fmt.Sprintf(`\|%d$`, r.index)), `""`})
		}
	}
	return entries
}

func (n *nginxWriter) server() string {
	var b strings.Builder
	b.WriteString("if ($corsac_answer = 204) {\n\treturn 204;\n}\nif ($corsac_answer = 403) {\n\treturn 403;\n}\n")
	add := func(name, variable string) { fmt.Fprintf(&b, "add_header %s $%s always;\n", name, variable) }
	add(allowOrigin, "corsac_listed")
	for _, name := range corsFields[1:] {
		if len(n.values(name)) > 1 {
			add(name, nginxVariable(name))
		}
	}
	timed := len(n.timing()) > 1
	if timed {
		add(timingAllowOrigin, nginxVariable(timingAllowOrigin))
	}
	add("Vary", "corsac_vary")
	b.WriteString("# What an upstream server says in these headers does not count.\n")
	for _, module := range []string{"proxy", "fastcgi", "uwsgi", "scgi"} {
		for _, name := range corsFields {
			fmt.Fprintf(&b, "%s_hide_header %s;\n", module, name)
		}
	}
	return b.String()
}
