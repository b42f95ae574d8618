package policyfile

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// longestLine is where a list in brackets becomes one of lines.
const longestLine = 100

const endOfFile = math.MaxInt

// A printer writes a sheet. Comments find their places by their lines: one
// that stood alone goes above the first thing that stood below it, or to the
// end of the block whose indentation it had; one that stood behind something
// goes behind it again.
type printer struct {
	sheet   *sheet
	out     strings.Builder
	pending []comment // not printed yet, in order
	marker  string    // stands for the indentation of the next line: dashes
	last    int       // the line of what was printed last, in the file
	fresh   bool      // nothing has been printed in this block yet
}

// A span is where something is printed, and where it stood in the file.
type span struct {
	indent int
	inner  int // the indentation of what it holds
	line   int // on which it began
	until  int // on which what follows it began
}

func (p *printer) file() {
	p.fresh = true
	values := p.sheet.root.Values
	for i, v := range values {
		if i > 0 {
			p.out.WriteString("\n")
			p.fresh = true
		}
		p.entry(v, span{inner: 2, line: lineOf(v.Key), until: untilNext(values, i, endOfFile)})
	}
	if len(values) == 0 {
		p.line("{}", span{line: lineOf(p.sheet.root), until: endOfFile}, lineOf(p.sheet.root))
	}
	for len(p.pending) > 0 {
		p.comment(p.pending[0], 0)
		p.pending = p.pending[1:]
	}
}

// untilNext is the line on which the entry after the i-th begins.
func untilNext(values []*ast.MappingValueNode, i, until int) int {
	if i+1 < len(values) {
		return lineOf(values[i+1].Key)
	}
	return until
}

func lineOf(n ast.Node) int {
	line, _ := position(startOf(n))
	return line
}

func columnOf(n ast.Node) int {
	_, column := position(startOf(n))
	return column
}

func (p *printer) entry(v *ast.MappingValueNode, at span) {
	p.value(keyText(v.Key)+":", v.Value, at, columnOf(v.Key))
}

// value prints what stands behind a head: a key, or nothing but a dash. Column
// is the head's.
func (p *printer) value(head string, n ast.Node, at span, column int) {
	prefix, inner := unwrap(n)
	head = join(head, strings.TrimSpace(prefix))
	if p.fits(inner, at, head) {
		p.line(join(head, inline(inner, false)), at, max(at.line, lineOf(n)))
		return
	}
	if head != "" {
		p.line(head, span{indent: at.indent, line: at.line, until: min(at.until, firstLine(inner))}, at.line)
		p.fresh = true
	}
	switch n := inner.(type) {
	case *ast.MappingNode:
		p.mapping(n, at, column)
	case *ast.SequenceNode:
		p.sequence(n, at, column)
	}
}

func join(head, tail string) string {
	if head == "" || tail == "" {
		return head + tail
	}
	return head + " " + tail
}

// firstLine is the line on which the first entry of a collection begins.
func firstLine(n ast.Node) int {
	switch n := n.(type) {
	case *ast.MappingNode:
		return lineOf(n.Values[0].Key)
	case *ast.SequenceNode:
		return itemLine(n, 0)
	}
	return lineOf(n)
}

func itemLine(n *ast.SequenceNode, i int) int {
	if !n.IsFlowStyle && i < len(n.Entries) {
		line, _ := position(n.Entries[i].Start)
		return line
	}
	return lineOf(n.Values[i])
}

func (p *printer) mapping(n *ast.MappingNode, at span, outer int) {
	for i, v := range n.Values {
		p.entry(v, span{at.inner, at.inner + 2, lineOf(v.Key), untilNext(n.Values, i, at.until)})
	}
	if n.IsFlowStyle {
		p.footInBrackets(n.End, at.inner)
		return
	}
	p.foot(columnOf(n.Values[0].Key), outer, at)
}

func (p *printer) sequence(n *ast.SequenceNode, at span, outer int) {
	_, column := position(n.Start)
	for i, v := range n.Values {
		until := at.until
		if i+1 < len(n.Values) {
			until = itemLine(n, i+1)
		}
		if p.marker == "" {
			p.marker = strings.Repeat(" ", at.inner)
		}
		p.marker += "- "
		p.value("", v, span{at.inner + 2, at.inner + 2, itemLine(n, i), until}, column)
	}
	if n.IsFlowStyle {
		p.footInBrackets(n.End, at.inner)
		return
	}
	p.foot(column, outer, at)
}

