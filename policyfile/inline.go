package policyfile

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// inline is a value as it stands on one line.
func inline(n ast.Node, inBrackets bool) string {
	prefix, n := unwrap(n)
	switch n := n.(type) {
	case *ast.MappingNode:
		entries := make([]string, len(n.Values))
		for i, v := range n.Values {
			entries[i] = keyText(v.Key) + ": " + inline(v.Value, true)
		}
		return prefix + "{" + strings.Join(entries, ", ") + "}"
	case *ast.SequenceNode:
		entries := make([]string, len(n.Values))
		for i, v := range n.Values {
			entries[i] = inline(v, true)
		}
		return prefix + "[" + strings.Join(entries, ", ") + "]"
	case *ast.AliasNode:
		return prefix + "*" + n.Value.GetToken().Value
	}
	return strings.TrimRight(prefix+scalar(n, inBrackets), " ")
}

// plainKey matches keys that need no quotes.
var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

func keyText(key ast.Node) string {
	_, key = unwrap(key)
	s, ok := key.(*ast.StringNode)
	switch {
	case !ok:
		return inline(key, true)
	case plainKey.MatchString(s.Value) && !isKeyword(s.Value):
		return s.Value
	}
	return quoted(s.Value)
}

// isKeyword reports whether a plain word is something else than a string.
func isKeyword(s string) bool {
	return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") || strings.EqualFold(s, "null")
}

// scalar is a value as it was written, but for the kind of quotes.
func scalar(n ast.Node, inBrackets bool) string {
	switch n := n.(type) {
	case nil:
		return ""
	case *ast.LiteralNode:
		return quoted(n.Value.Value)
	case *ast.StringNode:
		if n.Token.Type != token.StringType || !plain.MatchString(n.Value) || colonOrHash.MatchString(n.Value) ||
			inBrackets && strings.ContainsAny(n.Value, ",[]{}") {
			return quoted(n.Value)
		}
		return n.Value
	case *ast.NullNode:
		if n.Token.Type == token.ImplicitNullType {
			if inBrackets {
				return "null"
			}
			return ""
		}
	}
	return written(n)
}

// plain matches strings that nothing in YAML gives another meaning to, and
// colonOrHash those among them to which a colon or a hash does.
var (
	plain       = regexp.MustCompile(`^:?\.?[\pL\pN/_~$][\pL\pN\pP\pS ]*$`)
	colonOrHash = regexp.MustCompile(`:( |$)| #| $|<<`)
)

// quoted prefers double quotes, unless there is something in the value that
// would have to be escaped in them and not in single ones.
func quoted(s string) string {
	printable := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	if printable && strings.ContainsAny(s, `"\`) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
