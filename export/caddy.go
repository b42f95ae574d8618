package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsac-cors/corsac"
)

// caddy decides in a route, step by step in a variable, because Caddy's order of
// directives has authentication before answers of its own. What it sets twice,
// it sets at once for the errors that Caddy makes itself, and at the end for
// what an upstream server has said in between.
var caddy = Target{
	Name:     "caddy",
	Title:    "Caddy, as a snippet of the Caddyfile",
	Verified: "Caddy 2.6",
	Losses:   []Loss{caddyBytes},
	write:    writeCaddy,
}

var caddyBytes = Loss{
	Name: "odd-bytes", Effect: Narrower, Feature: Paths,
	Message:     "Caddy cannot tell paths apart that differ in bytes that are no UTF-8",
	Consequence: "nobody is allowed anything under paths that look like this one",
}

func writeCaddy(p *plan) []File {
	c := &caddyWriter{plan: p}
	for _, r := range p.rules {
		if !utf8.ValidString(r.Path) {
			p.loseIn(caddyBytes, r, "path")
		}
	}
	c.rule()
	c.origins()
	c.preflights()
	c.others()
	c.responses()
	return []File{{"corsac.caddy", header{"# ", []string{
		"Put it beside the Caddyfile and this line at its top, behind the global options: import corsac.caddy",
		"In each site, put all directives into a route, which keeps their order, and begin it with: import corsac",
		"Then: caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy",
	}, true}.comment(p.source) + "(corsac) {\n\troute {\n" + c.b.String() + "\t}\n}\n"}}
}

// A caddyWriter writes one policy. All that is decided ends up in one variable:
//
//	none                     no rule speaks
//	rule-3                   rule 3 speaks, and the page is not listed
//	rule-3-listed            the page is listed, or every page is
//	rule-3-listed-preflight  it is, and this is a preflight: the answer is 204
//	…-refused                the answer is 403
type caddyWriter struct {
	*plan
	b strings.Builder
}

const (
	caddyState  = "{http.vars.corsac}"
	caddyOrigin = "{http.request.header.Origin}"
)

func (c *caddyWriter) line(format string, args ...any) {
	fmt.Fprintf(&c.b, "\t\t"+format+"\n", args...)
}

// when sets the variable where an expression is true. Expressions are between
// back quotes, and nothing in them has one.
func (c *caddyWriter) when(name, expression, state string) {
	c.line("@%s expression `%s`", name, expression)
	c.line("vars @%s corsac %s", name, state)
}

// rule finds the rule. The last that matches counts.
func (c *caddyWriter) rule() {
	c.line("# %s", c.chooses())
	first := "none"
	var rest []*rule
	for _, r := range slices.Backward(c.rules) {
		if r.Path == "/" && r.Host == "" {
			first = caddyRule(r)
			continue
		}
		rest = append(rest, r)
	}
	c.line("vars corsac %s", first)
	for _, r := range rest {
		name := fmt.Sprintf("corsac_rule_%d", r.index)
		c.line("@%s {", name)
		if r.Host != "" {
			host := strings.Trim(r.Host, "[]")
			c.line("\thost %s %s.", host, host)
		}
		if r.Path != "/" {
			c.line("\tpath_regexp %s", caddyPath(r))
		}
		if !r.tree() { // Caddy leaves out the slash that dots at the end stand for
			c.line("\tnot expression `{http.request.uri.path}.matches(r'/[.][.]?$')`")
		}
		c.line("}")
		c.line("vars @%s corsac %s", name, caddyRule(r))
	}
}

// caddyRule is the state in which the rule speaks.
func caddyRule(r *rule) string {
	switch {
	case !utf8.ValidString(r.Path):
		return "none"
	case r.any:
		return fmt.Sprintf("rule-%d-listed", r.index)
	}
	return fmt.Sprintf("rule-%d", r.index)
}

