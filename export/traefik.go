package export

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// traefik decides with routers: one for each verdict, so that its middleware
// for headers, which cannot tell allowed pages from others, meets allowed ones
// only.
var traefik = Target{
	Name:     "traefik",
	Title:    "Traefik, as routers and middlewares for its file provider",
	Verified: "Traefik 3.7",
	Losses:   []Loss{traefikTwoOrigins, traefikPreflights, traefikVary, traefikVaryOfOptions, emptyLines, traefikOwn, timingOrigins, traefikPaths},
	write:    writeTraefik,
}

var traefikTwoOrigins = Loss{
	Name: "two-origins", Effect: Different, Feature: TwoOrigins,
	Message:     "of several Origin lines Traefik looks for any that is listed",
	Consequence: "such a request, which no browser sends, is answered as that of a page of its first line if that one is listed",
}

var traefikPreflights = Loss{
	Name: "status-200", Effect: Different, Feature: Preflights,
	Message:     "allowed preflights are answered with 200 instead of 204",
	Consequence: "none, browsers take any status of success",
}

var traefikVary = Loss{
	Name: "vary-lines", Effect: Different, Feature: Vary,
	Message:     "of several Vary lines of the API only the first remains",
	Consequence: "caches may take one response for another, unless the API says all in one line",
}

var traefikVaryOfOptions = Loss{
	Name: "vary-of-options", Effect: Different, Feature: Vary,
	Message:     "answers to OPTIONS requests that are no preflights do not name Access-Control-Request-Method in Vary, nor Origin under *",
	Consequence: "none, caches do not keep answers to OPTIONS",
}

var traefikOwn = Loss{
	Name: "own-plain-http", Effect: Narrower, Feature: RefuseOthers,
	Message:     "pages of the API's own origin are known by Sec-Fetch-Site only, because rules cannot compare the origin with the host",
	Consequence: "over plain HTTP, where browsers do not send it, such pages are refused, too",
}

var traefikPaths = Loss{
	Name: "odd-paths", Effect: Narrower, Feature: Paths,
	Message:     "rules do not decode slashes: pages get 400 for paths that have dot segments beside encoded ones",
	Consequence: "requests with such paths fail",
}

// traefikLong is how many origins are written one by one. More are one regular
// expression, in which a search does not go through all.
const traefikLong = 10

func writeTraefik(p *plan) []File {
	t := &traefikWriter{plan: p}
	t.losses()
	t.write()
	doc := yaml.MapSlice{{Key: "http", Value: yaml.MapSlice{
		{Key: "routers", Value: t.routers},
		{Key: "middlewares", Value: t.middlewares},
	}}}
	text, err := yaml.MarshalWithOptions(doc, yaml.IndentSequence(true))
	if err != nil {
		panic(err) // it is made of strings and numbers
	}
	comment := header{"# ", []string{
		"Put it into the directory of the file provider: /etc/traefik/dynamic/corsac.yaml",
		"It needs Traefik 3.7, since which services have middlewares.",
		"Beside it you have a router and a service of your own, both called api:",
		"- the router has the rule, the entry points and the TLS of your API, and no service: those below pass on what it gets;",
		"- the service is your API. Authentication and the like are to be among its middlewares, so that preflights come before.",
		"Traefik sees by itself when it changes.",
	}, true}.comment(p.source)
	return []File{{"corsac.yaml", strings.ReplaceAll(comment, "{{", "{ {") + string(text)}}
}

func (t *traefikWriter) losses() {
	t.lose(traefikPreflights)
	t.lose(traefikVaryOfOptions)
	t.lose(emptyLines)
	t.lose(traefikTwoOrigins)
	if !t.alike() {
		t.lose(traefikVary)
	}
	if t.hasPaths() {
		t.lose(traefikPaths)
	}
	for _, r := range t.rules {
		if r.RefuseOthers {
			t.loseIn(traefikOwn, r, "refuse-others")
		}
		if _, all := fixedTiming(r); r.Timing && !all {
			t.loseIn(timingOrigins, r, "timing")
		}
	}
}

// traefikQuote is a string in a rule. Files are templates before they are YAML,
// so no two braces may meet.
func traefikQuote(s string) string {
	if strconv.CanBackquote(s) && !strings.Contains(s, "{{") {
		return "`" + s + "`"
	}
	return strings.ReplaceAll(strconv.Quote(s), "{{", `{\x7b`)
}

// traefikCall is a matcher of a rule.
func traefikCall(matcher string, args ...string) string {
	for i, arg := range args {
		args[i] = traefikQuote(arg)
	}
	return matcher + "(" + strings.Join(args, ", ") + ")"
}

