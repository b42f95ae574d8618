package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// word is one of a command line, in quotes or not.
var word = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)

func verbs() []*cobra.Command {
	var none bytes.Buffer
	return newRoot(newTerminal(&none, &none, &none)).Commands()
}

// words are the arguments of a command line, without what the shell does with the rest.
func words(line string) []string {
	for _, end := range []string{" #", " < ", " > ", " | "} {
		line, _, _ = strings.Cut(line, end)
	}
	args := word.FindAllString(line, -1)
	for i, arg := range args {
		args[i] = strings.Trim(arg, `'"`)
	}
	return args
}

// TestHelpExamples holds the examples in the help against the verbs and their flags.
func TestHelpExamples(t *testing.T) {
	t.Parallel()
	parsed := 0
	for _, verb := range verbs() {
		for line := range strings.Lines(verb.Example) {
			line, ok := strings.CutPrefix(strings.TrimSpace(line), "corsac ")
			if !ok {
				t.Errorf("an example of %s is %q", verb.Name(), line)
				continue
			}
			parse(t, words(line))
			parsed++
		}
	}
	if parsed == 0 {
		t.Error("the help has no examples")
	}
}

// TestDocsCommands does the same with what the pages tell to type, on lines of their own and in sentences.
func TestDocsCommands(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	diagnoses, err := filepath.Glob("../../docs/explain/*.md")
	if err != nil {
		t.Fatal(err)
	}
	typed := regexp.MustCompile("(?m)^(?:    )?(?:\\$ )?corsac ([a-z]+ .*|[a-z]+)$|`corsac ([a-z]+ [^`]*)`")
	parsed := 0
	for _, page := range append(pages, diagnoses...) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range typed.FindAllStringSubmatch(string(text), -1) {
			line := strings.Join(strings.Fields(m[1]+m[2]), " ")
			if strings.HasSuffix(line, " --to") {
				continue // names the flag, and nothing to type
			}
			parse(t, words(line))
			parsed++
		}
	}
	if parsed < 20 {
		t.Errorf("only %d commands were found", parsed)
	}
}

// TestFlagsAreTold: the page of a verb tells of all its flags.
func TestFlagsAreTold(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"serve": "gateway", "explain": "explain", "test": "testing", "import": "import", "export": "export"}
	told := 0
	for _, verb := range verbs() {
		name, ok := pages[verb.Name()]
		if !ok {
			continue
		}
		page, err := os.ReadFile("../../docs/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		verb.Flags().VisitAll(func(f *pflag.Flag) {
			told++
			long := regexp.MustCompile(`--` + f.Name + `\b`).Match(page)
			short := f.Shorthand != "" && bytes.Contains(page, []byte("`-"+f.Shorthand+"`"))
			if !long && !short {
				t.Errorf("docs/%s.md says nothing of --%s", name, f.Name)
			}
		})
	}
	if told == 0 {
		t.Error("no verb has flags")
	}
}

// TestExplainsTheExampleOfAConsole: it can be typed as it stands in the help.
func TestExplainsTheExampleOfAConsole(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	example := regexp.MustCompile(`explain "(.*)"`).FindStringSubmatch(newExplain(newTerminal(&stdout, &stdout, &stderr)).Example)
	if example == nil {
		t.Fatal("there is none")
	}
	if code := run(t.Context(), []string{"explain", example[1]}, &stdout, &stdout, &stderr); code != exitNo {
		t.Errorf("%q ends with %d: %s", example[1], code, &stderr)
	}
}

// TestTestingDocs: docs/testing.md shows what corsac test says of its example, and of the same with its last
// test turned around.
func TestTestingDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	if example == nil {
		t.Fatal("the page has no policy")
	}
	const last = "  - block: DELETE /users/1 from https://app.example.com\n    because: method\n"
	good := string(example[1])
	bad := strings.Replace(good, last, "  - allow: DELETE /users/1 from https://app.example.com\n", 1)
	t.Chdir(t.TempDir())
	for _, row := range []struct {
		policy string
		code   int
	}{{good, exitFine}, {bad, exitNo}} {
		if err := os.WriteFile("corsac.yaml", []byte(row.policy), 0o666); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"test"}, &stderr, &stdout, &stderr)
		shown := "    $ corsac test\n    " + strings.ReplaceAll(strings.TrimSpace(stdout.String()), "\n", "\n    ") + "\n\n"
		if code != row.code || !strings.Contains(string(text), shown) {
			t.Errorf("docs/testing.md does not show, with %d:\n%s", code, shown)
		}
	}
}