// caddyPath is the expression of a rule's path, as a word of the Caddyfile.
// What is not harmless is written as a number, so that nothing has a meaning to
// the Caddyfile or to the expression.
func caddyPath(r *rule) string {
	var b strings.Builder
	b.WriteString(`"^`)
	for _, c := range r.prefix() {
		switch {
		case strings.ContainsRune("/-_~", c) || c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c)) || c >= 0x80 && unicode.IsPrint(c):
			b.WriteRune(c)
		case c == '.':
			b.WriteString(`\.`)
		default:
			fmt.Fprintf(&b, `\x{%x}`, c)
		}
	}
	if r.tree() {
		return b.String() + `(?:/|$)"`
	}
	return b.String() + `$"`
}

// caddyChunk is how many origins are in one expression: Caddy compares them
// with a look-up, and lengthy expressions not at all.
const caddyChunk = 500

// origins find out whether the page is listed. Two Origin lines, which no
// browser sends, are one with a comma, and that is not listed.
func (c *caddyWriter) origins() {
	for _, r := range c.rules {
		if r.any {
			continue
		}
		c.line("# The origins of rule %d, %s.", r.index, printable(r.Host+r.Path))
		for i, is := range caddyOrigins(r) {
			state := caddyRule(r)
			c.when(fmt.Sprintf("corsac_listed_%d_%d", r.index, i), fmt.Sprintf("%s == \"%s\" && %s", caddyState, state, is), state+"-listed")
		}
	}
}

// caddyOrigins are expressions of which one is true for each of the origins.
func caddyOrigins(r *rule) []string {
	exact := r.exact
	if r.null {
		exact = append(slices.Clone(exact), "null")
	}
	var all []string
	for chunk := range slices.Chunk(exact, caddyChunk) {
		all = append(all, caddyOrigin+" in "+caddyList(chunk))
	}
	for _, p := range r.patterns {
		all = append(all, caddyOrigin+".matches(r'"+originRegexp(p)+"')")
	}
	return all
}

// caddyList is a list of strings that have no quotes in them, on several lines
// if it is long.
func caddyList(values []string) string {
	if len(values) <= 3 {
		return `["` + strings.Join(values, `", "`) + `"]`
	}
	return "[\n\t\t\t\"" + strings.Join(values, "\",\n\t\t\t\"") + "\"\n\t\t]"
}

func (c *caddyWriter) preflights() {
	c.line("# A preflight is answered here, before authentication.")
	c.line("@corsac_preflight {")
	c.line("\tmethod OPTIONS")
	c.line("\theader Origin *")
	c.line("\theader Access-Control-Request-Method *")
	c.line("}")
	c.line("vars @corsac_preflight corsac %s-preflight", caddyState)
	if c.some(func(r *rule) bool { return r.any }) {
		c.when("corsac_several", caddyState+".endsWith(\"-preflight\") && "+caddyOrigin+".contains(\",\")", caddyState+"-refused")
	}
	c.line("@corsac_options method OPTIONS")
	c.line("header @corsac_options +Vary \"Origin, Access-Control-Request-Method\"")
	c.line("@corsac_allowed expression `%s.endsWith(\"-listed-preflight\")`", caddyState)
	for _, r := range c.rules {
		state := caddyRule(r)
		if !r.any {
			state += "-listed"
		}
		name := fmt.Sprintf("corsac_preflight_%d", r.index)
		c.line("@%s vars corsac %s-preflight", name, state)
		c.fields(name, r, r.preflight, false)
	}
	c.line("respond @corsac_allowed 204")
	c.line("@corsac_refused expression `%s.matches(r'-(?:preflight|refused)$')`", caddyState)
	c.line("respond @corsac_refused 403")
}

func (c *caddyWriter) some(is func(*rule) bool) bool { return slices.ContainsFunc(c.rules, is) }

