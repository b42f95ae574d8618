package export

import (
	"fmt"
	"slices"
)

// A stated is a value of a header, and the states in which it is sent, of those
// targets that decide in a variable.
type stated struct {
	value  string
	states []string
}

// values are those of one header under all rules. The formats make the states
// in which a page that is listed, and its preflight, are answered by a rule.
func (p *plan) values(name, listed, preflight string) []stated {
	var all []stated
	add := func(v, state string) {
		if v == "" {
			return
		}
		i := slices.IndexFunc(all, func(s stated) bool { return s.value == v })
		if i < 0 {
			i, all = len(all), append(all, stated{value: v})
		}
		all[i].states = append(all[i].states, state)
	}
	for _, r := range p.rules {
		add(value(r.response, name), fmt.Sprintf(listed, r.index))
		add(value(r.preflight, name), fmt.Sprintf(preflight, r.index))
	}
	return all
}

// chooses is what comes before the steps that find the rule.
func (p *plan) chooses() string {
	switch {
	case len(p.rules) == 0:
		return "No rule speaks for anything."
	case len(p.rules) == 1 && p.rules[0].Path == "/" && p.rules[0].Host == "":
		return "One rule speaks for everything."
	}
	return "Which rule speaks for the host and the path: the last of these."
}

// emptyLines is lost where a server cannot tell an empty header from none.
var emptyLines = Loss{
	Name: "empty-lines", Effect: Different, Feature: EmptyLines,
	Message:     "an Origin or Access-Control-Request-Method that is there and says nothing is taken for none",
	Consequence: "such a request, which no browser sends, is answered as that of no page, or as no preflight",
}
