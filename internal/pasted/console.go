package pasted

import (
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// A Message is what one or more lines of a console say of one request.
type Message struct {
	Line  int
	Lines []string // as they were pasted, bounded
	// Browser is the name of fetch's profile of the browser that prints this:
	// "chrome" (and Edge, Opera, Brave), "firefox", "safari".
	Browser string
	// Since and Until bound the versions of that browser that print the sentence;
	// 0 is no bound.
	Since, Until int

	URL            string
	RedirectedFrom string // the first URL
	Origin         string // the page's
	Page           string // the page's address
	Initiator      string // as the browser calls it: "fetch", "XMLHttpRequest", "font", …

	Kind      fetch.Kind   // empty if the sentence leaves it open
	Also      []fetch.Kind // what else the browser says in the same words
	Preflight bool
	Method    string
	Name      string // the header or method that is named
	Value     string // the value that is named
	Status    int    // of the response, 0 if it is not said
	NetError  string // net::ERR_…
	// Warning says that the request was not blocked, yet.
	Warning bool
	// About is what the line is about, where that is not a response.
	About Topic
	// Follows says that the line only reports that something failed: the reason
	// is in another one, or nowhere.
	Follows bool
	// Leads says that URL is where a redirect leads. What was asked for is
	// RedirectedFrom, if the next line tells it.
	Leads bool
}

// A Topic is what a line can be about beside a response that a page may not read.
type Topic string

// The topics.
const (
	CookieRefused     Topic = "cookie-refused"     // by its own attributes
	CookiePartitioned Topic = "cookie-partitioned" // it is a third party's
	WorkerAnswered    Topic = "worker-answered"    // a service worker did, with what a page may not have
	ResourceTainted   Topic = "resource-tainted"   // loaded without CORS, and then looked into
	PreloadUnused     Topic = "preload-unused"     // its credentials mode is another
	SocketRefused     Topic = "socket-refused"
)

// parseConsole reads every line that a template knows. The others, such as
// stack traces, are counted.
func (s *source) parseConsole() (*Pasted, error) {
	p := &Pasted{Form: Console}
	ignored, number := 0, s.line(s.start)
	for line := range strings.SplitSeq(s.rest(), "\n") {
		text := strings.Trim(line, white)
		switch m, ok := readLine(text); {
		case ok:
			m.Line, m.Lines = number, []string{shorten(text, 2000)}
			if len(p.Messages) == maxFound {
				return nil, s.errorf(s.start, "more than %d messages", maxFound)
			}
			p.take(m)
		case text != "":
			ignored++
		}
		number++
	}
	if len(p.Messages) == 0 {
		return nil, s.errorf(s.start, "this is no fetch() call, no curl or Invoke-WebRequest command, no HAR, and no line about CORS that Chrome, Firefox or Safari print")
	}
	if ignored > 0 {
		p.note(LineIgnored, "", "%d lines are not about a failed request and were passed over", ignored)
	}
	for i := range p.Messages {
		p.addRequest(i)
	}
	return p, nil
}

// take adds a message, or what it adds to the one before it: browsers print two
// or three lines about one failure.
func (p *Pasted) take(m Message) {
	if p.Browser == "" {
		p.Browser = m.Browser
	}
	if len(p.Messages) > 0 {
		if last := &p.Messages[len(p.Messages)-1]; last.belongs(&m) {
			last.merge(&m)
			return
		}
	}
	p.Messages = append(p.Messages, m)
}

// belongs reports whether next is about the same failure.
func (m *Message) belongs(next *Message) bool {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	if m.Leads && next.Follows && m.Browser == next.Browser && m.RedirectedFrom == "" {
		return true // Safari names first where the redirect leads, then what was asked for
	}
	switch {
	case m.About != next.About && m.About != "" && next.About != "" || (m.About == "") != (next.About == "") && !m.Follows && !next.Follows:
		return false
	case differ(m.Browser, next.Browser), differ(m.Origin, next.Origin), differ(m.Method, next.Method):
		return false
	case m.Kind == fetch.PreflightRedirect && next.Kind == fetch.PreflightStatus && m.URL == next.URL:
		return true // Firefox says both
	case differ(m.URL, next.URL), m.Kind != "" && next.Kind != "" && !m.Follows && !next.Follows && m.Kind != next.Kind:
		return false
	case next.Follows:
		return true
	case m.Follows:
		return m.Kind == "" || next.Kind == "" || m.Kind == next.Kind
	}
	return m.Kind == next.Kind && !differ(m.Name, next.Name) && !differ(m.Value, next.Value)
}

// merge takes over what the other message knows. Its reason counts only if this
// one has none.
func (m *Message) merge(next *Message) {
	m.Lines = append(m.Lines, next.Lines...)
	fill := func(to *string, from string) {
		if *to == "" {
			*to = from
		}
	}
	if m.Leads && next.URL != m.URL {
		fill(&m.RedirectedFrom, next.URL)
	}
	fill(&m.URL, next.URL)
	fill(&m.RedirectedFrom, next.RedirectedFrom)
	fill(&m.Origin, next.Origin)
	fill(&m.Page, next.Page)
	fill(&m.Initiator, next.Initiator)
	fill(&m.Method, next.Method)
	fill(&m.NetError, next.NetError)
	if m.Kind == next.Kind {
		fill(&m.Name, next.Name)
		fill(&m.Value, next.Value)
	}
	if m.Status == 0 && (!m.Preflight || next.Preflight) {
		m.Status = next.Status
	}
	if m.About == "" {
		m.About = next.About
	}
	if m.Kind == "" || m.Follows && !next.Follows && next.Kind != "" {
		m.Kind, m.Also, m.Preflight, m.Name, m.Value, m.Warning = next.Kind, next.Also, next.Preflight, next.Name, next.Value, next.Warning
		m.Since, m.Until = next.Since, next.Until
	}
	m.Follows = m.Follows && next.Follows
}

// addRequest makes the request of a message, as far as its line knows it.
func (p *Pasted) addRequest(i int) {
	m := &p.Messages[i]
	scheme, _, _ := strings.Cut(m.URL, ":")
	switch scheme {
	case "":
		return
	case "ws", "wss":
		p.note(WebSocket, "", "WebSockets were left out: CORS does not apply to them, their servers check Origin themselves")
		return
	}
	f := Found{Line: m.Line, Failed: !m.Warning, Message: i}
	r := &f.Request
	r.URL, r.Origin, r.Page = m.URL, m.Origin, m.Page
	if m.RedirectedFrom != "" {
		r.URL = m.RedirectedFrom
	} else if m.Leads {
		f.note(AddressUnknown, "", "the line names where the redirect leads, not the address that was asked for")
	}
	f.methodOf(m)
	f.headersOf(m)
	f.credentialsOf(m)
	if r.Origin == "" && r.Page != "" {
		f.pageFromReferrer(r.Page)
	}
	if r.Origin == "" {
		f.note(OriginUnknown, "", "the line does not name the page's origin")
	}
	p.Requests = append(p.Requests, f)
}

func (f *Found) methodOf(m *Message) {
	switch {
	case m.Kind == fetch.MethodNotAllowed && m.Name != "":
		f.Request.Method = m.Name
	case m.Method != "":
		f.Request.Method = m.Method
	default:
		f.note(MethodUnknown, "", "the line does not name the method: GET is assumed")
	}
}

func (f *Found) headersOf(m *Message) {
	if m.Kind == fetch.HeaderNotAllowed && m.Name != "" {
		f.Request.Header.Add(m.Name, placeholder(m.Name))
		f.note(HeaderRestored, m.Name, "the line names the header %q; its value is not known", shorten(m.Name, 64))
	}
	switch {
	case m.Preflight && len(f.Request.Header) == 0 && f.Request.Method == "":
		f.note(HeadersUnknown, "", "there was a preflight, and the line does not say why: the method or a header needs it")
	default:
		f.note(HeadersUnknown, "", "the line does not list the headers that the script sets")
	}
}

func (f *Found) credentialsOf(m *Message) {
	switch m.Kind {
	case fetch.WildcardWithCredentials, fetch.InvalidAllowCredentials:
		f.Request.Credentials = fetch.CredentialsInclude // the browser says so
	default:
		f.note(CredentialsUnknown, "credentials", "the line does not say the credentials mode: same-origin is assumed, fetch()'s default")
	}
}
