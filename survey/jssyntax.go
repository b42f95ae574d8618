package survey

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A token is one of JavaScript. Nothing is evaluated: what has to be is looked
// through for literals.
type token struct {
	kind  tokenKind
	text  string // a string's value; an expression's source
	flags string // of an expression
	at    spot
}

type tokenKind string

const (
	jsName   tokenKind = "name"
	jsString tokenKind = "string"
	jsNumber tokenKind = "number"
	jsRegexp tokenKind = "expression"
	jsPoint  tokenKind = "punctuation"
	jsEnd    tokenKind = "end"
)

// is reports whether the token is that name or that punctuation.
func (t token) is(text string) bool {
	return (t.kind == jsName || t.kind == jsPoint) && t.text == text
}

// jsTokens reads all tokens. What is none is an error; a program with types, or
// with elements of JSX, mostly comes through.
func jsTokens(text string) ([]token, error) {
	s := &jsScanner{spotter: spotter{text: text}}
	for {
		t, err := s.next()
		if err != nil {
			return nil, err
		}
		if s.tokens = append(s.tokens, t); t.kind == jsEnd {
			return s.tokens, nil
		}
		if len(s.tokens) > mostWords {
			return nil, s.errorf("there are more than %d words", mostWords)
		}
	}
}

type jsScanner struct {
	spotter
	i      int
	tokens []token
}

func (s *jsScanner) errorf(format string, args ...any) error {
	return &syntaxError{s.spot(min(s.i, len(s.text))), fmt.Sprintf(format, args...)}
}

func (s *jsScanner) next() (token, error) {
	s.skip()
	t := token{at: s.spot(s.i), kind: jsEnd}
	if s.i >= len(s.text) {
		return t, nil
	}
	var err error
	begin := s.i
	switch c := s.text[s.i]; {
	case isNameByte(c) && (c < '0' || c > '9'):
		t.kind, t.text = jsName, s.while(isNameByte)
	case '0' <= c && c <= '9':
		t.kind, t.text = jsNumber, s.while(func(c byte) bool { return isNameByte(c) || c == '.' })
	case c == '"' || c == '\'' || c == '`':
		t.kind = jsString
		t.text, err = s.str(c)
	case c == '/' && s.beginsExpression():
		t.kind = jsRegexp
		t.text, t.flags, err = s.expression()
	case strings.HasPrefix(s.text[s.i:], "=>") || strings.HasPrefix(s.text[s.i:], "||") || strings.HasPrefix(s.text[s.i:], "??"):
		s.i += 2
		t.kind, t.text = jsPoint, s.text[begin:s.i]
	case strings.HasPrefix(s.text[s.i:], "..."):
		s.i += 3
		t.kind, t.text = jsPoint, "..."
	default:
		s.i++
		t.kind, t.text = jsPoint, s.text[begin:s.i]
	}
	return t, err
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf
}

func (s *jsScanner) while(is func(byte) bool) string {
	begin := s.i
	for s.i < len(s.text) && is(s.text[s.i]) {
		s.i++
	}
	return s.text[begin:s.i]
}

