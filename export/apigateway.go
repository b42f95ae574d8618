package export

import (
	"fmt"
	"slices"
	"strings"
)

// apiGateway is the CORS configuration of an HTTP API, as a piece of a
// CloudFormation template. An API has one, for everything: of several rules the
// last is written, the one that speaks where no other does. To merge them would
// give each rule's pages what only another rule allows.
var apiGateway = Target{
	Name:  "api-gateway",
	Title: "Amazon API Gateway, CorsConfiguration of an HTTP API in CloudFormation or SAM",
	Losses: []Loss{
		gatewayOneRule, gatewayPaths, gatewayResources, gatewayHosts, gatewayRefuseOthers,
		gatewaySubdomains, gatewayPorts, gatewaySchemes, gatewayNull, gatewayMethods, gatewayStars, gatewayTiming,
		gatewayErrors, gatewayVary, gatewayPreflights,
	},
	write: writeAPIGateway,
}

var (
	gatewayOneRule = Loss{
		Name: "one-rule", Effect: Wider, Feature: Trees,
		Message:     "an API has one CORS configuration, and this rule is left out",
		Consequence: "where it speaks, pages of the rule that is written may read, and its own may not",
	}
	gatewayPaths = Loss{
		Name: "paths", Effect: Wider, Feature: Trees,
		Message: "the CORS configuration of an API speaks for all of its paths", Consequence: "pages may read all of the API",
	}
	gatewayResources = Loss{
		Name: "resources", Effect: Wider, Feature: Resources,
		Message: "the CORS configuration of an API speaks for all of its paths", Consequence: "pages may read all of the API",
	}
	gatewayHosts = Loss{
		Name: "hosts", Effect: Wider, Feature: Hosts,
		Message: "the CORS configuration of an API speaks for all names that it has", Consequence: "pages may read the API by each of them",
	}
	gatewayRefuseOthers = Loss{
		Name: "refuse-others", Effect: Wider, Feature: RefuseOthers,
		Message:     "API Gateway refuses nobody for the origin of the page",
		Consequence: "forms of other origins reach the API",
	}
	gatewaySubdomains = Loss{
		Name: "subdomains", Effect: Narrower, Feature: Subdomains,
		Message:     "a star stands for every host or not at all, and the entry is left out",
		Consequence: "pages of the subdomains may not read, unless they are listed one by one",
	}
	gatewayPorts = Loss{
		Name: "ports", Effect: Narrower, Feature: AnyPort,
		Message:     "a port cannot be a star, and the default one is written instead",
		Consequence: "pages of other ports may not read, unless they are listed one by one",
	}
	gatewaySchemes = Loss{
		Name: "schemes", Effect: Narrower, Feature: OtherSchemes,
		Message:     "origins are documented for http and https only, and the entry is left out",
		Consequence: "extensions and apps may not read",
	}
	gatewayNull = Loss{
		Name: "null", Effect: Narrower, Feature: NullOrigin,
		Message:     "origins are documented for http and https only, and null is left out",
		Consequence: "sandboxed frames may not read",
	}
	gatewayMethods = Loss{
		Name: "odd-methods", Effect: Narrower, Feature: Methods,
		Message:     "an HTTP API has no methods but GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS",
		Consequence: "preflights for others are not allowed",
	}
	gatewayStars = Loss{
		Name: "stars", Effect: Narrower, Feature: Headers,
		Message:     "a name of a header with a star in it might be a pattern, and is left out",
		Consequence: "scripts may not set it, or not read it",
	}
	gatewayTiming = Loss{
		Name: "timing", Effect: Narrower, Feature: Timing,
		Message:     "API Gateway sends no Timing-Allow-Origin of its own",
		Consequence: "pages do not see how long what took, unless the API sends it",
	}
	gatewayErrors = Loss{
		Name: "errors", Effect: Narrower, Feature: Errors,
		Message:     "the headers are documented for responses of integrations, not for those of API Gateway itself",
		Consequence: "pages may not learn that a request was not authorized, was one too many, or that the API is down",
	}
	gatewayVary = Loss{
		Name: "vary", Effect: Narrower, Feature: Vary,
		Message:     "without Origin in the request API Gateway sends no CORS headers, and it is not documented to send Vary",
		Consequence: "a cache before it may give a page the response that another got, which it then cannot read",
	}
	gatewayPreflights = Loss{
		Name: "preflights", Effect: Different, Feature: Preflights,
		Message:     "preflights that are not allowed are answered with success, without CORS headers",
		Consequence: "browsers block the page all the same",
	}
)

