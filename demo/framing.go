package demo

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// messages follows the HTTP/1.1 messages that go one way on a connection, however they are cut into
// reads and writes. It is strict, as a guess at where a message ends would show a body as a head: at the
// first thing that is not plainly right, it stops for good. https://www.rfc-editor.org/rfc/rfc9112
type messages struct {
	state state
	text  []byte // of the head or the line begun
	left  uint64 // bytes of the body or the chunk
}

type state string

const (
	inHead    state = "" // before or within a head
	inBody    state = "body"
	inSize    state = "chunk size"
	inChunk   state = "chunk"
	inEnd     state = "end of chunk"
	inTrailer state = "trailer"
	stopped   state = "stopped" // also: a body that goes on until the connection ends
)

const (
	maxHead = 16 << 10
	maxLine = 4 << 10 // of a chunk's size, or a line of the trailer
)

// framing says where the body of a message ends: https://www.rfc-editor.org/rfc/rfc9112#section-6.3
type framing struct {
	kind   framingKind
	length uint64
}

type framingKind string

const (
	empty    framingKind = "empty"
	counted  framingKind = "Content-Length"
	chunked  framingKind = "chunked"
	untilEnd framingKind = "until the end"
	unknown  framingKind = "unknown"
)

func (m *messages) stop() { m.state, m.text = stopped, nil }

// follow takes the next bytes. It calls begin with each head, which says how its body is framed.
func (m *messages) follow(b []byte, begin func(head) framing) {
	for len(b) > 0 && m.state != stopped {
		switch m.state {
		case inBody, inChunk:
			b = m.skip(b)
		case inHead:
			b = m.head(b, begin)
		default:
			b = m.line(b)
		}
	}
}

func (m *messages) skip(b []byte) (rest []byte) {
	n := min(m.left, uint64(len(b)))
	if m.left -= n; m.left == 0 {
		m.state = map[state]state{inBody: inHead, inChunk: inEnd}[m.state]
	}
	return b[n:]
}

func (m *messages) head(b []byte, begin func(head) framing) (rest []byte) {
	text, rest, whole := m.until(b, "\r\n\r\n", maxHead)
	if !whole {
		return nil
	}
	h, ok := parseHead(text)
	if !ok {
		m.stop()
		return nil
	}
	f := begin(h)
	switch f.kind {
	case empty:
	case counted:
		m.state, m.left = inBody, f.length
	case chunked:
		m.state = inSize
	default:
		m.stop()
	}
	return rest
}

var chunkSize = regexp.MustCompile(`^([0-9A-Fa-f]{1,15})[ \t]*(;.*)?$`)

// line takes a line of the chunked coding: https://www.rfc-editor.org/rfc/rfc9112#section-7.1
func (m *messages) line(b []byte) (rest []byte) {
	line, rest, whole := m.until(b, "\r\n", maxLine)
	if !whole {
		return nil
	}
	switch m.state {
	case inSize:
		size := chunkSize.FindStringSubmatch(line)
		if size == nil {
			m.stop()
			return nil
		}
		m.left, _ = strconv.ParseUint(size[1], 16, 64)
		m.state = inChunk
		if m.left == 0 {
			m.state = inTrailer
		}
	case inEnd:
		if line != "" {
			m.stop()
			return nil
		}
		m.state = inSize
	case inTrailer:
		if line == "" {
			m.state = inHead
		}
	}
	return rest
}

// until collects bytes up to the mark, which may lie in several pieces.
func (m *messages) until(b []byte, mark string, most int) (text string, rest []byte, whole bool) {
	from := max(0, len(m.text)-len(mark)+1)
	before := len(m.text)
	m.text = append(m.text, b[:min(len(b), most+len(mark)-before)]...)
	i := bytes.Index(m.text[from:], []byte(mark))
	if i < 0 {
		if len(m.text) == most+len(mark) {
			m.stop()
		}
		return "", nil, false
	}
	text = string(m.text[:from+i])
	rest = b[from+i+len(mark)-before:]
	m.text = nil
	return text, rest, true
}

// A head is the start line and the header of a message.
type head struct{ lines []string }

var fieldLine = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+:")

// parseHead refuses what recipients understand differently, so that nobody can hide one message in
// another: bare CR and LF, folded lines, spaces before the colon.
func parseHead(text string) (head, bool) {
	lines := strings.Split(readable(text), "\r\n")
	for i, line := range lines {
		if strings.ContainsAny(line, "\r\n\x00") || i > 0 && !fieldLine.MatchString(line) {
			return head{}, false
		}
	}
	return head{lines}, true
}

// readable turns bytes that are no UTF-8 into the characters of the same numbers, as browsers do with
// header values: https://infra.spec.whatwg.org/#isomorphic-decode
func readable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var s strings.Builder
	for _, b := range []byte(text) {
		s.WriteRune(rune(b))
	}
	return s.String()
}

var (
	requestLine = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+) [^ ]+ HTTP/1\\.[01]$")
	statusLine  = regexp.MustCompile(`^HTTP/1\.[01] ([1-9][0-9]{2})( .*)?$`)
	digits      = regexp.MustCompile(`^[0-9]{1,18}$`)
)

func (h head) method() (method string, ok bool) {
	m := requestLine.FindStringSubmatch(h.lines[0])
	if m == nil {
		return "", false
	}
	return m[1], true
}

func (h head) status() (status int, ok bool) {
	m := statusLine.FindStringSubmatch(h.lines[0])
	if m == nil {
		return 0, false
	}
	status, err := strconv.Atoi(m[1])
	return status, err == nil
}

func (h head) values(name string) (values []string) {
	for _, line := range h.lines[1:] {
		n, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(n, name) {
			values = append(values, strings.Trim(value, " \t"))
		}
	}
	return values
}

func (h head) requestFraming() framing { return h.framing(framing{kind: empty}) }

func (h head) responseFraming(method string, status int) framing {
	if method == "HEAD" || status == 204 || status == 304 {
		return framing{kind: empty}
	}
	return h.framing(framing{kind: untilEnd})
}

func (h head) framing(otherwise framing) framing {
	codings, lengths := h.values("Transfer-Encoding"), h.values("Content-Length")
	switch {
	case len(codings) == 0 && len(lengths) == 0:
		return otherwise
	case len(codings) == 1 && len(lengths) == 0 && strings.EqualFold(codings[0], "chunked"):
		return framing{kind: chunked}
	case len(codings) > 0 || len(lengths) > 1 || !digits.MatchString(lengths[0]):
		return framing{kind: unknown}
	}
	length, _ := strconv.ParseUint(lengths[0], 10, 64)
	if length == 0 {
		return framing{kind: empty}
	}
	return framing{kind: counted, length: length}
}
