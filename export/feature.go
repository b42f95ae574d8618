package export

import (
	"slices"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// A Feature is something that policies say, or that every policy promises. The
// table of docs/export.md has a line for each.
type Feature string

// What policies say.
const (
	OneOrigin      Feature = "one origin"
	SeveralOrigins Feature = "several origins"
	Subdomains     Feature = "every subdomain"
	AnyPort        Feature = "every port"
	OtherSchemes   Feature = "schemes other than http and https"
	NullOrigin     Feature = "null"
	EveryOrigin    Feature = "every origin"
	Methods        Feature = "methods"
	EveryMethod    Feature = "every method"
	Headers        Feature = "headers"
	EveryHeader    Feature = "every header"
	Expose         Feature = "expose"
	ExposeAll      Feature = "expose everything"
	Credentials    Feature = "credentials"
	MaxAge         Feature = "max-age"
	NoCache        Feature = "max-age: 0s"
	RefuseOthers   Feature = "refuse-others"
	Timing         Feature = "timing"
	Trees          Feature = "paths: trees"
	Resources      Feature = "paths: resources"
	Hosts          Feature = "hosts"
)

// What every policy promises.
const (
	// Errors: responses of every status have the headers, those that the
	// server makes itself included.
	Errors Feature = "errors have the headers"
	// OwnHeaders: what the API says in CORS headers of its own does not count.
	OwnHeaders Feature = "the API's own CORS headers do not count"
	// Vary: it names Origin wherever the answer depends on it, and keeps what
	// the API says.
	Vary Feature = "Vary"
	// Preflights: they are answered before authentication and never reach the
	// API; those that are not allowed are refused.
	Preflights Feature = "preflights"
	// PlainOptions: OPTIONS requests that are no preflights reach the API.
	PlainOptions Feature = "other OPTIONS requests"
	// Paths: however a path is written, the rule of what it means speaks.
	Paths Feature = "paths written otherwise"
	// TwoOrigins: requests with several Origin lines, which no browser sends,
	// are nobody's.
	TwoOrigins Feature = "two Origin lines"
	// EmptyLines: nor are those with an Origin line without an origin in it, and
	// an OPTIONS request is a preflight also where it asks for the method "".
	EmptyLines Feature = "empty lines"
)

// Features are all features, in the order of the table.
func Features() []Feature {
	return []Feature{
		OneOrigin, SeveralOrigins, Subdomains, AnyPort, OtherSchemes, NullOrigin, EveryOrigin,
		Methods, EveryMethod, Headers, EveryHeader, Expose, ExposeAll,
		Credentials, MaxAge, NoCache, RefuseOthers, Timing, Trees, Resources, Hosts,
		Errors, OwnHeaders, Vary, Preflights, PlainOptions, Paths, TwoOrigins, EmptyLines,
	}
}

// Says are the features that a policy has of those that policies say.
func Says(p *corsac.Policy) []Feature {
	var has []Feature
	for _, r := range p.Rules() {
		for _, f := range []struct {
			feature Feature
			is      bool
		}{
			{OneOrigin, len(r.Origins) == 1 && isPattern(r.Origins, origins.Pattern.IsExact)},
			{SeveralOrigins, len(r.Origins) > 1},
			{Subdomains, isPattern(r.Origins, func(p origins.Pattern) bool { return p.Subdomains })},
			{AnyPort, isPattern(r.Origins, func(p origins.Pattern) bool { return p.AnyPort })},
			{OtherSchemes, isPattern(r.Origins, func(p origins.Pattern) bool {
				return p.Scheme != "" && p.Scheme != "http" && p.Scheme != "https"
			})},
			{NullOrigin, slices.Contains(r.Origins, "null")},
			{EveryOrigin, slices.Contains(r.Origins, "*")},
			{Methods, len(r.Methods) > 0},
			{EveryMethod, slices.Contains(r.Methods, "*")},
			{Headers, len(r.Headers) > 0},
			{EveryHeader, slices.Contains(r.Headers, "*")},
			{Expose, len(r.Expose) > 0},
			{ExposeAll, slices.Contains(r.Expose, "*")},
			{Credentials, r.Credentials},
			{MaxAge, r.MaxAge > 0},
			{NoCache, r.MaxAge == corsac.NoCache},
			{RefuseOthers, r.RefuseOthers},
			{Timing, r.Timing},
			{Trees, isTree(r.Path) && r.Path != "/"},
			{Resources, !isTree(r.Path)},
			{Hosts, r.Host != ""},
		} {
			if f.is && !slices.Contains(has, f.feature) {
				has = append(has, f.feature)
			}
		}
	}
	return has
}

func isPattern(entries []string, is func(origins.Pattern) bool) bool {
	return slices.ContainsFunc(entries, func(entry string) bool {
		p, err := origins.ParsePattern(entry)
		return err == nil && is(p)
	})
}
