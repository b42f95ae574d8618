package pasted

import (
	"strconv"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// A template is a sentence that a browser prints, with what varies in braces:
// {url} {first} {origin} {page} {initiator} {method} {name} {value} {status}
// {neterror} {space} {reason}. It can stand anywhere in a line, since consoles
// put places and times before it, and links behind it.
type template struct {
	Browser      string
	Since, Until int // versions; 0 is no bound
	Text         string

	Kind      fetch.Kind
	Also      []fetch.Kind // other kinds that the browser says in the same words
	Preflight bool
	Warning   bool
	Follows   bool
	About     Topic
	Ends      bool // nothing stands behind it
	Leads     bool // {url} is where a redirect leads, not what was asked for

	method string   // of the request, where the literal names it
	parts  []string // literals and names in turn
}

// compile takes the braces apart.
func (t template) compile() template {
	for rest := t.Text; ; {
		literal, tail, open := strings.Cut(rest, "{")
		t.parts = append(t.parts, literal)
		if !open {
			return t
		}
		var name string
		name, rest, _ = strings.Cut(tail, "}")
		t.parts = append(t.parts, name)
	}
}

// match finds the sentence in a line. Each variable is as short as the literal
// after it allows, so a line is passed over once.
func (t *template) match(line string) (fields map[string]string, ok bool) {
	at := strings.Index(line, t.parts[0])
	if at < 0 {
		return nil, false
	}
	if t.parts[0] == "" && len(t.parts) > 1 { // the variable is the word before the literal
		if at = wordBefore(line, t.parts[2]); at < 0 {
			return nil, false
		}
	}
	rest := line[at+len(t.parts[0]):]
	for i := 1; i < len(t.parts); i += 2 {
		name, literal := t.parts[i], t.parts[i+1]
		var value string
		switch {
		case literal == "" && (name == "reason" || name == "rest"):
			value, rest = rest, ""
		case literal == "":
			value, rest, _ = strings.Cut(rest, " ")
			value = strings.TrimRight(value, ".,;)")
		default:
			value, rest, ok = strings.Cut(rest, literal)
			if !ok {
				return nil, false
			}
		}
		if !fits(name, value) {
			return nil, false
		}
		if fields == nil {
			fields = make(map[string]string, 4)
		}
		fields[name] = value
	}
	if t.Ends && strings.Trim(rest, " .") != "" && !strings.HasPrefix(rest, "(") {
		return nil, false
	}
	return fields, true
}

func wordBefore(line, literal string) int {
	end := strings.Index(line, literal)
	if end < 1 {
		return -1
	}
	return strings.LastIndexAny(line[:end], " \t") + 1
}

// fits keeps templates from matching prose.
func fits(name, value string) bool {
	switch name {
	case "url", "first", "page":
		return strings.Contains(value, ":") && !strings.ContainsAny(value, " \t")
	case "origin":
		return value == "null" || strings.Contains(value, "://")
	case "method", "initiator", "name":
		return value != "" && len(value) < 200 && !strings.ContainsAny(value, " \t\"'")
	case "status":
		if value == "(null)" {
			return true
		}
		_, err := strconv.ParseUint(value, 10, 16)
		return err == nil
	case "neterror":
		return value != "" && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" || strings.HasPrefix(value, "ERR_BLOCKED_BY_RESPONSE")
	}
	return true
}

// fill is the sentence with the variables filled in.
func (t *template) fill(fields map[string]string) string {
	var b strings.Builder
	for i, part := range t.parts {
		if i%2 == 0 {
			b.WriteString(part)
		} else {
			b.WriteString(fields[part])
		}
	}
	return b.String()
}

// quotes makes plain quotes of the curly ones that Firefox prints and that
// chats and blogs make of plain ones.
var quotes = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "\u00a0", " ")

// readLine finds the sentence in a line: a head that names address and page
// with a reason behind it, a sentence of its own, or a reason alone.
func readLine(line string) (m Message, ok bool) {
	if line == "" {
		return m, false
	}
	line = quotes.Replace(line)
	for _, set := range [][]template{heads, sentences, network} {
		for i := range set {
			fields, found := set[i].match(line)
			if !found {
				continue
			}
			var this Message
			reason, isHead := fields["reason"]
			this.apply(&set[i], fields)
			if !isHead || this.readReason(reason) {
				return this, true
			}
			if !ok { // a head whose reason is new: better than nothing
				m, ok = this, this.Browser != ""
			}
		}
	}
	if !ok {
		ok = m.readReason(line)
	}
	return m, ok
}

// readReason reads what stands behind a head: the one reason, and the remarks
// that older versions add.
func (m *Message) readReason(text string) bool {
	if inner, ok := redirectHead.match(text); ok {
		m.apply(&redirectHead, inner)
		text = inner["reason"]
	}
	known := false
	for i := range reasons {
		if m.Browser != "" && m.Browser != reasons[i].Browser {
			continue
		}
		if fields, ok := reasons[i].match(text); ok {
			m.apply(&reasons[i], fields)
			known = true
			break
		}
	}
	if !known {
		return false
	}
	if strings.Contains(text, preflightPrefix) {
		m.Preflight = true
	}
	for i := range remarks {
		if fields, ok := remarks[i].match(text); ok {
			m.apply(&remarks[i], fields)
		}
	}
	return true
}

// apply takes over what a template knows and what it found. The narrower bounds
// of the versions count.
func (m *Message) apply(t *template, fields map[string]string) {
	if t.Browser != "" {
		m.Browser = t.Browser
	}
	m.Since = max(m.Since, t.Since)
	if t.Until != 0 && (m.Until == 0 || t.Until < m.Until) {
		m.Until = t.Until
	}
	if t.Kind != "" {
		m.Kind = t.Kind
	}
	if t.Also != nil {
		m.Also = t.Also
	}
	if t.method != "OPTIONS" && t.method != "" {
		m.Method = t.method
	}
	m.Preflight = m.Preflight || t.Preflight
	m.Warning = m.Warning || t.Warning
	m.Follows = m.Follows || t.Follows
	m.Leads = m.Leads || t.Leads
	if t.About != "" {
		m.About = t.About
	}
	for name, value := range fields {
		m.set(name, value)
	}
}

func isSocket(url string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(url), ":")
	return scheme == "ws" || scheme == "wss"
}

func (m *Message) set(name, value string) {
	switch name {
	case "url":
		m.URL = strings.Trim(strings.TrimSuffix(value, "."), "'")
		if isSocket(m.URL) {
			m.About, m.Follows = SocketRefused, false
		}
	case "first":
		m.RedirectedFrom = value
	case "origin":
		m.Origin = value
	case "page":
		m.Page = value
	case "initiator":
		m.Initiator = value
	case "method":
		m.Method = value
	case "name":
		m.Name = value
	case "value", "space", "rest":
		m.Value = value
	case "status":
		m.Status, _ = strconv.Atoi(value)
	case "neterror":
		m.NetError = "net::" + value
		if kind := kindOfNetError(m.NetError); kind != "" {
			m.Kind = kind
			m.Follows = false
		}
	}
}