// foot prints the comments at the end of a block: those that have its
// indentation, and are not those of what follows on the level of its head. A
// list can have the indentation of its head; then only its entries, commented
// out, belong to it.
func (p *printer) foot(column, outer int, at span) {
	for len(p.pending) > 0 {
		c := p.pending[0]
		if !c.alone || c.line >= at.until || c.column < column || c.column <= outer && !commentedEntry.MatchString(c.text) {
			return
		}
		p.comment(c, at.inner)
		p.pending = p.pending[1:]
	}
}

var commentedEntry = regexp.MustCompile(`^# ?- `)

// footInBrackets prints the comments that stood before the closing bracket,
// and the one behind it.
func (p *printer) footInBrackets(end *token.Token, indent int) {
	last, _ := position(end)
	for len(p.pending) > 0 && (p.pending[0].line < last || p.pending[0].line == last && !p.pending[0].alone) {
		p.comment(p.pending[0], indent)
		p.pending = p.pending[1:]
	}
}

// line prints one line, after the comments that stood above it and with those
// that stood behind it.
func (p *printer) line(text string, at span, upTo int) {
	var above, behind []comment
	for len(p.pending) > 0 && p.pending[0].line < at.until {
		c := p.pending[0]
		if c.alone && c.line >= upTo {
			break
		}
		if c.alone {
			above = append(above, c)
		} else {
			behind = append(behind, c)
		}
		p.pending = p.pending[1:]
	}
	for len(behind) > 1 {
		above, behind = append(above, behind[0]), behind[1:]
	}
	for _, c := range above {
		p.comment(c, at.indent)
	}
	if len(behind) > 0 {
		text += p.gap(text, at.indent, behind[0]) + behind[0].text
	}
	p.write(text, at.line, at.indent)
	p.marker, p.last = "", max(p.last, upTo)
}

// gap keeps comments in their column, because they are aligned with others.
func (p *printer) gap(text string, indent int, c comment) string {
	if p.marker != "" {
		indent = len(p.marker)
	}
	return strings.Repeat(" ", max(1, c.column-1-indent-utf8.RuneCountInString(text)))
}

func (p *printer) comment(c comment, indent int) {
	if marker := p.marker; marker != "" {
		p.marker, indent = "", len(marker)-len(strings.TrimLeft(marker, " "))
		defer func() { p.marker = marker }()
	}
	p.write(c.text, c.line, indent)
}

// write keeps one of the empty lines that stood above, but none at the
// beginning of a block.
func (p *printer) write(text string, line, indent int) {
	if !p.fresh && line-1 > p.last && strings.TrimSpace(p.sheet.line(line-1)) == "" {
		p.out.WriteString("\n")
	}
	if p.marker == "" {
		p.marker = strings.Repeat(" ", indent)
	}
	p.out.WriteString(strings.TrimRight(p.marker+text, " ") + "\n")
	p.marker, p.last, p.fresh = "", max(p.last, line), false
}

// fits reports whether a value is printed on the line of its head.
func (p *printer) fits(n ast.Node, at span, head string) bool {
	first, last, ok := brackets(n)
	if !ok {
		return !isBlock(n)
	}
	for _, c := range p.pending {
		if first <= c.line && c.line < last {
			return false
		}
	}
	return at.indent+utf8.RuneCountInString(head)+1+utf8.RuneCountInString(inline(n, false)) <= longestLine
}

// isBlock reports whether a value stands on lines of its own.
func isBlock(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.MappingNode:
		return len(n.Values) > 0
	case *ast.SequenceNode:
		return len(n.Values) > 0
	}
	return false
}

// brackets are the lines on which the brackets around a collection stand.
func brackets(n ast.Node) (first, last int, ok bool) {
	var start, end *token.Token
	switch n := n.(type) {
	case *ast.MappingNode:
		start, end, ok = n.Start, n.End, n.IsFlowStyle && len(n.Values) > 0
	case *ast.SequenceNode:
		start, end, ok = n.Start, n.End, n.IsFlowStyle && len(n.Values) > 0
	}
	first, _ = position(start)
	last, _ = position(end)
	return first, last, ok
}
