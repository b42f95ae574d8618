package pasted

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits. Beyond them a paste is refused.
const (
	MaxText    = 1 << 20  // bytes of a text
	MaxHAR     = 64 << 20 // bytes of a HAR
	maxEntries = 50_000   // requests in a HAR
	maxFound   = 1_000    // requests in a text
	maxList    = 1_000    // headers of a request, members of an object
	maxDepth   = 64       // of brackets in each other
)

// An Error says what is wrong with a paste, and where.
type Error struct {
	Form    Form
	Line    int    // from 1
	Column  int    // in characters, from 1
	Offset  int    // in bytes of UTF-8, after a byte order mark
	Problem string // what is there, and what was expected or can be written instead
	Excerpt string // what stands at the place, bounded
}

// Error is one line in which nothing of the paste stands unquoted.
func (e *Error) Error() string {
	if e.Excerpt == "" {
		return fmt.Sprintf("%s, line %d, column %d: %s", e.Form, e.Line, e.Column, e.Problem)
	}
	return fmt.Sprintf("%s, line %d, column %d: %s, at %q", e.Form, e.Line, e.Column, e.Problem, e.Excerpt)
}

// source is the text that is being read. Offsets are into the whole text, so
// that every reader can name a place.
type source struct {
	form       Form
	text       string
	start, end int // what is left of the text without fences and prompts
}

func newSource(text []byte) (*source, error) {
	text = decode(text)
	s := &source{form: Console}
	if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		s.form = HAR
	}
	switch {
	case s.form == HAR && len(text) > MaxHAR:
		return nil, &Error{Form: HAR, Line: 1, Column: 1, Problem: fmt.Sprintf("%d bytes are too many: a HAR can have %d", len(text), MaxHAR)}
	case s.form != HAR && len(text) > MaxText:
		return nil, &Error{Form: Console, Line: 1, Column: 1, Problem: fmt.Sprintf("%d bytes are too many: a text can have %d", len(text), MaxText)}
	}
	s.text = string(text)
	s.end = len(s.text)
	if at := strings.IndexByte(s.text, 0); at >= 0 {
		return nil, s.errorf(at, "a NUL byte: this is not text")
	}
	s.trim()
	if s.start == s.end {
		return nil, s.errorf(s.start, "there is nothing here: paste a fetch() call, a curl command, a HAR file or a line of the console")
	}
	return s, nil
}

// decode returns UTF-8 without a byte order mark. PowerShell redirects into
// files of UTF-16.
func decode(text []byte) []byte {
	switch {
	case bytes.HasPrefix(text, []byte("\xEF\xBB\xBF")):
		return text[3:]
	case bytes.HasPrefix(text, []byte("\xFF\xFE")) && len(text) <= MaxHAR:
		units := make([]uint16, 0, len(text)/2)
		for i := 2; i+1 < len(text); i += 2 {
			units = append(units, uint16(text[i])|uint16(text[i+1])<<8)
		}
		return []byte(string(utf16.Decode(units)))
	}
	return text
}

// trim leaves out white space, the fences of Markdown, and a shell's prompt.
func (s *source) trim() {
	s.trimSpace()
	if strings.HasPrefix(s.rest(), "```") {
		if open := strings.IndexByte(s.rest(), '\n'); open >= 0 {
			s.start += open + 1
			if fence := strings.LastIndex(s.rest(), "```"); fence >= 0 {
				s.end = s.start + fence
			}
		}
		s.trimSpace()
	}
	for _, prompt := range []string{"$ ", "% ", "> ", "# "} {
		if strings.HasPrefix(s.rest(), prompt+"curl") || strings.HasPrefix(s.rest(), prompt+"fetch(") {
			s.start += len(prompt)
		}
	}
}

const white = " \t\r\n\v\f\u00a0\ufeff"

func (s *source) trimSpace() {
	s.start = s.end - len(strings.TrimLeft(s.rest(), white))
	s.end = s.start + len(strings.TrimRight(s.rest(), white))
}

func (s *source) rest() string { return s.text[s.start:s.end] }

// position returns the line and the column of an offset.
func (s *source) position(at int) (line, column int) {
	before := s.text[:min(at, len(s.text))]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

func (s *source) line(at int) int {
	line, _ := s.position(at)
	return line
}

func (s *source) errorf(at int, format string, args ...any) *Error {
	line, column := s.position(at)
	return &Error{
		Form: s.form, Line: line, Column: column, Offset: at,
		Problem: shorten(fmt.Sprintf(format, args...), 300), Excerpt: s.excerpt(at),
	}
}

// excerpt returns the beginning of what stands at an offset, to the end of its
// line at most.
func (s *source) excerpt(at int) string {
	const most = 32
	rest := s.text[min(at, len(s.text)):]
	rest, _, _ = strings.Cut(rest[:min(len(rest), 4*most+1)], "\n")
	return shorten(strings.TrimRight(rest, "\r"), most)
}

// shorten cuts a text after so many characters.
func shorten(text string, most int) string {
	for i := range text {
		if most == 0 {
			return text[:i] + "…"
		}
		most--
	}
	return text
}
