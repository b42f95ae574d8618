package export

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/corsac-cors/corsac"
)

// kong has a route for each rule with the plugin for CORS. What that plugin
// leaves of the API's own headers, the one that transforms responses removes: it
// runs later, and so may remove only what the policy does not say.
var kong = Target{
	Name:  "kong",
	Title: "Kong, as declarative configuration with the plugin for CORS",
	Losses: []Loss{
		kongRefuseOthers, kongPreflights, kongOthers, kongOwnHeaders, kongTwoOrigins, kongSlashes, kongMethods, kongAddresses, timingOrigins,
	},
	write: writeKong,
}

var kongRefuseOthers = Loss{
	Name: "refuse-others", Effect: Wider, Feature: RefuseOthers,
	Message:     "Kong's routes cannot tell which origins are not listed, and the plugin refuses no requests",
	Consequence: "pages that are not listed can have the API do something with a plain POST, and open WebSockets",
}

var kongPreflights = Loss{
	Name: "preflights", Effect: Different, Feature: Preflights,
	Message:     "all preflights are answered with 200, those of others without Allow-Origin; where no rule speaks, they reach the API",
	Consequence: "none, browsers look for Allow-Origin",
}

var kongOthers = Loss{
	Name: "headers-for-others", Effect: Different, Feature: Credentials,
	Message:     "the headers are sent to pages that are not listed, too: without Allow-Origin or, where one origin is listed, with that one",
	Consequence: "none, browsers do not let such pages read",
}

var kongOwnHeaders = Loss{
	Name: "own-headers", Effect: Different, Feature: OwnHeaders,
	Message:     "what the API says in Allow-Methods, Allow-Headers and Max-Age is not removed, lest the answers to preflights lose them",
	Consequence: "none, in other answers they mean nothing",
}

var kongTwoOrigins = Loss{
	Name: "two-origins", Effect: Different, Feature: TwoOrigins,
	Message:     "of several Origin lines Kong takes the first",
	Consequence: "such a request, which no browser sends, is answered as that of a page of the first",
}

var kongSlashes = Loss{
	Name: "encoded-slashes", Effect: Narrower, Feature: Paths,
	Message:     "Kong does not decode slashes: paths with encoded ones get 400, rather than to be taken for others than the API does",
	Consequence: "requests with such paths fail",
}

var kongMethods = Loss{
	Name: "methods", Effect: Narrower, Feature: Methods,
	Message:     "the plugin knows nine methods, in upper case: others are left out, and * stands for these",
	Consequence: "requests with other methods are blocked",
}

var kongAddresses = Loss{
	Name: "ipv6", Effect: Narrower, Feature: OneOrigin,
	Message:     "the plugin loses the brackets of IPv6 addresses",
	Consequence: "pages of such origins are blocked, unless theirs is the only one",
}

func writeKong(p *plan) []File {
	k := &kongWriter{plan: p}
	for _, l := range []Loss{kongPreflights, kongOthers, kongOwnHeaders, kongTwoOrigins} {
		k.lose(l)
	}
	if k.hasPaths() {
		k.lose(kongSlashes)
	}
	for _, r := range p.rules {
		k.losses(r)
	}
	doc := yaml.MapSlice{
		{Key: "_format_version", Value: "3.0"},
		{Key: "services", Value: []any{yaml.MapSlice{
			{Key: "name", Value: "api"},
			{Key: "url", Value: "http://localhost:8081"},
			{Key: "routes", Value: k.routes()},
		}}},
	}
	text, err := yaml.MarshalWithOptions(doc, yaml.IndentSequence(true))
	if err != nil {
		panic(err) // it is made of strings and numbers
	}
	return []File{{"corsac-kong.yaml", header{"# ", []string{
		"In the place of the routes of your service: put in its name and address. The routes need the plugins cors, response-transformer",
		"and request-termination, which are Kong's own. Plugins for authentication belong to the service: they run later.",
		"Then: deck gateway sync corsac-kong.yaml, or, without a database, kong reload.",
	}, false}.comment(p.source) + string(text)}}
}

// A kongWriter writes one policy.
type kongWriter struct{ *plan }

func (k *kongWriter) losses(r *rule) {
	_, timed := fixedTiming(r)
	for _, lost := range []struct {
		is    bool
		loss  Loss
		field string
	}{
		{r.RefuseOthers, kongRefuseOthers, "refuse-others"},
		{slices.ContainsFunc(r.Methods, func(m string) bool { return !slices.Contains(kongKnown, m) }), kongMethods, "methods"},
		{slices.ContainsFunc(r.Origins, func(o string) bool { return strings.Contains(o, "[") }), kongAddresses, "origins"},
		{r.Timing && !timed, timingOrigins, "timing"},
	} {
		if lost.is {
			k.loseIn(lost.loss, r, lost.field)
		}
	}
}

