package policyfile

import (
	"github.com/goccy/go-yaml/token"
)

// maxNesting is far more than the language needs, and far less than what it
// takes to exhaust the stack of a parser that calls itself.
const maxNesting = 50

// checkNesting reports what is nested too deeply. Brackets nest in each other;
// without them, each level takes a column more or a mark on the same line.
func checkNesting(tokens token.Tokens, r *report) (ok bool) {
	brackets, marks, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, marks = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets = max(brackets-1, 0)
		case token.CollectEntryType:
			marks = 0
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType, token.AnchorType, token.TagType:
			marks++
		}
		if brackets > maxNesting || marks > maxNesting || t.Position.IndentNum > 10*maxNesting {
			r.addAt(t, "", "", "this is nested more than %d levels deep", maxNesting)
			return false
		}
	}
	return true
}
