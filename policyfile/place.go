package policyfile

import (
	"strings"

	"github.com/corsac-cors/corsac"
)

// A Place is where something stands in a file, counted from 1.
type Place struct{ Line, Column int }

// Place says where a field of a rule or of the gateway stands, such as
// "rules[1].origins" or "gateway.tls", or, if the file leaves it away, what it
// is missing from. For what is no part of these it is the beginning of the
// file.
func (f *File) Place(path string) Place {
	for path != "" {
		if at, ok := f.places[path]; ok {
			return at
		}
		path = parent(path)
	}
	return Place{1, 1}
}

// Locate gives a problem its place in the file by its path. If the file does not
// speak of it, or an [Override] does, the problem has no line.
func (f *File) Locate(p corsac.Problem) corsac.Problem {
	p.File = f.Name
	if at := f.Place(p.Path); at != f.Place("") && !f.replaced.cover(p.Path) {
		p.Line, p.Column = at.Line, at.Column
	}
	return p
}

// places are those of the rules and the gateway, and of their fields. Entries
// of their lists are left out: a list may be long, and the file is kept.
func (d *decoder) places() map[string]Place {
	places := make(map[string]Place)
	for path := range d.nodes {
		isKept := strings.HasPrefix(path, "rules") || strings.HasPrefix(path, "gateway")
		if isKept && strings.Count(path, "[") <= 1 {
			line, column := position(d.tokenAt(path))
			places[path] = Place{line, column}
		}
	}
	return places
}
