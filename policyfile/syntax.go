package policyfile

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// parseYAML returns the mapping that the file is, or nil with the problems
// reported.
func parseYAML(data []byte, r *report) *ast.MappingNode {
	text, ok := textOf(data, r)
	if !ok {
		return nil
	}
	tree, ok := parseTokens(lexer.Tokenize(text), r)
	if !ok {
		return nil
	}
	return mappingOf(tree, r)
}

// parseTokens is where the parser, which is not ours, is held to never panic.
func parseTokens(tokens token.Tokens, r *report) (tree *ast.File, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			r.add(1, 1, "", "write it in simpler YAML", "the file cannot be read: %v", p)
			tree, ok = nil, false
		}
	}()
	tokens = mendTraps(tokens, r)
	if !checkShape(tokens, r) {
		return nil, false
	}
	// Keys that stand twice are reported with everything else, later.
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		reportSyntax(err, r)
		return nil, false
	}
	return tree, true
}

func reportSyntax(err error, r *report) {
	var e yaml.Error
	if !errors.As(err, &e) {
		r.add(1, 1, "", "", "the file is no YAML: %v", err)
		return
	}
	message, hint := e.GetMessage(), ""
	for _, w := range inOtherWords {
		if strings.Contains(message, w.theirs) {
			message, hint = w.message, w.hint
			break
		}
	}
	r.addAt(e.GetToken(), "", hint, "%s", message)
}

// inOtherWords says the parser's messages so that they help.
var inOtherWords = []struct{ theirs, message, hint string }{
	{"mapping value is not allowed in this context", "there is a colon where no key can be",
		"put the value in quotes if it holds a colon and a space, or else mend the indentation"},
	{"could not find end character of double-quoted text", "the text in double quotes does not end", `close it with "`},
	{"could not find end character of single-quoted text", "the text in single quotes does not end", "close it with '"},
	{"',' or ']' must be specified", "the list in brackets does not end", "put a comma between its entries, and close it with ]"},
	{"',' or '}' must be specified", "the mapping in braces does not end", "put a comma between its entries, and close it with }"},
	{"sequence end token ']' not found", "the list in brackets does not end", "close it with ]"},
	{"could not find '[' character", "there is a ] without a [", "remove it"},
	{"could not find '{' character", "there is a } without a {", "remove it"},
}

func mappingOf(tree *ast.File, r *report) *ast.MappingNode {
	var bodies []ast.Node
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		r.add(1, 1, "", "begin with rules:", "the file is empty")
		return nil
	}
	for _, extra := range bodies[1:] {
		r.addAt(extra.GetToken(), "", "put it into a file of its own, and remove the line ---", "a second document begins here, and a policy file is one")
	}
	switch body := bodies[0].(type) {
	case *ast.MappingNode:
		return body
	case *ast.SequenceNode:
		r.addAt(body.GetToken(), "", "write rules: above the list", "the file is a list, not a mapping")
	default:
		r.addAt(body.GetToken(), "", "begin with rules:", "the file is %s, not a mapping", kindOf(body))
	}
	return nil
}
