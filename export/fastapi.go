package export

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/corsac-cors/corsac"
)

// fastapi is a module with ASGI middleware that needs nothing but Python. It
// goes around the application, not into add_middleware: what Starlette answers
// when the application fails comes from outside of all middleware.
var fastapi = Target{
	Name:     "fastapi",
	Title:    "FastAPI and Starlette, a module with ASGI middleware",
	Verified: "FastAPI 0.92 on uvicorn 0.17, Python 3.11",
	Losses:   []Loss{fastapiMethods},
	write:    writeFastAPI,
}

var fastapiMethods = Loss{
	Name: "odd-methods", Effect: Narrower, Feature: Methods,
	Message:     "where httptools is installed, uvicorn answers 400 to methods that it does not know",
	Consequence: "requests with other methods fail, unless uvicorn is started with --http h11",
}

//go:embed fastapi.py.tmpl
var fastapiText string

var fastapiTemplate = template.Must(template.New("fastapi").Funcs(template.FuncMap{"rule": pythonRule}).Parse(fastapiText))

func writeFastAPI(p *plan) []File {
	for _, r := range p.rules {
		if slices.ContainsFunc(r.Methods, isOddForNode) { // httptools has the parser of Node.js
			p.loseIn(fastapiMethods, r, "methods")
		}
	}
	made := p.program(header{"# ", []string{
		"Put it beside main.py, and around the application, below everything else:",
		"",
		"    from corsac import Corsac",
		"    app = Corsac(app)",
		"",
		"Remove CORSMiddleware. Then start the server anew.",
	}, true}.comment(p.source))
	return []File{{"corsac.py", made.fill(fastapiTemplate)}}
}

// pythonRule is a rule as a dictionary.
func pythonRule(r programRule) string {
	var b strings.Builder
	item := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "        %s: "+format+",\n", append([]any{quoted(name)}, args...)...)
	}
	if r.Host != "" {
		item("host", "%s", quoted(r.Host))
	}
	if r.placed {
		item("path", "%s", quoted(r.Path))
	}
	if r.Everyone() {
		item("everyone", "True")
	}
	if exact := r.Exact(); len(exact) > 0 {
		item("origins", "{%s}", pythonList(exact, quoted))
	}
	if patterns := r.Patterns(); len(patterns) > 0 {
		item("patterns", "[%s]", pythonList(patterns, func(expr string) string {
			return "re.compile(" + quoted(wholeRegexp(expr)) + ")"
		}))
	}
	pythonFields(item, "preflight", r.preflight)
	pythonFields(item, "response", r.response)
	if r.Timing {
		item("timing", "True")
	}
	if r.RefuseOthers {
		item("refuse_others", "True")
	}
	return b.String()
}

// pythonList has a line for each entry, if there are several.
func pythonList(entries []string, quote func(string) string) string {
	if len(entries) == 1 {
		return quote(entries[0])
	}
	var b strings.Builder
	for _, e := range entries {
		b.WriteString("\n            " + quote(e) + ",")
	}
	return b.String() + "\n        "
}

func pythonFields(item func(name, format string, args ...any), name string, fields []corsac.Field) {
	if len(fields) == 0 {
		return
	}
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "\n            %s: %s,", quoted(f.Name), quoted(f.Value))
	}
	item(name, "{%s\n        }", b.String())
}
