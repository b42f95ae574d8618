package survey

import (
	"fmt"
	"strings"
)

// A word is one of a configuration, without its quotes.
type word struct {
	text string
	at   spot
}

// A directive is a name, words and perhaps a block of directives.
type directive struct {
	word
	args  []word
	block []*directive
	// isBlock tells an empty block from none.
	isBlock bool
	outer   *directive
}

// arg is an argument, or "".
func (d *directive) arg(i int) string {
	if 0 <= i && i < len(d.args) {
		return d.args[i].text
	}
	return ""
}

// all yields the directives below, and those below them.
func (d *directive) all(yield func(*directive) bool) bool {
	for _, inner := range d.block {
		if !yield(inner) || !inner.all(yield) {
			return false
		}
	}
	return true
}

// has reports whether one of the directives below is as wanted.
func (d *directive) has(is func(*directive) bool) (found bool) {
	d.all(func(inner *directive) bool {
		found = is(inner)
		return !found
	})
	return found
}

const (
	mostDepth = 60
	mostWords = 200000
)

// nginxParser reads the syntax of nginx. A part of a file will do: what is
// pasted is seldom whole.
//
// https://nginx.org/en/docs/beginners_guide.html#conf_structure
type nginxParser struct {
	spotter
	i, words int
}

func parseNginx(text string) (*directive, error) {
	p := &nginxParser{spotter: spotter{text: text}}
	root := &directive{isBlock: true}
	at, words, err := root, []word(nil), error(nil)
	end := func() *directive {
		d := &directive{word: words[0], args: words[1:], outer: at}
		at.block, words = append(at.block, d), nil
		return d
	}
	for depth := 0; err == nil; {
		p.skip()
		if p.i >= len(p.text) {
			break
		}
		switch p.text[p.i] {
		case ';':
			if p.i++; len(words) > 0 {
				end()
			}
		case '{':
			if len(words) == 0 || depth == mostDepth {
				return nil, p.errorf("there is a block without a name, or too deep within others")
			}
			p.i++
			d := end()
			d.isBlock = true
			if strings.HasSuffix(d.text, "_by_lua_block") {
				p.skipLua()
				continue
			}
			at, depth = d, depth+1
		case '}':
			if len(words) > 0 || at.outer == nil {
				return nil, p.errorf("a block ends here that has not begun, or a semicolon is missing before")
			}
			p.i, at, depth = p.i+1, at.outer, depth-1
		default:
			var w word
			if w, err = p.word(); err == nil {
				words = append(words, w)
			}
		}
	}
	if err == nil && (len(words) > 0 || at != root) {
		err = p.errorf("the text ends in the middle of a block or of a directive")
	}
	return root, err
}

func (p *nginxParser) errorf(format string, args ...any) error {
	at := p.spot(p.i)
	return &syntaxError{at, fmt.Sprintf(format, args...)}
}

// A syntaxError says where a configuration is none.
type syntaxError struct {
	at      spot
	message string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.at.line, e.at.column, e.message)
}

// skip passes over white space and comments.
func (p *nginxParser) skip() {
	for p.i < len(p.text) {
		switch c := p.text[p.i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			p.i++
		case c == '#':
			if n := strings.IndexByte(p.text[p.i:], '\n'); n >= 0 {
				p.i += n
			} else {
				p.i = len(p.text)
			}
		default:
			return
		}
	}
}

func (p *nginxParser) word() (word, error) {
	if p.words++; p.words > mostWords {
		return word{}, p.errorf("there are more than %d words", mostWords)
	}
	w := word{at: p.spot(p.i)}
	if c := p.text[p.i]; c == '"' || c == '\'' {
		text, err := p.quoted(c)
		w.text = text
		return w, err
	}
	begin := p.i
	for p.i < len(p.text) {
		c := p.text[p.i]
		if c == '\\' && p.i+1 < len(p.text) {
			p.i += 2
			continue
		}
		if c == '{' && p.text[p.i-1] == '$' && p.i > begin {
			if n := strings.IndexByte(p.text[p.i:], '}'); n > 0 {
				p.i += n + 1
				continue
			}
		}
		if strings.IndexByte(" \t\r\n;{", c) >= 0 {
			break
		}
		p.i++
	}
	w.text = p.text[begin:p.i]
	return w, nil
}

// quoted reads a string, in which a backslash stands for itself but before a
// quote or another one.
func (p *nginxParser) quoted(quote byte) (string, error) {
	var b strings.Builder
	for p.i++; p.i < len(p.text); p.i++ {
		switch c := p.text[p.i]; {
		case c == quote:
			p.i++
			return b.String(), nil
		case c == '\\' && p.i+1 < len(p.text) && strings.IndexByte(`"'\`, p.text[p.i+1]) >= 0:
			p.i++
			b.WriteByte(p.text[p.i])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.errorf("a string is not closed")
}

// skipLua passes over a program between braces.
func (p *nginxParser) skipLua() {
	for depth := 1; p.i < len(p.text) && depth > 0; p.i++ {
		switch p.text[p.i] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
}
