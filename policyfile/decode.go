package policyfile

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxValues bounds what a file comes to when its aliases are written out.
const maxValues = 200_000

// A decoder turns the tree of a file into Go values. Unlike the parser's own,
// it does not stop at the first problem, and remembers where each value stands.
type decoder struct {
	report  *report
	aliases map[*ast.AliasNode]ast.Node
	nodes   map[string]ast.Node // by path, such as "rules[1].methods[0]"
	values  int
}

func newDecoder(root *ast.MappingNode, r *report) *decoder {
	d := &decoder{report: r, aliases: make(map[*ast.AliasNode]ast.Node), nodes: make(map[string]ast.Node)}
	d.bindAliases(root, make(map[string]ast.Node))
	return d
}

// decode fills the struct that doc points to.
func (d *decoder) decode(root *ast.MappingNode, doc any) {
	d.value("", root, reflect.ValueOf(doc).Elem())
}

// afford counts values, and reports false, and a problem, when there are too
// many.
func (d *decoder) afford(values int) bool {
	d.values += values
	if d.values > maxValues {
		d.report.add(1, 1, "", hintLarge,
			"the file comes to more than %d values, which is the most that is read", maxValues)
	}
	return !d.gaveUp()
}

// gaveUp reports whether the file was not read to its end.
func (d *decoder) gaveUp() bool { return d.values > maxValues || d.report.more }

// has reports whether the file says anything at a path.
func (d *decoder) has(path string) bool { return d.nodes[path] != nil }

// problem reports something wrong with the entry at a path, unless the entry
// could not be read in the first place.
func (d *decoder) problem(path, hint, format string, args ...any) {
	if !d.report.covers(path) {
		d.report.addAt(d.tokenAt(path), path, hint, format, args...)
	}
}

// tokenAt is where an entry begins, or what it is missing from.
func (d *decoder) tokenAt(path string) *token.Token {
	for path != "" {
		if n := d.nodes[path]; n != nil {
			return startOf(n)
		}
		path = parent(path)
	}
	return startOf(d.nodes[""])
}

// startOf is the first token of a node: for a mapping the parser says its
// first colon.
func startOf(n ast.Node) *token.Token {
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return startOf(n.Values[0].Key)
		}
	}
	return n.GetToken()
}

// mismatch reports a value of the wrong type.
func (d *decoder) mismatch(path string, n ast.Node, want, hint string) {
	d.report.addAt(startOf(n), path, hint, "%s stands where %s is expected", kindOf(n), want)
}

var (
	durationType    = reflect.TypeFor[time.Duration]()
	maxAgeType      = reflect.TypeFor[maxAge]()
	listType        = reflect.TypeFor[list]()
	sizeType        = reflect.TypeFor[Size]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// value reads one value. Problems are reported, and leave the zero value.
func (d *decoder) value(path string, n ast.Node, into reflect.Value) {
	if !d.afford(1) {
		return
	}
	d.nodes[path] = n
	d.report.placeTrap(startOf(n), path)
	n = d.resolve(n)
	switch {
	case n == nil: // has been reported
		d.report.places[path] = true
	case isNull(n):
		d.null(path, n)
	case reflect.PointerTo(into.Type()).Implements(textUnmarshaler):
		d.text(path, n, into.Addr().Interface().(encoding.TextUnmarshaler))
	case into.Type() == durationType:
		d.duration(path, n, into, unlimited)
	case into.Type() == maxAgeType:
		d.duration(path, n, into, ofMaxAge)
	case into.Type() == listType:
		d.list(path, n, into)
	default:
		d.kind(path, n, into)
	}
}

func (d *decoder) kind(path string, n ast.Node, into reflect.Value) {
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(path, n, into.Elem())
	case reflect.Struct:
		d.mapping(path, n, into)
	case reflect.Slice:
		d.sequence(path, n, into)
	case reflect.String:
		if s, ok := d.string(path, n); ok {
			into.SetString(s)
		}
	case reflect.Bool:
		d.bool(path, n, into)
	case reflect.Int, reflect.Int64:
		d.int(path, n, into)
	default:
		panic("policyfile: no way to read a " + into.Type().String())
	}
}

