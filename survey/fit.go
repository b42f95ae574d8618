package survey

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// fit makes a rule a valid one: an entry that a policy refuses becomes a
// comment with what the policy says of it.
func (q *inquiry) fit(r corsac.Rule) *Rule {
	for range mostEntries {
		_, err := corsac.New(r)
		var problems corsac.Problems
		if !errors.As(err, &problems) {
			break
		}
		// From the last to the first, so that places stay what they are.
		slices.Reverse(problems)
		for _, p := range problems {
			q.drop(&r, p)
		}
		if len(r.Origins) == 0 {
			return &Rule{Rule: corsac.Rule{Host: r.Host, Path: r.Path}, LeftOut: q.leaves, Comments: q.comments}
		}
	}
	return &Rule{Rule: r, Comments: q.comments, LeftOut: q.leaves}
}

// drop takes what a problem is about out of the rule.
func (q *inquiry) drop(r *corsac.Rule, p corsac.Problem) {
	_, fieldName, _ := strings.Cut(p.Path, ".")
	fieldName, index, _ := strings.Cut(fieldName, "[")
	i := -1
	_, _ = fmt.Sscanf(index, "%d]", &i)
	list := map[string]*[]string{"origins": &r.Origins, "methods": &r.Methods, "headers": &r.Headers, "expose": &r.Expose}[fieldName]
	switch {
	case list != nil && i >= 0 && i < len(*list):
		entry := (*list)[i]
		*list = slices.Delete(slices.Clone(*list), i, i+1)
		q.leave(fieldName, entry, p.Message)
		q.find(Finding{Name: "left-out", Severity: leftSeverity(fieldName), Message: "left out: " + p.Message, Advice: p.Hint}, q.spotOf(fieldName))
	case fieldName == "path":
		r.Path, r.Origins = "/", nil
		q.find(Finding{Name: "left-out", Severity: Note, Message: "left out: " + p.Message, Advice: p.Hint}, spot{})
	case fieldName == "host":
		r.Host, r.Origins = "", nil
		q.find(Finding{Name: "left-out", Severity: Note, Message: "left out: " + p.Message, Advice: p.Hint}, spot{})
	case fieldName == "max-age":
		r.MaxAge = 0
	default:
		r.RefuseOthers = false
	}
}

// spotOf is where the header comes from in which a field of the rule was seen.
func (q *inquiry) spotOf(fieldName string) (at spot) {
	name := map[string]string{"origins": allowOrigin, "methods": allowMethods, "headers": allowHeaders, "expose": exposeHeaders}[fieldName]
	for _, p := range append(slices.Clone(q.pages), q.other) {
		if p != nil && at == (spot{}) {
			if at = p.preflight.at(name); at == (spot{}) {
				at = p.get.at(name)
			}
		}
	}
	return at
}

// leftSeverity: an origin that a policy refuses lets strangers in.
func leftSeverity(fieldName string) Severity {
	if fieldName == "origins" {
		return Unsafe
	}
	return Note
}
