package explain

import (
	"fmt"
	"strings"
	"unicode/utf8"

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

var toASCII = strings.NewReplacer("✗", "x", "✓", "+", "·", "-", "▸", ">", "→", "->", "…", "...", "‘", "'", "’", "'", "“", `"`, "”", `"`)

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

// gap is an empty line, but never two.
func (p *page) gap() {
	if !strings.HasSuffix(p.String(), "\n\n") && p.Len() > 0 {
		p.WriteByte('\n')
	}
}

func (p *page) paint(code, text string) string {
	if !p.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	amber = "33"
	blue  = "36"
)

// labelWidth is the width of the column of labels.
const labelWidth = 11

// item is a label and a text that is broken into lines beside it.
func (p *page) item(label, text string) { p.labelled(label, text, "") }

func (p *page) labelled(label, text, color string) {
	for n, line := range p.wrap(text, p.Width-labelWidth-2) {
		if n > 0 {
			label = ""
		}
		fmt.Fprintf(p, "  %s%s\n", p.paint(faint, fmt.Sprintf("%-*s", labelWidth, label)), p.paint(color, line))
	}
}

// bullet is a text behind a mark, indented.
func (p *page) bullet(indent int, mark, text string) {
	for n, line := range p.wrap(text, p.Width-indent-2) {
		if n > 0 {
			mark = " "
		}
		fmt.Fprintf(p, "%*s%s %s\n", indent, "", mark, line)
	}
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

func (p *page) conversation(r *Report) {
	for n, x := range r.Exchanges {
		took := ""
		if x.Millis > 0 {
			took = fmt.Sprintf("   %.0f ms", x.Millis)
		}
		for l, line := range p.wrap(fmt.Sprintf("%s %s%s", x.Method, x.URL, took), p.Width-6) {
			lead := "    "
			if l == 0 {
				lead = fmt.Sprintf("%d ▸ ", n+1)
			}
			fmt.Fprintf(p, "  %s%s\n", lead, p.paint(bold, line))
		}
		for _, l := range x.Lines {
			p.wireLine(l)
		}
	}
	if len(r.Exchanges) > 0 {
		p.gap()
	}
}

// wireLine shows a line, with carets under what is wrong with it.
func (p *page) wireLine(l Line) {
	const indent = 8
	room := p.Width - indent
	if l.Direction == "" {
		p.bullet(indent-2, " ", l.Text)
		if l.Note != "" {
			p.bullet(indent, " ", l.Note)
		}
		return
	}
	runes := []rune(l.Text)
	for start := 0; start == 0 || start < len(runes); start += room {
		end := min(start+room, len(runes))
		direction := l.Direction
		if start > 0 {
			direction = " "
		}
		fmt.Fprintf(p, "      %s %s\n", p.paint(faint, direction), string(runes[start:end]))
		if from, to := max(l.From, start), min(l.To, end); from < to {
			fmt.Fprintf(p, "%*s%s\n", indent+from-start, "", p.paint(red, strings.Repeat("^", to-from)))
		}
	}
	if l.Note != "" {
		for _, line := range p.wrap(l.Note, room) {
			fmt.Fprintf(p, "%*s%s\n", indent, "", p.paint(red, line))
		}
	}
}

var browserNames = map[string]string{"chrome": "Chrome", "firefox": "Firefox", "safari": "Safari", "standard": "standard"}

func (p *page) browsers(r *Report) {
	if len(r.Says) > 0 {
		p.title("The browser says")
	}
	for _, s := range r.Says {
		if len(s.Lines) == 0 {
			p.item("  "+browserNames[s.Browser], "(nothing)")
		}
		for n, line := range s.Lines {
			label := ""
			if n == 0 {
				label = "  " + browserNames[s.Browser]
			}
			p.item(label, line)
		}
	}
	if len(r.Says) > 0 {
		p.item("  your JS", r.Says[0].Script)
		if r.SaysNote != "" {
			p.bullet(2, " ", r.SaysNote)
		}
		p.gap()
	}
	p.differences(r)
}

// differences are told only where browsers and the standard disagree.
func (p *page) differences(r *Report) {
	answers := make(map[Answer]bool)
	for _, profile := range r.Profiles {
		answers[profile.Answer] = true
	}
	if len(answers) < 2 {
		return
	}
	p.title("They disagree")
	for _, profile := range r.Profiles {
		p.item("  "+browserNames[profile.Name], strings.TrimSuffix(string(profile.Answer)+": "+profile.Failure, ": "))
	}
	p.gap()
}

func (p *page) title(text string) { fmt.Fprintf(p, "  %s\n", p.paint(bold, text)) }

func (p *page) cause(label string, c Diagnosis) {
	p.labelled(label, fmt.Sprintf("%s (%s, %s)", c.Cause, c.Certainty, c.Code), "")
	for _, line := range c.Evidence {
		p.bullet(4, "·", line)
	}
	p.labelled("Fix", c.Fix.What, green)
	if len(c.Fix.Servers) > 0 {
		p.item("", "--server NAME writes it out: "+strings.Join(c.Fix.Servers[:mostServers], ", ")+" and others (--help)")
	}
	if len(c.Fix.Config) > 0 {
		p.labelled("", c.Fix.File+" ("+c.Fix.Server+"), for this one request; --server for others:", faint)
		for _, line := range c.Fix.Config {
			fmt.Fprintf(p, "      %s\n", p.paint(blue, line))
		}
	}
	p.gap()
}

// mostServers are those named in the text; all of them are in the JSON.
const mostServers = 6

func (p *page) needs(r *Report) {
	if len(r.Needs) == 0 || r.Answer == Readable {
		return
	}
	p.title("The browser needs at least")
	for _, need := range r.Needs {
		p.bullet(4, "·", "from the "+need.Exchange+":")
		for _, line := range need.Lines {
			p.bullet(6, p.paint(faint, "<"), line)
		}
	}
	p.gap()
}

func (p *page) obstacles(r *Report) {
	if len(r.Obstacles) < 2 {
		return
	}
	p.title("One after the other, all that is in the way")
	for n, o := range gathered(r.Obstacles) {
		seen := ""
		if !o.Seen {
			seen = " (not seen yet: unless the server does it already)"
		}
		p.bullet(4, fmt.Sprintf("%d", n+1), fmt.Sprintf("%s: %s → %s%s", o.Exchange, o.What, o.Mend, seen))
	}
	p.gap()
}

// gathered makes one of headers that are refused one after the other.
func gathered(all []Obstacle) (few []Obstacle) {
	for _, o := range all {
		last := len(few) - 1
		if last < 0 || o.Kind != string(fetch.HeaderNotAllowed) || few[last].Kind != o.Kind || few[last].Hop != o.Hop || few[last].Exchange != o.Exchange {
			few = append(few, o)
			continue
		}
		names := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(few[last].What, "the headers "), "the header "), " are not allowed")
		names = strings.TrimSuffix(names, " is not allowed")
		next := strings.TrimSuffix(strings.TrimPrefix(o.What, "the header "), " is not allowed")
		few[last].What = "the headers " + names + ", " + next + " are not allowed"
		few[last].Mend = "add them to Access-Control-Allow-Headers"
	}
	return few
}

