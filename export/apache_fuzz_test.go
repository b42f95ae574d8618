package export

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// FuzzApache: whatever a policy holds, Apache reads the same directives as for a
// policy in which nothing has a meaning to it, and where words differ they have
// none. What the test has from the start is read by Apache, too.
func FuzzApache(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		for _, target := range []Target{apache, htaccess} {
			text, like := target.Export(p, source).Text(), target.Export(plain, "corsac.yaml").Text()
			sameToApache(t, text, like)
			if !isFuzzing() {
				readByApache(t, text)
			}
		}
	})
}

func sameToApache(t *testing.T, text, like string) {
	t.Helper()
	got, want := apacheLines(t, text), apacheLines(t, like)
	if len(got) != len(want) {
		t.Fatalf("Apache reads %d directives, and not %d:\n%s", len(got), len(want), text)
	}
	for i := range got {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("Apache reads %q, and not %q", got[i], want[i])
		}
		for j, word := range got[i] {
			if word != want[i][j] && !isHarmlessToApache(got[i], word) {
				t.Errorf("Apache reads %q in %q", word, got[i])
			}
		}
	}
}

var (
	apacheHarmlessPath = regexp.MustCompile(`^\^(?:[A-Za-z0-9/_~-]|\\\.|\\x[0-9a-f]{2})*(?:\(\?:/\|\$\)|\$)$`)
	apacheHarmlessText = regexp.MustCompile("^(?:[A-Za-z0-9!#$&'*+.^_`|~, -]|%%)*$")
)

// isHarmlessToApache: a path is an expression of numbers, and the value of a
// header a text without formats.
func isHarmlessToApache(line []string, word string) bool {
	if line[0] == "Header" {
		return apacheHarmlessText.MatchString(word)
	}
	return apacheHarmlessPath.MatchString(word)
}

// apacheLines are the words of each directive, as Apache reads them.
func apacheLines(t *testing.T, text string) (lines [][]string) {
	t.Helper()
	text = strings.ReplaceAll(text, "\\\n", "")
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimLeft(line, " \t\r\f\v")
		if line == "" || line[0] == '#' {
			continue
		}
		if strings.Contains(line, "${") {
			t.Errorf("Apache looks for a variable in %s", line)
		}
		var words []string
		for line != "" {
			var word string
			word, line = apacheWord(t, line)
			words = append(words, word)
		}
		lines = append(lines, words)
	}
	return lines
}

// apacheWord is the first word of a line, and the rest.
func apacheWord(t *testing.T, line string) (word, rest string) {
	t.Helper()
	quote := line[0]
	if quote != '"' && quote != '\'' {
		end := strings.IndexAny(line+" ", " \t")
		return line[:end], strings.TrimLeft(line[end:], " \t")
	}
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == quote:
			return b.String(), strings.TrimLeft(line[i+1:], " \t")
		case c == '\\' && i+1 < len(line) && (line[i+1] == quote || line[i+1] == '\\'):
			i++
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	t.Fatalf("a string has no end: %s", line)
	return "", ""
}

const apacheCheck = apacheEvent + `
<Directory />
	Include DIR/corsac.conf
</Directory>
`

func readByApache(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	conf := strings.NewReplacer("ADDRESS", "127.0.0.1:9", "DIR", dir, "USER", "", "MODULES", "/usr/lib/apache2/modules").Replace(apacheConf + apacheCheck)
	for name, text := range map[string]string{"httpd.conf": conf, "corsac.conf": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	mustRead(t, lab.Path(t, "apache"), "-t", "-f", filepath.Join(dir, "httpd.conf"))
}
