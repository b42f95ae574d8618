package pasted

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// pwshReader reads the words and the literals of PowerShell. Of expressions it
// knows the two that DevTools write: $([char]233) in strings, and the call that
// makes bytes of a body.
type pwshReader struct {
	*source
	at int
}

// blank passes over blanks, comments and continued lines, and over line breaks
// too if lines is set.
func (r *pwshReader) blank(lines bool) error {
	for r.at < r.end {
		rest := r.text[r.at:r.end]
		switch {
		case strings.IndexByte(" \t\r", rest[0]) >= 0 || lines && rest[0] == '\n':
			r.at++
		case strings.HasPrefix(rest, "`\r\n"):
			r.at += 3
		case strings.HasPrefix(rest, "`\n"):
			r.at += 2
		case strings.HasPrefix(rest, "<#"):
			length := strings.Index(rest, "#>")
			if length < 0 {
				return r.errorf(r.at, "the comment is not closed")
			}
			r.at += length + 2
		case rest[0] == '#':
			line, _, _ := strings.Cut(rest, "\n")
			r.at += len(line)
		default:
			return nil
		}
	}
	return nil
}

// next returns what is left at the place.
func (r *pwshReader) next() string { return r.text[r.at:r.end] }

func (r *pwshReader) has(prefix string) bool { return strings.HasPrefix(r.next(), prefix) }

// atEnd reports whether the command ends here.
func (r *pwshReader) atEnd() bool {
	return r.at >= r.end || strings.IndexByte("\n;|>&", r.text[r.at]) >= 0
}

// word reads an argument: a string, or bare text.
func (r *pwshReader) word() (string, error) {
	switch c := r.text[r.at]; {
	case c == '"' || c == '\'' || r.has(`@"`) || r.has("@'"):
		return r.str()
	case c == '$':
		return "", r.errorf(r.at, "a variable: write its value in single quotes")
	case c == '(' || c == '@' || c == '{' || c == '[':
		return "", r.errorf(r.at, "an expression: nothing is evaluated; write the text in single quotes")
	}
	var b textBuilder
	start := r.at
	for r.at < r.end && strings.IndexByte(" \t\r\n;|&>(){}", r.text[r.at]) < 0 {
		switch c := r.text[r.at]; c {
		case '"', '\'':
			if r.at == start {
				return b.text(), nil
			}
			s, err := r.str()
			if err != nil {
				return "", err
			}
			b.raw(s)
		case '$':
			return "", r.errorf(r.at, "a variable: write its value in single quotes")
		case '`':
			if err := r.backtick(&b); err != nil {
				return "", err
			}
		default:
			b.raw(r.text[r.at : r.at+1])
			r.at++
		}
	}
	if r.at == start {
		return "", r.errorf(r.at, "expected a word")
	}
	return b.text(), nil
}

// str reads a string of any of the four kinds.
func (r *pwshReader) str() (string, error) {
	opened := r.at
	if r.text[r.at] == '@' {
		return r.hereString(opened)
	}
	quote := r.text[r.at]
	r.at++
	var b textBuilder
	for r.at < r.end {
		switch c := r.text[r.at]; {
		case c == quote && r.has(strings.Repeat(string(quote), 2)):
			b.raw(string(quote))
			r.at += 2
		case c == quote:
			r.at++
			return b.text(), nil
		case quote == '"' && c == '`':
			if err := r.backtick(&b); err != nil {
				return "", err
			}
		case quote == '"' && c == '$':
			if err := r.dollar(&b); err != nil {
				return "", err
			}
		default:
			b.raw(r.plain(quote))
		}
	}
	return "", r.errorf(opened, "the string is not closed: the text is cut off")
}

// plain takes what stands for itself in a string.
func (r *pwshReader) plain(quote byte) string {
	start := r.at
	for r.at++; r.at < r.end; r.at++ {
		if c := r.text[r.at]; c == quote || quote == '"' && (c == '`' || c == '$') {
			break
		}
	}
	return r.text[start:r.at]
}

