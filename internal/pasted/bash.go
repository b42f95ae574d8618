package pasted

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A word is an argument of a command, after the shell has read it.
type word struct {
	at   int
	text string
}

// A command is a line of words. What a shell would do with its output, such as
// a pipe, was not read.
type command struct {
	words  []word
	rest   string // what was not read, if anything
	halved bool   // backslashes that DevTools had doubled
}

// bashReader splits a text into commands as bash does, for words that are
// literal. Whatever bash would have to look up or run is an error that names
// it. A library for all of bash would have to be told what to refuse; this
// knows nothing else.
type bashReader struct {
	*source
	at       int
	commands []command
	current  command
	word     textBuilder
	began    int // where the word begins, -1 between words
}

func (s *source) bashCommands() ([]command, error) {
	r := &bashReader{source: s, at: s.start, began: -1}
	for r.at < r.end {
		done, err := r.step()
		if err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	r.endCommand()
	return r.commands, nil
}

func (r *bashReader) endWord() {
	if r.began >= 0 {
		r.current.words = append(r.current.words, word{r.began, r.word.text()})
		r.word, r.began = textBuilder{}, -1
	}
}

func (r *bashReader) endCommand() {
	r.endWord()
	if len(r.current.words) > 0 {
		r.commands = append(r.commands, r.current)
	}
	r.current = command{}
}

func (r *bashReader) begin() {
	if r.began < 0 {
		r.began = r.at
	}
}

// step reads what is next outside of quotes. It is done where a shell would go
// on to something that is no command of ours.
func (r *bashReader) step() (done bool, err error) {
	rest := r.text[r.at:r.end]
	switch c := rest[0]; c {
	case ' ', '\t', '\r':
		r.endWord()
		r.at++
	case '\n', ';':
		r.endCommand()
		r.at++
	case '&':
		return false, r.ampersand()
	case '|', '<', '>':
		return r.redirection()
	case '#':
		if r.began < 0 { // a comment
			line, _, _ := strings.Cut(rest, "\n")
			r.at += len(line)
			return false, nil
		}
		r.plain()
	case '\\':
		r.backslash()
	case '\'':
		return false, r.single()
	case '"':
		return false, r.double()
	case '$':
		return false, r.dollar()
	case '`':
		return false, r.errorf(r.at, "a command substitution: nothing is run; put the text into single quotes")
	case '(', ')':
		return false, r.errorf(r.at, "%q: only plain curl commands are read; put the text into single quotes", c)
	default:
		r.plain()
	}
	return false, nil
}

// plain takes bytes that mean themselves.
func (r *bashReader) plain() {
	r.begin()
	end := r.at + 1
	for end < r.end && strings.IndexByte(" \t\r\n;&|<>\\'\"$`()", r.text[end]) < 0 {
		end++
	}
	r.word.raw(r.text[r.at:end])
	r.at = end
}

func (r *bashReader) ampersand() error {
	amid := r.began >= 0
	r.endWord()
	if rest := strings.TrimLeft(r.text[r.at+1:r.end], "& \t"); amid && !strings.HasPrefix(r.text[r.at:r.end], "&&") &&
		rest != "" && !strings.ContainsAny(rest[:1], "\r\n") && !beginsCurl(rest) {
		return r.errorf(r.at, "an & outside of quotes ends the command here: put the address into single quotes")
	}
	r.endCommand()
	r.at += len(r.text[r.at:r.end]) - len(strings.TrimLeft(r.text[r.at:r.end], "&"))
	return nil
}

// redirection ends the command: where its output goes is nobody's business
// here. What would become its input is.
func (r *bashReader) redirection() (done bool, err error) {
	if r.text[r.at] == '<' {
		return false, r.errorf(r.at, "a redirected input: no file is read; write the body after --data-raw")
	}
	digits := strings.Trim(r.word.String(), "0123456789") == ""
	if r.text[r.at] == '>' && r.began >= 0 && digits { // 2>
		r.word, r.began = textBuilder{}, -1
	}
	r.endWord()
	r.current.rest = shorten(r.text[r.at:r.end], 32)
	r.at = r.end
	return true, nil
}

func (r *bashReader) backslash() {
	r.at++
	rest := r.text[r.at:r.end]
	switch {
	case rest == "":
		return // a continuation of which nothing was copied
	case strings.HasPrefix(rest, "\r\n"):
		r.at += 2
	case rest[0] == '\n':
		r.at++
	default:
		r.at--
		r.begin()
		_, n := utf8.DecodeRuneInString(rest)
		r.word.raw(rest[:n])
		r.at += 1 + n
	}
}

func (r *bashReader) single() error {
	r.begin()
	length := strings.IndexByte(r.text[r.at+1:r.end], '\'')
	if length < 0 {
		return r.errorf(r.at, "the quote is not closed: the text is cut off")
	}
	r.word.raw(r.text[r.at+1 : r.at+1+length])
	r.at += length + 2
	return nil
}

func (r *bashReader) double() error {
	r.begin()
	opened := r.at
	r.at++
	for r.at < r.end {
		rest := r.text[r.at:r.end]
		switch rest[0] {
		case '"':
			r.at++
			return nil
		case '`':
			return r.errorf(r.at, "a command substitution: nothing is run; put the text into single quotes")
		case '$':
			if err := r.expansion(); err != nil {
				return err
			}
			r.word.raw("$")
			r.at++
		case '\\':
			r.at += 1 + r.escaped(rest[1:])
		default:
			end := strings.IndexAny(rest, "\"`$\\")
			if end < 0 {
				end = len(rest)
			}
			r.word.raw(rest[:end])
			r.at += end
		}
	}
	return r.errorf(opened, "the quote is not closed: the text is cut off")
}

// escaped takes what follows a backslash in double quotes: the backslash stands
// for itself before most characters.
func (r *bashReader) escaped(rest string) int {
	switch {
	case rest == "":
		return 0
	case rest[0] == '\n':
		return 1
	case strings.IndexByte("\"\\$`", rest[0]) >= 0:
		r.word.raw(rest[:1])
		return 1
	}
	r.word.raw(`\`)
	return 0
}

func (r *bashReader) dollar() error {
	rest := r.text[r.at+1 : r.end]
	switch {
	case strings.HasPrefix(rest, "'"):
		return r.ansi()
	case strings.HasPrefix(rest, `"`):
		r.begin()
		r.at++
		return r.double()
	}
	if err := r.expansion(); err != nil {
		return err
	}
	r.begin()
	r.word.raw("$")
	r.at++
	return nil
}

// expansion refuses a dollar sign that bash would replace.
func (r *bashReader) expansion() error {
	rest := r.text[r.at+1 : r.end]
	switch {
	case strings.HasPrefix(rest, "("):
		return r.errorf(r.at, "a command substitution: nothing is run; put the text into single quotes")
	case strings.HasPrefix(rest, "{") || rest != "" && (isIdentifierByte(rest[0]) && rest[0] != '$' || strings.IndexByte("?!#@*-$", rest[0]) >= 0):
		return r.errorf(r.at, "a variable: write its value, or put the text into single quotes")
	}
	return nil
}

// ansi reads $'…'.
//
// https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html
func (r *bashReader) ansi() error {
	r.begin()
	opened := r.at
	r.at += len("$'")
	for r.at < r.end {
		rest := r.text[r.at:r.end]
		switch rest[0] {
		case '\'':
			r.at++
			return nil
		case '\\':
			n, err := r.ansiEscape(rest[1:])
			if err != nil {
				return err
			}
			r.at += 1 + n
		default:
			end := strings.IndexAny(rest, `'\`)
			if end < 0 {
				end = len(rest)
			}
			r.word.raw(rest[:end])
			r.at += end
		}
	}
	return r.errorf(opened, "the quote is not closed: the text is cut off")
}

var ansiEscapes = map[byte]string{
	'a': "\a", 'b': "\b", 'e': "\x1b", 'E': "\x1b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
	'\\': `\`, '\'': "'", '"': `"`, '?': "?",
}

// ansiEscape takes what follows a backslash and returns its length.
func (r *bashReader) ansiEscape(rest string) (int, error) {
	if rest == "" {
		return 0, r.errorf(r.at, "the quote is not closed: the text is cut off")
	}
	switch single, ok := ansiEscapes[rest[0]]; {
	case ok:
		r.word.raw(single)
		return 1, nil
	case rest[0] == 'x':
		return r.ansiNumber(rest, 1, 2, 16)
	case rest[0] == 'u':
		return r.ansiNumber(rest, 1, 4, 16)
	case rest[0] == 'U':
		return r.ansiNumber(rest, 1, 8, 16)
	case '0' <= rest[0] && rest[0] <= '7':
		return r.ansiNumber(rest, 0, 3, 8)
	case rest[0] == 'c' && len(rest) > 1:
		r.word.raw(string([]byte{rest[1] & 0x1F}))
		return 2, nil
	}
	r.word.raw(`\`)
	return 0, nil
}

// ansiNumber takes up to so many digits. \x and octal digits make a byte, \u
// and \U a character; Firefox writes the halves of a pair, so they are joined.
func (r *bashReader) ansiNumber(rest string, from, most, base int) (int, error) {
	digits := "01234567"
	if base == 16 {
		digits = "0123456789abcdefABCDEF"
	}
	end := from
	for end < len(rest) && end < from+most && strings.IndexByte(digits, rest[end]) >= 0 {
		end++
	}
	code, err := strconv.ParseUint(rest[from:end], base, 32)
	switch {
	case err != nil:
		r.word.raw(`\` + rest[:from]) // bash keeps an escape without digits
		return from, nil
	case rest[0] == 'u' || rest[0] == 'U':
		if code > utf8.MaxRune {
			return 0, r.errorf(r.at, "the escape is beyond U+10FFFF")
		}
		r.word.unit(rune(code))
	default:
		r.word.raw(string([]byte{byte(code)}))
	}
	if code == 0 {
		return 0, r.errorf(r.at, "a NUL byte: no command can take one")
	}
	return end, nil
}
