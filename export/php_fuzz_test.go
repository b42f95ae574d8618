package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// FuzzPHP: whatever a policy holds, PHP reads the same code as for a policy in
// which nothing has a meaning to it, with other strings. What the test has from
// the start is read by PHP, too.
func FuzzPHP(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		text := php.Export(p, source).Text()
		got, read := phpShape(t, text)
		want, _ := phpShape(t, php.Export(plain, "corsac.yaml").Text())
		if got != want {
			t.Errorf("PHP reads\n%s\nand not\n%s", got, want)
		}
		// A rule for everything needs no path.
		if path := p.Rules()[0].Path; path != "/" && !read[path] || !read[method] || !read[name] {
			t.Errorf("PHP reads %q, %q or %q as something else:\n%s", path, method, name, text)
		}
		if !isFuzzing() {
			readByPHP(t, text)
		}
	})
}

// phpShape is the code with a place-holder for each string and without
// comments, and the strings.
func phpShape(t *testing.T, text string) (code string, found map[string]bool) {
	t.Helper()
	found = make(map[string]bool)
	var b strings.Builder
	text, ok := strings.CutPrefix(text, "<?php\n")
	if !ok {
		t.Fatal("it does not begin as PHP")
	}
	for text != "" {
		switch c := text[0]; {
		case strings.HasPrefix(text, "?>"):
			t.Fatalf("PHP ends at %s", text)
		case strings.HasPrefix(text, "//"):
			var comment string
			comment, text, _ = strings.Cut(text, "\n")
			if strings.ContainsAny(comment, "\r") || strings.Contains(comment, "?>") {
				t.Errorf("the comment ends in between: %s", comment)
			}
		case c == '\'' || c == '"':
			var value string
			value, text = phpString(t, text)
			found[value] = true
			b.WriteByte('_')
		case strings.IndexByte("#`<", c) >= 0 && !strings.HasPrefix(text, "<="):
			t.Fatalf("%q is not for strings only: %s", c, text)
		default:
			b.WriteByte(c)
			text = text[1:]
		}
	}
	return b.String(), found
}

// phpString is the string at the beginning of a text, as PHP reads it, and what
// comes after it.
func phpString(t *testing.T, text string) (value, rest string) {
	t.Helper()
	quote, own := text[0], strings.HasPrefix(text, `"$`) // values never begin so
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			return b.String(), text[i+1:]
		case c == '\\' && (text[i+1] == '\\' || text[i+1] == quote || quote == '"' && text[i+1] == '$'):
			i++
			b.WriteByte(text[i])
		case c == '\\' && quote == '"' && text[i+1] == 'x':
			b.WriteByte(unhex(text[i+2])<<4 | unhex(text[i+3]))
			i += 3
		case c == '$' && quote == '"' && !own:
			t.Fatalf("PHP looks for a variable in %s", text[:i+1])
		default:
			b.WriteByte(c)
		}
	}
	t.Fatalf("a string has no end: %s", text)
	return "", ""
}

func unhex(c byte) byte { return byte(strings.IndexByte("0123456789abcdef", c)) }

func readByPHP(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "corsac.php")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRead(t, lab.Path(t, "php"), "-n", "-l", file)
}
