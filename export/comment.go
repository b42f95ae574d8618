package export

import (
	"fmt"
	"strings"
	"unicode"
)

// place is an entry's place in a policy, as problems and losses name it.
func place(rule int, field string) string { return fmt.Sprintf("rules[%d].%s", rule, field) }

// A header is what the first lines of every file say.
type header struct {
	prefix string   // what makes a line a comment: "# "
	put    []string // where to put the file, what to enable, how to reload
	run    bool     // whether the tests run what is written
}

// comment is the header as text, one line each, whatever the source is called.
func (h header) comment(source string) string {
	lines := []string{"CORS, as the policy " + printable(source) + " says. Written by corsac export: change the policy, and export again."}
	if !h.run {
		lines = append(lines, "Not run: this was held against the target's own schema or types only, never against a server.")
	}
	lines = append(lines, h.put...)
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(h.prefix+line, " ") + "\n")
	}
	return b.String()
}

// printable is text that may stand in a comment of any language: nothing in it
// ends a line or the comment.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, s)
	return strings.NewReplacer("*/", "* /", "--", "- -", "?>", "? >", "{$", "{ $").Replace(s)
}
