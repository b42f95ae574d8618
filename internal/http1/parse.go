package http1

import (
	"strings"

	"golang.org/x/net/http/httpguts"
)

// A parser takes a head or a trailer section apart, of which it has all lines,
// the last one empty. What it returns are parts of the text.
type parser struct {
	text     string
	at       int   // start of what is not parsed yet
	base     int64 // offset of the text in the message
	limits   Limits
	lenience Lenience
	forgiveness
}

func (p *parser) requestHead(h *RequestHead) (err error) {
	if err := p.checkBytes(); err != nil {
		return err
	}
	if err := p.requestLine(h); err != nil {
		return err
	}
	if h.Header, err = p.fields(h.Header); err != nil {
		return err
	}
	return p.checkHost(h)
}

func (p *parser) responseHead(h *ResponseHead) (err error) {
	if err := p.checkBytes(); err != nil {
		return err
	}
	if err := p.statusLine(h); err != nil {
		return err
	}
	h.Header, err = p.fields(h.Header)
	return err
}

// checkBytes refuses the bytes that readers of HTTP disagree about wherever
// they stand. Line feeds are looked at line by line.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-5.5
func (p *parser) checkBytes() error {
	if i := strings.IndexByte(p.text, 0); i >= 0 && !p.lenience.NULInLostLines {
		return p.zero(i)
	}
	for at := 0; ; {
		i := strings.IndexByte(p.text[at:], '\r')
		if i < 0 {
			return nil
		}
		at += i + 1
		if at == len(p.text) || p.text[at] != '\n' {
			return p.fault(BareCR, at-1, p.text[at-1:], "a line ends in CR LF")
		}
	}
}

func (p *parser) zero(at int) error { return p.fault(NUL, at, p.text[at:], "no zero bytes") }

// next returns the line at p.at without its end, and moves behind it.
func (p *parser) next() (line string, err error) {
	end := p.at + strings.IndexByte(p.text[p.at:], '\n')
	line = p.text[p.at:end]
	p.at = end + 1
	if line, ok := strings.CutSuffix(line, "\r"); ok {
		return line, nil
	}
	return line, p.forgive(p.lenience.BareLF, p.fault(BareLF, end, line, "a line ends in CR LF"))
}

// https://www.rfc-editor.org/rfc/rfc9112#section-3
func (p *parser) requestLine(h *RequestHead) error {
	line, err := p.next()
	if err != nil {
		return err
	}
	method, rest, _ := strings.Cut(line, " ")
	target, version, ok := strings.Cut(rest, " ")
	switch targetAt, versionAt := len(method)+1, len(method)+len(target)+2; {
	case !ok || strings.Contains(version, " "):
		return p.fault(BadStartLine, 0, line, "method, target and version with one space between")
	case !isToken(method):
		return p.fault(BadMethod, 0, method, "a token")
	case !isTarget(method, target, p.lenience):
		return p.fault(BadTarget, targetAt, target, targetForms)
	case !isVersion(version):
		return p.fault(BadVersion, versionAt, version, version11)
	}
	h.Method, h.Target, h.Version = method, target, version
	return nil
}

// https://www.rfc-editor.org/rfc/rfc9112#section-4
func (p *parser) statusLine(h *ResponseHead) error {
	line, err := p.next()
	if err != nil {
		return err
	}
	if i := strings.IndexByte(line, 0); i >= 0 {
		return p.zero(i)
	}
	version, rest, ok := strings.Cut(line, " ")
	// The space before an absent reason phrase is often absent too.
	digits, reason, _ := strings.Cut(rest, " ")
	status, isStatus := parseStatus(digits)
	switch {
	case !ok:
		return p.fault(BadStartLine, 0, line, "version and status with one space between")
	case !isVersion(version):
		return p.fault(BadVersion, 0, version, version11)
	case !isStatus:
		return p.fault(BadStatus, len(version)+1, digits, "three digits from 100 on")
	}
	h.Version, h.Status, h.Reason = version, status, reason
	return nil
}

