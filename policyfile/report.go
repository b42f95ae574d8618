package policyfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"

	"github.com/corsac-cors/corsac"
)

// maxProblems is more than anybody reads, and keeps the answer to a hostile
// file small.
const maxProblems = 1000

// A report collects what is wrong with a file.
type report struct {
	file     string
	problems corsac.Problems
	places   map[string]bool // the paths of the problems
	more     bool            // there are more than maxProblems

	// told are the problems without their paths: what an alias brings back is
	// wrong in one place only.
	told map[corsac.Problem]bool

	// traps are the problems of values whose path was not known yet, by the
	// values' tokens.
	traps map[*token.Token]int
}

func newReport(file string) *report {
	return &report{
		file: file, places: make(map[string]bool), told: make(map[corsac.Problem]bool), traps: make(map[*token.Token]int),
	}
}

func (r *report) add(line, column int, path, hint, format string, args ...any) {
	r.places[path] = true
	p := corsac.Problem{File: r.file, Line: line, Column: column, Hint: shortened(hint), Message: shortened(fmt.Sprintf(format, args...))}
	switch {
	case r.told[p]:
		return
	case len(r.problems) == maxProblems:
		r.more = true
		return
	}
	r.told[p] = true
	p.Path = path
	r.problems = append(r.problems, p)
}

// shortened leaves out what is in the middle of a very long text: a value may be
// as long as a file, and what is said of it stands behind it.
func shortened(text string) string {
	const kept = 250 // at either end
	if len(text) <= 3*kept {
		return text
	}
	return strings.ToValidUTF8(text[:kept], "") + " … " + strings.ToValidUTF8(text[len(text)-kept:], "")
}

func (r *report) addAt(t *token.Token, path, hint, format string, args ...any) {
	line, column := position(t)
	r.add(line, column, path, hint, format, args...)
}

// addBeside reports what is wrong at a place, but not with all that it holds:
// other problems there are not hidden by it.
func (r *report) addBeside(t *token.Token, path, hint, format string, args ...any) {
	i := len(r.problems)
	r.addAt(t, "", hint, format, args...)
	if i < len(r.problems) {
		r.problems[i].Path = path
	}
}

// addTrap reports a value before it is known where it belongs.
func (r *report) addTrap(t *token.Token, hint, message string) {
	r.traps[t] = len(r.problems)
	r.addAt(t, "", hint, "%s", message)
}

// placeTrap says where the value of a token belongs, if it was a trap. Other
// problems of the value are not hidden by it.
func (r *report) placeTrap(t *token.Token, path string) {
	if i, ok := r.traps[t]; ok && i < len(r.problems) {
		r.problems[i].Path = path
	}
}

// position guards against tokens that the parser made up.
func position(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return max(t.Position.Line, 1), max(t.Position.Column, 1)
}

// covers reports whether there is a problem at a place already, or at one
// that holds it: what follows from that need not be said.
func (r *report) covers(path string) bool {
	for path != "" {
		if r.places[path] {
			return true
		}
		path = parent(path)
	}
	return false
}

// parent is the place that holds an entry: rules[1] that of rules[1].path.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// err is everything that was reported, in the order of the file, or nil.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b corsac.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if r.more {
		last := r.problems[len(r.problems)-1]
		r.problems = append(r.problems, corsac.Problem{
			File: r.file, Line: last.Line, Column: last.Column,
			Message: fmt.Sprintf("there are more problems than these %d", maxProblems), Hint: "mend these first",
		})
	}
	return r.problems
}
