package export

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// gatewayAPI leaves the protocol to the gateway, of which there are many: the
// standard says what allowed pages get, and little of the rest.
var gatewayAPI = Target{
	Name:  "gateway-api",
	Title: "Kubernetes Gateway API, as HTTPRoutes with the filter for CORS",
	Losses: []Loss{
		httpRouteRefuseOthers, httpRouteEveryHeader, httpRouteOwnHeaders, httpRoutePreflights, httpRouteErrors, httpRoutePaths, httpRouteTwoOrigins,
		httpRouteOrigins, httpRoutePorts, httpRouteTooMany, httpRouteMethods, httpRouteHeaders, httpRouteNoCache, timingOrigins,
	},
	write: writeGatewayAPI,
}

var httpRouteRefuseOthers = Loss{
	Name: "refuse-others", Effect: Wider, Feature: RefuseOthers,
	Message:     "the Gateway API has no filter that refuses requests",
	Consequence: "pages that are not listed can have the API do something with a plain POST, and open WebSockets",
}

var httpRouteEveryHeader = Loss{
	Name: "every-header", Effect: Wider, Feature: EveryHeader,
	Message:     "gateways may answer * with whatever headers were asked for",
	Consequence: "allowed pages may then send Authorization without its being listed",
}

var httpRouteOwnHeaders = Loss{
	Name: "own-headers", Effect: Narrower, Feature: OwnHeaders,
	Message:     "the standard does not say in which order filters work: the API's own CORS headers are removed",
	Consequence: "where a gateway removes them last, those of the policy go, too, and allowed pages are blocked: try it",
}

var httpRoutePreflights = Loss{
	Name: "preflights", Effect: Different, Feature: Preflights,
	Message:     "gateways answer preflights with 200 or 204, those of others too, and may not say Vary",
	Consequence: "none, browsers look for the headers",
}

var httpRouteErrors = Loss{
	Name: "own-errors", Effect: Narrower, Feature: Errors,
	Message:     "the standard does not say whether a gateway's own answers, to errors and to missing credentials, have the headers",
	Consequence: "pages may see a network error where the status is meant",
}

var httpRoutePaths = Loss{
	Name: "paths", Effect: Different, Feature: Paths,
	Message:     "how paths are decoded and cleaned is the gateway's matter",
	Consequence: "paths with encoded slashes or dots may have another rule speak: have the gateway normalize paths",
}

var httpRouteTwoOrigins = Loss{
	Name: "two-origins", Effect: Different, Feature: TwoOrigins,
	Message:     "what becomes of several Origin lines is the gateway's matter",
	Consequence: "such a request, which no browser sends, may be answered as that of a listed page",
}

var httpRouteOrigins = Loss{
	Name: "origins", Effect: Narrower, Feature: OtherSchemes,
	Message:     "the filter knows names of hosts under http and https only, without underscores: null, other schemes and IPv6 addresses are left out",
	Consequence: "pages of these origins are blocked",
}

var httpRoutePorts = Loss{
	Name: "every-port", Effect: Narrower, Feature: AnyPort,
	Message:     "the filter has no pattern for ports: the default one remains",
	Consequence: "pages on other ports are blocked",
}

var httpRouteTooMany = Loss{
	Name: "many-origins", Effect: Narrower, Feature: SeveralOrigins,
	Message:     "the filter takes 64 origins: the others are left out",
	Consequence: "pages of the others are blocked",
}

var httpRouteMethods = Loss{
	Name: "methods", Effect: Narrower, Feature: Methods,
	Message:     "the filter knows the standard methods only, in upper case: others are left out",
	Consequence: "requests with these methods are blocked",
}

var httpRouteHeaders = Loss{
	Name: "headers", Effect: Narrower, Feature: Headers,
	Message:     "the filter takes 64 names, and none beside *: the others are left out",
	Consequence: "requests with these headers are blocked, or responses hide them",
}

var httpRouteNoCache = Loss{
	Name: "max-age", Effect: Different, Feature: NoCache,
	Message:     "the filter's least time is a second",
	Consequence: "browsers remember preflights for a second",
}

func writeGatewayAPI(p *plan) []File {
	g := &httpRouteWriter{plan: p}
	for _, l := range []Loss{httpRouteOwnHeaders, httpRoutePreflights, httpRouteErrors, httpRouteTwoOrigins} {
		g.lose(l)
	}
	if p.hasPaths() {
		g.lose(httpRoutePaths)
	}
	for _, r := range p.rules {
		g.losses(r)
	}
	var docs []string
	for _, route := range g.routes() {
		text, err := yaml.MarshalWithOptions(route, yaml.IndentSequence(true))
		if err != nil {
			panic(err) // it is made of strings and numbers
		}
		docs = append(docs, string(text))
	}
	return []File{{"corsac-httproute.yaml", header{"# ", []string{
		"In the place of the HTTPRoute of your API: put in the names of your Gateway and Service, its port, and the namespace if need be.",
		"Then: kubectl apply -f corsac-httproute.yaml. The Gateway API has the filter for CORS in its standard channel since 1.5.",
		"See that your gateway has it, too: kubectl get gatewayclass -o yaml lists HTTPRouteCORS among the supported features.",
	}, false}.comment(p.source) + strings.Join(docs, "---\n")}}
}

