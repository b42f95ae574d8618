package policyfile

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/internal/methods"
	"github.com/corsac-cors/corsac/internal/origins"
)

// A Test says what must become of one request, made by a page with fetch().
type Test struct {
	// Line and Column say where the test begins in the file.
	Line, Column int
	// Allow is whether the page must be able to read the response; else it
	// must be blocked.
	Allow  bool
	Method string
	// Target is the path, with the query if there is one, or a URL with a host.
	Target *url.URL
	// Origin is the page's, "null" included.
	Origin string
	// Headers are those that the script sets, with values that need permission.
	Headers []string
	// Reads are the response headers that the script must be able to read,
	// Hides those that it must not.
	Reads, Hides []string
	// Because is why the page must be blocked, or "" for whatever reason.
	Because Because
	// Credentials is whether the page sends cookies along.
	Credentials bool
}

// Because is what a page is blocked for.
type Because = corsac.Reason

// What a page can be blocked for.
const (
	BecauseOrigin      = corsac.UnlistedOrigin
	BecauseMethod      = corsac.UnlistedMethod
	BecauseHeader      = corsac.UnlistedHeader
	BecauseCredentials = corsac.NoCredentials
	BecauseNoRule      = corsac.NoRule
)

var becauses = []Because{BecauseOrigin, BecauseMethod, BecauseHeader, BecauseCredentials, BecauseNoRule}

// tests checks the section tests, which corsac.New knows nothing of.
func (d *decoder) tests(entries []testEntry) []Test {
	var tests []Test
	for i, e := range entries {
		tests = append(tests, d.test(fmt.Sprintf("tests[%d]", i), e))
	}
	return tests
}

func (d *decoder) test(at string, e testEntry) Test {
	t := Test{
		Allow:       e.Block == "",
		Headers:     e.Headers,
		Reads:       e.Reads,
		Hides:       e.Hides,
		Because:     Because(e.Because),
		Credentials: e.Credentials,
	}
	t.Line, t.Column = position(d.tokenAt(at))
	allows, blocks := d.has(at+".allow"), d.has(at+".block")
	switch {
	case allows && blocks:
		d.problem(at, "make two tests of it", "the test has both allow and block")
	case allows:
		d.sentence(at+".allow", e.Allow, &t)
	case blocks:
		d.sentence(at+".block", e.Block, &t)
	case !d.report.covers(at+".allow") && !d.report.covers(at+".block"):
		d.problem(at, `write allow: or block:, as in "allow: GET /users/ from https://app.example.com"`, "the test has neither allow nor block")
	}
	d.expectation(at, &t)
	d.testHeaders(at, &t)
	return t
}

func (d *decoder) expectation(at string, t *Test) {
	switch {
	case !d.has(at + ".because"):
	case t.Allow:
		d.problem(at+".because", "write block: instead of allow:, or remove it", "what is allowed needs no reason")
	case !slices.Contains(becauses, t.Because):
		hint := fmt.Sprintf("the reasons are %s", joined(becauses))
		d.problem(at+".because", hint, "there is no reason %q", t.Because)
	}
	for key, names := range map[string][]string{".reads": t.Reads, ".hides": t.Hides} {
		if !t.Allow && len(names) > 0 {
			d.problem(at+key, "remove it, or write allow: instead of block:", "a page that is blocked reads nothing")
		}
	}
}

// sentence reads "METHOD PATH from ORIGIN".
func (d *decoder) sentence(at, s string, t *Test) {
	words := wordsOf(s)
	if len(words) != 4 || words[2].text != "from" {
		d.problem(at, `write METHOD PATH from ORIGIN, as in "PUT /users/1 from https://app.example.com"`, "%q is no request", s)
		return
	}
	d.testMethod(at, words[0], t)
	d.testTarget(at, words[1], t)
	d.testOrigin(at, words[3], t)
}

// A word is one of those of a sentence.
type word struct {
	text   string
	offset int // in characters
}

func wordsOf(s string) []word {
	var words []word
	end := 0
	for text := range strings.FieldsSeq(s) {
		// Words repeat, so each is looked for behind the one before.
		begin := end + strings.Index(s[end:], text)
		end = begin + len(text)
		words = append(words, word{text, utf8.RuneCountInString(s[:begin])})
	}
	return words
}

