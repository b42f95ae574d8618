package export

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const nginxAPI = `
	include DIR/corsac-maps.conf;
	server {
		listen ADDRESS;
		include DIR/corsac-server.conf;
		location / { AUTH proxy_pass API; }
		location /down/ { proxy_pass http://127.0.0.1:1; }
	}
`

func TestNginx(t *testing.T) {
	lab.Need(t, "nginx")
	prove(t, nginx, startNginx)
}

func startNginx(t testing.TB, s stand) string {
	auth, files := "", textsOf(s.Export)
	if s.auth {
		auth, files["users"] = "auth_basic api; auth_basic_user_file DIR/users;", ""
	}
	return "http://" + lab.Nginx(t, strings.NewReplacer("AUTH", auth, "API", s.api).Replace(nginxAPI), files)
}

// textsOf are the files of an export.
func textsOf(e Export) map[string]string {
	texts := make(map[string]string)
	for _, f := range e.Files {
		texts[f.Name] = f.Text
	}
	return texts
}

// FuzzNginx: whatever a policy holds, nginx reads as many words, in the same
// places, as for a policy in which nothing has a meaning to it.
func FuzzNginx(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		e, like := nginx.Export(p, source), nginx.Export(plain, "corsac.yaml")
		for i := range e.Files {
			got, want := nginxShape(t, e.Files[i].Text), nginxShape(t, like.Files[i].Text)
			got = strings.ReplaceAll(got, "geo $corsac_dollar {\ndefault $ ;\n}\n", "")
			if got != want {
				t.Errorf("nginx reads\n%s\nand not\n%s", got, want)
			}
		}
	})
}

// nginxShape is how nginx reads a text: the words of each directive, with a
// place-holder for quoted ones.
func nginxShape(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	for text != "" {
		switch c := text[0]; {
		case c == '#':
			_, text, _ = strings.Cut(text, "\n")
		case c == ' ' || c == '\t' || c == '\n':
			text = text[1:]
		case c == ';' || c == '{' || c == '}':
			b.WriteString(string(c) + "\n")
			text = text[1:]
		case c == '"':
			end := 1
			for ; end < len(text) && text[end] != '"'; end++ {
				if text[end] == '\\' {
					end++
				}
			}
			if end >= len(text) {
				t.Fatalf("a string has no end: %s", text)
			}
			word := text[1:end]
			if strings.Contains(strings.ReplaceAll(word, "${corsac_dollar}", ""), "$") && !isOwnVariable(word) && word[0] != '~' && word != "$" {
				t.Errorf("%q would be searched for variables", word)
			}
			if word == "$" {
				b.WriteString("$ ")
			} else {
				b.WriteString("_ ")
			}
			text = text[end+1:]
		default:
			end := strings.IndexAny(text, " \t\n;{}")
			if end < 0 {
				t.Fatalf("a word has no end: %s", text)
			}
			b.WriteString(text[:end] + " ")
			text = text[end:]
		}
	}
	return b.String()
}

// isOwnVariable reports whether the words are nginx's or the exporter's own
// variables, joined by bars.
func isOwnVariable(word string) bool {
	for name := range strings.SplitSeq(word, "|") {
		if !strings.HasPrefix(name, "$corsac_") && !strings.HasPrefix(name, "$http_") && !slices.Contains([]string{"$host", "$uri", "$request_method"}, name) {
			return false
		}
	}
	return true
}
