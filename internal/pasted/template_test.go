package pasted

import (
	"strings"
	"testing"
)

// sample has a value for every variable.
var sample = map[string]string{
	"url": "https://api.example.com/x?y=1", "first": "https://first.example.com/", "origin": "https://app.example.com",
	"page": "https://app.example.com/p", "initiator": "XMLHttpRequest", "name": "X-Api-Key", "value": "a value, or two",
	"space": "loopback", "rest": "X Y, (z)", "status": "403", "neterror": "ERR_CONNECTION_REFUSED",
	"reason": "",
}

// Every sentence, filled in, is found again with its values: none hides behind
// another one.
func TestEveryTemplateIsFound(t *testing.T) {
	t.Parallel()
	chrome := heads[1].fill(sample)
	for _, set := range [][]template{reasons, sentences, network} {
		for i := range set {
			tmpl := &set[i]
			line := tmpl.fill(sample)
			if tmpl.Browser == "chrome" && &set[0] == &reasons[0] {
				line = chrome + line
			}
			m, ok := readLine("[Error] " + line + " (app.js, line 3)")
			switch {
			case !ok || m.Browser != tmpl.Browser:
				t.Errorf("%q is not recognised: %+v", line, m)
			case m.Kind != tmpl.Kind && !strings.Contains(tmpl.Text, "{neterror}"):
				t.Errorf("%q: kind %q, want %q", line, m.Kind, tmpl.Kind)
			}
			for name, got := range map[string]string{"url": m.URL, "name": m.Name, "value": m.Value, "page": m.Page, "origin": m.Origin} {
				if strings.Contains(tmpl.Text, "{"+name+"}") && got != sample[name] && !(name == "value" && m.Value == sample["space"]) {
					t.Errorf("%q: %s is %q, want %q", line, name, got, sample[name])
				}
			}
		}
	}
}

func TestHeads(t *testing.T) {
	t.Parallel()
	for i := range heads {
		for _, reason := range reasons {
			if heads[i].Browser != "" && heads[i].Browser != reason.Browser || reason.Warning != heads[i].Warning && reason.Warning {
				continue
			}
			line := heads[i].fill(sample) + reason.fill(sample)
			m, ok := readLine(line)
			if !ok || m.Kind != reason.Kind || m.URL != sample["url"] {
				t.Errorf("%q: %+v", line, m)
			}
		}
	}
}
