package export

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// apache decides with mod_rewrite, which in the configuration of a server comes
// before authentication and before proxies, and sets headers with mod_headers.
var apache = Target{
	Name:     "apache",
	Title:    "Apache httpd, as a part of <VirtualHost>",
	Verified: "Apache 2.4",
	Losses:   []Loss{apacheSlashes, emptyLines},
	write:    writeApache,
}

var apacheSlashes = Loss{
	Name: "encoded-slashes", Effect: Narrower, Feature: Paths,
	Message:     "where AllowEncodedSlashes is NoDecode, or MergeSlashes is Off, paths with an encoded slash, or two in a row, are none to Apache that any rule speaks for",
	Consequence: "nobody is allowed anything under such paths",
}

func writeApache(p *plan) []File {
	a := &apacheWriter{plan: p, step: rewriteStep}
	return []File{{"corsac.conf", header{"# ", []string{
		"Put it into each <VirtualHost>, before other rewrite rules: Include /etc/apache2/corsac.conf",
		"It needs Apache 2.4, and: a2enmod headers rewrite",
		"Then: apachectl configtest && apachectl graceful",
	}, true}.comment(p.source) + "RewriteEngine On\n" + a.decide() + a.answer() + a.headers()}}
}

// An apacheWriter writes one policy, for a server or for .htaccess. All that is
// decided ends up in one variable, CORSAC:
//
//	none          no rule speaks
//	3             rule 3 speaks, and the page is not listed
//	3-listed      the page is listed, or every page is
//	3-preflight   it is, and this is a preflight: the answer is 204
//	3-refused     the answer is 403; none-refused for a preflight
type apacheWriter struct {
	*plan
	step func(apacheStep) string
}

// An apacheStep changes the variable where everything holds that it has.
type apacheStep struct {
	comment string
	host    string // a regular expression, whatever the case
	path    string // a regular expression
	when    string // an expression
	then    string // $1 is what the expression has matched
}

// rewriteStep is a step in the configuration of a server. Subrequests have the
// variable of their request.
func rewriteStep(s apacheStep) string {
	var b strings.Builder
	if s.comment != "" {
		b.WriteString("# " + s.comment + "\n")
	}
	if s.host != "" {
		fmt.Fprintf(&b, "RewriteCond %%{HTTP_HOST} \"%s\" [NC,NV]\n", s.host)
	}
	if s.when != "" {
		fmt.Fprintf(&b, "RewriteCond expr \"%s\"\n", s.when)
	}
	path := "^"
	if s.path != "" {
		path = `"` + s.path + `"`
	}
	fmt.Fprintf(&b, "RewriteRule %s - [NS,E=CORSAC:%s]\n", path, strings.ReplaceAll(s.then, "$1", "%1"))
	return b.String()
}

const (
	apacheOrigin    = "req_novary('Origin')"
	apacheState     = "reqenv('CORSAC')"
	apachePreflight = "%{REQUEST_METHOD} == 'OPTIONS' && -n req_novary('Origin') && -n req_novary('Access-Control-Request-Method')"
	// Where browsers do not say it, the origin is held against scheme and host,
	// as a proxy in front may have them. One that took TLS off may be silent.
	apacheOwn = "(req_novary('Origin') !~ /,/ && (req_novary('Sec-Fetch-Site') -in {'same-origin', 'none'} || -z req_novary('Sec-Fetch-Site') && " +
		"'%{req_novary:Origin}|%{req_novary:X-Forwarded-Proto},%{REQUEST_SCHEME}|%{req_novary:X-Forwarded-Host},%{req_novary:Host}' =~ " +
		`m#^http(s)?://(?![^|]*(?(1):443|:80)\|)([^|]+)\|(?:,http|,?(?:http|ws)(?(1)s)(?:[ ,][^|]*)?)\|,?\2(?:(?(1):443|:80))?(?:[ ,].*)?$#i))`
)

func (a *apacheWriter) decide() string {
	a.lose(emptyLines)
	steps := a.ruleSteps()
	steps = append(steps, a.originSteps()...)
	steps = append(steps,
		apacheStep{
			comment: "A preflight is answered here. No browser sends two Origin lines, which are one with a comma.",
			when:    apachePreflight + " && " + apacheOrigin + " !~ /,/ && " + apacheState + ` =~ /^(\d+)-listed$/`, then: "$1-preflight",
		},
		apacheStep{when: apachePreflight + " && " + apacheState + " !~ /-preflight$/", then: "none-refused"})
	steps = append(steps, a.otherSteps()...)
	steps = append(steps, apacheStep{
		comment: "After an internal redirect, such as that to an ErrorDocument, what was decided stands.",
		when:    "reqenv('REDIRECT_CORSAC') =~ /(.+)/", then: "$1",
	})
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(a.step(s))
	}
	return b.String()
}