// losses are those of a rule.
func (g *httpRouteWriter) losses(r *rule) {
	var kept int
	for _, entry := range r.Origins {
		if _, ok := httpRouteOrigin(entry); ok {
			kept++
		}
	}
	_, timed := fixedTiming(r)
	for _, lost := range []struct {
		is    bool
		loss  Loss
		field string
	}{
		{r.RefuseOthers, httpRouteRefuseOthers, "refuse-others"},
		{slices.Contains(r.Headers, "*"), httpRouteEveryHeader, "headers"},
		{kept < len(r.Origins), httpRouteOrigins, "origins"},
		{slices.ContainsFunc(r.patterns, func(p origins.Pattern) bool { return p.AnyPort }), httpRoutePorts, "origins"},
		{kept > httpRouteMost, httpRouteTooMany, "origins"},
		{len(httpRouteKnown(r.Methods)) < len(r.Methods), httpRouteMethods, "methods"},
		{len(httpRouteNames(r.Headers)) < len(r.Headers), httpRouteHeaders, "headers"},
		{len(httpRouteNames(r.Expose)) < len(r.Expose), httpRouteHeaders, "expose"},
		{r.MaxAge == corsac.NoCache, httpRouteNoCache, "max-age"},
		{r.Timing && !timed, timingOrigins, "timing"},
	} {
		if lost.is {
			g.loseIn(lost.loss, r, lost.field)
		}
	}
}

const (
	// httpRouteMost is how many entries the filter's lists take.
	httpRouteMost = 64
	// httpRouteRules is how many rules a route takes.
	httpRouteRules = 16
)

// A httpRouteWriter writes one policy.
type httpRouteWriter struct{ *plan }

// routes are those for each host that a rule names, and those for all hosts: as
// many as the rules need.
func (g *httpRouteWriter) routes() []yaml.MapSlice {
	var names []string
	for _, r := range g.rules {
		if r.Host != "" && !slices.Contains(names, r.Host) {
			names = append(names, r.Host)
		}
	}
	var routes []yaml.MapSlice
	for i, host := range append(names, "") {
		n := 0
		for rules := range slices.Chunk(g.rulesFor(host), httpRouteRules) {
			n++
			routes = append(routes, httpRouteRoute(fmt.Sprintf("api-%d-%d", i+1, n), host, rules))
		}
	}
	return routes
}

func httpRouteRoute(name, host string, rules []any) yaml.MapSlice {
	spec := yaml.MapSlice{{Key: "parentRefs", Value: []any{yaml.MapSlice{{Key: "name", Value: "gateway"}}}}}
	if host != "" {
		spec = append(spec, yaml.MapItem{Key: "hostnames", Value: []string{host}})
	}
	return yaml.MapSlice{
		{Key: "apiVersion", Value: "gateway.networking.k8s.io/v1"},
		{Key: "kind", Value: "HTTPRoute"},
		{Key: "metadata", Value: yaml.MapSlice{{Key: "name", Value: name}}},
		{Key: "spec", Value: append(spec, yaml.MapItem{Key: "rules", Value: rules})},
	}
}

// rulesFor are those of a host. The gateway takes the longest path, whoever
// names the host: what a rule of the host covers is not for those of all hosts.
func (g *httpRouteWriter) rulesFor(host string) []any {
	var own []*rule
	for _, r := range g.rules {
		if r.Host == host || r.Host == "" && !slices.ContainsFunc(own, func(o *rule) bool { return o.covers(r) }) {
			own = append(own, r)
		}
	}
	var rules []any
	for _, r := range own {
		rules = append(rules, httpRouteRule(r))
	}
	if !slices.ContainsFunc(own, func(r *rule) bool { return r.Path == "/" }) {
		rules = append(rules, httpRouteEntry(httpRoutePath("PathPrefix", "/"), httpRouteModifier(nil)))
	}
	return rules
}

// covers reports whether all that other covers is below r.
func (r *rule) covers(other *rule) bool {
	return r.Path == other.Path || r.tree() && strings.HasPrefix(other.prefix()+"/", r.Path)
}

