package pasted

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// textBuilder collects UTF-16 code units and bytes into UTF-8. A lone surrogate
// becomes U+FFFD, as when a page hands its string to fetch().
//
// https://webidl.spec.whatwg.org/#idl-USVString
type textBuilder struct {
	strings.Builder
	high rune // a high surrogate that waits for its other half
}

func (b *textBuilder) unit(r rune) {
	switch {
	case b.high != 0 && utf16.DecodeRune(b.high, r) != utf8.RuneError:
		b.WriteRune(utf16.DecodeRune(b.high, r))
		b.high = 0
	case 0xD800 <= r && r < 0xDC00:
		b.flush()
		b.high = r
	default:
		b.flush()
		b.WriteRune(r) // U+FFFD for the low half of nothing
	}
}

func (b *textBuilder) raw(s string) {
	b.flush()
	b.WriteString(s)
}

func (b *textBuilder) flush() {
	if b.high != 0 {
		b.high = 0
		b.WriteRune(utf8.RuneError)
	}
}

func (b *textBuilder) text() string {
	b.flush()
	return b.String()
}

// str reads a string or a template without substitutions.
//
// https://tc39.es/ecma262/#sec-literals-string-literals
func (r *jsReader) str() (string, error) {
	var b textBuilder
	opened, quote := r.at, r.text[r.at]
	r.at++
	for r.at < r.end {
		switch c := r.text[r.at]; {
		case c == quote:
			r.at++
			return b.text(), nil
		case c == '\\':
			if err := r.escape(&b, quote); err != nil {
				return "", err
			}
		case c == '\n' && quote != '`', c == '\r' && quote != '`':
			return "", r.errorf(opened, "the string is not closed on its line")
		case c == '\r':
			r.at += r.lineBreak()
			b.raw("\n")
		case quote == '`' && strings.HasPrefix(r.text[r.at:r.end], "${"):
			return "", r.errorf(r.at, "a substitution in a template: nothing is evaluated; write the text that it makes")
		default:
			end := r.at + 1
			for end < r.end && strings.IndexByte("\\\"'`$\r\n", r.text[end]) < 0 {
				end++
			}
			b.raw(r.text[r.at:end])
			r.at = end
		}
	}
	return "", r.errorf(opened, "the string is not closed: the text is cut off")
}

// lineBreak returns the length of the line break that is next.
func (r *jsReader) lineBreak() int {
	rest := r.text[r.at:r.end]
	for _, sequence := range []string{"\r\n", "\n", "\r", "\u2028", "\u2029"} {
		if strings.HasPrefix(rest, sequence) {
			return len(sequence)
		}
	}
	return 0
}

var jsEscapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f", 'v': "\v"}

// https://tc39.es/ecma262/#prod-EscapeSequence
func (r *jsReader) escape(b *textBuilder, quote byte) error {
	start := r.at
	r.at++
	if n := r.lineBreak(); n > 0 { // a continued line
		r.at += n
		return nil
	}
	c := r.peek()
	switch single, ok := jsEscapes[c]; {
	case r.at >= r.end:
		return r.errorf(start, "the string ends in an escape: the text is cut off")
	case ok:
		r.at++
		b.raw(single)
	case c == 'x':
		return r.hex(b, start, r.at+1, 2)
	case c == 'u' && strings.HasPrefix(r.text[r.at:r.end], "u{"):
		return r.codePoint(b, start)
	case c == 'u':
		return r.hex(b, start, r.at+1, 4)
	case c == '0' && !(r.at+1 < r.end && '0' <= r.text[r.at+1] && r.text[r.at+1] <= '9'):
		r.at++
		b.raw("\x00")
	case '0' <= c && c <= '9':
		return r.errorf(start, "an octal escape: write \\x and two hexadecimal digits")
	default:
		_, n := utf8.DecodeRuneInString(r.text[r.at:r.end])
		b.raw(r.text[r.at : r.at+n])
		r.at += n
	}
	return nil
}

func (r *jsReader) hex(b *textBuilder, start, from, digits int) error {
	if from+digits > r.end {
		return r.errorf(start, "the escape is not complete: the text is cut off")
	}
	code, err := strconv.ParseUint(r.text[from:from+digits], 16, 32)
	if err != nil || !isHex(r.text[from:from+digits]) {
		return r.errorf(start, "the escape has not the %d hexadecimal digits it needs", digits)
	}
	b.unit(rune(code))
	r.at = from + digits
	return nil
}

func (r *jsReader) codePoint(b *textBuilder, start int) error {
	from := r.at + len("u{")
	length := strings.IndexByte(r.text[from:min(from+16, r.end)], '}')
	if length < 1 || !isHex(r.text[from:from+length]) {
		return r.errorf(start, "the escape is no \\u{…} with hexadecimal digits")
	}
	code, err := strconv.ParseUint(r.text[from:from+length], 16, 32)
	if err != nil || code > utf8.MaxRune {
		return r.errorf(start, "the escape is beyond U+10FFFF")
	}
	b.unit(rune(code))
	r.at = from + length + 1
	return nil
}

func isHex(s string) bool {
	return s != "" && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}