func (p *page) questions(r *Report) {
	if len(r.Questions) == 0 {
		return
	}
	p.title("To ask, since nothing shows it")
	for _, q := range r.Questions {
		p.bullet(4, "·", q)
	}
	p.gap()
}

func (p *page) end(r *Report) {
	if r.Curl != "" {
		p.command("reproduce", r.Curl)
	}
	if r.Next != "" {
		p.command("next", r.Next)
	}
	if len(r.Causes) > 0 {
		p.item("more", "corsac explain "+r.Causes[0].Code)
	}
}

// command is a line to copy: it is broken only where a shell joins it again.
func (p *page) command(label, line string) {
	const indent = labelWidth + 2
	room := p.Width - indent - len(` \\`)
	fmt.Fprintf(p, "  %s", p.paint(faint, fmt.Sprintf("%-*s", labelWidth, label)))
	written := 0
	for n, part := range options(line) {
		length := utf8.RuneCountInString(part)
		switch {
		case n == 0:
		case written+1+length > room:
			fmt.Fprintf(p, " \\\n%*s", indent+2, "")
			written = 2
		default:
			p.WriteByte(' ')
			written++
		}
		p.WriteString(part)
		written += length
	}
	p.WriteByte('\n')
}

// options takes a command line apart before each option, but not within quotes.
func options(line string) (parts []string) {
	begin, quotes := 0, false
	for i := range len(line) {
		switch {
		case line[i] == '\'' && (quotes || i == 0 || line[i-1] != '\\'):
			quotes = !quotes
		case !quotes && strings.HasPrefix(line[i:], " -"):
			parts = append(parts, line[begin:i])
			begin = i + 1
		}
	}
	return append(parts, line[begin:])
}

// wrap goes before what ASCII makes longer.
func (p *page) wrap(text string, width int) []string {
	if p.ASCII {
		text = toASCII.Replace(text)
	}
	return wrap(text, width)
}

// wrap breaks a text between words. A word that is too long is broken too.
func wrap(text string, width int) (lines []string) {
	width = max(width, 20)
	line, length := "", 0
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case line == "" && length == 0 && n <= width:
			line, length = word, n
			continue
		case length+1+n <= width:
			line, length = line+" "+word, length+1+n
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		runes := []rune(word)
		for len(runes) > width {
			lines = append(lines, string(runes[:width]))
			runes = runes[width:]
		}
		line, length = string(runes), len(runes)
	}
	return append(lines, line)
}
