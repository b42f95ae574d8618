package export

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/corsac-cors/corsac"
)

// envoy has its filter for CORS answer allowed preflights and set the headers
// of allowed pages. The filter for RBAC, behind it, refuses the other
// preflights; what the upstream server says is removed by the routes.
var envoy = Target{
	Name:   "envoy",
	Title:  "Envoy, as parts of an HttpConnectionManager: filters and routes",
	Losses: []Loss{envoyPreflights, envoyOwn, timingOrigins, envoySlashes},
	write:  writeEnvoy,
}

var envoyPreflights = Loss{
	Name: "status-200", Effect: Different, Feature: Preflights,
	Message:     "allowed preflights are answered with 200 instead of 204, and without Vary",
	Consequence: "none: browsers take any status of success, and caches do not keep such answers",
}

var envoyOwn = Loss{
	Name: "own-plain-http", Effect: Narrower, Feature: RefuseOthers,
	Message:     "pages of the API's own origin are known by Sec-Fetch-Site only, because matchers cannot compare the origin with the host",
	Consequence: "over plain HTTP, where browsers do not send it, such pages are refused, too",
}

var envoySlashes = Loss{
	Name: "encoded-slashes", Effect: Narrower, Feature: Paths,
	Message:     "Envoy answers 400 to paths with encoded slashes, rather than to take them for others than the API does",
	Consequence: "requests with such paths fail",
}

func writeEnvoy(p *plan) []File {
	e := &envoyWriter{plan: p}
	e.losses()
	manager := e.paths()
	manager = append(manager,
		yaml.MapItem{Key: "http_filters", Value: []any{
			envoyFilter("envoy.filters.http.cors", "envoy.extensions.filters.http.cors.v3.Cors"),
			envoyFilter("envoy.filters.http.rbac", "envoy.extensions.filters.http.rbac.v3.RBAC", yaml.MapItem{Key: "rules", Value: e.denials(nil)}),
		}},
		yaml.MapItem{Key: "route_config", Value: yaml.MapSlice{
			// What a host removes from a response is not what a route adds to it.
			{Key: "most_specific_header_mutations_wins", Value: true},
			{Key: "virtual_hosts", Value: e.hosts()},
		}})
	text, err := yaml.MarshalWithOptions(manager, yaml.IndentSequence(true))
	if err != nil {
		panic(err) // it is made of strings and numbers
	}
	return []File{{"corsac-envoy.yaml", header{"# ", []string{
		"Put it into the typed_config of your envoy.filters.network.http_connection_manager, in the place of its route_config.",
		"Your own filters follow the two below: authentication first, envoy.filters.http.router last.",
		"The cluster api is your API: name yours so, or put its name here.",
		"Then: envoy --mode validate -c /etc/envoy/envoy.yaml, and restart Envoy, or give it to its control plane.",
	}, false}.comment(p.source) + string(text)}}
}

func (e *envoyWriter) losses() {
	e.lose(envoyPreflights)
	if e.hasPaths() {
		e.lose(envoySlashes)
	}
	for _, r := range e.rules {
		if r.RefuseOthers {
			e.loseIn(envoyOwn, r, "refuse-others")
		}
		if _, all := fixedTiming(r); r.Timing && !all {
			e.loseIn(timingOrigins, r, "timing")
		}
	}
}

// An envoyWriter writes one policy.
type envoyWriter struct{ *plan }

// paths has Envoy clean paths before it looks for a route.
func (e *envoyWriter) paths() yaml.MapSlice {
	if !e.hasPaths() {
		return nil
	}
	return yaml.MapSlice{
		{Key: "normalize_path", Value: true},
		{Key: "merge_slashes", Value: true},
		{Key: "path_with_escaped_slashes_action", Value: "REJECT_REQUEST"},
	}
}

func envoyFilter(name, message string, fields ...yaml.MapItem) yaml.MapSlice {
	return yaml.MapSlice{{Key: "name", Value: name}, {Key: "typed_config", Value: envoyAny(message, fields...)}}
}

func envoyAny(message string, fields ...yaml.MapItem) yaml.MapSlice {
	return append(yaml.MapSlice{{Key: "@type", Value: "type.googleapis.com/" + message}}, fields...)
}

