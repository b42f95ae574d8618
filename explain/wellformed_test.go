package explain

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestUntriedAreWellFormed reads what no test can run: at least it is YAML,
// JSON or XML, and holds the names.
func TestUntriedAreWellFormed(t *testing.T) {
	t.Parallel()
	readers := map[string]func(string) error{
		"traefik": isYAML, "envoy": isYAML, "kong": isYAML, "aws-apigw": isYAML, "corsac": isYAML, "s3": isJSON, "iis": isXML,
		"aspnet": isBalanced, "cloudflare": isBalanced, "go": isBalanced, "spring": isBalanced, "express": isBalanced,
	}
	for _, d := range dialects {
		read := readers[d.id]
		if read == nil && d.trial == "" {
			t.Errorf("%s is neither run nor read", d.id)
		}
		if read == nil {
			continue
		}
		for name, g := range map[string]grant{
			"hard":   {origin: app, methods: []string{"PUT", "DELETE"}, headers: []string{"authorization", "x-a"}, credentials: true},
			"public": {origin: "*", methods: []string{"GET"}, headers: []string{"x-a"}},
			"least":  {origin: "http://[::1]:3000", methods: []string{"GET"}},
		} {
			text := strings.Join(g.writeFor(d.id), "\n")
			if err := read(text); err != nil {
				t.Errorf("%s, %s: %v\n%s", d.id, name, err, text)
			}
			if !strings.Contains(text, g.origin) && d.id != "aspnet" {
				t.Errorf("%s, %s: the origin is not in it:\n%s", d.id, name, text)
			}
		}
	}
}

// TestConfigFits: 80 columns hold what is said; code stays whole.
func TestConfigFits(t *testing.T) {
	t.Parallel()
	g := grant{origin: "http://localhost:3000", methods: []string{"POST"}, headers: []string{"authorization", "x-a"}, credentials: true}
	for _, d := range dialects {
		for _, line := range g.writeFor(d.id) {
			isComment := strings.Contains(line, "# ") || strings.Contains(line, "// ") || strings.Contains(line, "<!--")
			if columns := len([]rune(line)); columns > 80-6 && isComment || columns > 120 {
				t.Errorf("%s: %d columns: %s", d.id, len([]rune(line)), line)
			}
		}
	}
}

// TestNothingIsWrittenOfOddNames: what a server or a page may say gets into no
// configuration if it could mean something there.
func TestNothingIsWrittenOfOddNames(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{`x"`, "x'", "x`", "x$y", "x{y}", "x\ny", "x;y", "x#y", "x y", "x%[y]", "x\\", "<x>", "x(y)", "", "x|y", "x!"} {
		for _, g := range []grant{
			{origin: "https://" + odd, methods: []string{"GET"}}, {origin: app, methods: []string{odd}}, {origin: app, methods: []string{"GET"}, headers: []string{odd}},
		} {
			for _, d := range dialects {
				if text := g.writeFor(d.id); text != nil && odd != "" {
					t.Errorf("%q in %s:\n%s", odd, d.id, strings.Join(text, "\n"))
				}
			}
		}
	}
}

func isYAML(text string) error {
	var v map[string]any
	return yaml.Unmarshal([]byte(text), &v)
}

func isJSON(text string) error { return json.Unmarshal([]byte(text), new(any)) }

func isXML(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// isBalanced looks at brackets only.
func isBalanced(text string) error {
	var open []rune
	pairs := map[rune]rune{')': '(', ']': '[', '}': '{'}
	for _, r := range text {
		switch {
		case strings.ContainsRune("([{", r):
			open = append(open, r)
		case pairs[r] == 0:
		case len(open) == 0 || open[len(open)-1] != pairs[r]:
			return errors.New("a bracket closes what was not opened: " + string(r))
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return errors.New("a bracket is not closed: " + string(open))
	}
	return nil
}

// What a request does not need is not in the fix: nobody writes empty lists.
func TestGoFixHasNothingEmpty(t *testing.T) {
	t.Parallel()
	small := strings.Join(grant{origin: "https://a.example", methods: []string{"GET"}}.golang(), "\n")
	for _, name := range []string{"Methods", "Headers", "Credentials", "{}"} {
		if strings.Contains(small, name) {
			t.Errorf("there is %s in\n%s", name, small)
		}
	}
	large := strings.Join(grant{origin: "https://a.example", methods: []string{"PUT"}, headers: []string{"x-a"}, credentials: true}.golang(), "\n")
	for _, line := range []string{`    Methods:     []string{"PUT"},`, `    Headers:     []string{"x-a"},`, `    Credentials: true,`} {
		if !strings.Contains(large, line+"\n") {
			t.Errorf("there is no %q in\n%s", line, large)
		}
	}
}