// ruleSteps find the rule. The last that matches counts.
func (a *apacheWriter) ruleSteps() []apacheStep {
	steps := []apacheStep{{comment: a.chooses(), then: "none"}}
	for _, r := range slices.Backward(a.rules) {
		s := apacheStep{path: apachePath(r), then: fmt.Sprint(r.index)}
		if r.Host != "" {
			s.host = "^" + regexp.QuoteMeta(r.Host) + `\.?(?::[0-9]*)?$`
		}
		if r.any {
			s.then += "-listed"
		}
		if s.path == "" && s.host == "" {
			steps[0].then = s.then
			continue
		}
		steps = append(steps, s)
	}
	if a.hasPaths() {
		a.lose(apacheSlashes)
		steps = append(steps, apacheStep{
			comment: "What AllowEncodedSlashes NoDecode and MergeSlashes Off leave as it is may be any path.",
			when:    "%{REQUEST_URI} =~ m#//|%2f#i && %{THE_REQUEST} =~ m#^[^ ]+ [^? ]*(?://|%2f)#i", then: "none",
		})
	}
	return steps
}

// apachePath is the expression of a rule's path, "" where it covers all. All
// but the most harmless characters are written as numbers, so that none has a
// meaning to the configuration.
func apachePath(r *rule) string {
	if r.Path == "/" {
		return ""
	}
	var b strings.Builder
	b.WriteString("^")
	for _, c := range []byte(r.prefix()) {
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("/-_~", c) >= 0:
			b.WriteByte(c)
		case c == '.':
			b.WriteString(`\.`)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	if r.tree() {
		return b.String() + "(?:/|$)"
	}
	return b.String() + "$"
}

// originSteps find out whether the page is listed.
func (a *apacheWriter) originSteps() []apacheStep {
	var steps []apacheStep
	for _, r := range a.rules {
		if r.any {
			continue
		}
		comment := fmt.Sprintf("The origins of rule %d, %s.", r.index, printable(r.Host+r.Path))
		for _, when := range apacheOrigins(r) {
			steps = append(steps, apacheStep{
				comment: comment,
				when:    fmt.Sprintf("%s == '%d' && %s", apacheState, r.index, when),
				then:    fmt.Sprintf("%d-listed", r.index),
			})
			comment = ""
		}
	}
	return steps
}

// apacheChunk is how many origins Apache compares one by one. A RewriteMap
// would find them faster, and would keep every other origin that anybody
// sends in memory, without end.
const apacheChunk = 200

// apacheOrigins are expressions of which one is true for each of the origins.
func apacheOrigins(r *rule) []string {
	var all []string
	exact := r.exact
	if r.null {
		exact = append(slices.Clone(exact), "null")
	}
	for chunk := range slices.Chunk(exact, apacheChunk) {
		when := apacheOrigin + " -in " + apacheList(chunk)
		if len(exact) > apacheChunk && chunk[0] != "null" {
			least, most := chunk[0], chunk[len(chunk)-1]
			if most == "null" { // which is no longer in order
				least, most = "h", "null"
			}
			when = fmt.Sprintf("%s >= '%s' && %s <= '%s' && %s", apacheOrigin, least, apacheOrigin, most, when)
		}
		all = append(all, when)
	}
	for _, p := range r.patterns {
		all = append(all, apacheOrigin+" =~ m#"+originRegexp(p)+"#")
	}
	return all
}

// apacheList is a list of strings, on several lines if it is long. Origins have
// no quotes in them.
func apacheList(values []string) string {
	if len(values) <= 3 {
		return "{'" + strings.Join(values, "', '") + "'}"
	}
	return "{ \\\n\t'" + strings.Join(values, "', \\\n\t'") + "' \\\n}"
}

// otherSteps refuse what pages of other origins send.
func (a *apacheWriter) otherSteps() []apacheStep {
	strict := a.numbers(func(r *rule) bool { return r.RefuseOthers })
	if len(strict) == 0 {
		return nil
	}
	return []apacheStep{{
		comment: "Pages that are not listed change nothing and open no WebSocket, but for the server's own.",
		when: "-n " + apacheOrigin + " && (!(%{REQUEST_METHOD} -in {'GET', 'HEAD', 'OPTIONS'}) || " +
			"req_novary('Upgrade') =~ /(?:^|[ ,])websocket(?:[ ,]|$)/i) && " +
			"!" + apacheOwn + " && " + apacheState + " =~ /^(" + strings.Join(strict, "|") + ")$/",
		then: "$1-refused",
	}}
}

// numbers are the indexes of the rules that are such.
func (a *apacheWriter) numbers(such func(*rule) bool) []string {
	var numbers []string
	for _, r := range a.rules {
		if such(r) {
			numbers = append(numbers, fmt.Sprint(r.index))
		}
	}
	return numbers
}

// answer is what Apache answers itself.
func (a *apacheWriter) answer() string {
	return `# What Apache answers itself, once.
RewriteCond %{ENV:REDIRECT_CORSAC} =""
RewriteCond %{ENV:CORSAC} -preflight$
RewriteRule ^ - [NS,R=204,L]
RewriteCond %{ENV:REDIRECT_CORSAC} =""
RewriteCond %{ENV:CORSAC} -refused$
RewriteRule ^ - [NS,F]
`
}

// headers sets the headers. Apache has two tables of them: errors have those of
// always only, and both tables are sent with everything else.
func (a *apacheWriter) headers() string {
	var b strings.Builder
	b.WriteString("# What the API says in these headers does not count.\n")
	for _, name := range corsFields {
		fmt.Fprintf(&b, "Header onsuccess unset %s\nHeader always unset %s\n", name, name)
	}
	b.WriteString("# What the policy says does.\n")
	a.originHeader(&b, allowOrigin, []string{"listed", "preflight"}, func(*rule) bool { return true })
	for _, name := range corsFields[1:] {
		for _, v := range a.values(name, "%d-listed", "%d-preflight") {
			fmt.Fprintf(&b, "Header always set %s %s \"expr=%s\"\n", name, apacheQuote(v.value), apacheIn(v.states))
		}
	}
	if timed := func(r *rule) bool { return r.Timing }; len(a.numbers(timed)) > 0 {
		a.originHeader(&b, timingAllowOrigin, []string{"listed"}, timed)
	}
	a.vary(&b)
	return b.String()
}

// originHeader sets a header to the page's origin, or to * under the rules that
// list every page.
func (a *apacheWriter) originHeader(b *strings.Builder, name string, states []string, such func(*rule) bool) {
	for _, of := range []struct {
		any   bool
		value string
	}{{false, "expr=%{req_novary:Origin}"}, {true, "*"}} {
		var in []string
		for _, n := range a.numbers(func(r *rule) bool { return r.any == of.any && such(r) }) {
			for _, s := range states {
				in = append(in, n+"-"+s)
			}
		}
		if len(in) == 0 {
			continue
		}
		if name == timingAllowOrigin {
			fmt.Fprintf(b, "Header onsuccess unset %s \"expr=%s\"\n", name, apacheIn(in))
		}
		fmt.Fprintf(b, "Header always set %s \"%s\" \"expr=%s\"\n", name, of.value, apacheIn(in))
	}
}

// apacheIn is true in one of the states.
func apacheIn(states []string) string {
	if len(states) == 1 {
		return apacheState + " == '" + states[0] + "'"
	}
	return apacheState + " -in {'" + strings.Join(states, "', '") + "'}"
}

// apacheQuote is a value of a header in which nothing is looked for.
func apacheQuote(s string) string {
	return `"` + strings.NewReplacer("%", "%%", `\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func (a *apacheWriter) vary(b *strings.Builder) {
	options := "%{REQUEST_METHOD} == 'OPTIONS'"
	origin := options
	if some := a.numbers(func(r *rule) bool { return !r.any }); len(some) > 0 {
		origin += " || " + apacheState + " =~ /^(?:" + strings.Join(some, "|") + ")(?:-|$)/"
	}
	fmt.Fprintf(b, "Header always merge Vary Origin \"expr=%s\"\n", origin)
	fmt.Fprintf(b, "Header always merge Vary Access-Control-Request-Method \"expr=%s\"\n", options)
}
