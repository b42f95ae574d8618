// Package export writes a policy in the languages of other servers, and says
// what is lost on the way.
//
//	nginx, _ := export.Find("nginx")
//	e := nginx.Export(policy, "corsac.yaml")
//	for _, loss := range e.Losses {
//		log.Print(loss)
//	}
//	fmt.Print(e.Text())
//
// A [Target] is such a language: one file of this package each. What it writes
// answers as docs/policy.md says that the policy answers, but for its losses. A
// [Loss] is something that the target cannot express, or does differently. One
// that allows more than the policy is of the effect [Wider]: whoever exports
// has to agree to it by name.
//
// What is written is proved: the tests of this package start the very server
// with it and ask it everything that the corpus of policies asks. The targets
// for which that cannot be done here say so, in [Target.Verified] and in what
// they write.
package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// A Target is a language in which a policy can be written.
type Target struct {
	Name  string // as a person types it: "nginx"
	Title string // what it is: "nginx, as maps and a part of server { }"
	// Verified says under what the tests run what is written, such as "nginx
	// 1.22". It is empty where no server could be run.
	Verified string
	// Losses are all that there can be; [Export] has those of one policy.
	Losses []Loss

	write func(*plan) []File
}

// Targets are all targets, sorted by name.
func Targets() []Target {
	all := []Target{
		apache,
		apiGateway,
		caddy,
		envoy,
		express,
		fastapi,
		gatewayAPI,
		golang,
		haproxy,
		htaccess,
		jsonTarget,
		kong,
		lighttpd,
		nginx,
		php,
		s3,
		spring,
		traefik,
		varnish,
	}
	slices.SortFunc(all, func(a, b Target) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Find returns the target of a name.
func Find(name string) (Target, bool) {
	for _, t := range Targets() {
		if t.Name == name {
			return t, true
		}
	}
	return Target{}, false
}

// A File is something to be put in one place.
type File struct {
	Name string // a name that it may have: "corsac.conf"
	Text string
}

// An Export is a policy in another language.
type Export struct {
	// Files are what to put where; the text of each begins by saying so. Most
	// targets have one.
	Files []File
	// Losses are in the order of the rules; those that concern the whole policy
	// come first.
	Losses []Loss
}

// Export writes the policy. The source is where the policy comes from, such as
// the name of a file, for the comment at the top.
func (t Target) Export(p *corsac.Policy, source string) Export {
	plan := newPlan(p, source)
	e := Export{Files: t.write(plan), Losses: plan.losses}
	slices.SortStableFunc(e.Losses, func(a, b Loss) int { return a.Rule - b.Rule })
	return e
}

// Text is all files, one after the other.
func (e Export) Text() string {
	var b strings.Builder
	for i, f := range e.Files {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(f.Text)
	}
	return b.String()
}

// Wider are the losses that would allow more than the policy, but for those
// whose names are accepted.
func (e Export) Wider(accepted ...string) []Loss {
	var wider []Loss
	for _, l := range e.Losses {
		if l.Effect == Wider && !slices.Contains(accepted, l.Name) {
			wider = append(wider, l)
		}
	}
	return wider
}

// An Effect says what a loss does to the pages.
type Effect string

const (
	// Wider: a page may read, or do, what the policy does not allow.
	Wider Effect = "wider"
	// Narrower: a page may not read, or do, what the policy allows.
	Narrower Effect = "narrower"
	// Different: pages may do exactly what the policy says, but the answer
	// looks otherwise, or what no browser sends is answered otherwise.
	Different Effect = "different"
)

// A Loss is something of a policy that a target cannot express or does
// differently.
type Loss struct {
	Name   string // one or more words with hyphens, unique in the target
	Effect Effect
	// Feature is what of a policy it concerns.
	Feature Feature
	// Message says what the target does instead, and Consequence what comes of
	// it for people. Both are whole clauses, in lower case, without full stop.
	Message, Consequence string

	// Rule and Path say where, in an [Export]: the index of the rule, and the
	// place of what is lost, such as "rules[1].origins". For a loss of the
	// whole policy they are -1 and "".
	Rule int
	Path string
}

// String is the loss on one line.
func (l Loss) String() string {
	at := ""
	if l.Path != "" {
		at = l.Path + ": "
	}
	return fmt.Sprintf("%s%s: %s: %s (%s)", at, l.Effect, l.Message, l.Consequence, l.Name)
}
