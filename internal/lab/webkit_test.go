package lab_test

import (
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

func TestWebKit(t *testing.T) {
	b := lab.WebKit(t)
	api := api(t)
	page := pages(t, api)
	for _, test := range []struct {
		name, path string
		run        func(*testing.T, *lab.Tab)
	}{
		{"evaluate", "", testEval},
		{"throw", "", testThrow},
		{"navigate", "/leave", func(t *testing.T, tab *lab.Tab) { testNavigate(t, tab, page) }},
		{"cross-origin", "", func(t *testing.T, tab *lab.Tab) {
			if got := lab.Value[string](tab, "fetch('"+api+"/open').then(r => r.text())"); got != "hello" {
				t.Errorf("allowed: %q", got)
			}
			if name := lab.Value[string](tab, "fetch('"+api+"/closed').catch(e => e.name)"); name != "TypeError" {
				t.Errorf("not allowed: %s", name)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b.Open(t, page+test.path)) })
	}
	if b.Version() == "" {
		t.Error("it has no version")
	}
}