// hosts are a virtual host for each host that a rule names, with the rules for
// all hosts behind its own, and one for the others.
func (e *envoyWriter) hosts() []any {
	var names []string
	for _, r := range e.rules {
		if r.Host != "" && !slices.Contains(names, r.Host) {
			names = append(names, r.Host)
		}
	}
	var hosts []any
	for _, name := range append(names, "") {
		domains := []string{name, name + ":*", name + ".", name + ".:*"}
		if name == "" {
			domains = []string{"*"}
		}
		var routes []any
		for _, r := range e.rules {
			if r.Host == "" || r.Host == name {
				routes = append(routes, e.routes(r)...)
			}
		}
		if !slices.ContainsFunc(e.rules, (*rule).coversAll) {
			routes = append(routes, envoyRoute(yaml.MapSlice{{Key: "prefix", Value: "/"}}, nil, nil))
		}
		hosts = append(hosts, yaml.MapSlice{
			{Key: "name", Value: strings.TrimSuffix("api-"+name, "-")},
			{Key: "domains", Value: domains},
			{Key: "response_headers_to_remove", Value: corsFields},
			{Key: "routes", Value: routes},
		})
	}
	return hosts
}

// routes are those of a rule. The filter would send every page its own origin
// where * is allowed: there it answers preflights only.
func (e *envoyWriter) routes(r *rule) []any {
	if !r.any {
		add := []any{envoyAdd("Vary", "Origin", false)}
		if timed, _ := fixedTiming(r); timed != "" {
			add = append(add, envoyAdd(timingAllowOrigin, timed, true))
		}
		return []any{envoyRoute(envoyMatch(r), add, e.filters(r))}
	}
	preflight := append(envoyMatch(r), yaml.MapItem{Key: "headers", Value: []any{
		envoyHeader(":method", "exact", "OPTIONS"), envoyPresent("origin"), envoyPresent("access-control-request-method"),
	}})
	add := []any{envoyAdd(allowOrigin, "*", true)}
	for _, f := range r.response {
		add = append(add, envoyAdd(f.Name, f.Value, true))
	}
	if r.Timing {
		add = append(add, envoyAdd(timingAllowOrigin, "*", true))
	}
	return []any{envoyRoute(preflight, nil, e.filters(r)), envoyRoute(envoyMatch(r), add, nil)}
}

func envoyRoute(match yaml.MapSlice, add []any, filters yaml.MapSlice) yaml.MapSlice {
	route := yaml.MapSlice{{Key: "match", Value: match}, {Key: "route", Value: yaml.MapSlice{{Key: "cluster", Value: "api"}}}}
	if len(add) > 0 {
		route = append(route, yaml.MapItem{Key: "response_headers_to_add", Value: add})
	}
	if len(filters) > 0 {
		route = append(route, yaml.MapItem{Key: "typed_per_filter_config", Value: filters})
	}
	return route
}

// envoyAdd adds a header. Percent signs would begin a variable.
func envoyAdd(name, value string, overwrite bool) yaml.MapSlice {
	add := yaml.MapSlice{{Key: "header", Value: yaml.MapSlice{{Key: "key", Value: name}, {Key: "value", Value: strings.ReplaceAll(value, "%", "%%")}}}}
	if overwrite {
		add = append(add, yaml.MapItem{Key: "append_action", Value: "OVERWRITE_IF_EXISTS_OR_ADD"})
	}
	return add
}

func envoyMatch(r *rule) yaml.MapSlice {
	switch {
	case r.Path == "/":
		return yaml.MapSlice{{Key: "prefix", Value: "/"}}
	case !isPlainPath(r.Path):
		expr := rawPathRegexp(r.prefix())
		if r.tree() {
			expr += "(?:/.*)?"
		}
		return yaml.MapSlice{{Key: "safe_regex", Value: yaml.MapSlice{{Key: "regex", Value: expr}}}}
	case r.tree():
		return yaml.MapSlice{{Key: "path_separated_prefix", Value: r.prefix()}}
	}
	return yaml.MapSlice{{Key: "path", Value: r.Path}}
}