// allOf is the condition that all of some hold.
func allOf(conditions ...string) string {
	return strings.Join(slices.DeleteFunc(conditions, func(c string) bool { return c == "" }), " && ")
}

// A traefikWriter writes one policy.
type traefikWriter struct {
	*plan
	routers, middlewares yaml.MapSlice
	// priority is that of the next router, which comes before all later ones.
	priority int
}

type traefikRouter struct {
	ParentRefs  []string `yaml:"parentRefs,flow"`
	Rule        string   `yaml:"rule"`
	Priority    int      `yaml:"priority"`
	Middlewares []string `yaml:"middlewares,flow"`
	Service     string   `yaml:"service"`
}

type traefikHeaders struct {
	Credentials bool              `yaml:"accessControlAllowCredentials,omitempty"`
	Origins     []string          `yaml:"accessControlAllowOriginList,omitempty"`
	Patterns    []string          `yaml:"accessControlAllowOriginListRegex,omitempty"`
	Methods     []string          `yaml:"accessControlAllowMethods,omitempty"`
	Headers     []string          `yaml:"accessControlAllowHeaders,omitempty"`
	Expose      []string          `yaml:"accessControlExposeHeaders,omitempty"`
	MaxAge      *int64            `yaml:"accessControlMaxAge,omitempty"`
	Vary        bool              `yaml:"addVaryHeader,omitempty"`
	Set         map[string]string `yaml:"customResponseHeaders,omitempty"`
}

// alike reports whether no answer depends on the origin.
func (t *traefikWriter) alike() bool {
	return !slices.ContainsFunc(t.rules, func(r *rule) bool { return !r.any })
}

func (t *traefikWriter) router(name, rule string, middlewares ...string) {
	t.routers = append(t.routers, yaml.MapItem{Key: name, Value: traefikRouter{[]string{"api"}, rule, t.priority, middlewares, "api"}})
	t.priority--
}

func (t *traefikWriter) middleware(name, kind string, value any) {
	t.middlewares = append(t.middlewares, yaml.MapItem{Key: name, Value: yaml.MapSlice{{Key: kind, Value: value}}})
}

const (
	traefikEverything = "PathPrefix(`/`)"
	traefikPreflight  = "Method(`OPTIONS`) && HeaderRegexp(`Origin`, `.`) && HeaderRegexp(`Access-Control-Request-Method`, `.`)"
	// traefikOddPath has dot segments that Traefik leaves, because of a slash
	// that is encoded.
	traefikOddPath = "PathRegexp(`(?:/|%2F)[.][.]?(?:/|%2F|$)`)"
	traefikOther   = "HeaderRegexp(`Origin`, `.`) && !HeaderRegexp(`Sec-Fetch-Site`, `^(?:same-origin|none)$`) && " +
		"(!(Method(`GET`) || Method(`HEAD`) || Method(`OPTIONS`)) || Method(`GET`) && HeaderRegexp(`Upgrade`, `(?i)(?:^|,)\\s*websocket\\s*(?:,|$)`))"
)

func (t *traefikWriter) write() {
	t.priority = 5*len(t.rules) + 4
	if t.hasPaths() {
		t.router("corsac-odd-path", "HeaderRegexp(`Origin`, `.`) && "+traefikOddPath, "corsac-odd-path")
		t.router("corsac-odd-path-of-no-page", traefikOddPath, "corsac") // which pages may find in a cache
		t.middleware("corsac-odd-path", "ipAllowList", traefikRefusal(400))
	}
	for _, r := range t.rules {
		t.rule(r)
	}
	if !slices.ContainsFunc(t.rules, (*rule).coversAll) {
		t.router("corsac-preflight", traefikPreflight, "corsac-preflight", "corsac-refuse")
		t.router("corsac", traefikEverything, "corsac")
	}
	t.shared()
}

// shared writes the middlewares that routers of several rules use.
func (t *traefikWriter) shared() {
	t.middleware("corsac-preflight", "headers", traefikHeaders{Set: map[string]string{"Vary": "Origin, Access-Control-Request-Method"}})
	if !t.alike() {
		t.middleware("corsac-vary", "headers", traefikHeaders{Vary: true})
	}
	t.middleware("corsac-refuse", "ipAllowList", traefikRefusal(403))
	hidden := make(map[string]string)
	for _, name := range corsFields {
		hidden[name] = ""
	}
	t.middleware("corsac", "headers", traefikHeaders{Set: hidden})
}

// traefikRefusal lets nobody pass: it is the address of no client.
func traefikRefusal(status int) yaml.MapSlice {
	refusal := yaml.MapSlice{{Key: "sourceRange", Value: []string{"255.255.255.255"}}}
	if status != 403 {
		refusal = append(refusal, yaml.MapItem{Key: "rejectStatusCode", Value: status})
	}
	return refusal
}