// fields adds the field lines up to the empty line to h.
func (p *parser) fields(h Header) (Header, error) {
	for {
		start := p.at
		line, err := p.next()
		if err != nil {
			return h, err
		}
		if line == "" {
			return h, nil
		}
		field, err := p.field(start, line)
		if err == nil && isOWS(p.text[p.at]) {
			field.Value, err = p.unfold(field.Value)
		}
		field.Value = trimOWS(field.Value)
		switch {
		case err != nil:
			return h, err
		case field.Name == "":
			continue // forgiven
		case strings.IndexByte(field.Value, 0) >= 0:
			return h, p.zero(start + strings.IndexByte(p.text[start:], 0))
		case len(h) == p.limits.fields():
			return h, p.fault(TooManyFields, start, "", "")
		}
		h = append(h, field)
	}
}

// field parses a field line, but for the blanks around the value; the zero
// field stands for a line that is left out.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-5
func (p *parser) field(start int, line string) (Field, error) {
	name, value, ok := strings.Cut(line, ":")
	if trimmed := strings.TrimRight(name, " \t"); ok && trimmed != name && isToken(trimmed) && p.lenience.SpaceBeforeColon {
		_ = p.forgive(true, p.fault(SpaceInName, start+len(trimmed), line[len(trimmed):], "a colon right behind the name"))
		name = trimmed
	}
	if ok && isToken(name) {
		return Field{name, value}, nil
	}
	return Field{}, p.forgive(p.lenience.MalformedLines, p.malformed(start, line))
}

// malformed names what is wrong with a line that is no field line.
func (p *parser) malformed(start int, line string) *Error {
	name, _, ok := strings.Cut(line, ":")
	trimmed := strings.TrimRight(name, " \t")
	switch {
	case isOWS(line[0]):
		return p.fault(ObsoleteFold, start, line, "a name at the start of the line")
	case ok && isToken(trimmed):
		return p.fault(SpaceInName, start+len(trimmed), line[len(trimmed):], "a colon right behind the name")
	default:
		return p.fault(BadName, start, line, "a token and a colon")
	}
}

// unfold adds the lines that continue a value.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-5.2
func (p *parser) unfold(value string) (string, error) {
	parts := []string{value}
	for isOWS(p.text[p.at]) {
		start := p.at
		line, err := p.next()
		if err == nil {
			err = p.forgive(p.lenience.ObsFold, p.fault(ObsoleteFold, start, line, "a name at the start of the line"))
		}
		if err != nil {
			return "", err
		}
		if !p.lenience.KeepFoldBlanks {
			line = " " + strings.TrimLeft(line, " \t")
		}
		parts = append(parts, line)
	}
	return strings.Join(parts, ""), nil
}

// fault is an error at a place of the text.
func (p *parser) fault(kind Kind, at int, near, want string) *Error {
	return newError(kind, p.base+int64(at), near, want)
}

// lineOf finds the last line of a name, for an error.
func lineOf(text, name string) (at int) {
	start := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		if found, _, ok := strings.Cut(line, ":"); ok && equalFold(strings.TrimRight(found, " \t"), name) {
			at = start
		}
		start += len(line)
	}
	return at
}

func isToken(s string) bool { return httpguts.ValidHeaderFieldName(s) }

func isOWS(c byte) bool { return c == ' ' || c == '\t' }

// isVersion takes the later minor versions that the standard reserves: they
// would be understood as 1.1.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-2.5
func isVersion(s string) bool {
	const major = "HTTP/1."
	return len(s) == len(major)+1 && s[:len(major)] == major && isDigit(s[len(major)])
}

func parseStatus(s string) (int, bool) {
	if len(s) != 3 || s[0] < '1' || s[0] > '9' || !isDigit(s[1]) || !isDigit(s[2]) {
		return 0, false
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0'), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
