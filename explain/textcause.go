package explain

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// Why, and what to do about it.

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
	if r.Meanwhile != "" {
		p.command("meanwhile", r.Meanwhile)
		p.item("", "a gateway for your page to call, while the server stays as it is")
	}
	if r.Next != "" {
		p.command("next", r.Next)
	}
	if len(r.Causes) > 0 {
		p.item("more", "corsac explain "+r.Causes[0].Code)
	}
}