// rule writes the routers of a rule, the first of which that matches counts, and
// none of another rule behind them. What the middleware of a preflight does not
// answer, because of an empty line before another, goes no further.
func (t *traefikWriter) rule(r *rule) {
	name := fmt.Sprintf("corsac-%d", r.index)
	covered, allowed := traefikCovered(r), traefikListed(r)
	t.router(name+"-preflight", allOf(covered, traefikPreflight, allowed), "corsac-preflight", name+"-preflight", "corsac-refuse")
	t.middleware(name+"-preflight", "headers", traefikPreflightHeaders(r))
	if !r.any {
		t.router(name+"-preflight-of-others", allOf(covered, traefikPreflight), "corsac-preflight", "corsac-refuse")
	}
	t.router(name, cmp.Or(allOf(covered, allowed), traefikEverything), name, "corsac")
	t.middleware(name, "headers", traefikResponseHeaders(r))
	if r.any {
		return
	}
	if r.RefuseOthers {
		t.router(name+"-refuse-others", allOf(covered, traefikOther), "corsac-vary", "corsac-refuse")
	}
	t.router(name+"-others", cmp.Or(covered, traefikEverything), "corsac-vary", "corsac")
}

// traefikCovered is the condition that the rule covers the host and the path.
func traefikCovered(r *rule) string {
	var host, path string
	if r.Host != "" {
		host = traefikCall("Host", strings.Trim(r.Host, "[]"))
	}
	if r.Path != "/" {
		path = traefikCall("PathRegexp", traefikPath(r))
	}
	return allOf(host, path)
}

// traefikPath matches the path, of which Traefik leaves encoded what has a
// meaning in URLs if it was encoded.
func traefikPath(r *rule) string {
	const slash = "(?:/|%2F)"
	var b strings.Builder
	b.WriteString("^")
	for _, c := range r.prefix() {
		switch encoded := fmt.Sprintf("%%%02X", c); {
		case c == '/':
			b.WriteString(slash + "+")
		case strings.ContainsRune("?#%", c):
			b.WriteString(encoded)
		case strings.ContainsRune(":[]@!$&'()*+,;=", c):
			b.WriteString("(?:" + regexp.QuoteMeta(string(c)) + "|" + encoded + ")")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	if r.tree() {
		return b.String() + "(?:" + slash + "|$)"
	}
	return b.String() + "$"
}

// traefikListed is the condition that the page's origin is listed.
func traefikListed(r *rule) string {
	if r.any {
		return ""
	}
	var conditions []string
	exact := listed(r)
	if len(exact) > traefikLong {
		for i, o := range exact {
			exact[i] = regexp.QuoteMeta(o)
		}
		conditions = []string{traefikCall("HeaderRegexp", "Origin", "^(?:"+strings.Join(exact, "|")+")$")}
	} else {
		for _, o := range exact {
			conditions = append(conditions, traefikCall("Header", "Origin", o))
		}
	}
	for _, expr := range traefikPatterns(r.patterns) {
		conditions = append(conditions, traefikCall("HeaderRegexp", "Origin", expr))
	}
	if len(conditions) == 1 {
		return conditions[0]
	}
	return "(" + strings.Join(conditions, " || ") + ")"
}

func traefikPatterns(patterns []origins.Pattern) []string {
	var exprs []string
	for _, p := range patterns {
		exprs = append(exprs, originRegexp(p))
	}
	return exprs
}

func traefikPreflightHeaders(r *rule) traefikHeaders {
	h := traefikHeaders{
		Credentials: r.Credentials,
		Origins:     listed(r),
		Patterns:    traefikPatterns(r.patterns),
		Methods:     words(r.preflight, "Access-Control-Allow-Methods"),
		Headers:     words(r.preflight, "Access-Control-Allow-Headers"),
	}
	switch {
	case r.MaxAge > 0:
		h.MaxAge = new(int64(r.MaxAge.Seconds()))
	case r.MaxAge == corsac.NoCache:
		h.MaxAge = new(int64(0))
	}
	return h
}

func traefikResponseHeaders(r *rule) traefikHeaders {
	h := traefikHeaders{
		Credentials: r.Credentials,
		Origins:     listed(r),
		Patterns:    traefikPatterns(r.patterns),
		Expose:      words(r.response, "Access-Control-Expose-Headers"),
		Vary:        !r.any,
	}
	if timed, _ := fixedTiming(r); timed != "" {
		h.Set = map[string]string{timingAllowOrigin: timed}
	}
	return h
}