// routes are those of the rules. Of the routes with a host those with the
// highest priority come first, and all of them before those without.
func (k *kongWriter) routes() []any {
	var routes []any
	var hosts []string
	for i, r := range k.rules {
		path := "/"
		if r.Path != "/" {
			path = "~" + rawPathRegexp(r.prefix())
			path += map[bool]string{true: "(?:/|$)", false: "$"}[r.tree()]
		}
		routes = append(routes, kongRoute(fmt.Sprintf("rule-%d", r.index), r.Host, path, len(k.rules)-i, k.plugins(r)...))
		if !slices.Contains(hosts, r.Host) {
			hosts = append(hosts, r.Host)
		}
	}
	if !slices.ContainsFunc(k.rules, (*rule).coversAll) {
		routes = append(routes, kongRoute("no-rule", "", "/", 0, kongTransformer(corsFields, "")))
	}
	if !k.hasPaths() {
		return routes
	}
	for i, host := range hosts {
		routes = append(routes, kongRoute(fmt.Sprintf("encoded-slash-%d", i), host, "~/.*%2[Ff]", len(k.rules)+1, yaml.MapSlice{
			{Key: "name", Value: "request-termination"}, {Key: "config", Value: yaml.MapSlice{{Key: "status_code", Value: 400}}},
		}))
	}
	return routes
}

func kongRoute(name, host, path string, priority int, plugins ...any) yaml.MapSlice {
	route := yaml.MapSlice{{Key: "name", Value: "api-" + name}}
	if host != "" {
		route = append(route, yaml.MapItem{Key: "hosts", Value: []string{host}})
	}
	return append(route,
		yaml.MapItem{Key: "paths", Value: []string{path}},
		yaml.MapItem{Key: "regex_priority", Value: priority},
		yaml.MapItem{Key: "strip_path", Value: false},
		yaml.MapItem{Key: "plugins", Value: plugins})
}

func (k *kongWriter) plugins(r *rule) []any {
	config := yaml.MapSlice{
		{Key: "origins", Value: kongOrigins(r)},
		{Key: "methods", Value: kongMethodsOf(r)},
		{Key: "headers", Value: kongHeaders(r)},
	}
	if len(r.Expose) > 0 {
		config = append(config, yaml.MapItem{Key: "exposed_headers", Value: words(r.response, "Access-Control-Expose-Headers")})
	}
	switch {
	case r.MaxAge > 0:
		config = append(config, yaml.MapItem{Key: "max_age", Value: int(r.MaxAge.Seconds())})
	case r.MaxAge == corsac.NoCache:
		config = append(config, yaml.MapItem{Key: "max_age", Value: 0})
	}
	if r.Credentials {
		config = append(config, yaml.MapItem{Key: "credentials", Value: true})
	}
	hidden := []string{"Access-Control-Allow-Private-Network"}
	if !r.Credentials {
		hidden = append(hidden, "Access-Control-Allow-Credentials")
	}
	if len(r.Expose) == 0 {
		hidden = append(hidden, "Access-Control-Expose-Headers")
	}
	timed, _ := fixedTiming(r)
	return []any{
		yaml.MapSlice{{Key: "name", Value: "cors"}, {Key: "config", Value: config}},
		kongTransformer(hidden, timed),
	}
}

// kongTransformer removes headers. It adds only what is not there.
func kongTransformer(hidden []string, timed string) yaml.MapSlice {
	var add yaml.MapSlice
	if timed != "" {
		hidden = append(slices.Clip(hidden), timingAllowOrigin)
		add = yaml.MapSlice{{Key: "add", Value: yaml.MapSlice{{Key: "headers", Value: []string{timingAllowOrigin + ":" + timed}}}}}
	}
	config := append(yaml.MapSlice{{Key: "remove", Value: yaml.MapSlice{{Key: "headers", Value: hidden}}}}, add...)
	return yaml.MapSlice{{Key: "name", Value: "response-transformer"}, {Key: "config", Value: config}}
}

// kongPlain matches the origins that the plugin does not take for regular
// expressions.
var kongPlain = regexp.MustCompile(`^[A-Za-z0-9.:/-]+$`)

func kongOrigins(r *rule) []string {
	entries := listed(r)
	for i, o := range entries {
		if o != "*" && !kongPlain.MatchString(o) {
			entries[i] = "^" + regexp.QuoteMeta(o) + "$"
		}
	}
	for _, p := range r.patterns {
		entries = append(entries, originRegexp(p))
	}
	return entries
}

var kongKnown = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}

// kongMethodsOf are never none, of which the plugin makes all.
func kongMethodsOf(r *rule) []string {
	if slices.Contains(r.Methods, "*") {
		return kongKnown
	}
	known := []string{"GET", "HEAD", "POST"}
	for _, m := range r.Methods {
		if slices.Contains(kongKnown, m) && !slices.Contains(known, m) {
			known = append(known, m)
		}
	}
	return known
}

// kongHeaders are never none, of which the plugin makes whatever was asked for.
// No script can set Origin: to allow it allows nothing.
func kongHeaders(r *rule) []string {
	if headers := words(r.preflight, "Access-Control-Allow-Headers"); len(headers) > 0 {
		return headers
	}
	return []string{"Origin"}
}
