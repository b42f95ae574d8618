package fetch

import (
	"regexp"
	"strings"
)

// checkXHROptions refuses what XMLHttpRequest has no word for.
func checkXHROptions(in *Request) *Failure {
	for _, option := range []struct {
		name, value string
		known       bool
	}{
		{"mode", string(in.Mode), isOneOf(in.Mode, "", ModeCORS)},
		{"credentials", string(in.Credentials), in.Credentials != CredentialsOmit},
		{"redirect", string(in.Redirect), isOneOf(in.Redirect, "", RedirectFollow)},
		{"cache", string(in.Cache), isOneOf(in.Cache, "", CacheDefault)},
	} {
		if !option.known {
			return &Failure{Kind: InvalidOption, Name: option.name, Value: option.value}
		}
	}
	return nil
}

// bodyTypeOfText is the type that comes with a string.
const bodyTypeOfText = "text/plain;charset=UTF-8"

// sendXHR makes the charset of text the one that it is sent in.
//
// https://xhr.spec.whatwg.org/#dom-xmlhttprequest-send
func (f *fetching) sendXHR() {
	r := &f.request
	if r.body == nil || f.in.BodyType != bodyTypeOfText {
		return
	}
	for i := range r.header {
		field := &r.header[i]
		if !asciiEqualFold(field.Name, "Content-Type") {
			continue
		}
		before := field.Value
		if f.profile.XHRReplacesCharset {
			field.Value = replaceCharset(before)
		} else if m, ok := parseMIMEType(before); ok && m.setCharset("UTF-8") {
			field.Value = m.String()
		}
		if field.Value != before {
			r.typeAsSet = before
			f.note(xhrSend, "send() writes the charset of text anew", fact("Content-Type", before), fact("sent", field.Value))
		}
	}
}

// replaceCharset replaces each charset where it stands, whether or not the rest
// is a MIME type.
func replaceCharset(s string) string {
	var b strings.Builder
	at := 0
	for _, m := range charsets.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(s[at:m[2]] + "UTF-8")
		at = m[3]
	}
	return b.String() + s[at:]
}

var charsets = regexp.MustCompile(`(?i)[\x00-\x20;]charset[\x00-\x20]*=[\x00-\x20"']*([^\x00-\x20"';]+)`)

// mimeType is a MIME type with its parameters, names in lower case.
//
// https://mimesniff.spec.whatwg.org/#mime-type
type mimeType struct {
	essence    string
	parameters []Field
}

// setCharset reports whether there was another charset.
func (m *mimeType) setCharset(charset string) bool {
	for i := range m.parameters {
		if p := &m.parameters[i]; p.Name == "charset" && !asciiEqualFold(p.Value, charset) {
			p.Value = charset
			return true
		}
	}
	return false
}

// https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func parseMIMEType(s string) (m mimeType, ok bool) {
	if m.essence, ok = mimeEssence(s); !ok {
		return m, false
	}
	_, rest, more := strings.Cut(strings.Trim(s, httpWhitespace), ";")
	for more {
		var name, value string
		name, value, rest, more = cutParameter(rest)
		known := Header(m.parameters).Has(name)
		if isToken(name) && isQuotable(value) && !known {
			m.parameters = append(m.parameters, Field{Name: asciiLower(name), Value: value})
		}
	}
	return m, true
}

// cutParameter takes the first parameter off. Where there is none, its name is
// empty.
func cutParameter(s string) (name, value, rest string, more bool) {
	s = strings.TrimLeft(s, httpWhitespace)
	end := strings.IndexAny(s, ";=")
	if end < 0 {
		return "", "", "", false
	}
	if s[end] == ';' {
		return "", "", s[end+1:], true
	}
	name, s = s[:end], s[end+1:]
	if strings.HasPrefix(s, `"`) {
		value, s = cutQuoted(s)
		_, rest, more = strings.Cut(s, ";")
		return name, value, rest, more
	}
	value, rest, more = strings.Cut(s, ";")
	if value = strings.TrimRight(value, httpWhitespace); value == "" {
		name = ""
	}
	return name, value, rest, more
}

// cutQuoted takes a quoted string off, and its quotes and backslashes with it.
//
// https://fetch.spec.whatwg.org/#collect-an-http-quoted-string
func cutQuoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:]
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// https://mimesniff.spec.whatwg.org/#http-quoted-string-token-code-point
func isQuotable(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < 0x20 && c != '\t' || c == 0x7F })
}

// String serializes the type.
//
// https://mimesniff.spec.whatwg.org/#serialize-a-mime-type
func (m *mimeType) String() string {
	var b strings.Builder
	b.WriteString(m.essence)
	for _, p := range m.parameters {
		b.WriteString(";" + p.Name + "=")
		if isToken(p.Value) {
			b.WriteString(p.Value)
			continue
		}
		b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.Value) + `"`)
	}
	return b.String()
}
