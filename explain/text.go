package explain

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// A Style is how a report looks in a terminal.
type Style struct {
	Width int  // columns; 0 is 80
	Color bool // ANSI colours, which only repeat what the words say
	ASCII bool // no character beyond ASCII but those of the input
	// Brief leaves out the wire, the browsers' texts and the probes.
	Brief bool
}

// A page is a text that grows.
type page struct {
	strings.Builder
	Style
}

// Text is the report for a terminal: the verdict first.
func (r *Report) Text(s Style) string {
	if s.Width == 0 {
		s.Width = 80
	}
	p := &page{Style: s}
	for n, line := range r.Read {
		p.item(map[bool]string{true: "read", false: "note"}[n == 0], line)
	}
	if len(r.Read) > 0 {
		p.gap()
	}
	p.verdict(r)
	p.parties(r)
	if !s.Brief {
		p.conversation(r)
		p.browsers(r)
	}
	for n, c := range r.Causes {
		p.cause(r.label(n), c)
	}
	p.needs(r)
	p.obstacles(r)
	p.questions(r)
	p.end(r)
	text := p.String()
	if s.ASCII {
		text = toASCII.Replace(text)
	}
	return text
}

// label says what the n-th diagnosis is: the cause of a failure, or something
// that goes with it.
func (r *Report) label(n int) string {
	switch {
	case n == 0 && r.Answer == Readable:
		return "But"
	case n == 0:
		return "Cause"
	case r.Causes[0].Certainty == Possible && r.Answer != Readable:
		return "Or"
	}
	return "Also"
}

func (p *page) verdict(r *Report) {
	mark, color := "✗", red
	switch r.Answer {
	case Readable:
		mark, color = "✓", green
	case Unknown:
		mark, color = "?", amber
	}
	for n, line := range p.wrap(r.Headline, p.Width-2) {
		if n > 0 {
			mark = " "
		}
		fmt.Fprintf(p, "%s %s\n", p.paint(color, mark), p.paint(bold, line))
	}
	if r.hasCause() {
		p.bullet(2, p.paint(bold, r.Causes[0].Code), r.Causes[0].Title)
	}
	p.gap()
}

// hasCause reports whether the first diagnosis is why the answer is no.
func (r *Report) hasCause() bool {
	if len(r.Causes) == 0 || r.Causes[0].Certainty == Possible {
		return false
	}
	return r.Answer == Blocked || strings.HasPrefix(r.Causes[0].Code, "CX-N")
}

func (p *page) parties(r *Report) {
	if r.Page == "unknown" && r.Target.URL == "unknown" {
		return // a console's line that names neither
	}
	p.item("page", r.Page+"   "+r.Target.Relation)
	where := []string{r.Target.URL}
	for _, part := range []string{r.Target.Address, r.Target.TLS, r.Target.Protocol} {
		if part != "" {
			where = append(where, part)
		}
	}
	p.item("target", strings.Join(where, "   "))
	if r.Server != nil {
		p.item("server", fmt.Sprintf("%s, %s (%s)", r.Server.Name, r.Server.Certainty, r.Server.Evidence))
	}
	if r.Request.Method == "unknown" {
		p.gap()
		return // of a console's line
	}
	if r.Request.By == "websocket" {
		p.item("call", "a WebSocket's handshake, with the cookies that the browser has")
		p.gap()
		return
	}
	p.item("call", r.Request.by()+strings.Join([]string{r.Request.Method, "mode " + r.Request.Mode, "credentials " + r.Request.Credentials, "redirect " + r.Request.Redirect}, "   "))
	if len(r.Preflight) > 0 {
		p.item("preflight", "because of "+reasonsText(r.Preflight))
	}
	if len(r.Remembered) > 0 {
		p.item("kept", "the preflight's answer: "+rememberedText(r.Remembered))
	}
	p.gap()
}

// by names what makes the request, unless it is fetch().
func (c Call) by() string {
	if c.By == "" || c.By == "fetch" {
		return ""
	}
	return c.By + "   "
}

// reasonsText names what makes a preflight necessary, and values only where they
// are the reason.
func reasonsText(reasons []Reason) string {
	var parts []string
	for _, r := range reasons {
		switch {
		case r.Name == "method":
			parts = append(parts, "the method "+r.Value)
		case fetch.IsCORSSafelistedRequestHeader(r.Name, ""), strings.EqualFold(r.Name, "content-type"), strings.EqualFold(r.Name, "range"):
			parts = append(parts, r.Name+": "+cut(r.Value))
		default:
			parts = append(parts, r.Name)
		}
	}
	return strings.Join(parts, " · ")
}