// skip passes over white space and comments.
func (s *jsScanner) skip() {
	for s.i < len(s.text) {
		rest := s.text[s.i:]
		switch {
		case strings.IndexByte(" \t\r\n\v\f", rest[0]) >= 0:
			s.i++
		case strings.HasPrefix(rest, "//"):
			s.i += through(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			s.i += through(rest, "*/")
		default:
			return
		}
	}
}

// through is how far it is to behind the first end, or to the end of all.
func through(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// str reads a string. Of a template with substitutions only the rest remains.
func (s *jsScanner) str(quote byte) (string, error) {
	var b strings.Builder
	for s.i++; s.i < len(s.text); s.i++ {
		switch c := s.text[s.i]; {
		case c == quote:
			s.i++
			return b.String(), nil
		case c == '\\' && s.i+1 < len(s.text):
			s.i++
			if e := strings.IndexByte("nrtbfv0", s.text[s.i]); e >= 0 {
				b.WriteByte("\n\r\t\b\f\v\x00"[e])
			} else {
				b.WriteByte(s.text[s.i])
			}
		case c == '\n' && quote != '`':
			return "", s.errorf("the string is not closed on its line")
		default:
			b.WriteByte(c)
		}
	}
	return "", s.errorf("the string is not closed")
}

// beginsExpression tells an expression's slash from a division's, by what stands
// before it.
func (s *jsScanner) beginsExpression() bool {
	if len(s.tokens) == 0 {
		return true
	}
	switch t := s.tokens[len(s.tokens)-1]; t.kind {
	case jsPoint:
		return t.text != ")" && t.text != "]" && t.text != "}"
	case jsName:
		return t.text == "return" || t.text == "typeof" || t.text == "case"
	}
	return false
}

func (s *jsScanner) expression() (source, flags string, err error) {
	inClass := false
	begin := s.i + 1
	for s.i++; s.i < len(s.text); s.i++ {
		switch c := s.text[s.i]; {
		case c == '\\':
			s.i++
		case c == '\n':
			return "", "", s.errorf("the expression is not closed on its line")
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '/' && !inClass:
			source = s.text[begin:s.i]
			s.i++
			return source, s.while(isNameByte), nil
		}
	}
	return "", "", s.errorf("the expression is not closed")
}

// A jsValue is a literal, or a run of tokens that would have to be evaluated.
type jsValue struct {
	token
	items   []jsValue // of an array
	isArray bool
	members map[string]jsValue // of an object
	order   []string
	code    []token // what is no literal
}

// jsReader reads values from tokens.
type jsReader struct {
	tokens []token
	i      int
	depth  int
}

func (r *jsReader) peek() token { return r.tokens[min(r.i, len(r.tokens)-1)] }

func (r *jsReader) take() token {
	t := r.peek()
	r.i++
	return t
}

// value reads up to the comma or the bracket behind a value.
func (r *jsReader) value() jsValue {
	begin := r.i
	v := jsValue{token: r.peek()}
	if r.depth++; r.depth < mostDepth {
		switch {
		case r.peek().is("["):
			v = r.array()
		case r.peek().is("{"):
			v = r.object()
		case r.peek().kind != jsEnd && !r.peek().is("...") && !isClosing(r.peek()):
			r.i++
		}
	}
	r.depth--
	if t := r.peek(); r.i > begin && (t.kind == jsEnd || t.is(",") || t.is(";") || isClosing(t) || t.is("as") || t.is("satisfies") || r.beginsStatement()) {
		r.skipValue()
		return v
	}
	r.i = begin
	r.skipValue()
	if r.i == begin && r.peek().kind != jsEnd {
		r.i++ // a closing bracket where a value should be
	}
	return jsValue{token: token{at: v.at}, code: r.tokens[begin:min(r.i, len(r.tokens))]}
}

func isClosing(t token) bool { return t.is(")") || t.is("]") || t.is("}") }

// skipValue goes to the comma, the semicolon or the bracket behind a value.
func (r *jsReader) skipValue() {
	for depth := 0; r.peek().kind != jsEnd; r.i++ {
		t := r.peek()
		switch {
		case depth == 0 && (t.is(",") || t.is(";") || isClosing(t) || r.beginsStatement()):
			return
		case t.is("(") || t.is("[") || t.is("{"):
			depth++
		case isClosing(t):
			depth--
		}
	}
}

// beginsStatement reports whether a statement ends before the next word, at the
// end of its line.
func (r *jsReader) beginsStatement() bool {
	t := r.peek()
	if r.i == 0 || t.kind != jsName {
		return false
	}
	before := r.tokens[r.i-1]
	return before.at.line < t.at.line && (before.kind != jsPoint || isClosing(before))
}

func (r *jsReader) array() jsValue {
	v := jsValue{token: r.take(), isArray: true}
	for r.peek().kind != jsEnd && !r.peek().is("]") && len(v.items) < mostEntries {
		v.items = append(v.items, r.value())
		if r.peek().is(",") {
			r.i++
		}
	}
	r.i++
	return v
}

func (r *jsReader) object() jsValue {
	v := jsValue{token: r.take(), members: make(map[string]jsValue)}
	for r.peek().kind != jsEnd && !r.peek().is("}") && len(v.members) < mostEntries {
		name := r.take()
		var member jsValue
		switch {
		case r.peek().is(":"):
			r.i++
			member = r.value()
		case name.kind == jsName && (r.peek().is(",") || r.peek().is("}")):
			member = jsValue{token: name} // the name of a variable for both
		default: // a method, a spread or a computed name
			begin := r.i - 1
			r.skipValue()
			member = jsValue{token: token{at: name.at}, code: r.tokens[begin:min(r.i, len(r.tokens))]}
		}
		if v.members[name.text] = member; !slices.Contains(v.order, name.text) {
			v.order = append(v.order, name.text)
		}
		if r.peek().is(",") {
			r.i++
		}
	}
	r.i++
	return v
}
