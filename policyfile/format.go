package policyfile

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Format lays a file out in the one usual way: two spaces for each level, one
// empty line between the sections and at most one elsewhere, double quotes
// where there are quotes. Lists in brackets stay so while they fit on a line
// and no comment stands in them. Nothing is sorted, comments stay with what
// they are about, and those behind something stay in their column. The file must be YAML, but need not be a valid policy. The error is
// [corsac.Problems] if it is not even that.
func Format(data []byte) ([]byte, error) {
	before, err := readSheet(data)
	if err != nil {
		return nil, err
	}
	p := &printer{sheet: before, pending: before.comments}
	p.file()
	out := []byte(p.out.String())
	after, err := readSheet(out)
	if err != nil || !before.equal(after) {
		return nil, errors.New("the file could not be laid out without changing what it says; please report this")
	}
	return out, nil
}

// A sheet is a file as Format needs it: its tree, and the comments and empty
// lines, of which the tree knows nothing.
type sheet struct {
	root     *ast.MappingNode
	comments []comment
	lines    []string
}

// A comment begins with # and ends with its line.
type comment struct {
	text         string
	line, column int
	alone        bool // nothing stands before it on its line
}

func readSheet(data []byte) (*sheet, error) {
	r := newReport("")
	text, ok := textOf(data, r)
	if !ok {
		return nil, r.err()
	}
	s := &sheet{lines: strings.Split(text, "\n")}
	tree, tokens, ok := parse(text, r)
	if !ok {
		return nil, r.err()
	}
	if s.root = mappingOf(tree, r); s.root != nil {
		checkKinds(s.root, r)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	s.findComments(tokens)
	return s, nil
}

// checkKinds reports what YAML has and policy files have not.
func checkKinds(n ast.Node, r *report) {
	switch n := n.(type) {
	case *ast.AnchorNode:
		if !anchorName.MatchString(n.Name.GetToken().Value) {
			r.addAt(n.Start, "", "name it with letters and digits", "this anchor has no proper name")
		}
		checkKinds(n.Value, r)
	case *ast.MappingNode:
		for _, v := range n.Values {
			if !isKey(v.Key) {
				r.addAt(startOf(v.Key), "", adviseKey(v.Key), "a key is a word, and this is none")
			}
			checkKinds(v.Value, r)
		}
	case *ast.SequenceNode:
		for _, v := range n.Values {
			checkKinds(v, r)
		}
	case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode,
		*ast.BoolNode, *ast.NullNode, *ast.AliasNode:
	default:
		r.addAt(startOf(n), "", "put it in quotes if it is a value", "this has no meaning in a policy file")
	}
}

// anchorName keeps to names that every reader of YAML takes for one.
var anchorName = regexp.MustCompile(`^[\pL\pN_-]+$`)

func isKey(n ast.Node) bool {
	_, merges := n.(*ast.MergeKeyNode)
	_, ok := wordOf(n)
	return ok || merges
}

func (s *sheet) findComments(tokens token.Tokens) {
	line := 0
	for _, t := range tokens {
		if t.Type == token.CommentType {
			s.comments = append(s.comments, comment{
				text:   "#" + strings.TrimRight(t.Value, " \t\n"),
				line:   t.Position.Line,
				column: t.Position.Column,
				alone:  t.Position.Line != line && strings.HasPrefix(strings.TrimLeft(s.line(t.Position.Line), " \t"), "#"),
			})
		}
		line = t.Position.Line
	}
}

// line is one of the file, counted from 1, or "".
func (s *sheet) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// equal reports whether two files say the same, comments included.
func (s *sheet) equal(other *sheet) bool {
	texts := func(cs []comment) []string {
		var all []string
		for _, c := range cs {
			all = append(all, c.text)
		}
		slices.Sort(all)
		return all
	}
	return equalNodes(s.root, other.root) && slices.Equal(texts(s.comments), texts(other.comments))
}

// equalNodes compares trees by what they say, whatever the style.
func equalNodes(a, b ast.Node) bool {
	prefixA, a := unwrap(a)
	prefixB, b := unwrap(b)
	if prefixA != prefixB {
		return false
	}
	switch a := a.(type) {
	case *ast.MappingNode:
		b, ok := b.(*ast.MappingNode)
		return ok && slices.EqualFunc(a.Values, b.Values, func(x, y *ast.MappingValueNode) bool {
			return equalNodes(x.Key, y.Key) && equalNodes(x.Value, y.Value)
		})
	case *ast.SequenceNode:
		b, ok := b.(*ast.SequenceNode)
		return ok && slices.EqualFunc(a.Values, b.Values, equalNodes)
	case *ast.AliasNode:
		b, ok := b.(*ast.AliasNode)
		return ok && a.Value.GetToken().Value == b.Value.GetToken().Value
	case *ast.NullNode:
		return isNull(b)
	}
	return kindOf(a) == kindOf(b) && scalarText(a) == scalarText(b)
}

// unwrap takes the anchor off a value.
func unwrap(n ast.Node) (prefix string, inner ast.Node) {
	for {
		switch at := n.(type) {
		case *ast.AnchorNode:
			prefix += "&" + at.Name.GetToken().Value + " "
			n = at.Value
		case *ast.MappingKeyNode:
			n = at.Value
		default:
			return prefix, n
		}
	}
}

func scalarText(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case nil:
		return ""
	}
	return written(n)
}
