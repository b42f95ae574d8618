package explain

import (
	"fmt"
	"slices"
	"strings"
)

// Gateways and what is rented.

func (g grant) traefik() []string {
	return slices.Concat([]string{
		"http:",
		"  middlewares:",
		"    cors:   # and in the router, before others: middlewares: [cors]",
		"      headers:",
		"        accessControlAllowOriginList: [" + join(`"`, []string{g.origin}) + "]",
		"        accessControlAllowMethods: [" + join(`"`, g.methods) + "]",
		"        accessControlAllowHeaders: [" + join(`"`, g.headers) + "]",
		fmt.Sprintf("        accessControlAllowCredentials: %v", g.credentials),
		"        accessControlMaxAge: 600",
		"        addVaryHeader: true",
	})
}

func (g grant) envoy() []string {
	lines := []string{
		"http_filters:   # before jwt_authn, ext_authz and the router",
		"- name: envoy.filters.http.cors",
		`  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors}`,
		"typed_per_filter_config:   # in the virtual host, or the route",
		"  envoy.filters.http.cors:",
		`    "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy`,
		`    allow_origin_string_match: [{exact: "` + g.origin + `"}]`,
		`    allow_methods: "` + strings.Join(g.methods, ", ") + `"`,
	}
	if len(g.headers) > 0 {
		lines = append(lines, `    allow_headers: "`+strings.Join(g.headers, ", ")+`"`)
	}
	return append(lines, fmt.Sprintf("    allow_credentials: %v", g.credentials), `    max_age: "600"`)
}

func (g grant) kong() []string {
	return []string{
		"plugins:",
		"- name: cors",
		"  config:",
		"    origins: [" + join(`"`, []string{g.origin}) + "]",
		"    methods: [" + join(`"`, g.methods) + "]",
		"    headers: [" + join(`"`, g.headers) + "]",
		fmt.Sprintf("    credentials: %v", g.credentials),
		"    max_age: 600",
		"    preflight_continue: false",
	}
}

func (g grant) awsGateway() []string {
	return []string{
		"CorsConfiguration:   # of an AWS::Serverless::HttpApi",
		"  AllowOrigins: [" + join(`"`, []string{g.origin}) + "]",
		"  AllowMethods: [" + join(`"`, g.methods) + "]",
		"  AllowHeaders: [" + join(`"`, g.headers) + "]",
		fmt.Sprintf("  AllowCredentials: %v", g.credentials),
		"  MaxAge: 600",
		"GatewayResponses:   # of an AWS::Serverless::Api, for its own errors",
		`  DEFAULT_4XX: {ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'` + g.origin + `'"}}}`,
		`  DEFAULT_5XX: {ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'` + g.origin + `'"}}}`,
	}
}

// s3 knows five methods, and answers with credentials whenever an origin is
// named.
func (g grant) s3() []string {
	return []string{
		"[",
		"  {",
		`    "AllowedOrigins": [` + join(`"`, []string{g.origin}) + "],",
		`    "AllowedMethods": [` + join(`"`, g.methods) + "],",
		`    "AllowedHeaders": [` + join(`"`, g.headers) + "],",
		`    "MaxAgeSeconds": 600`,
		"  }",
		"]",
	}
}

func (g grant) cloudflare() []string {
	condition := "    if (request.headers.get('Origin') === '" + g.origin + "') {"
	if g.isPublic() {
		condition = "    if (request.headers.has('Origin')) {"
	}
	return slices.Concat([]string{
		"export default {",
		"  async fetch(request) {",
		"    const { method, headers } = request",
		"    const asks = method === 'OPTIONS' && headers.has('Access-Control-Request-Method')",
		"    const answer = asks ? new Response(null, { status: 204 }) : await fetch(request)",
		"    // a copy can be changed",
		"    const response = new Response(answer.body, answer)",
		condition,
		"      response.headers.set('Access-Control-Allow-Origin', '" + g.origin + "')",
	}, each("      response.headers.set('%s', '%s')", g.preflightLines()), []string{
		"    }",
		"    response.headers.append('Vary', 'Origin')",
		"    return response",
		"  },",
		"}",
	})
}