func (d *decoder) testMethod(at string, w word, t *Test) {
	t.Method = w.text
	switch {
	case !methods.IsMethod(w.text):
		d.problemAtWord(at, w, `begin with one, as in "GET /users/ from https://app.example.com"`, "%q is no method", w.text)
	case methods.IsForbidden(w.text):
		d.problemAtWord(at, w, "", "no browser lets scripts use %s", strings.ToUpper(w.text))
	case methods.Normalize(w.text) != w.text:
		d.problemAtWord(at, w, fmt.Sprintf("write %q, as browsers do", methods.Normalize(w.text)), "%q is sent in upper case", w.text)
	}
}

func (d *decoder) testTarget(at string, w word, t *Test) {
	u, err := url.Parse(w.text)
	switch {
	case err != nil:
		d.problemAtWord(at, w, `write a path such as "/users/", or a URL`, "%q is no path", w.text)
	case strings.Contains(w.text, "#"):
		d.problemAtWord(at, w, "remove it", "%q has a fragment, which is not sent", w.text)
	case u.IsAbs() && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil):
		d.problemAtWord(at, w, "write a URL of the scheme http or https, without a user name", "%q is no URL of an API", w.text)
	case !u.IsAbs() && (u.Host != "" || !strings.HasPrefix(u.Path, "/")):
		d.problemAtWord(at, w, fmt.Sprintf("write %q", "/"+strings.TrimLeft(w.text, "/")), "%q does not begin with one slash", w.text)
	default:
		t.Target = u
	}
}

func (d *decoder) testOrigin(at string, w word, t *Test) {
	t.Origin = w.text
	p, err := origins.ParsePattern(w.text)
	switch {
	case err != nil:
		e := err.(*origins.Error)
		hint := e.Hint
		if meant, err := origins.ParsePattern(e.Meant); err == nil && !meant.IsExact() {
			hint = hintOneOrigin
		}
		d.problemAtWord(at, w, hint, "origin %q %s", w.text, e.Message)
	case !p.IsExact():
		d.problemAtWord(at, w, hintOneOrigin, "%q is a pattern, and a page has one origin", w.text)
	}
}

const hintOneOrigin = `write one origin that it stands for, as in "https://app.example.com"`

func (d *decoder) testHeaders(at string, t *Test) {
	for i, h := range t.Headers {
		at := fmt.Sprintf("%s.headers[%d]", at, i)
		switch {
		case !headers.IsName(h) || h == "*":
			d.problem(at, "write one header in each entry, without its value", "%q is no header name", h)
		case strings.EqualFold(h, "Cookie"):
			d.problem(at, "remove it, and write credentials: true for a page that sends cookies", "no browser lets scripts set %q", h)
		case headers.IsForbiddenRequest(h):
			d.problem(at, "remove it: the browser alone sets it", "no browser lets scripts set %q", h)
		}
	}
	d.responseHeaders(at+".reads", t.Reads)
	d.responseHeaders(at+".hides", t.Hides)
}

func (d *decoder) responseHeaders(at string, names []string) {
	for i, h := range names {
		at := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case !headers.IsName(h) || h == "*":
			d.problem(at, "write one header in each entry", "%q is no header name", h)
		case headers.IsForbiddenResponse(h):
			d.problem(at, "remove it", "no browser lets scripts read %q", h)
		}
	}
}

// problemAtWord reports a problem at a word of a string.
func (d *decoder) problemAtWord(path string, w word, hint, format string, args ...any) {
	line, column := position(d.tokenAt(path))
	if s, ok := d.resolve(d.nodes[path]).(*ast.StringNode); ok {
		column += offsetIn(s.Token, w)
	}
	d.report.add(line, column, path, hint, format, args...)
}

// offsetIn is how far a word stands from where its string begins. In a string
// with escapes, or of several lines, nobody knows.
func offsetIn(t *token.Token, w word) int {
	source := strings.TrimSpace(t.Origin)
	switch source {
	case t.Value:
		return w.offset
	case `"` + t.Value + `"`, "'" + t.Value + "'":
		return w.offset + 1
	}
	return 0
}

func joined(words []Because) string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return strings.Join(s, ", ")
}
