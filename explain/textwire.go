package explain

import (
	"fmt"
	"strings"
)

// What was on the wire, and what the browsers make of it.

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
