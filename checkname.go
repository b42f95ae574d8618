package corsac

import (
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
)

func checkHeaders(i int, r Rule, problems *Problems) []string {
	list := nameList{
		field:     "headers",
		entries:   r.Headers,
		half:      func(g headers.Group) []string { return g.Request },
		forbidden: forbiddenRequest,
	}
	kept, star := list.check(i, r, problems)
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

func forbiddenRequest(name string) (fault, hint string) {
	if !headers.IsForbiddenRequest(name) {
		return "", ""
	}
	fault = "no browser lets scripts set " + quote(name)
	switch strings.ToLower(name) {
	case "cookie", "cookie2":
		return fault, "remove it, and write credentials: true to allow cookies"
	case "origin", "access-control-request-method", "access-control-request-headers":
		return fault, "remove it: the browser sets it by itself, and needs no permission"
	}
	return fault, "remove it: the browser alone sets it"
}

func checkExpose(i int, r Rule, problems *Problems) []string {
	list := nameList{
		field:     "expose",
		entries:   r.Expose,
		half:      func(g headers.Group) []string { return g.Response },
		forbidden: forbiddenResponse,
	}
	kept, star := list.check(i, r, problems)
	if star {
		return []string{"*"}
	}
	return sortedNames(slices.DeleteFunc(kept, headers.IsSafelistedResponse))
}

func forbiddenResponse(name string) (fault, hint string) {
	if !headers.IsForbiddenResponse(name) {
		return "", ""
	}
	return "no browser lets scripts read " + quote(name),
		"remove it: credentials: true lets the browser keep cookies, but no script reads them from a response"
}

// A nameList is a field that lists names of headers, groups and "*".
type nameList struct {
	field     string
	entries   []string
	half      func(headers.Group) []string           // of a group, what belongs to the field
	forbidden func(name string) (fault, hint string) // what is wrong with a name that is one
}

// check returns the names, those of groups included, and whether "*" is listed.
func (l nameList) check(i int, r Rule, problems *Problems) (kept []string, star bool) {
	for j, entry := range l.entries {
		at := placeIn(i, l.field, j)
		if strings.HasPrefix(entry, "@") {
			kept = append(kept, l.half(checkGroup(at, entry, problems))...)
			continue
		}
		switch fault, hint := l.faultOf(entry, r.Credentials); {
		case fault != "":
			problems.add(at, hint, "%s", fault)
		case entry == "*":
			star = true
		default:
			kept = append(kept, entry)
		}
	}
	return kept, star
}

// faultOf says what is wrong with an entry that is no group.
func (l nameList) faultOf(entry string, credentials bool) (fault, hint string) {
	switch {
	case entry == "*" && credentials:
		return `"*" with credentials: browsers take it for a header of that name`, "list the headers"
	case entry == "*":
		return "", ""
	case !headers.IsName(entry):
		return quote(entry) + " is no header name", l.advise(entry, credentials)
	}
	return l.forbidden(entry)
}

// advise says what to write instead of an entry that is no name. A name that it
// proposes has no fault.
func (l nameList) advise(entry string, credentials bool) string {
	bare, _, valued := strings.Cut(entry, ":")
	meant := strings.TrimSpace(bare)
	if !headers.IsName(meant) {
		if strings.ContainsAny(meant, ", ") {
			return "write one entry for each header"
		}
		return "a header name is letters, digits and hyphens, as in \"X-Request-ID\""
	}
	fault, hint := l.faultOf(meant, credentials)
	switch {
	case fault != "":
		return hint
	case valued:
		return "write " + quote(meant) + ": the name without its value"
	}
	return "write " + quote(meant)
}

func checkGroup(at, name string, problems *Problems) headers.Group {
	g, ok := headers.LookupGroup(name)
	if !ok {
		problems.add(at, "the groups are "+strings.Join(headers.GroupNames(), ", "), "there is no group %q", name)
	}
	return g
}
