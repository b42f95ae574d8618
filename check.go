package corsac

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/corsac-cors/corsac/internal/methods"
	"github.com/corsac-cors/corsac/internal/origins"
)

// The functions of this file turn one field of a Rule into its valid form, and
// add a problem for each entry that has none.

func place(rule int, field string) string { return fmt.Sprintf("rules[%d].%s", rule, field) }

func placeIn(rule int, field string, entry int) string {
	return fmt.Sprintf("rules[%d].%s[%d]", rule, field, entry)
}

func checkOrigins(i int, r Rule, problems *Problems) origins.Set {
	if len(r.Origins) == 0 {
		problems.add(place(i, "origins"), `list the origins of the pages, or "*" for all`, "no origin is listed")
	}
	set := origins.NewSet(r.Origins, func(j int, err error) {
		e := err.(*origins.Error)
		hint := e.Hint
		if r.Credentials && e.Meant != "" {
			_, better := faultWithCredentials(e.Meant)
			hint = cmp.Or(better, hint)
		}
		problems.add(placeIn(i, "origins", j), hint, "origin %q %s", r.Origins[j], e.Message)
	})
	if r.Credentials {
		for j, entry := range r.Origins {
			if fault, hint := faultWithCredentials(entry); fault != "" {
				problems.add(placeIn(i, "origins", j), hint, "%s", fault)
			}
		}
	}
	if set.Any() && r.RefuseOthers {
		problems.add(place(i, "refuse-others"), `list the origins instead of "*", or leave refuse-others away`,
			`there are no others beside "*"`)
	}
	return set
}

// faultWithCredentials says by which entries pages that nobody meant could read
// a user's own data, and what to write instead.
func faultWithCredentials(entry string) (fault, hint string) {
	switch {
	case entry == "*":
		return `"*" with credentials: browsers refuse it, and every site could read the data of its visitors`,
			"list the origins, or leave credentials away"
	case entry == "null":
		return `"null" with credentials: any site can give itself that origin, with a sandboxed frame`,
			"serve the page from an origin of its own and list that"
	case strings.Contains(entry, "*"):
		return faultOfWildcard(entry)
	}
	return "", ""
}

func faultOfWildcard(entry string) (fault, hint string) {
	p, err := origins.ParsePattern(entry)
	if err != nil {
		return "", "" // is reported as that
	}
	if p.AnyHost {
		return quote(entry) + " with credentials: every page of that scheme could read the data of its users",
			"list the origin, as in \"" + p.Scheme + "://id\""
	}
	if suffix := publicSuffixAt(p.Host); p.Subdomains && suffix != "" {
		return quote(entry) + " with credentials: anybody can register a name under " + suffix + ", which is a public suffix",
			"name your own domain, as in \"" + p.Scheme + "://*.example." + strings.Replace(suffix, "*", "co", 1) + "\""
	}
	return "", ""
}

// publicSuffixAt returns the public suffix that a host is, or under which all
// names below it are, as the list writes them: "co.uk", "*.ck". It is "" for
// others, also for names of one label that the list lacks: of these localhost
// and internal are nobody's to register under.
//
// https://publicsuffix.org/list/
func publicSuffixAt(host string) string {
	host = strings.TrimSuffix(host, ".")
	suffix, icann := publicsuffix.PublicSuffix(host)
	if suffix == host && (icann || strings.Contains(suffix, ".")) {
		return host
	}
	below := "any." + host
	if suffix, _ := publicsuffix.PublicSuffix(below); suffix == below {
		return "*." + host
	}
	return ""
}

func checkMethods(i int, r Rule, problems *Problems) []string {
	var kept []string
	star := false
	for j, m := range r.Methods {
		at := placeIn(i, "methods", j)
		upper := strings.ToUpper(m)
		switch {
		case m == "*" && r.Credentials:
			problems.add(at, "list the methods", `"*" with credentials: browsers take it for a method of that name`)
		case m == "*":
			star = true
		case !methods.IsMethod(m):
			problems.add(at, "write one method, such as \"PUT\", in each entry", "%q is no method", m)
		case methods.IsForbidden(m):
			problems.add(at, "remove it: the page's server would have to make such a request", "no browser lets scripts use %s", upper)
		case upper != m && (methods.Normalize(m) != m || upper == "PATCH"):
			problems.add(at, "write "+quote(upper), "%q is not %q: methods are case-sensitive", m, upper)
		case !methods.IsSafelisted(m):
			kept = append(kept, m)
		}
	}
	if star {
		return []string{"*"}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

func checkMaxAge(i int, age time.Duration, problems *Problems) time.Duration {
	at := place(i, "max-age")
	switch {
	case age == NoCache:
	case age < 0:
		problems.add(at, "write 0s (in Go, NoCache) to forbid that browsers remember", "%s is negative", age)
	case age > longestMaxAge:
		problems.add(at, "write 24h or less: Firefox stops there, Chrome at 2h, Safari at 10m", "%s is more than any browser honours", age)
	case age%time.Second != 0:
		problems.add(at, "write "+quote(max(age.Round(time.Second), time.Second).String()), "%s is not a whole number of seconds", age)
	}
	return age
}

func quote(s string) string { return fmt.Sprintf("%q", s) }
