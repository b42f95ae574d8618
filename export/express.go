package export

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/corsac-cors/corsac"
)

// express is a CommonJS module: both require and import load it, under every
// version of Node.js that is maintained, whatever the type of the package is. It
// asks nothing of Express, so it works with node:http alone, too.
//
// The headers are set by wrapping writeHead, through which every response goes:
// what the app's res.header calls, routers and error handlers say is known
// then, and nothing comes after.
var express = Target{
	Name:     "express",
	Title:    "Express and node:http, a module without dependencies",
	Verified: "Express 4.22 and 5.3, Node.js 20",
	Losses:   []Loss{expressMethods, expressAlike, expressTwins},
	write:    writeExpress,
}

var expressMethods = Loss{
	Name: "odd-methods", Effect: Narrower, Feature: Methods,
	Message:     "Node.js answers 400 to methods that are not in its http.METHODS",
	Consequence: "requests with other methods fail",
}

// Settings of Express would tell such paths apart, but every router has its own,
// and what is behind a route does not tell.
var expressAlike = Loss{
	Name: "alike", Effect: Narrower, Feature: Paths,
	Message:     "Express takes paths for the same that differ only in case or in a slash at the end: where these are of two rules, neither speaks",
	Consequence: "no page of another origin reads what is asked for by such a path",
}

var expressTwins = Loss{
	Name: "twins", Effect: Narrower, Feature: Resources,
	Message:     "there is a rule for the same path but for its case or a slash at the end, and Express takes both for one",
	Consequence: "no page of another origin reads what both rules could be for",
}

//go:embed express.cjs.tmpl
var expressText string

var expressTemplate = template.Must(template.New("express").Funcs(template.FuncMap{
	"rule":   javascriptRule,
	"indent": func(s string) string { return strings.ReplaceAll(s, "\n", "\n  ") },
}).Parse(expressText))

func writeExpress(p *plan) []File {
	for _, r := range p.rules {
		if slices.ContainsFunc(r.Methods, isOddForNode) {
			p.loseIn(expressMethods, r, "methods")
		}
		if p.hasTwin(r) {
			p.loseIn(expressTwins, r, "path")
		}
	}
	put := []string{
		"Put it beside your app, and before everything else, authentication and body parsers included. It needs",
		"Node.js 18.3 or later, and nothing else.",
		`  const corsac = require("./corsac.cjs"); // or: import corsac from "./corsac.cjs"`,
		"  app.use(corsac);",
		"With node:http alone: http.createServer((req, res) => corsac(req, res, () => handler(req, res)))",
	}
	made := p.program("")
	if made.Refusing() {
		put = append(put, "WebSockets do not come through app.use: corsac.guard(app.listen(8080));")
	}
	if made.Paths() {
		p.lose(expressAlike)
	}
	put = append(put, "Remove the package cors and its like. Then start the app anew.")
	made.Comment = header{"// ", put, true}.comment(p.source)
	return []File{{"corsac.cjs", made.fill(expressTemplate)}}
}

// hasTwin reports whether another rule is for the same path in Express.
func (p *plan) hasTwin(r *rule) bool {
	return slices.ContainsFunc(p.rules, func(other *rule) bool {
		sameHost := other.Host == r.Host || other.Host == "" || r.Host == ""
		return other != r && sameHost && other.Path != r.Path && strings.EqualFold(other.prefix(), r.prefix())
	})
}

// isOddForNode goes by what every maintained version knows.
func isOddForNode(method string) bool {
	known := strings.Fields(`ACL BIND CHECKOUT COPY DELETE LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY
		OPTIONS PATCH PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE`)
	return !slices.Contains(known, method)
}

// javascriptRule is a rule as an object.
func javascriptRule(r programRule) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+",\n", args...) }
	if r.Host != "" {
		line("host: %s", quoted(r.Host))
	}
	if r.placed {
		line("path: %s", quoted(r.Path))
	}
	if r.Everyone() && !r.alone {
		line("everyone: true")
	}
	if exact := r.Exact(); len(exact) > 0 {
		line("origins: new Set([%s])", javascriptList(exact, quoted))
	}
	if patterns := r.Patterns(); len(patterns) > 0 {
		line("patterns: [%s]", javascriptList(patterns, javascriptRegexp))
	}
	javascriptFields(line, "preflight", r.preflight)
	javascriptFields(line, "response", r.response)
	if r.Timing && !r.alone {
		line("timing: true")
	}
	if r.RefuseOthers && !r.alone {
		line("refuseOthers: true")
	}
	if b.Len() == 0 {
		return "{}"
	}
	return "{\n" + b.String() + "}"
}

// javascriptList has a line for each entry, if there are several.
func javascriptList(entries []string, quote func(string) string) string {
	if len(entries) == 1 {
		return quote(entries[0])
	}
	var b strings.Builder
	for _, e := range entries {
		b.WriteString("\n    " + quote(e) + ",")
	}
	return b.String() + "\n  "
}

func javascriptFields(line func(string, ...any), name string, fields []corsac.Field) {
	if len(fields) == 0 {
		return
	}
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "\n    %s: %s,", quoted(f.Name), quoted(f.Value))
	}
	line("%s: {%s\n  }", name, b.String())
}

// javascriptRegexp is a regular expression as a literal. In what origins are
// made of, only slashes would end it.
func javascriptRegexp(expr string) string {
	return "/" + strings.ReplaceAll(expr, "/", `\/`) + "/"
}
