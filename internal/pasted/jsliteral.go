package pasted

import (
	"strings"
	"unicode/utf8"
)

// A literal is a value of JavaScript that means the same without a program
// around it.
type literal struct {
	at      int
	kind    literalKind
	text    string // a string's value, or the other kinds as they are written
	members []member
	items   []literal
}

type literalKind string

const (
	aString  literalKind = "a string"
	aNumber  literalKind = "a number"
	aBoolean literalKind = "a boolean"
	aNull    literalKind = "null"
	anObject literalKind = "an object"
	anArray  literalKind = "an array"
)

type member struct {
	at     int
	name   string
	quoted bool // as JSON writes names
	value  literal
}

// get returns the last member of a name: the one that counts.
func (l *literal) get(name string) (value *literal) {
	for i := range l.members {
		if l.members[i].name == name {
			value = &l.members[i].value
		}
	}
	return value
}

// jsReader reads literals. It knows no operators, names or calls: what is no
// literal is an error that names it.
type jsReader struct {
	*source
	at    int
	depth int
}

// skip passes over white space and comments.
func (r *jsReader) skip() error {
	for {
		rest := r.text[r.at:r.end]
		trimmed := strings.TrimLeft(rest, white+"\u2028\u2029")
		r.at += len(rest) - len(trimmed)
		switch {
		case strings.HasPrefix(trimmed, "//"):
			line := strings.IndexByte(trimmed, '\n')
			if line < 0 {
				line = len(trimmed)
			}
			r.at += line
		case strings.HasPrefix(trimmed, "/*"):
			length := strings.Index(trimmed, "*/")
			if length < 0 {
				return r.errorf(r.at, "the comment is not closed")
			}
			r.at += length + len("*/")
		default:
			return nil
		}
	}
}

// peek returns the next byte, 0 at the end.
func (r *jsReader) peek() byte {
	if r.at >= r.end {
		return 0
	}
	return r.text[r.at]
}

// accept passes over c if it is next, white space before it included.
func (r *jsReader) accept(c byte) (bool, error) {
	if err := r.skip(); err != nil {
		return false, err
	}
	if r.peek() != c {
		return false, nil
	}
	r.at++
	return true, nil
}

func (r *jsReader) value() (literal, error) {
	if err := r.skip(); err != nil {
		return literal{}, err
	}
	l := literal{at: r.at}
	var err error
	switch c := r.peek(); {
	case r.at >= r.end:
		return l, r.errorf(r.at, "the text ends where a value should be")
	case c == '"' || c == '\'' || c == '`':
		l.kind = aString
		l.text, err = r.str()
	case c == '{':
		l.kind = anObject
		err = r.object(&l)
	case c == '[':
		l.kind = anArray
		err = r.array(&l)
	case '0' <= c && c <= '9' || c == '-' || c == '.':
		l.kind = aNumber
		l.text, err = r.number()
	default:
		err = r.word(&l)
	}
	if err == nil {
		err = r.alone()
	}
	return l, err
}

// alone makes sure that the value is all there is: no operator, call or member
// follows it.
func (r *jsReader) alone() error {
	if err := r.skip(); err != nil {
		return err
	}
	switch r.peek() {
	case 0, ',', '}', ']', ')', ';', ':':
		return nil
	}
	return r.errorf(r.at, "an expression: only literal values are read, nothing is evaluated")
}

func (r *jsReader) word(l *literal) error {
	switch name := r.identifier(); name {
	case "null", "undefined":
		l.kind, l.text = aNull, name
		return nil
	case "true", "false":
		l.kind, l.text = aBoolean, name
		return nil
	case "":
		c, _ := utf8.DecodeRuneInString(r.text[l.at:r.end])
		return r.errorf(l.at, "%q where a value should be", c)
	case "JSON":
		return r.errorf(l.at, "JSON.stringify(…) is not evaluated: write the text that it makes, or use Copy as fetch")
	case "new", "function", "async":
		return r.errorf(l.at, "%q: only literal values are read, nothing is evaluated", name)
	default:
		return r.errorf(l.at, "%q is a variable or a call: only literal values are read, nothing is evaluated", shorten(name, 32))
	}
}

func (r *jsReader) identifier() string {
	start := r.at
	for r.at < r.end && isIdentifierByte(r.text[r.at]) {
		r.at++
	}
	return r.text[start:r.at]
}

func isIdentifierByte(c byte) bool {
	return c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf
}

// number keeps a number as it is written: no option of fetch is one.
func (r *jsReader) number() (string, error) {
	start := r.at
	for r.at < r.end && (isIdentifierByte(r.text[r.at]) || strings.IndexByte("+-.", r.text[r.at]) >= 0) {
		r.at++
	}
	text := r.text[start:r.at]
	if strings.ContainsAny(text[1:], "+-") && !strings.ContainsAny(text, "eE") {
		return "", r.errorf(start, "an expression: only literal values are read, nothing is evaluated")
	}
	return text, nil
}

func (r *jsReader) deeper() error {
	if r.depth++; r.depth > maxDepth {
		return r.errorf(r.at, "brackets are nested more than %d deep", maxDepth)
	}
	return nil
}

func (r *jsReader) object(l *literal) error {
	if err := r.deeper(); err != nil {
		return err
	}
	defer func() { r.depth-- }()
	r.at++
	for {
		closed, err := r.accept('}')
		if closed || err != nil {
			return err
		}
		m, err := r.member()
		if err != nil {
			return err
		}
		if l.members = append(l.members, m); len(l.members) > maxList {
			return r.errorf(m.at, "an object of more than %d members", maxList)
		}
		if err := r.separator('}', "object", l.at); err != nil {
			return err
		}
	}
}

// separator passes over a comma. Before what closes the brackets there need be
// none.
func (r *jsReader) separator(closing byte, what string, opened int) error {
	comma, err := r.accept(',')
	switch {
	case err != nil || comma || r.peek() == closing:
		return err
	case r.at >= r.end:
		return r.errorf(opened, "the %s is not closed: the text is cut off", what)
	}
	return r.errorf(r.at, "expected a comma or %q", closing)
}

func (r *jsReader) member() (m member, err error) {
	m.at = r.at
	switch c := r.peek(); {
	case r.at >= r.end:
		return m, r.errorf(r.at, "the object is not closed: the text is cut off")
	case c == '"' || c == '\'':
		m.quoted = c == '"'
		m.name, err = r.str()
	case c == '[':
		return m, r.errorf(r.at, "a computed name: only literal names are read")
	case strings.HasPrefix(r.text[r.at:r.end], "..."):
		return m, r.errorf(r.at, "a spread: only literal values are read, nothing is evaluated")
	default:
		if m.name = r.identifier(); m.name == "" {
			return m, r.errorf(r.at, "expected a name")
		}
	}
	if err != nil {
		return m, err
	}
	colon, err := r.accept(':')
	switch {
	case err != nil:
		return m, err
	case !colon:
		return m, r.errorf(m.at, "%q has no value after a colon: only literal values are read", shorten(m.name, 32))
	}
	m.value, err = r.value()
	return m, err
}

func (r *jsReader) array(l *literal) error {
	if err := r.deeper(); err != nil {
		return err
	}
	defer func() { r.depth-- }()
	r.at++
	for {
		closed, err := r.accept(']')
		if closed || err != nil {
			return err
		}
		item, err := r.value()
		if err != nil {
			return err
		}
		if l.items = append(l.items, item); len(l.items) > maxList {
			return r.errorf(item.at, "an array of more than %d items", maxList)
		}
		if err := r.separator(']', "array", l.at); err != nil {
			return err
		}
	}
}
