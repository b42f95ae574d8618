package policyfile

import (
	"github.com/goccy/go-yaml/token"
)

// Limits of the shape of a file, all far more than the language needs. The
// parser calls itself for each level, for each key of a mapping and for each
// mark in front of a value, and an entry without a value costs it as much as
// all that follows in the file: without limits, a small file could keep it busy
// for hours, or exhaust the stack, which cannot be recovered from.
const (
	maxNesting = 50   // brackets in brackets, or dashes and colons on one line
	maxColumn  = 500  // up to which columns of keys are told apart
	maxKeys    = 1000 // of one mapping
	maxMarks   = 1000 // empty entries, anchors, tags, question marks, directives and documents
)

// A shape follows the tokens of a file, to see how deep they nest.
type shape struct {
	last     *token.Token
	line     int
	column   int                // of what begins the line, dashes aside
	onLine   int                // dashes, and colons outside of brackets
	brackets []bracket          // that are open
	keys     [maxColumn + 1]int // by column: keys of the mapping that stands there, outside of brackets
	marks    int                // in the whole file
}

// A bracket is one that is open.
type bracket struct {
	brace bool // {, not [
	keys  int  // of the entry in it
}

// follow takes the next token, and says what is wrong if there are too many of
// its kind in that place.
func (s *shape) follow(t *token.Token) (fault string) {
	if t.Type == token.CommentType {
		return ""
	}
	s.count(t)
	s.last = t
	return s.fault()
}

func (s *shape) fault() string {
	switch {
	case len(s.brackets) > maxNesting || s.onLine > maxNesting:
		return "this is nested too deeply"
	case s.keys[s.column] > maxKeys || len(s.brackets) > 0 && s.innermost().keys > maxKeys:
		return "the mapping has too many keys"
	case s.marks > maxMarks:
		return "the file has too many empty entries, anchors, tags or documents"
	}
	return ""
}

func (s *shape) count(t *token.Token) {
	if s.isEmpty(t) {
		s.marks++
	}
	if t.Position.Line != s.line {
		s.line, s.column, s.onLine = t.Position.Line, 0, 0
	}
	s.place(t)
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		s.brackets = append(s.brackets, bracket{brace: t.Type == token.MappingStartType})
	case token.SequenceEndType, token.MappingEndType:
		s.endEntry()
		s.brackets = s.brackets[:max(len(s.brackets)-1, 0)]
	case token.CollectEntryType:
		s.endEntry()
	case token.SequenceEntryType:
		s.onLine++
	case token.MappingValueType:
		s.colon()
	case token.AnchorType, token.TagType, token.MappingKeyType, token.DirectiveType, token.DocumentHeaderType, token.DocumentEndType:
		s.marks++
	}
}

// isEmpty reports whether t shows that the entry before it has no value.
func (s *shape) isEmpty(t *token.Token) bool {
	if s.last == nil {
		return false
	}
	switch s.last.Type {
	case token.SequenceEntryType:
		return t.Type == token.SequenceEntryType && t.Position.Line != s.line
	case token.MappingValueType:
		switch t.Type {
		case token.CollectEntryType, token.MappingEndType, token.SequenceEndType:
			return true
		case token.SequenceEntryType:
			return t.Position.Column < s.column
		}
		return t.Position.Line != s.line && t.Position.Column <= s.column
	}
	return false
}

// place finds out where a line begins. What stands further right has ended
// there, unless it is in brackets.
func (s *shape) place(t *token.Token) {
	if s.column > 0 {
		return
	}
	column := min(t.Position.Column, maxColumn)
	if len(s.brackets) == 0 {
		clear(s.keys[column+1:])
	}
	if t.Type != token.SequenceEntryType && t.Type != token.MappingKeyType || column == maxColumn {
		s.column = column
	}
}

// endEntry counts the entries in braces that have a key alone.
func (s *shape) endEntry() {
	if len(s.brackets) == 0 {
		return
	}
	b := s.innermost()
	if b.brace && b.keys == 0 {
		s.marks++
	}
	b.keys = 0
}

func (s *shape) innermost() *bracket { return &s.brackets[len(s.brackets)-1] }

// colon counts the keys of one mapping. Those that have commas between them
// cost no more than they are long.
func (s *shape) colon() {
	if len(s.brackets) > 0 {
		s.innermost().keys++
		return
	}
	s.onLine++
	s.keys[s.column]++
}