// hereString reads @"…"@ and @'…'@, whose quotes stand on lines of their own.
func (r *pwshReader) hereString(opened int) (string, error) {
	quote := r.text[r.at+1]
	r.at += 2
	line, rest, _ := strings.Cut(r.next(), "\n")
	end := strings.Index("\n"+rest, "\n"+string(quote)+"@")
	if strings.TrimRight(line, " \t\r") != "" || end < 0 {
		return "", r.errorf(opened, "the here-string has not its quotes on lines of their own")
	}
	at := r.at + len(line) + 1
	inner := &pwshReader{source: &source{form: r.form, text: r.text, end: at + max(end-1, 0)}, at: at}
	r.at = at + end + 2
	var b textBuilder
	for inner.at < inner.end {
		switch c := inner.text[inner.at]; {
		case quote == '"' && c == '`':
			if err := inner.backtick(&b); err != nil {
				return "", err
			}
		case quote == '"' && c == '$':
			if err := inner.dollar(&b); err != nil {
				return "", err
			}
		default:
			start := inner.at
			for inner.at++; inner.at < inner.end && inner.text[inner.at] != '`' && inner.text[inner.at] != '$'; {
				inner.at++
			}
			b.raw(inner.text[start:inner.at])
		}
	}
	return strings.TrimSuffix(b.text(), "\r"), nil
}

var backticks = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 'e': "\x1b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_special_characters
func (r *pwshReader) backtick(b *textBuilder) error {
	start := r.at
	r.at++
	if r.at >= r.end {
		return r.errorf(start, "the text ends in an escape: it is cut off")
	}
	c := r.text[r.at]
	if single, ok := backticks[c]; ok {
		b.raw(single)
		r.at++
		return nil
	}
	if r.has("u{") {
		digits, _, closed := strings.Cut(r.next()[2:min(len(r.next()), 16)], "}")
		code, err := strconv.ParseUint(digits, 16, 32)
		if !closed || !isHex(digits) || err != nil || code > utf8.MaxRune {
			return r.errorf(start, "the escape is no `u{…} with hexadecimal digits up to 10FFFF")
		}
		b.unit(rune(code))
		r.at += len("u{}") + len(digits)
		return nil
	}
	_, n := utf8.DecodeRuneInString(r.next())
	b.raw(r.text[r.at : r.at+n])
	r.at += n
	return nil
}

// dollar takes $([char]233), which is how DevTools write what is not ASCII.
// Every other expansion is refused.
func (r *pwshReader) dollar(b *textBuilder) error {
	const open = "$([char]"
	if r.has(open) {
		digits, _, closed := strings.Cut(r.next()[len(open):min(len(r.next()), len(open)+8)], ")")
		code, err := strconv.ParseUint(digits, 10, 16)
		if closed && err == nil {
			b.unit(rune(code))
			r.at += len(open) + len(digits) + 1
			return nil
		}
	}
	rest := r.next()[1:]
	if strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, "{") || rest != "" && isIdentifierByte(rest[0]) {
		return r.errorf(r.at, "a variable or an expression: nothing is evaluated; write the text, with `$ for a dollar sign")
	}
	b.raw("$")
	r.at++
	return nil
}

// pwshCommands splits curl.exe's command lines as PowerShell does.
func (s *source) pwshCommands() ([]command, error) {
	r := &pwshReader{source: s, at: s.start}
	var commands []command
	for {
		var c command
		for {
			if err := r.blank(false); err != nil {
				return nil, err
			}
			if r.atEnd() {
				break
			}
			at := r.at
			text, err := r.word()
			if err != nil {
				return nil, err
			}
			c.words = append(c.words, word{at, text})
		}
		stop := r.at >= r.end || r.text[r.at] == '|' || r.text[r.at] == '>'
		if r.at < r.end && stop {
			c.rest = shorten(r.next(), 32)
		}
		if len(c.words) > 0 {
			commands = append(commands, c)
		}
		if stop {
			return commands, nil
		}
		r.at++
	}
}
