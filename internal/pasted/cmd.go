package pasted

import "strings"

// cmdCommands splits a text into commands as cmd.exe and the C runtime of
// curl.exe do, one after the other: cmd takes its carets away and finds the end
// of the command, the runtime finds the arguments.
//
// Variables are left as they are: %2F%41 is an address more often than a
// variable, and no variable has such a name.
func (s *source) cmdCommands() ([]command, error) {
	var commands []command
	for at := s.start; at < s.end; {
		line, next, err := s.cmdLine(at)
		if err != nil {
			return nil, err
		}
		c, err := s.arguments(line)
		if err != nil {
			return nil, err
		}
		if len(c.words) > 0 {
			c.rest = line.rest
			commands = append(commands, c)
		}
		at = next
	}
	return commands, nil
}

// cmdLine is a command line as cmd.exe hands it over, with the place in the
// source of each of its bytes.
type cmdLine struct {
	text   []byte
	places []int
	rest   string // what stands behind a pipe or a redirection
}

func (l *cmdLine) add(c byte, at int) {
	l.text = append(l.text, c)
	l.places = append(l.places, at)
}

// cmdLine reads to the end of a command. A caret makes the next character
// literal, outside of quotes only; a caret before a line break joins the lines
// and makes the next character literal, be it another line break. ^" is no
// quote to cmd.
func (s *source) cmdLine(at int) (line cmdLine, next int, err error) {
	quoted := false
	for at < s.end {
		c := s.text[at]
		switch {
		case c == '^' && !quoted:
			at = s.caret(&line, at)
			continue
		case c == '"':
			quoted = !quoted
		case c == '\r' && at+1 < s.end && s.text[at+1] == '\n':
			at++
			continue
		case c == '\n':
			return line, at + 1, nil
		case quoted:
		case c == '&':
			return line, at + 1, nil
		case c == '|' || c == '>':
			line.rest = shorten(s.text[at:s.end], 32)
			return line, s.end, nil
		case c == '<':
			return line, at, s.errorf(at, "a redirected input: no file is read; write the body after --data-raw")
		}
		line.add(c, at)
		at++
	}
	return line, at, nil
}

// caret takes a caret and what it makes literal, and returns the place behind.
func (s *source) caret(line *cmdLine, at int) int {
	at++
	if n := s.breakAt(at); n > 0 {
		at += n
		if n = s.breakAt(at); n > 0 {
			line.add('\n', at)
			return at + n
		}
	}
	if at < s.end {
		line.add(s.text[at], at)
		at++
	}
	return at
}

func (s *source) breakAt(at int) int {
	switch rest := s.text[at:s.end]; {
	case strings.HasPrefix(rest, "\r\n"):
		return 2
	case strings.HasPrefix(rest, "\n"):
		return 1
	}
	return 0
}

// arguments splits a command line as Microsoft's C runtime does: backslashes are
// halved before a quote and stand for themselves elsewhere, "" in quotes is a
// quote.
//
// https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
func (s *source) arguments(line cmdLine) (c command, err error) {
	var b []byte
	began, opened := -1, -1
	text := line.text
	for i := 0; i < len(text); {
		backslashes := run(text[i:], '\\')
		quote := i+backslashes < len(text) && text[i+backslashes] == '"'
		blank := backslashes == 0 && strings.IndexByte(" \t\n", text[i]) >= 0 && opened < 0
		if began < 0 && !blank {
			began = i
		}
		switch {
		case blank:
			if began >= 0 {
				c.words = append(c.words, word{line.places[began], string(b)})
				b, began = nil, -1
			}
			i++
		case !quote && backslashes > 0:
			n := backslashes
			if backslashes%2 == 0 && s.haveCarets(line.places[i:i+backslashes]) {
				n, c.halved = backslashes/2, true
			}
			b = append(b, text[i:i+n]...)
			i += backslashes
		case !quote:
			b = append(b, text[i])
			i++
		default:
			b = append(b, text[i:i+backslashes/2]...)
			i += backslashes
			switch {
			case backslashes%2 == 1:
				b = append(b, '"')
			case opened >= 0 && i+1 < len(text) && text[i+1] == '"':
				b = append(b, '"')
				i++
			case opened >= 0:
				opened = -1
			default:
				opened = i
			}
			i++
		}
	}
	if opened >= 0 {
		return c, s.errorf(line.places[opened], "the quote is not closed: the text is cut off")
	}
	if began >= 0 {
		c.words = append(c.words, word{line.places[began], string(b)})
	}
	return c, nil
}

// haveCarets reports whether DevTools wrote these characters: people write no
// caret before a backslash. Chromium and Firefox double every backslash, although
// the runtime halves them only before a quote: the request had half as many.
func (s *source) haveCarets(places []int) bool {
	for _, at := range places {
		if at == 0 || s.text[at-1] != '^' {
			return false
		}
	}
	return true
}

// run returns how often c is repeated at the beginning of text.
func run(text []byte, c byte) int {
	n := 0
	for n < len(text) && text[n] == c {
		n++
	}
	return n
}
