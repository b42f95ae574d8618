package export

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// A plan is a policy as the targets read it: its rules in the order in which
// they are to be tried, each with what it says written out.
type plan struct {
	source string
	// rules are such that the first that covers a request speaks: those with a
	// host before those without, longer paths before shorter ones, a resource
	// before the tree of its name.
	rules  []*rule
	losses []Loss
}

// A rule is one of a policy, in its normal form.
type rule struct {
	corsac.Rule
	index    int // in the policy
	any      bool
	null     bool
	exact    []string          // sorted
	patterns []origins.Pattern // that stand for more than one origin

	// preflight and response are the header fields of an allowed page's answer
	// that do not depend on the request: all but Allow-Origin,
	// Timing-Allow-Origin and Vary.
	preflight, response []corsac.Field
}

func newPlan(p *corsac.Policy, source string) *plan {
	plan := &plan{source: source}
	for i, r := range p.Rules() {
		plan.rules = append(plan.rules, newRule(p, i, r))
	}
	slices.SortStableFunc(plan.rules, func(a, b *rule) int {
		return cmp.Or(
			compareBool(a.Host != "", b.Host != ""),
			cmp.Compare(len(b.prefix()), len(a.prefix())),
			compareBool(!a.tree(), !b.tree()),
			cmp.Compare(a.index, b.index),
		)
	})
	return plan
}

// compareBool sorts true before false.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func newRule(p *corsac.Policy, index int, r corsac.Rule) *rule {
	made := &rule{Rule: r, index: index}
	for _, entry := range r.Origins {
		switch pattern, _ := origins.ParsePattern(entry); {
		case pattern == origins.Any:
			made.any = true
		case pattern == origins.Null:
			made.null = true
		case pattern.IsExact():
			made.exact = append(made.exact, entry)
		default:
			made.patterns = append(made.patterns, pattern)
		}
	}
	made.preflight = made.fields(p, "OPTIONS")
	made.response = made.fields(p, "GET")
	return made
}

// fields asks the policy itself what it says to a page that the rule allows.
func (r *rule) fields(p *corsac.Policy, method string) []corsac.Field {
	h := witness{"Origin": {r.page()}}
	if method == "OPTIONS" {
		h["Access-Control-Request-Method"] = []string{"GET"}
	}
	d := p.Decide(corsac.Request{Method: method, Scheme: "https", Host: cmp.Or(r.Host, "api.invalid"), Path: r.Path, Header: h})
	return slices.DeleteFunc(d.AppendFields(nil), func(f corsac.Field) bool {
		return f.Name == allowOrigin || f.Name == timingAllowOrigin
	})
}

// A witness is the header of a request that shows something.
type witness map[string][]string

func (w witness) Values(name string) []string { return w[name] }

const (
	allowOrigin       = "Access-Control-Allow-Origin"
	timingAllowOrigin = "Timing-Allow-Origin"
)

// corsFields are the names of all response headers in which only the policy
// may speak.
var corsFields = []string{
	allowOrigin,
	"Access-Control-Allow-Credentials",
	"Access-Control-Allow-Methods",
	"Access-Control-Allow-Headers",
	"Access-Control-Expose-Headers",
	"Access-Control-Max-Age",
	"Access-Control-Allow-Private-Network",
}

// page is the origin of a page that the rule allows.
func (r *rule) page() string {
	switch {
	case len(r.exact) > 0:
		return r.exact[0]
	case len(r.patterns) > 0:
		p := r.patterns[0]
		if p.Subdomains {
			p.Host, p.Subdomains = "a."+p.Host, false
		}
		if p.AnyHost {
			p.Host, p.AnyHost = "a", false
		}
		p.AnyPort = false
		return p.String()
	}
	return "null"
}

// tree reports whether the rule is for a path and all below it, rather than for
// one resource.
func (r *rule) tree() bool { return isTree(r.Path) }

func isTree(path string) bool { return strings.HasSuffix(path, "/") }

// prefix is the path without the slash that makes it a tree: "" for "/".
func (r *rule) prefix() string { return strings.TrimSuffix(r.Path, "/") }

// pathRegexp matches the decoded, clean paths that the rule covers.
func (r *rule) pathRegexp() string {
	quoted := "^" + regexp.QuoteMeta(r.prefix())
	if r.tree() {
		return quoted + "(?:/|$)"
	}
	return quoted + "$"
}

// value is what a header of the answer says, or "".
func value(fields []corsac.Field, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// originRegexp matches the origins that a pattern stands for, from end to end,
// in the common words of PCRE, RE2 and JavaScript.
func originRegexp(p origins.Pattern) string {
	const port = "(?::[1-9][0-9]{0,4})?"
	label := "[a-z0-9_-]+"
	if p.Scheme != "http" && p.Scheme != "https" { // whose hosts browsers do not write in lower case
		label = "[A-Za-z0-9_-]+"
	}
	var b strings.Builder
	b.WriteString("^" + regexp.QuoteMeta(p.Scheme) + "://")
	switch {
	case p.AnyHost:
		b.WriteString(label + `(?:\.` + label + `)*\.?`)
	case p.Subdomains:
		b.WriteString("(?:" + label + `\.)+`)
	}
	b.WriteString(regexp.QuoteMeta(p.Host))
	switch {
	case p.AnyPort:
		b.WriteString(port)
	case p.Port != "":
		b.WriteString(":" + p.Port)
	}
	return b.String() + "$"
}

// hasPaths reports whether the rules tell paths apart.
func (p *plan) hasPaths() bool {
	return slices.ContainsFunc(p.rules, func(r *rule) bool { return r.Path != "/" })
}

// isLong reports whether there are so many origins that it matters how often a
// server reads them.
func (p *plan) isLong() bool {
	n := 0
	for _, r := range p.rules {
		n += len(r.exact)
	}
	return n > 200
}

// lose notes a loss of the whole policy.
func (p *plan) lose(l Loss) {
	l.Rule, l.Path = -1, ""
	p.losses = append(p.losses, l)
}

// loseIn notes a loss of one field of a rule, named as in a policy file.
func (p *plan) loseIn(l Loss, r *rule, field string) {
	l.Rule, l.Path = r.index, place(r.index, field)
	p.losses = append(p.losses, l)
}