func writeAPIGateway(p *plan) []File {
	p.lose(gatewayPreflights)
	p.lose(gatewayErrors)
	p.lose(gatewayVary)
	var b strings.Builder
	b.WriteString(header{"# ", []string{
		"Put it under Properties of the AWS::ApiGatewayV2::Api or AWS::Serverless::HttpApi. Then deploy the stack.",
		"If all routes need authorization, add a route OPTIONS /{proxy+} that needs none: it would be asked of preflights, too.",
	}, false}.comment(p.source))
	b.WriteString("CorsConfiguration:\n")
	if len(p.rules) == 0 {
		gatewayList(&b, "AllowOrigins", []string{nobody})
		return []File{{"cors.yaml", b.String()}}
	}
	last := len(p.rules) - 1
	for _, r := range p.rules[:last] {
		p.loseIn(gatewayOneRule, r, "path")
	}
	p.gatewayRule(&b, p.rules[last])
	return []File{{"cors.yaml", b.String()}}
}

// nobody is an origin that no page has, https://www.rfc-editor.org/rfc/rfc6761#section-6.4.
// Without any origin there would be no configuration, and then API Gateway
// passes on what the API itself says in CORS headers.
const nobody = "https://nobody.invalid"

func (p *plan) gatewayRule(b *strings.Builder, r *rule) {
	p.loseForGateway(r)
	gatewayList(b, "AllowOrigins", p.gatewayOrigins(r))
	gatewayList(b, "AllowMethods", p.gatewayMethods(r))
	gatewayList(b, "AllowHeaders", p.withoutStars(gatewayStars, r, "headers", r.Headers))
	gatewayList(b, "ExposeHeaders", p.withoutStars(gatewayStars, r, "expose", r.Expose))
	if r.Credentials {
		b.WriteString("  AllowCredentials: true\n")
	}
	if age := seconds(r.MaxAge); age != nil {
		fmt.Fprintf(b, "  MaxAge: %d\n", *age)
	}
}

func (p *plan) loseForGateway(r *rule) {
	switch {
	case !r.tree():
		p.loseIn(gatewayResources, r, "path")
	case r.Path != "/":
		p.loseIn(gatewayPaths, r, "path")
	}
	if r.Host != "" {
		p.loseIn(gatewayHosts, r, "host")
	}
	if r.RefuseOthers {
		p.loseIn(gatewayRefuseOthers, r, "refuse-others")
	}
	if r.Timing {
		p.loseIn(gatewayTiming, r, "timing")
	}
}

// gatewayList is a list in YAML, where JSON's strings are strings.
func gatewayList(b *strings.Builder, name string, entries []string) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(b, "  %s:\n", name)
	for _, e := range entries {
		fmt.Fprintf(b, "    - %s\n", quoted(e))
	}
}

func (p *plan) gatewayOrigins(r *rule) []string {
	if r.any {
		return []string{"*"}
	}
	var allowed []string
	add := func(origin string) {
		if strings.HasPrefix(origin, "https://") || strings.HasPrefix(origin, "http://") {
			allowed = append(allowed, origin)
		} else {
			p.loseIn(gatewaySchemes, r, "origins")
		}
	}
	for _, o := range r.exact {
		add(o)
	}
	if r.null {
		p.loseIn(gatewayNull, r, "origins")
	}
	for _, pattern := range r.patterns {
		switch {
		case pattern.AnyHost:
			p.loseIn(gatewaySchemes, r, "origins")
		case pattern.Subdomains:
			p.loseIn(gatewaySubdomains, r, "origins")
		default:
			p.loseIn(gatewayPorts, r, "origins")
			pattern.AnyPort = false
			add(pattern.String())
		}
	}
	if len(allowed) == 0 {
		return []string{nobody}
	}
	return slices.Compact(slices.Sorted(slices.Values(allowed)))
}

func (p *plan) gatewayMethods(r *rule) []string {
	if slices.Contains(r.Methods, "*") {
		return []string{"*"}
	}
	allowed := []string{"GET", "HEAD", "POST"}
	for _, m := range r.Methods {
		if slices.Contains([]string{"PUT", "PATCH", "DELETE", "OPTIONS"}, m) {
			allowed = append(allowed, m)
		} else {
			p.loseIn(gatewayMethods, r, "methods")
		}
	}
	return allowed
}
