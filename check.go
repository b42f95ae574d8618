package corsac

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/corsac-cors/corsac/internal/headers"
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
		problems.add(placeIn(i, "origins", j), e.Hint, "origin %q %s", r.Origins[j], e.Message)
	})
	if r.Credentials {
		checkCredentialed(i, r, problems)
	}
	if set.Any() && r.RefuseOthers {
		problems.add(place(i, "refuse-others"), `list the origins instead of "*", or leave refuse-others away`,
			`there are no others beside "*"`)
	}
	return set
}

// checkCredentialed refuses what would let pages that nobody meant read a
// user's own data.
func checkCredentialed(i int, r Rule, problems *Problems) {
	for j, entry := range r.Origins {
		at := placeIn(i, "origins", j)
		switch {
		case entry == "*":
			problems.add(at, "list the origins, or leave credentials away",
				`"*" with credentials: browsers refuse it, and every site could read the data of its visitors`)
		case entry == "null":
			problems.add(at, "serve the page from an origin of its own and list that",
				`"null" with credentials: any site can give itself that origin, with a sandboxed frame`)
		case strings.Contains(entry, "*"):
			checkWildcard(at, entry, problems)
		}
	}
}

func checkWildcard(at, entry string, problems *Problems) {
	p, err := origins.ParsePattern(entry)
	if err != nil {
		return // has been reported
	}
	if p.AnyHost {
		problems.add(at, "list the origin, as in \""+p.Scheme+"://id\"",
			"%q with credentials: every page of that scheme could read the data of its users", entry)
	}
	if suffix := publicSuffixAt(p.Host); p.Subdomains && suffix != "" {
		problems.add(at, "name your own domain, as in \""+p.Scheme+"://*.example."+strings.Replace(suffix, "*", "co", 1)+"\"",
			"%q with credentials: anybody can register a name under %s, which is a public suffix", entry, suffix)
	}
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

func checkHeaders(i int, r Rule, problems *Problems) []string {
	list := nameList{"headers", r.Headers, func(g headers.Group) []string { return g.Request }}
	kept, star := list.check(i, r, problems, func(at, name string) bool {
		if headers.IsForbiddenRequest(name) {
			problems.add(at, hintForbidden(name), "no browser lets scripts set %q", name)
			return false
		}
		return true
	})
	if star {
		return underStar(kept)
	}
	return sortedNames(kept)
}

// underStar keeps the one name that "*" does not cover.
//
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
func underStar(names []string) []string {
	for _, n := range names {
		if strings.EqualFold(n, "Authorization") {
			return []string{"*", n}
		}
	}
	return []string{"*"}
}

func hintForbidden(name string) string {
	switch strings.ToLower(name) {
	case "cookie", "cookie2":
		return "remove it, and write credentials: true to allow cookies"
	case "origin", "access-control-request-method", "access-control-request-headers":
		return "remove it: the browser sets it by itself, and needs no permission"
	}
	return "remove it: the browser alone sets it"
}

func checkExpose(i int, r Rule, problems *Problems) []string {
	list := nameList{"expose", r.Expose, func(g headers.Group) []string { return g.Response }}
	kept, star := list.check(i, r, problems, func(at, name string) bool {
		if headers.IsForbiddenResponse(name) {
			problems.add(at, "remove it: credentials: true lets the browser keep cookies, but no script reads them from a response",
				"no browser lets scripts read %q", name)
			return false
		}
		return !headers.IsSafelistedResponse(name)
	})
	if star {
		return []string{"*"}
	}
	return sortedNames(kept)
}

// A nameList is a field that lists names of headers, groups and "*".
type nameList struct {
	field   string
	entries []string
	half    func(headers.Group) []string // of a group, what belongs to the field
}

// check returns the names, those of groups included, that keep says are to be
// kept, and whether "*" is listed.
func (l nameList) check(i int, r Rule, problems *Problems, keep func(at, name string) bool) (kept []string, star bool) {
	for j, name := range l.entries {
		at := placeIn(i, l.field, j)
		switch {
		case name == "*" && r.Credentials:
			problems.add(at, "list the headers", `"*" with credentials: browsers take it for a header of that name`)
		case name == "*":
			star = true
		case strings.HasPrefix(name, "@"):
			kept = append(kept, l.half(checkGroup(at, name, problems))...)
		case checkName(at, name, problems) && keep(at, name):
			kept = append(kept, name)
		}
	}
	return kept, star
}

func checkGroup(at, name string, problems *Problems) headers.Group {
	g, ok := headers.LookupGroup(name)
	if !ok {
		problems.add(at, "the groups are "+strings.Join(headers.GroupNames(), ", "), "there is no group %q", name)
	}
	return g
}

func checkName(at, name string, problems *Problems) bool {
	if headers.IsName(name) {
		return true
	}
	hint := "a header name is letters, digits and hyphens, as in \"X-Request-ID\""
	if bare, _, ok := strings.Cut(name, ":"); ok && headers.IsName(bare) {
		hint = "write " + quote(bare) + ": the name without its value"
	} else if bare := strings.TrimSpace(name); headers.IsName(bare) {
		hint = "write " + quote(bare)
	} else if strings.ContainsAny(bare, ", ") {
		hint = "write one entry for each header"
	}
	problems.add(at, hint, "%q is no header name", name)
	return false
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