func httpRouteRule(r *rule) yaml.MapSlice {
	kind, path := "Exact", r.Path
	if r.tree() {
		kind, path = "PathPrefix", cmp.Or(r.prefix(), "/")
	}
	filters := []any{httpRouteModifier(r)}
	if cors := httpRouteFilter(r); cors != nil {
		filters = append(filters, yaml.MapSlice{{Key: "type", Value: "CORS"}, {Key: "cors", Value: cors}})
	}
	return httpRouteEntry(httpRoutePath(kind, path), filters...)
}

func httpRouteEntry(path yaml.MapSlice, filters ...any) yaml.MapSlice {
	return yaml.MapSlice{
		{Key: "matches", Value: []any{yaml.MapSlice{{Key: "path", Value: path}}}},
		{Key: "filters", Value: filters},
		{Key: "backendRefs", Value: []any{yaml.MapSlice{{Key: "name", Value: "api"}, {Key: "port", Value: 80}}}},
	}
}

// httpRoutePath writes a path as it stands in URLs.
func httpRoutePath(kind, path string) yaml.MapSlice {
	var b strings.Builder
	for _, c := range []byte(path) {
		if isPlainPath(string(rune(c))) || strings.IndexByte("!$&'()*+,;=:@", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return yaml.MapSlice{{Key: "type", Value: kind}, {Key: "value", Value: b.String()}}
}

// httpRouteModifier removes what the API says. The rule is nil where none speaks.
func httpRouteModifier(r *rule) yaml.MapSlice {
	var modifier yaml.MapSlice
	if r != nil && !r.any {
		modifier = append(modifier, yaml.MapItem{Key: "add", Value: []any{httpRouteField("Vary", "Origin")}})
	}
	if r != nil {
		if timed, _ := fixedTiming(r); timed != "" {
			modifier = append(modifier, yaml.MapItem{Key: "set", Value: []any{httpRouteField(timingAllowOrigin, timed)}})
		}
	}
	modifier = append(modifier, yaml.MapItem{Key: "remove", Value: corsFields})
	return yaml.MapSlice{{Key: "type", Value: "ResponseHeaderModifier"}, {Key: "responseHeaderModifier", Value: modifier}}
}

func httpRouteField(name, value string) yaml.MapSlice {
	return yaml.MapSlice{{Key: "name", Value: name}, {Key: "value", Value: value}}
}

// httpRouteFilter is nil where no origin remains.
func httpRouteFilter(r *rule) yaml.MapSlice {
	var allowed []string
	for _, entry := range r.Origins {
		if origin, ok := httpRouteOrigin(entry); ok && len(allowed) < httpRouteMost && !slices.Contains(allowed, origin) {
			allowed = append(allowed, origin)
		}
	}
	if len(allowed) == 0 {
		return nil
	}
	filter := yaml.MapSlice{{Key: "allowOrigins", Value: allowed}}
	list := func(key string, entries []string) {
		if len(entries) > 0 {
			filter = append(filter, yaml.MapItem{Key: key, Value: entries})
		}
	}
	if r.Credentials {
		filter = append(filter, yaml.MapItem{Key: "allowCredentials", Value: true})
	}
	// Where a list is empty, gateways may allow what they like. These methods
	// need no permission, and no script can set Origin.
	methods, headers := httpRouteKnown(r.Methods), httpRouteNames(r.Headers)
	if !slices.Contains(methods, "*") {
		methods = append([]string{"GET", "HEAD", "POST"}, methods...)
	}
	if len(headers) == 0 {
		headers = []string{"Origin"}
	}
	list("allowMethods", methods)
	list("allowHeaders", headers)
	list("exposeHeaders", httpRouteNames(r.Expose))
	switch {
	case r.MaxAge > 0:
		filter = append(filter, yaml.MapItem{Key: "maxAge", Value: int(r.MaxAge.Seconds())})
	case r.MaxAge == corsac.NoCache:
		filter = append(filter, yaml.MapItem{Key: "maxAge", Value: 1})
	}
	return filter
}

var httpRouteHost = regexp.MustCompile(`^https?://(?:\*\.)?(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::[0-9]{1,5})?$`)

// httpRouteOrigin is an entry as the filter knows it, if it does.
func httpRouteOrigin(entry string) (origin string, ok bool) {
	origin = strings.TrimSuffix(entry, ":*")
	return origin, origin == "*" || len(origin) < 254 && httpRouteHost.MatchString(origin)
}

func httpRouteKnown(methods []string) []string {
	return slices.DeleteFunc(slices.Clone(methods), func(m string) bool {
		return !slices.Contains([]string{"PUT", "DELETE", "OPTIONS", "PATCH", "*"}, m)
	})
}

// httpRouteNames are as many as the filter takes.
func httpRouteNames(names []string) []string {
	if slices.Contains(names, "*") {
		return []string{"*"}
	}
	return names[:min(len(names), httpRouteMost)]
}
