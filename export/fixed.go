package export

import (
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// listed are the origins that a rule lists one by one: exact ones, null, or *
// alone.
func listed(r *rule) []string {
	switch {
	case r.any:
		return []string{"*"}
	case r.null:
		return append(slices.Clone(r.exact), "null")
	}
	return slices.Clone(r.exact)
}

// coversAll reports whether the rule speaks for what no other speaks for.
func (r *rule) coversAll() bool { return r.Host == "" && r.Path == "/" }

// mostTimed is how many origins a header may list.
const mostTimed = 10

var timingOrigins = Loss{
	Name: "timing-origins", Effect: Narrower, Feature: Timing,
	Message:     "Timing-Allow-Origin is a fixed list here, which can have no patterns, and should not be long",
	Consequence: "pages of patterns, and of lists of more than ten origins, do not see detailed timing",
}

// fixedTiming is Timing-Allow-Origin for targets that say the same to everybody:
// it may list several origins. The other result is whether it has all pages
// that it should have.
func fixedTiming(r *rule) (value string, all bool) {
	origins := listed(r)
	if !r.Timing || len(origins) > mostTimed {
		return "", false
	}
	return strings.Join(origins, ", "), len(r.patterns) == 0
}

// words are the elements of a header's value.
func words(fields []corsac.Field, name string) []string {
	said := value(fields, name)
	if said == "" {
		return nil
	}
	return strings.Split(said, ", ")
}
