package policyfile

import (
	"errors"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

// parseYAML returns the mapping that the file is, or nil with the problems
// reported.
func parseYAML(data []byte, r *report) *ast.MappingNode {
	text, ok := textOf(data, r)
	if !ok {
		return nil
	}
	tree, _, ok := parse(text, r)
	if !ok {
		return nil
	}
	return mappingOf(tree, r)
}

// parse is where the parser, which is not ours, is held to never panic. It also
// returns the tokens, which know of comments.
func parse(text string, r *report) (tree *ast.File, tokens token.Tokens, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			r.add(1, 1, "", "write it in simpler YAML", "the file cannot be read: %v", p)
			ok = false
		}
	}()
	if tokens, ok = scan(text, r); !ok {
		return nil, nil, false
	}
	// Keys that stand twice are reported with everything else, later.
	tree, err := parser.Parse(withoutEmptyDocuments(mendTraps(tokens, r)), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		reportSyntax(err, r)
		return nil, nil, false
	}
	return tree, tokens, true
}

// maxTokens is three for each value: a dash or comma, the value, a comment.
// Each takes much memory.
const maxTokens = 3 * maxValues

// scan cuts the text into tokens, for as long as they make a file of a shape
// that can be parsed.
func scan(text string, r *report) (tokens token.Tokens, ok bool) {
	var from scanner.Scanner
	from.Init(text)
	var s shape
	for {
		some, err := from.Scan()
		if err == io.EOF {
			return tokens, true
		}
		for _, t := range some {
			if fault := s.follow(t); fault != "" {
				r.addAt(t, "", "policies need no such thing", "%s", fault)
				return nil, false
			}
		}
		tokens.Add(some...)
		if len(tokens) > maxTokens {
			r.addAt(tokens[maxTokens], "", hintLarge, "the file goes on after %d words and marks, which is the most that is read", maxTokens)
			return nil, false
		}
	}
}

// withoutEmptyDocuments leaves out documents with nothing in them, as templates
// make them: of what follows one, the parser would know nothing.
func withoutEmptyDocuments(tokens token.Tokens) token.Tokens {
	kept := make(token.Tokens, 0, len(tokens))
	header := -1 // where in kept the document begins in which there is nothing so far
	for _, t := range tokens {
		switch t.Type {
		case token.DocumentHeaderType:
			if header >= 0 {
				kept = append(kept[:header], kept[header+1:]...)
			}
			header = len(kept)
		case token.CommentType, token.DocumentEndType:
		default:
			header = -1
		}
		kept = append(kept, t)
	}
	return kept
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
	{"mapping value is not allowed in this context", "there is a colon where no key can be", hintColon},
	{"map key-value is pre-defined", "this follows a value that has ended", "put the value in quotes, or mend the indentation"},
	{"map key definition includes an implicit line break", "there is a line without a colon among the keys", "write key: value, or indent what belongs to the value above"},
	{"non-map value is specified", "there is a line without a colon among the keys", "write key: value, or indent what belongs to the value above"},
	{"unexpected key name", "there is a line without a colon among the keys", "write key: value, or indent what belongs to the value above"},
	{"block sequence entries are not allowed", "a list cannot begin on the line of its key", "write it below, one entry with a dash on each line, or in brackets"},
	{"value is not allowed in this context", "this cannot stand here", "mend the indentation, or put a value with brackets in quotes"},
	{"found an invalid key for this map", "this cannot be a key", "put it in quotes if it is a value"},
	{"double-quoted text", "the text in double quotes does not end", `close it with "`},
	{"single-quoted text", "the text in single quotes does not end", "close it with '"},
	{"unknown escape character", "there is no such escape in double quotes", `write \\ for a backslash, or take single quotes`},
	{"',' or ']' must be specified", "the list in brackets does not end", "put a comma between its entries and quotes around one that has brackets, and close it with ]"},
	{"',' or '}' must be specified", "the mapping in braces does not end", "put a comma between its entries, and close it with }"},
	{"sequence end token ']' not found", "the list in brackets does not end", "close it with ]"},
	{"flow mapping end token '}'", "the mapping in braces does not end", "close it with }"},
	{"could not find flow map content", "there is a brace too many", "put the value in quotes, or have the template filled in before"},
	{"could not find '[' character", "there is a ] without a [", "remove it"},
	{"could not find '{' character", "there is a } without a {", "remove it"},
	{"expected sequence element, but found ','", "there is a comma too many", "remove it"},
	{"unexpected scalar value type", "there should be a value before this", "remove a comma or an & too many, or put the value in quotes"},
	{"undefined anchor value", "& begins an anchor in YAML, and no value follows it", "write the value, or put it in quotes"},
	{"is a reserved character", "this character cannot begin a value in YAML", "put the value in quotes"},
	{"directive", "% begins a directive in YAML", "put the value in quotes"},
	{"tab character", "there is a tab where only spaces can be", "write spaces"},
}

const hintColon = "put the value in quotes if it holds a colon and a space, or else mend the indentation"

func mappingOf(tree *ast.File, r *report) *ast.MappingNode {
	var docs []*ast.DocumentNode
	for _, doc := range tree.Docs {
		if d, ok := doc.Body.(*ast.DirectiveNode); ok {
			r.addAt(d.Start, "", "remove the line", "this is a directive, which has no meaning here")
		} else if doc.Body != nil {
			docs = append(docs, doc)
		}
	}
	if len(docs) == 0 {
		r.add(1, 1, "", "begin with rules:", "the file is empty")
		return nil
	}
	for _, extra := range docs[1:] {
		start := extra.Start
		if start == nil {
			start = startOf(extra.Body)
		}
		r.addAt(start, "", "put it into a file of its own", "a second document begins here, and a policy file is one")
	}
	switch body := docs[0].Body.(type) {
	case *ast.MappingNode:
		return body
	case *ast.SequenceNode:
		r.addAt(body.GetToken(), "", "write rules: above the list", "the file is a list, not a mapping")
	default:
		r.addAt(body.GetToken(), "", "begin with rules:", "the file is %s, not a mapping", kindOf(body))
	}
	return nil
}
