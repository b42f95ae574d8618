package export

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// FuzzHAProxy: whatever a policy holds, HAProxy reads the same words as for a
// policy in which nothing has a meaning to it, and where words differ they have
// none. What the test has from the start is read by HAProxy, too.
func FuzzHAProxy(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		text := haproxy.Export(p, source).Text()
		got, want := haproxyWords(t, text), haproxyWords(t, haproxy.Export(plain, "corsac.yaml").Text())
		if len(got) != len(want) {
			t.Fatalf("HAProxy reads %d words, and not %d:\n%s", len(got), len(want), text)
		}
		for i := range got {
			if got[i] != want[i] && !haproxyHarmlessText.MatchString(got[i]) {
				t.Errorf("HAProxy reads %s, and not %s", got[i], want[i])
			}
		}
		if !isFuzzing() {
			readByHAProxy(t, text)
		}
	})
}

var (
	haproxyComparedPath = regexp.MustCompile(`(?:,hex -m (?:str|beg) [0-9A-F]+| -m (?:str|beg) /[A-Za-z0-9/._~-]*) }`)
	haproxyHarmlessText = regexp.MustCompile("^\"(?:[A-Za-z0-9!#&'*+.^_`|~, -]|%%|\\\\\\$)*\"$")
)

// haproxyWords are the words that HAProxy reads, with their quotes, and the ends
// of lines. Paths are compared as they are or in numbers, which is one here.
func haproxyWords(t *testing.T, text string) (words []string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		line = haproxyComparedPath.ReplaceAllString(line, " PATH }")
		for line = strings.TrimLeft(line, " \t"); line != "" && line[0] != '#'; line = strings.TrimLeft(line, " \t") {
			end := haproxyWordEnd(t, line)
			words, line = append(words, line[:end]), line[end:]
		}
		if line == "" || line[0] != '#' {
			words = append(words, "\n")
		}
	}
	return words
}

func haproxyWordEnd(t *testing.T, line string) int {
	t.Helper()
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote == 0 && strings.IndexByte(" \t#", c) >= 0:
			return i
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == c:
			quote = 0
		case quote != '\'' && c == '\\':
			i++
		}
	}
	if quote != 0 {
		t.Fatalf("a string has no end: %s", line)
	}
	return len(line)
}

func readByHAProxy(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	conf := strings.NewReplacer("ADDRESS", "127.0.0.1:9", "CORSAC", text, "AUTH", "", "API", "127.0.0.1:1").Replace(haproxyCfg)
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRead(t, lab.Path(t, "haproxy"), "-c", "-f", file)
}
