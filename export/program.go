package export

import (
	"slices"
	"strings"
	"text/template"

	"github.com/corsac-cors/corsac"
)

// A program is a policy as the targets see it that are code of a program: the
// rules as data, and the functions that this very policy needs.
type program struct {
	Comment string
	Rules   []programRule
}

type programRule struct {
	*rule
	alone  bool // there is one rule, for everything
	placed bool // it matters what path a request has
}

func (p *plan) program(comment string) program {
	made := program{Comment: comment}
	for _, r := range p.rules {
		made.Rules = append(made.Rules, programRule{rule: r})
	}
	alone, placed := made.One(), made.Paths()
	for i := range made.Rules {
		made.Rules[i].alone, made.Rules[i].placed = alone, placed
	}
	return made
}

// fill writes the program with a template that is a part of this package.
func (p program) fill(t *template.Template) string {
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		panic(err) // the template and its data are of our own making
	}
	return b.String()
}

func (p program) some(is func(programRule) bool) bool { return slices.ContainsFunc(p.Rules, is) }

// One reports whether there is one rule, for everything.
func (p program) One() bool { return len(p.Rules) == 1 && !p.Paths() && !p.Hosts() }

// Paths reports whether it matters what path a request has.
func (p program) Paths() bool {
	return p.some(func(r programRule) bool { return r.Path != "/" })
}

func (p program) Hosts() bool { return p.some(func(r programRule) bool { return r.Host != "" }) }
func (p program) Punycode() bool {
	return p.some(func(r programRule) bool { return strings.Contains(r.Host, "xn--") })
}
func (p program) Everyone() bool { return p.some(programRule.Everyone) }
func (p program) Listing() bool  { return p.some(func(r programRule) bool { return !r.any }) }
func (p program) Exactly() bool {
	return p.some(func(r programRule) bool { return len(r.Exact()) > 0 })
}
func (p program) Patterned() bool {
	return p.some(func(r programRule) bool { return len(r.Patterns()) > 0 })
}
func (p program) Timed() bool    { return p.some(func(r programRule) bool { return r.Timing }) }
func (p program) Refusing() bool { return p.some(func(r programRule) bool { return r.RefuseOthers }) }

// Everyone reports whether every origin is allowed.
func (r programRule) Everyone() bool { return r.any }

// Exact are the origins that are compared as they are.
func (r programRule) Exact() []string {
	if r.any {
		return nil
	}
	if r.null {
		return append(slices.Clone(r.exact), "null")
	}
	return r.exact
}

// Patterns are regular expressions for the other origins.
func (r programRule) Patterns() []string {
	var expressions []string
	for _, p := range r.patterns {
		if !r.any {
			expressions = append(expressions, originRegexp(p))
		}
	}
	return expressions
}

func (r programRule) Preflight() []corsac.Field { return r.preflight }
func (r programRule) Response() []corsac.Field  { return r.response }

// quoted is a string as a literal of JavaScript, Python and Java: JSON is one in
// all of them, because it escapes quotes, backslashes and line ends, and of the
// other control characters those that any of them minds.
func quoted(s string) string { return strings.TrimSuffix(asJSON(s), "\n") }

// wholeRegexp drops the ends, for languages that are asked for what matches from
// end to end: in theirs, $ would also match before a line end.
func wholeRegexp(expr string) string {
	return strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$")
}