// fields sets header fields, at once or in the end.
func (c *caddyWriter) fields(matcher string, r *rule, fields []corsac.Field, end bool) {
	c.line("header @%s {", matcher)
	origin := caddyOrigin
	if r.any {
		origin = `"*"`
	}
	c.line("\t%s %s", allowOrigin, origin)
	if r.Timing && !strings.Contains(matcher, "preflight") {
		c.line("\t%s %s", timingAllowOrigin, origin)
	}
	for _, f := range fields {
		c.line("\t%s %s", f.Name, caddyQuote(f.Value))
	}
	if end {
		c.line("\tdefer")
	}
	c.line("}")
}

// caddyQuote is a word. In the values of headers there are no quotes, no
// backslashes and no braces: they are made of tokens.
func caddyQuote(s string) string { return `"` + s + `"` }

// others refuses what pages of other origins send.
func (c *caddyWriter) others() {
	var strict []string
	for _, r := range c.rules {
		if r.RefuseOthers {
			strict = append(strict, caddyRule(r))
		}
	}
	if len(strict) == 0 {
		return
	}
	c.line("# Pages that are not listed change nothing and open no WebSocket, but for the server's own.")
	c.line("# Browsers say which those are; where they do not, the origin is held against scheme and")
	c.line("# host, as a proxy in front may have them.")
	c.line("map \"{http.request.header.Sec-Fetch-Site}|{http.request.header.X-Forwarded-Proto},{http.request.scheme}|" +
		"{http.request.header.X-Forwarded-Host},{http.request.hostport}\" {corsac_own} {corsac_own_behind_tls} {")
	c.line(`	"~^(?:same-origin|none)\|.*$" own -`)
	c.line("\t# A proxy that took TLS off may be silent.")
	c.line(`	"~^\|,http\|,?([^ ,|]+?)(:80)?(:443)?(?:[ ,].*)?$" http://$1$3 https://$1$2`)
	for _, own := range []struct{ reported, port, scheme string }{{"http|ws", "80", "http"}, {"https|wss", "443", "https"}} {
		c.line(`	"~^\|,?(?i:%s)(?:[ ,][^|]*)?\|,?([^ ,|]+?)(?::%s)?(?:[ ,].*)?$" %s://$1 -`, own.reported, own.port, own.scheme)
	}
	c.line(`	default "," ","`)
	c.line("}")
	c.line("@corsac_others {")
	c.line("\theader Origin *")
	c.line("\texpression `%[1]s in %[2]s && (%[3]s.contains(\",\") || !({corsac_own}.lowerAscii() in [\"own\", %[3]s] || {corsac_own_behind_tls}.lowerAscii() == %[3]s)) && "+
		"(!({http.request.method} in [\"GET\", \"HEAD\", \"OPTIONS\"]) || {http.request.header.Upgrade}.matches(r'(?i)(?:^|[ ,])websocket(?:[ ,]|$)'))`",
		caddyState, caddyList(strict), caddyOrigin)
	c.line("}")
	c.line("header @corsac_others +Vary Origin")
	c.line("respond @corsac_others 403")
}

// responses sets the headers of all that is no preflight. What is to be done in
// the end is done in the reverse order.
func (c *caddyWriter) responses() {
	var vary []string
	for _, r := range c.rules {
		if !r.any {
			vary = append(vary, caddyRule(r), caddyRule(r)+"-listed")
		}
	}
	c.line("# What the policy says, at once for errors of Caddy's own, and in the end for all else.")
	if len(vary) > 0 {
		c.line("@corsac_vary {")
		c.line("\tnot method OPTIONS")
		c.line("\tvars corsac %s", strings.Join(vary, " "))
		c.line("}")
		c.line("header @corsac_vary +Vary Origin")
	}
	for _, r := range c.rules {
		state := caddyRule(r)
		if !r.any {
			state += "-listed"
		}
		name := fmt.Sprintf("corsac_page_%d", r.index)
		c.line("@%s vars corsac %s", name, state)
		c.fields(name, r, r.response, false)
		c.fields(name, r, r.response, true)
	}
	c.line("# What the API says in these headers does not count.")
	c.line("header {")
	for _, name := range corsFields {
		c.line("\t-%s", name)
	}
	c.line("\tdefer")
	c.line("}")
}