func (d *decoder) null(path string, n ast.Node) {
	t := n.GetToken()
	if t.Type == token.NullType && strings.EqualFold(t.Value, "null") && placeOfOrigin.MatchString(path) {
		d.report.addAt(t, path, `write "null" in quotes for the origin of that name`, "%s is nothing in YAML", t.Value)
		return
	}
	line, column := position(t)
	if t.Type == token.ImplicitNullType { // nothing stands nowhere, but there is a colon or dash
		if t.Prev != nil {
			line, column = position(t.Prev)
		} else {
			column = max(column-1, 1) // the parser says one behind it
		}
	}
	hint := "give it one, or remove it"
	switch {
	case path == "rules":
		hint = "write a list of them below, or rules: [] to allow nothing"
	case required.MatchString(path):
		hint = "give it one"
	}
	d.report.add(line, column, path, hint, "there is no value")
}

// required matches the entries without which what holds them is wrong.
var required = regexp.MustCompile(`\.origins$|\.routes\[\d+\]\.upstream$`)

var placeOfOrigin = regexp.MustCompile(`\.origins(\[\d+\])?$`)

func (d *decoder) sequence(path string, n ast.Node, into reflect.Value) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		hint := "put a dash before each entry"
		if _, mapping := n.(*ast.MappingNode); !mapping {
			hint = "write each entry on a line of its own, with a dash before it"
		}
		d.mismatch(path, n, "a list", hint)
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(s.Values), len(s.Values)))
	for i, e := range s.Values {
		d.value(path+"["+strconv.Itoa(i)+"]", e, into.Index(i))
	}
}

// list also takes a string alone for a list.
func (d *decoder) list(path string, n ast.Node, into reflect.Value) {
	if _, ok := n.(*ast.SequenceNode); ok {
		d.sequence(path, n, into)
		return
	}
	if m, ok := n.(*ast.MappingNode); ok {
		d.mismatch(path, m, "a list of strings", "put a dash before each entry")
		return
	}
	if s, ok := d.string(path, n); ok {
		into.Set(reflect.ValueOf(list{s}))
	}
}

func (d *decoder) mapping(path string, n ast.Node, into reflect.Value) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		d.mismatch(path, n, "a mapping", "write key: value, one on each line; the keys are "+strings.Join(keysOf(into.Type()), ", "))
		return
	}
	entries := d.entries(path, m)
	for _, e := range entries {
		at := e.key
		if path != "" {
			at = path + "." + e.key
		}
		field, ok := fieldNamed(into, e.key)
		if !ok {
			d.unknown(path, e, entries, into)
			continue
		}
		d.value(at, e.value, field)
	}
}

// fieldNamed finds the field of a struct that a key fills.
func fieldNamed(s reflect.Value, key string) (field reflect.Value, ok bool) {
	for i := range s.NumField() {
		if keyOf(s.Type().Field(i)) == key {
			return s.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func keyOf(f reflect.StructField) string { return f.Tag.Get("yaml") }

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		keys = append(keys, keyOf(t.Field(i)))
	}
	return keys
}

// unknown reports a key that there is not. The one that was meant is taken for
// reported too, lest it be called missing, unless it stands among the others.
func (d *decoder) unknown(path string, e entry, others []entry, s reflect.Value) {
	keys := keysOf(s.Type())
	at, prefix := e.key, ""
	if path != "" {
		prefix = path + "."
	}
	hint := "the keys here are " + strings.Join(keys, ", ")
	if near, ok := nearest(e.key, keys); ok {
		at, hint = near, fmt.Sprintf("did you mean %q?", near)
	}
	add := d.report.addAt
	if slices.ContainsFunc(others, func(o entry) bool { return o.key == at }) {
		add = d.report.addBeside
	}
	add(e.token, prefix+at, hint, "there is no key %q", e.key)
}