// isPlainPath reports whether the path looks the same in every URL.
func isPlainPath(path string) bool {
	return strings.Trim(path, "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

// rawPathRegexp matches a path as it may stand in a URL that has no more in
// percent-encoding than has to be.
func rawPathRegexp(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		raw := regexp.QuoteMeta(string(rune(c)))
		encoded := fmt.Sprintf("(?i:%%%02X)", c)
		switch {
		case isPlainPath(string(rune(c))):
			b.WriteString(raw)
		case c <= ' ' || c >= 0x7f || strings.IndexByte("?#%", c) >= 0:
			b.WriteString(encoded)
		default:
			b.WriteString("(?:" + raw + "|" + encoded + ")")
		}
	}
	return b.String()
}

// filters are what the filters do on the routes of a rule.
func (e *envoyWriter) filters(r *rule) yaml.MapSlice {
	cors := []yaml.MapItem{{Key: "allow_origin_string_match", Value: envoyOrigins(r)}}
	set := func(name, value string) {
		if value != "" {
			cors = append(cors, yaml.MapItem{Key: name, Value: value})
		}
	}
	set("allow_methods", value(r.preflight, "Access-Control-Allow-Methods"))
	allowed := value(r.preflight, "Access-Control-Allow-Headers")
	if allowed == "*" {
		// Alone it would be answered with all that was asked for, Authorization too.
		allowed = "*, *"
	}
	set("allow_headers", allowed)
	set("expose_headers", value(r.response, "Access-Control-Expose-Headers"))
	switch {
	case r.MaxAge > 0:
		set("max_age", strconv.Itoa(int(r.MaxAge.Seconds())))
	case r.MaxAge == corsac.NoCache:
		set("max_age", "0")
	}
	if r.Credentials {
		cors = append(cors, yaml.MapItem{Key: "allow_credentials", Value: true})
	}
	filters := yaml.MapSlice{{Key: "envoy.filters.http.cors", Value: envoyAny("envoy.extensions.filters.http.cors.v3.CorsPolicy", cors...)}}
	if r.RefuseOthers {
		filters = append(filters, yaml.MapItem{Key: "envoy.filters.http.rbac", Value: envoyAny(
			"envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
			yaml.MapItem{Key: "rbac", Value: yaml.MapSlice{{Key: "rules", Value: e.denials(r)}}})})
	}
	return filters
}

// envoyOrigins are matchers for the origins of a rule. Several Origin lines are
// one with commas to Envoy, which * does not cover in a preflight.
func envoyOrigins(r *rule) []any {
	if r.any {
		return []any{envoyString("safe_regex", "[^,]*")}
	}
	var matchers []any
	for _, o := range listed(r) {
		matchers = append(matchers, envoyString("exact", o))
	}
	for _, p := range r.patterns {
		matchers = append(matchers, envoyString("safe_regex", originRegexp(p)))
	}
	return matchers
}

func envoyString(kind, value string) yaml.MapSlice {
	if kind == "safe_regex" {
		return yaml.MapSlice{{Key: kind, Value: yaml.MapSlice{{Key: "regex", Value: value}}}}
	}
	return yaml.MapSlice{{Key: kind, Value: value}}
}

func envoyHeader(name, kind, value string) yaml.MapSlice {
	return yaml.MapSlice{{Key: "name", Value: name}, {Key: "string_match", Value: envoyString(kind, value)}}
}

func envoyPresent(name string) yaml.MapSlice {
	return yaml.MapSlice{{Key: "name", Value: name}, {Key: "present_match", Value: true}}
}

// denials are the rules of the filter for RBAC: preflights that the filter for
// CORS has not answered are refused and, where a rule says so, what pages that
// are not listed would do.
func (e *envoyWriter) denials(refusing *rule) yaml.MapSlice {
	policies := yaml.MapSlice{{Key: "preflights-of-others", Value: envoyDenial(
		envoyIs(envoyHeader(":method", "exact", "OPTIONS")), envoyIs(envoyPresent("origin")), envoyIs(envoyPresent("access-control-request-method")))}}
	if refusing != nil {
		policies = append(policies, yaml.MapItem{Key: "requests-of-others", Value: envoyDenial(
			envoyIs(envoyPresent("origin")),
			envoyNot(envoyOriginIs(refusing)),
			envoyNot(envoyIs(envoyHeader("sec-fetch-site", "safe_regex", "same-origin|none"))),
			envoyOr(
				envoyNot(envoyIs(envoyHeader(":method", "safe_regex", "GET|HEAD|OPTIONS"))),
				envoyIs(envoyHeader("upgrade", "safe_regex", `(?i)(?:.*,)?\s*websocket\s*(?:,.*)?`))))})
	}
	return yaml.MapSlice{{Key: "action", Value: "DENY"}, {Key: "policies", Value: policies}}
}

func envoyDenial(permissions ...any) yaml.MapSlice {
	return yaml.MapSlice{
		{Key: "permissions", Value: []any{yaml.MapSlice{{Key: "and_rules", Value: yaml.MapSlice{{Key: "rules", Value: permissions}}}}}},
		{Key: "principals", Value: []any{yaml.MapSlice{{Key: "any", Value: true}}}},
	}
}

func envoyIs(header yaml.MapSlice) yaml.MapSlice {
	return yaml.MapSlice{{Key: "header", Value: header}}
}

func envoyNot(rule yaml.MapSlice) yaml.MapSlice { return yaml.MapSlice{{Key: "not_rule", Value: rule}} }

func envoyOr(rules ...any) yaml.MapSlice {
	return yaml.MapSlice{{Key: "or_rules", Value: yaml.MapSlice{{Key: "rules", Value: rules}}}}
}

func envoyOriginIs(r *rule) yaml.MapSlice {
	var rules []any
	for _, matcher := range envoyOrigins(r) {
		rules = append(rules, envoyIs(yaml.MapSlice{{Key: "name", Value: "origin"}, {Key: "string_match", Value: matcher}}))
	}
	return envoyOr(rules...)
}
