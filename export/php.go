package export

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/corsac-cors/corsac"
)

// php decides when the application begins, and sets the headers when PHP sends
// them, after all that the application may have said.
var php = Target{
	Name:     "php",
	Title:    "PHP, as a file to require before anything else",
	Verified: "PHP 8.2, as a module of Apache and with php -S",
	Losses:   []Loss{phpServerFirst, phpServerErrors, phpDevelopmentServer},
	write:    writePHP,
}

var phpServerFirst = Loss{
	Name: "server-first", Effect: Narrower, Feature: Preflights,
	Message:     "the web server asks for authentication before PHP runs",
	Consequence: "where the server itself asks for a password, pages can send nothing that needs a preflight",
}

var phpServerErrors = Loss{
	Name: "server-answers", Effect: Narrower, Feature: Errors,
	Message:     "what the web server answers without PHP has no CORS headers",
	Consequence: "pages cannot read files, nor errors of the server's own, such as 401 and 413",
}

var phpDevelopmentServer = Loss{
	Name: "development-server", Effect: Narrower, Feature: Methods,
	Message:     "php -S answers 400 or 501 to methods that it does not know, and does not run PHP",
	Consequence: "such requests fail while developing; Apache, nginx and others pass them on",
}

// phpMethods are those that php -S knows.
var phpMethods = strings.Fields("CHECKOUT CONNECT COPY DELETE GET HEAD LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE M-SEARCH " +
	"NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PUT REPORT SEARCH SUBSCRIBE TRACE UNLOCK UNSUBSCRIBE")

func writePHP(p *plan) []File {
	p.lose(phpServerFirst)
	p.lose(phpServerErrors)
	for _, r := range p.rules {
		if slices.ContainsFunc(r.Methods, func(m string) bool { return !slices.Contains(phpMethods, m) }) {
			p.loseIn(phpDevelopmentServer, r, "methods")
		}
	}
	put := []string{
		"Put it beside the application, and begin each script that answers requests with: require __DIR__ . '/corsac.php';",
		"With a front controller that is one script, and with auto_prepend_file none. It needs PHP 7.",
	}
	if p.isLong() {
		put = append(put, "With as many origins, have OPcache on: without it PHP reads them anew for each request.")
	}
	var b strings.Builder
	if err := phpTemplate.Execute(&b, phpPolicy{p, header{"// ", put, true}.comment(p.source)}); err != nil {
		panic(err) // the template and its data are of our own making
	}
	return []File{{"corsac.php", b.String()}}
}

//go:embed corsac.php.tmpl
var phpText string

var phpTemplate = template.Must(template.New("corsac.php").Funcs(template.FuncMap{
	"quote":  phpQuote,
	"regexp": phpPattern,
}).Parse(phpText))

// A phpPolicy is what the template asks for.
type phpPolicy struct {
	*plan
	Comment string
}

// A phpRule is a rule as the template asks for it.
type phpRule struct {
	*rule
	Chosen bool // by its path, among others
}

func (p phpPolicy) Rules() []phpRule {
	var rules []phpRule
	for _, r := range p.rules {
		rules = append(rules, phpRule{r, p.hasPaths()})
	}
	return rules
}

func (p phpPolicy) some(is func(*rule) bool) bool { return slices.ContainsFunc(p.rules, is) }

// Paths, Hosts and so on report whether the policy needs what they name.
func (p phpPolicy) Paths() bool    { return p.hasPaths() }
func (p phpPolicy) Hosts() bool    { return p.some(func(r *rule) bool { return r.Host != "" }) }
func (p phpPolicy) Any() bool      { return p.some(func(r *rule) bool { return r.any }) }
func (p phpPolicy) Listed() bool   { return p.some(func(r *rule) bool { return !r.any }) }
func (p phpPolicy) Patterns() bool { return p.some(func(r *rule) bool { return len(r.patterns) > 0 }) }
func (p phpPolicy) Strict() bool   { return p.some(func(r *rule) bool { return r.RefuseOthers }) }
func (p phpPolicy) Timed() bool    { return p.some(func(r *rule) bool { return r.Timing }) }

// Any reports whether the rule lists every page.
func (r phpRule) Any() bool { return r.any }

// Exact are the entries for the origins that PHP finds by looking them up, each
// on a line.
func (r phpRule) Exact() string {
	exact := r.exact
	if r.null {
		exact = append(slices.Clone(exact), "null")
	}
	var b strings.Builder
	for _, origin := range exact {
		b.WriteString("\n                " + phpQuote(origin) + " => true,")
	}
	if len(exact) > 0 {
		b.WriteString("\n            ")
	}
	return b.String()
}

// Patterns are the others, as one expression, or "".
func (r phpRule) Patterns() string {
	var all []string
	for _, p := range r.patterns {
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(originRegexp(p), "^"), "$"))
	}
	if len(all) == 0 {
		return ""
	}
	return "^(?:" + strings.Join(all, "|") + ")$"
}

func (r phpRule) Preflight() string { return phpFields(r.preflight) }
func (r phpRule) Response() string  { return phpFields(r.response) }

// Names are those of the headers in which the application has no say.
func (p phpPolicy) Names() []string {
	var names []string
	for _, name := range corsFields {
		names = append(names, strings.ToLower(name))
	}
	return names
}

// phpFields is an array by name.
func phpFields(fields []corsac.Field) string {
	var entries []string
	for _, f := range fields {
		entries = append(entries, phpQuote(f.Name)+" => "+phpQuote(f.Value))
	}
	return "[" + strings.Join(entries, ", ") + "]"
}

// phpPattern is an expression that ends where the text ends: without the D, $
// also matches before a line feed.
func phpPattern(expr string) string {
	return phpQuote("~" + strings.ReplaceAll(expr, "~", `\~`) + "~D")
}

var phpSingle = strings.NewReplacer(`\`, `\\`, "'", `\'`)

// phpQuote is a string: with single quotes, in which a backslash hides a quote
// or itself and nothing else, or with double ones if there is anything in it
// that cannot be seen.
func phpQuote(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		return "'" + phpSingle.Replace(s) + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		case strings.IndexByte(`"\$`, c) >= 0:
			b.WriteString(`\` + string(c))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
