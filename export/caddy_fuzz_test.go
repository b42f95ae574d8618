package export

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// FuzzCaddy: whatever a policy holds, Caddy reads the same words as for a policy
// in which nothing has a meaning to it, and where words differ they have none.
// What the test has from the start is read by Caddy, too.
func FuzzCaddy(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		text := caddy.Export(p, source).Text()
		got, want := caddyWords(t, text), caddyWords(t, caddy.Export(plain, "corsac.yaml").Text())
		if isFuzzing() && len(caddy.Export(p, source).Losses) > 0 {
			t.Skip("the path is no UTF-8: its rule allows nothing")
		}
		if len(got) != len(want) {
			t.Fatalf("Caddy reads %d words, and not %d:\n%s", len(got), len(want), text)
		}
		for i := range got {
			if got[i] != want[i] && !caddyHarmlessPath.MatchString(got[i]) && !caddyHarmlessText.MatchString(got[i]) {
				t.Errorf("Caddy reads %q", got[i])
			}
		}
		if !isFuzzing() {
			readByCaddy(t, text)
		}
	})
}

var (
	caddyHarmlessPath = regexp.MustCompile(`^"\^(?:[A-Za-z0-9/_~-]|\\\.|\\x\{[0-9a-f]+\}|[^\x00-\x7f])*(?:\(\?:/\|\$\)|\$)"$`)
	caddyHarmlessText = regexp.MustCompile("^\"[A-Za-z0-9!#$%&'*+.^_`|~, -]*\"$")
)

// caddyWords are the words that Caddy reads, with their quotes, and the ends of
// lines.
func caddyWords(t *testing.T, text string) (words []string) {
	t.Helper()
	if strings.Contains(text, "{$") {
		t.Errorf("Caddy looks for a variable of the environment in %s", text)
	}
	for text != "" {
		switch c := text[0]; {
		case c == ' ' || c == '\t' || c == '\r':
			text = text[1:]
		case c == '\n':
			words, text = append(words, "\n"), text[1:]
		case c == '#':
			end := strings.IndexByte(text, '\n')
			text = text[end:]
		case c == '"' || c == '`':
			end := 1
			for ; end < len(text) && text[end] != c; end++ {
				if c == '"' && text[end] == '\\' {
					end++
				}
			}
			if end >= len(text) {
				t.Fatalf("a string has no end: %s", text)
			}
			words, text = append(words, text[:end+1]), text[end+1:]
		default:
			end := strings.IndexAny(text, " \t\r\n")
			words, text = append(words, text[:end]), text[end:]
		}
	}
	return words
}

func readByCaddy(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	conf := strings.NewReplacer("DIR", dir, "PORT", "9", "AUTH", "", "API", "http://127.0.0.1:1").Replace(caddyfile)
	for name, text := range map[string]string{"Caddyfile": conf, "corsac.caddy": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	mustRead(t, lab.Path(t, "caddy"), "validate", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile")
}
