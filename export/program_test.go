package export

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// keepsShape holds a target that writes code against hostile values: they are
// in literals and comments, each whole. What is left of the code when these are
// taken out is what it is with harmless values.
func keepsShape(t *testing.T, target Target, comment, source, path, method, name string) {
	t.Helper()
	p, plain := hostilePolicies(t, path, method, name)
	got, literals := skeleton(t, target.Export(p, source).Text(), comment)
	want, _ := skeleton(t, target.Export(plain, "plain").Text(), comment)
	if got != want {
		t.Fatalf("without literals it is\n%s\nnot\n%s", got, want)
	}
	r := p.Rules()[0]
	for _, value := range []string{r.Path, r.Methods[0], r.Headers[0], r.Expose[0]} {
		value = string([]rune(value))
		if value != "/" && !slices.Contains(literals, value) {
			t.Errorf("%q is no literal of %q", value, literals)
		}
	}
}

// proveHostile puts hostile values into force, and asks for them.
func proveHostile(t *testing.T, target Target, start start) {
	for i, v := range hostileValues {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			p, _ := hostilePolicies(t, v.path, v.method, v.name)
			e := target.Export(p, v.source)
			address := start(t, stand{Export: e})
			r := p.Rules()[0]
			if slices.ContainsFunc(e.Losses, func(l Loss) bool { return strings.HasSuffix(l.Path, ".path") }) {
				return // it has started, which is all that can be asked
			}
			ask := promise{request: []string{"OPTIONS " + (&url.URL{Path: r.Path}).EscapedPath(), "Origin: " + app, "Access-Control-Request-Method: PUT"}}
			res := ask.send(t, address)
			if m, h := res.Header.Get("Access-Control-Allow-Methods"), res.Header.Get("Access-Control-Allow-Headers"); res.StatusCode != 204 || m != r.Methods[0] || h != r.Headers[0] {
				t.Errorf("%s allows %q and %q, want %q and %q", res.Status, m, h, r.Methods[0], r.Headers[0])
			}
		})
	}
}

// skeleton is code without what is in its comments and strings, and the strings.
func skeleton(t *testing.T, code, comment string) (rest string, literals []string) {
	t.Helper()
	var b strings.Builder
	for code != "" {
		switch {
		case strings.HasPrefix(code, comment):
			b.WriteString(comment)
			code = code[strings.IndexAny(code, "\n\r\v\f\u0085\u2028\u2029"):]
		case strings.HasPrefix(code, `"""`):
			b.WriteString(`""""""`)
			_, code, _ = strings.Cut(code[3:], `"""`)
		case code[0] == '"':
			literal := code[:endOfString(t, code)]
			var value string
			if err := json.Unmarshal([]byte(literal), &value); err != nil {
				t.Fatalf("%s: %v", literal, err)
			}
			literals = append(literals, value)
			b.WriteString(`""`)
			code = code[len(literal):]
		default:
			b.WriteByte(code[0])
			code = code[1:]
		}
	}
	return b.String(), literals
}

func endOfString(t *testing.T, code string) int {
	t.Helper()
	for i := 1; i < len(code); i++ {
		switch code[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n', '\r':
			t.Fatalf("a string goes over the end of its line: %.80s", code)
		}
	}
	t.Fatalf("a string has no end: %.80s", code)
	return 0
}
