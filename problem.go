package corsac

import (
	"fmt"
	"strings"
)

// A Problem is one thing wrong with a policy: where it stands, what it is, and
// what to write instead.
type Problem struct {
	// File, Line and Column (both counted from 1) say where the entry stands
	// when the policy was read from a file; else they are zero.
	File         string
	Line, Column int
	// Path is the entry's place in the rules: "rules[1].methods[0]".
	Path string
	// Message says what is wrong, with the offending value in quotes.
	Message string
	// Hint says what to do instead. It may be empty.
	Hint string
}

// String is the problem on one line: place, message, hint.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		fmt.Fprintf(&b, "%s:", p.File)
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteString(" ")
	}
	if p.Path != "" {
		fmt.Fprintf(&b, "%s: ", p.Path)
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		fmt.Fprintf(&b, " (%s)", p.Hint)
	}
	return b.String()
}

// Problems is the error that [New] returns: everything that is wrong, in the
// order of the rules.
type Problems []Problem

// Error lists the problems, one on each line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps *Problems) add(path, hint, format string, args ...any) {
	*ps = append(*ps, Problem{Path: path, Hint: hint, Message: fmt.Sprintf(format, args...)})
}
