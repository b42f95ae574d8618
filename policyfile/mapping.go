package policyfile

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// An entry is one key of a mapping and its value.
type entry struct {
	key   string
	token *token.Token // of the key
	value ast.Node
}

// entries lists what a mapping holds, each key once: its own entries, then
// those that merge keys (<<) bring and it does not have.
func (d *decoder) entries(path string, m *ast.MappingNode) []entry {
	// Merge keys that bring merge keys could go on for very long.
	if !d.afford(1 + len(m.Values)) {
		return nil
	}
	var own []entry
	var merged []*ast.MappingNode
	seen := make(map[string]*token.Token)
	for _, v := range m.Values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			merged = append(merged, d.merged(path, v.Value)...)
			continue
		}
		e, ok := d.entry(path, v)
		if !ok {
			continue
		}
		if first := seen[e.key]; first != nil {
			d.report.addBeside(e.token, path, "keep one of the two", "the key %q stands here for the second time, after line %d", e.key, first.Position.Line)
			continue
		}
		seen[e.key] = e.token
		own = append(own, e)
	}
	for _, from := range merged {
		for _, e := range d.entries(path, from) {
			if seen[e.key] == nil {
				seen[e.key] = e.token
				own = append(own, e)
			}
		}
	}
	return own
}

func (d *decoder) entry(path string, v *ast.MappingValueNode) (e entry, ok bool) {
	word, ok := wordOf(v.Key)
	if !ok {
		d.report.addBeside(startOf(v.Key), path, adviseKey(v.Key), "a key is a word, and this is none")
		return entry{}, false
	}
	return entry{key: word, token: startOf(v.Key), value: v.Value}, true
}

// wordOf is a key as a word, behind a question mark too.
func wordOf(key ast.Node) (word string, ok bool) {
	if mark, ok := key.(*ast.MappingKeyNode); ok {
		key = mark.Value
	}
	s, ok := key.(*ast.StringNode)
	if !ok {
		return "", false
	}
	return s.Value, true
}

// adviseKey says what to write instead of a key that is no word.
func adviseKey(key ast.Node) string {
	if _, ok := key.(*ast.AnchorNode); ok {
		return "write the anchor of a mapping on a line of its own, above its keys"
	}
	return ""
}

// merged lists the mappings that a merge key names: one, or a list of some.
func (d *decoder) merged(path string, n ast.Node) []*ast.MappingNode {
	switch n := d.resolve(n).(type) {
	case *ast.MappingNode:
		return []*ast.MappingNode{n}
	case *ast.SequenceNode:
		var all []*ast.MappingNode
		for _, e := range n.Values {
			all = append(all, d.merged(path, e)...)
		}
		return all
	case nil: // has been reported
		d.report.places[path] = true
	default:
		d.mismatch(path, n, "a mapping to merge", "write <<: *name, with the name of an anchor")
	}
	return nil
}

// resolve looks through anchors, aliases and tags to the value itself. It is
// nil if there is none, which bindAliases has reported.
func (d *decoder) resolve(n ast.Node) ast.Node {
	for {
		switch at := n.(type) {
		case *ast.AnchorNode:
			n = at.Value
		case *ast.AliasNode:
			n = d.aliases[at]
		case *ast.TagNode:
			n = at.Value
		default:
			return n
		}
	}
}

// bindAliases finds out what each alias stands for: the anchor of that name
// whose value ended before it. So no alias can stand for what it is part of.
// It reports the aliases that stand for nothing, and tags.
func (d *decoder) bindAliases(n ast.Node, anchors map[string]ast.Node) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			d.bindAliases(v.Value, anchors)
		}
	case *ast.SequenceNode:
		for _, v := range n.Values {
			d.bindAliases(v, anchors)
		}
	case *ast.TagNode:
		d.report.addAt(n.Start, "", "remove it: the key says the type", "%q is a tag, which has no meaning here", n.Start.Value)
		d.bindAliases(n.Value, anchors)
	case *ast.AnchorNode:
		if !anchorName.MatchString(n.Name.GetToken().Value) {
			d.report.addAt(n.Start, "", "name it with letters and digits", "this anchor has no proper name")
		}
		d.bindAliases(n.Value, anchors)
		anchors[n.Name.GetToken().Value] = n.Value
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		if d.aliases[n] = anchors[name]; d.aliases[n] == nil {
			d.report.addAt(n.Start, "", "write \"*"+name+"\" in quotes, or mark a value above with &"+name,
				"* begins an alias in YAML, and there is no anchor %q above", name)
		}
	}
}
