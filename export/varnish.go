package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// varnish decides when it has received a request, and sets headers when it
// delivers: what it caches is the same for all pages. It has no variables, so
// headers of the request carry what was decided, and are taken off before a
// backend sees them.
var varnish = Target{
	Name:     "varnish",
	Title:    "Varnish, as a part of its VCL",
	Verified: "Varnish 7.1",
	Losses:   []Loss{varnishPaths},
	write:    writeVarnish,
}

var varnishPaths = Loss{
	Name: "odd-paths", Effect: Narrower, Feature: Paths,
	Message:     "VCL cannot resolve double dots, nor hold control characters: pages get 400 for paths that have any in them when they are decoded",
	Consequence: "requests with such paths fail; browsers resolve double dots themselves, but where a slash beside them is encoded",
}

func writeVarnish(p *plan) []File {
	v := &varnishWriter{plan: p}
	if v.hasPaths() {
		p.lose(varnishPaths)
	}
	return []File{{"corsac.vcl", header{"# ", []string{
		"It needs Varnish 7. Put it beside your own VCL and include it right behind the line with the version, so that it comes first:",
		`include "/etc/varnish/corsac.vcl";`,
		"What your own VCL pipes has the headers of the backend: pipe nothing but WebSockets, which know no CORS.",
		"Then: varnishd -C -f /etc/varnish/default.vcl >/dev/null && varnishreload",
	}, true}.comment(p.source) + v.text()}}
}

// vclQuote is a string of VCL, which knows no escapes. What has a quote in it is
// put together.
func vclQuote(s string) string {
	parts := strings.Split(s, `"`)
	for i, part := range parts {
		parts[i] = `"` + part + `"`
	}
	return strings.Join(parts, ` + {"""} + `)
}

