package export

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/corsac-cors/corsac"
)

// spring is a servlet filter of its own and the bean that puts it first. Spring
// has a CorsFilter, which could be put first as well, but which is another
// policy: it answers 403 to what it does not allow, preflight or not, it tells a
// preflight no more than was asked for, it leaves alone what others said in the
// headers, and it knows neither refuse-others nor Timing-Allow-Origin.
var spring = Target{
	Name:     "spring",
	Title:    "Spring Boot 3, a servlet filter and the configuration class that puts it before Spring Security",
	Verified: "Tomcat 10.1, the filter; the configuration class is not run",
	Losses:   []Loss{springPaths},
	write:    writeSpring,
}

var springPaths = Loss{
	Name: "odd-paths", Effect: Narrower, Feature: Resources,
	Message:     "servlet containers take what follows a semicolon for a parameter of the path, unless it is written %3B, and refuse backslashes",
	Consequence: "a rule for a path with either does not speak for requests that have them as they are",
}

//go:embed spring.java.tmpl
var springText string

var springTemplate = template.Must(template.New("spring").Funcs(template.FuncMap{"rule": javaRule}).Parse(springText))

//go:embed spring_configuration.java.tmpl
var springConfiguration string

func writeSpring(p *plan) []File {
	for _, r := range p.rules {
		if strings.ContainsAny(r.Path, `;\`) {
			p.loseIn(springPaths, r, "path")
		}
	}
	made := p.program(javaComment(p.source, true,
		"Put it into a package below that of the application, with that package's line before the imports.",
		"CorsacConfiguration registers it. Without Spring Boot, register it before all other filters yourself, for /*",
		"and for requests, asynchronous dispatches and errors.",
		"Remove @CrossOrigin, CorsFilter, addCorsMappings and http.cors(...). Then build and start anew."))
	configuration := javaComment(p.source, false, "Put it into the package of CorsacFilter, with that package's line before the imports.")
	return []File{
		{"CorsacFilter.java", made.fill(springTemplate)},
		{"CorsacConfiguration.java", configuration + springConfiguration},
	}
}

// javaComment has no backslash that begins a Unicode escape, which Java reads in
// comments, too, and which may be the end of a line.
func javaComment(source string, run bool, put ...string) string {
	return header{"// ", put, run}.comment(strings.ReplaceAll(source, `\`, `\\`))
}

// javaRule is a rule as it is made by its methods.
func javaRule(r programRule) string {
	var b strings.Builder
	call := func(format string, args ...any) { fmt.Fprintf(&b, "\n                ."+format, args...) }
	b.WriteString("new Rule()")
	if r.placed {
		call("path(%s)", quoted(r.Path))
	}
	if r.Host != "" {
		call("host(%s)", quoted(r.Host))
	}
	if r.Everyone() {
		call("everyone()")
	}
	for _, block := range javaBlocks(r.Exact()) {
		call("origins(%s)", block)
	}
	for _, expr := range r.Patterns() {
		call("pattern(%s)", quoted(wholeRegexp(expr)))
	}
	javaFields(call, "preflight", r.preflight)
	javaFields(call, "response", r.response)
	if r.Timing {
		call("timing()")
	}
	if r.RefuseOthers {
		call("refuseOthers()")
	}
	return b.String()
}

func javaFields(call func(string, ...any), name string, fields []corsac.Field) {
	for _, f := range fields {
		call("%s(%s, %s)", name, quoted(f.Name), quoted(f.Value))
	}
}

// javaBlocks are text blocks with an origin a line. A constant of Java is no
// longer than 65,535 bytes, and a list of constants in one method not much
// longer.
func javaBlocks(origins []string) (blocks []string) {
	const most = 60_000
	if len(origins) == 1 {
		return []string{quoted(origins[0])}
	}
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			blocks = append(blocks, "\"\"\"\n"+b.String()+"                        \"\"\"")
			b.Reset()
		}
	}
	size := 0
	for _, o := range origins {
		if size += len(o) + 1; size > most {
			end()
			size = len(o) + 1
		}
		b.WriteString("                        " + o + "\n")
	}
	end()
	return blocks
}
