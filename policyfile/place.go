package policyfile

import "strings"

// A Place is where something stands in a file, counted from 1.
type Place struct{ Line, Column int }

// Place says where a field of a rule stands, such as "rules[1].origins", or, if
// the file leaves it away, what it is missing from. For what is no part of the
// rules it is the beginning of the file.
func (f *File) Place(path string) Place {
	for path != "" {
		if at, ok := f.places[path]; ok {
			return at
		}
		path = parent(path)
	}
	return Place{1, 1}
}

// rulePlaces are the places of the rules and of their fields. Those of entries
// are left out: a list may be long, and the file is kept.
func (d *decoder) rulePlaces() map[string]Place {
	places := make(map[string]Place)
	for path := range d.nodes {
		if strings.HasPrefix(path, "rules") && strings.Count(path, "[") <= 1 {
			line, column := position(d.tokenAt(path))
			places[path] = Place{line, column}
		}
	}
	return places
}