// vclRegexp is a regular expression as a string of VCL: in one piece, and on one
// line.
func vclRegexp(expr string) string {
	var b strings.Builder
	for _, c := range []byte(expr) {
		if c < ' ' || c == '"' || c == 0x7f {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return `"` + b.String() + `"`
}

// A varnishWriter writes one policy.
type varnishWriter struct{ *plan }

func (v *varnishWriter) has(is func(*rule) bool) bool { return slices.ContainsFunc(v.rules, is) }

func (v *varnishWriter) text() string {
	var b strings.Builder
	b.WriteString("import std;\n")
	if v.hasPaths() {
		b.WriteString("import blob;\n")
	}
	b.WriteString("\n# Runs before your own vcl_recv, and so before whatever asks for a password there.\nsub vcl_recv {\n\tif (req.restarts == 0) {\n\t\tcall corsac_decide;\n\t}\n}\n\n")
	v.decide(&b)
	v.findRule(&b)
	if v.hasPaths() {
		b.WriteString(varnishPath)
	}
	v.origins(&b)
	if v.has(func(r *rule) bool { return r.RefuseOthers }) {
		b.WriteString(varnishOwn)
	}
	b.WriteString(varnishPass)
	b.WriteString(varnishHide)
	v.respond(&b)
	b.WriteString(varnishDeliver)
	return b.String()
}

func (v *varnishWriter) decide(b *strings.Builder) {
	b.WriteString(`sub corsac_decide {
	# Several Origin lines become one, which is no origin.
	std.collect(req.http.Origin, ",");
	unset req.http.Corsac-Allow;
	unset req.http.Corsac-Preflight;
	call corsac_find_rule;
	call corsac_match_origin;
	if (req.method == "OPTIONS" && req.http.Origin && req.http.Access-Control-Request-Method) {
		set req.http.Corsac-Preflight = "yes";
`)
	if v.has(func(r *rule) bool { return r.any }) {
		b.WriteString("\t\tif (req.http.Origin ~ \",\") {\n\t\t\tunset req.http.Corsac-Allow;\n\t\t}\n")
	}
	b.WriteString("\t\tif (req.http.Corsac-Allow) {\n\t\t\treturn (synth(204));\n\t\t}\n\t\treturn (synth(403));\n\t}\n")
	if refusing := v.are(func(r *rule) bool { return r.RefuseOthers }); refusing != "" {
		fmt.Fprintf(b, `	if (%s && req.http.Origin && !req.http.Corsac-Allow &&
	    (req.method !~ "^(?:GET|HEAD|OPTIONS)$" ||
	     (req.method == "GET" && req.http.Upgrade ~ "(?i)(?:^|,)\s*websocket\s*(?:,|$)"))) {
		call corsac_refuse_others;
	}
`, refusing)
	}
	b.WriteString("}\n\n")
}

// are is the condition that the rule that speaks is one of some, or "".
func (v *varnishWriter) are(some func(*rule) bool) string {
	var numbers []string
	for _, r := range v.rules {
		if some(r) {
			numbers = append(numbers, fmt.Sprint(r.index))
		}
	}
	switch len(numbers) {
	case 0:
		return ""
	case 1:
		return `req.http.Corsac-Rule == "` + numbers[0] + `"`
	}
	return `req.http.Corsac-Rule ~ "^(?:` + strings.Join(numbers, "|") + `)$"`
}

// findRule writes which rule speaks for a host and a path: the first that does.
func (v *varnishWriter) findRule(b *strings.Builder) {
	b.WriteString("# Which rule speaks for the host and the path.\nsub corsac_find_rule {\n")
	if last := len(v.rules) - 1; last < 0 || v.hasPaths() || v.rules[last].Host != "" {
		b.WriteString("\tset req.http.Corsac-Rule = \"none\";\n")
	}
	hosts := v.has(func(r *rule) bool { return r.Host != "" })
	if hosts {
		b.WriteString("\tset req.http.Corsac-Host = regsub(std.tolower(req.http.Host), \"\\.?(?::[0-9]*)?$\", \"\");\n")
	}
	if v.hasPaths() {
		b.WriteString("\tcall corsac_clean_path;\n")
	}
	keyword := "\tif"
	for _, r := range v.rules {
		var conditions []string
		if r.Host != "" {
			conditions = append(conditions, "req.http.Corsac-Host == "+vclQuote(r.Host))
		}
		if v.hasPaths() {
			conditions = append(conditions, "req.http.Corsac-Path ~ "+vclRegexp(r.pathRegexp()))
		}
		switch {
		case len(conditions) > 0:
			fmt.Fprintf(b, "%s (%s) {\n\t\tset req.http.Corsac-Rule = \"%d\";\n\t}", keyword, strings.Join(conditions, " && "), r.index)
		case keyword == "\tif":
			fmt.Fprintf(b, "\tset req.http.Corsac-Rule = \"%d\";", r.index)
		default:
			fmt.Fprintf(b, " else {\n\t\tset req.http.Corsac-Rule = \"%d\";\n\t}", r.index)
		}
		keyword = " elsif"
	}
	b.WriteString("\n")
	if hosts {
		b.WriteString("\tunset req.http.Corsac-Host;\n")
	}
	if v.hasPaths() {
		b.WriteString("\tunset req.http.Corsac-Path;\n")
	}
	b.WriteString("}\n\n")
}

const varnishPath = `# The path, decoded once and clean. A page's path that cannot be decoded or cleaned here is refused.
sub corsac_clean_path {
	set req.http.Corsac-Path = regsub(req.url, "\?.*", "");
	if (req.http.Corsac-Path !~ "%(?:[01].|7[Ff]|(?![0-9A-Fa-f]{2}))") {
		set req.http.Corsac-Path = blob.transcode(decoding = URL, encoded = req.http.Corsac-Path);
		set req.http.Corsac-Path = regsuball(req.http.Corsac-Path, "/(?:\.?/)+", "/");
		set req.http.Corsac-Path = regsub(req.http.Corsac-Path, "/\.$", "/");
		if (req.http.Corsac-Path !~ "/\.\.(?:/|$)") {
			return;
		}
	}
	# The beginning of no path.
	set req.http.Corsac-Path = "?";
	if (req.http.Origin) {
		return (synth(400));
	}
}

`

// varnishLong is how many origins are compared one by one. More are one text,
// in which a line is searched for: VCL has no tables, and a condition for each
// of thousands would take minutes to compile.
const varnishLong = 10

func (v *varnishWriter) origins(b *strings.Builder) {
	b.WriteString("# What Access-Control-Allow-Origin is, if the page may read.\nsub corsac_match_origin {\n")
	keyword := "\tif"
	for _, r := range v.rules {
		fmt.Fprintf(b, "%s (req.http.Corsac-Rule == \"%d\") {\n", keyword, r.index)
		keyword = " elsif"
		if r.any {
			b.WriteString("\t\tset req.http.Corsac-Allow = \"*\";\n\t}")
			continue
		}
		fmt.Fprintf(b, "\t\tif (%s) {\n\t\t\tset req.http.Corsac-Allow = req.http.Origin;\n\t\t}\n\t}", strings.Join(varnishConditions(r), " ||\n\t\t    "))
	}
	b.WriteString("\n}\n\n")
}

func varnishConditions(r *rule) []string {
	listed := slices.Clone(r.exact)
	if r.null {
		listed = append(listed, "null")
	}
	var conditions []string
	if len(listed) > varnishLong {
		conditions = append(conditions, "std.strstr({\"\n"+strings.Join(listed, "\n")+"\n\"}, {\"\n\"} + req.http.Origin + {\"\n\"})")
		listed = nil
	}
	for _, o := range listed {
		conditions = append(conditions, "req.http.Origin == "+vclQuote(o))
	}
	for _, p := range r.patterns {
		conditions = append(conditions, "req.http.Origin ~ "+vclRegexp(originRegexp(p)))
	}
	return conditions
}

const varnishOwn = `# A page's own server is not another's: the browser says so, or its origin does.
sub corsac_refuse_others {
	if (req.http.Origin ~ ",") {
		return (synth(403));
	}
	if (req.http.Sec-Fetch-Site) {
		if (req.http.Sec-Fetch-Site ~ "^(?:same-origin|none)$") {
			return;
		}
		return (synth(403));
	}
	set req.http.Corsac-Own = "http://" + req.http.Host;
	if (req.http.X-Forwarded-Host) {
		set req.http.Corsac-Own = "http://" + regsub(req.http.X-Forwarded-Host, "\s*,.*", "");
	}
	if (req.http.X-Forwarded-Proto) {
		set req.http.Corsac-Own = regsub(req.http.Corsac-Own, "^http", regsub(regsub(req.http.X-Forwarded-Proto, "\s*,.*", ""), "(?i)^ws", "http"));
	} elsif (req.http.Origin ~ "(?i)^https://") { # a proxy that took TLS off may be silent
		set req.http.Corsac-Own = regsub(req.http.Corsac-Own, "^http", "https");
	}
	set req.http.Corsac-Own = regsub(std.tolower(req.http.Corsac-Own), "^(http://.*):80$|^(https://.*):443$", "\1\2");
	if (std.tolower(req.http.Origin) != req.http.Corsac-Own) {
		return (synth(403));
	}
	unset req.http.Corsac-Own;
}

`

const varnishPass = `# Varnish would pipe requests with such methods, and leave their answers alone.
sub vcl_req_method {
	if (req.method !~ "^(?:GET|HEAD|PUT|POST|TRACE|OPTIONS|DELETE|PATCH|CONNECT|PRI)$") {
		return (pass);
	}
}

`

const varnishHide = `sub vcl_backend_fetch {
	unset bereq.http.Corsac-Rule;
	unset bereq.http.Corsac-Allow;
}

sub vcl_pipe {
	unset bereq.http.Corsac-Rule;
	unset bereq.http.Corsac-Allow;
}

`

func (v *varnishWriter) respond(b *strings.Builder) {
	b.WriteString("sub corsac_respond {\n\t# What a backend says in these headers does not count.\n")
	for _, name := range corsFields {
		fmt.Fprintf(b, "\tunset resp.http.%s;\n", name)
	}
	fmt.Fprintf(b, "\tif (req.http.Corsac-Allow) {\n\t\tset resp.http.%s = req.http.Corsac-Allow;\n", allowOrigin)
	for _, r := range v.rules {
		v.fields(b, r)
	}
	b.WriteString("\t}\n")
	v.vary(b)
	b.WriteString("}\n\n")
}

// fields writes the headers of an allowed page's answer: those of the preflight
// and of other requests, and what both have in common.
func (v *varnishWriter) fields(b *strings.Builder, r *rule) {
	in := func(fields []corsac.Field) func(corsac.Field) bool {
		return func(f corsac.Field) bool { return slices.Contains(fields, f) }
	}
	both := slices.DeleteFunc(slices.Clone(r.preflight), func(f corsac.Field) bool { return !in(r.response)(f) })
	preflight := slices.DeleteFunc(slices.Clone(r.preflight), in(both))
	response := slices.DeleteFunc(slices.Clone(r.response), in(both))
	if r.Timing {
		response = append(response, corsac.Field{Name: timingAllowOrigin})
	}
	if len(both)+len(preflight)+len(response) == 0 {
		return
	}
	fmt.Fprintf(b, "\t\tif (req.http.Corsac-Rule == \"%d\") {\n", r.index)
	vclSet(b, "\t\t\t", both)
	switch {
	case len(preflight) > 0:
		b.WriteString("\t\t\tif (req.http.Corsac-Preflight) {\n")
		vclSet(b, "\t\t\t\t", preflight)
		if len(response) > 0 {
			b.WriteString("\t\t\t} else {\n")
			vclSet(b, "\t\t\t\t", response)
		}
		b.WriteString("\t\t\t}\n")
	case len(response) > 0:
		b.WriteString("\t\t\tif (!req.http.Corsac-Preflight) {\n")
		vclSet(b, "\t\t\t\t", response)
		b.WriteString("\t\t\t}\n")
	}
	b.WriteString("\t\t}\n")
}

func vclSet(b *strings.Builder, indent string, fields []corsac.Field) {
	for _, f := range fields {
		said := vclQuote(f.Value)
		if f.Name == timingAllowOrigin {
			said = "req.http.Corsac-Allow"
		}
		fmt.Fprintf(b, "%sset resp.http.%s = %s;\n", indent, f.Name, said)
	}
}

// vary adds to what the backend says, in whichever lines, what it does not say
// yet.
func (v *varnishWriter) vary(b *strings.Builder) {
	b.WriteString("\tstd.collect(resp.http.Vary);\n")
	add := func(indent, name string) {
		fmt.Fprintf(b, "%sif (!resp.http.Vary) {\n%s\tset resp.http.Vary = %q;\n%s} elsif (resp.http.Vary !~ \"(?i)(?:^|,)\\s*%s\\s*(?:,|$)\") {\n%s\tset resp.http.Vary = resp.http.Vary + \", %s\";\n%s}\n",
			indent, indent, name, indent, name, indent, name, indent)
	}
	depends := `req.method == "OPTIONS"`
	if differing := v.are(func(r *rule) bool { return !r.any }); differing != "" {
		depends += " || " + differing
	}
	fmt.Fprintf(b, "\tif (%s) {\n", depends)
	add("\t\t", "Origin")
	b.WriteString("\t}\n\tif (req.method == \"OPTIONS\") {\n")
	add("\t\t", "Access-Control-Request-Method")
	b.WriteString("\t}\n")
}

const varnishDeliver = `sub vcl_deliver {
	call corsac_respond;
}

sub vcl_synth {
	call corsac_respond;
	if (req.http.Corsac-Preflight) {
		return (deliver);
	}
}
`
