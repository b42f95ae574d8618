package headers

import (
	"maps"
	"slices"
)

// A Group names the headers that a protocol needs beside the ones an API
// defines itself. Its Request half is meant for Access-Control-Allow-Headers,
// its Response half for Access-Control-Expose-Headers.
type Group struct {
	Request  []string
	Response []string
}

// LookupGroup finds the group of a name that begins with "@".
func LookupGroup(name string) (Group, bool) {
	g, ok := groups[name]
	return g, ok
}

// GroupNames lists the groups, sorted.
func GroupNames() []string { return slices.Sorted(maps.Keys(groups)) }

// No group holds Authorization: whether pages may send a token is for the
// policy's author to say, never a side effect of a protocol's name.
// docs/policy.md says what each group is for, and where its names come from.
var groups = map[string]Group{
	// W3C Trace Context and Baggage, Zipkin's B3 in both forms, and the browser
	// agents that add headers to cross-origin requests: Sentry, Datadog, New
	// Relic, AWS X-Ray, Azure Application Insights.
	"@tracing": {
		Request: []string{
			"traceparent", "tracestate", "baggage", "sentry-trace",
			"b3", "X-B3-TraceId", "X-B3-ParentSpanId", "X-B3-SpanId", "X-B3-Sampled", "X-B3-Flags",
			"x-datadog-origin", "x-datadog-parent-id", "x-datadog-sampling-priority", "x-datadog-trace-id",
			"newrelic", "X-Amzn-Trace-Id", "Request-Id", "Request-Context",
		},
		Response: []string{"Server-Timing", "traceresponse", "Request-Context"},
	},
	// https://connectrpc.com/docs/cors
	"@grpc-web": {
		Request:  []string{"Content-Type", "X-Grpc-Web", "X-User-Agent", "Grpc-Timeout"},
		Response: []string{"Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin"},
	},
	// https://connectrpc.com/docs/cors
	"@connect": {
		Request:  []string{"Content-Type", "Connect-Protocol-Version", "Connect-Timeout-Ms", "X-User-Agent"},
		Response: []string{"Connect-Content-Encoding"},
	},
	// GraphQL over HTTP sends JSON, and its servers ask for a header that
	// forces a preflight as their defence against cross-site requests: Apollo
	// Server, DGS, Hot Chocolate and GraphQL Yoga for one of their own each.
	"@graphql": {
		Request: []string{
			"Content-Type", "Apollo-Require-Preflight", "X-Apollo-Operation-Name",
			"Apollographql-Client-Name", "Apollographql-Client-Version",
			"GraphQL-Preflight", "GraphQL-Require-Preflight", "X-GraphQL-Yoga-CSRF",
		},
	},
	// https://tus.io/protocols/resumable-upload, and the X-Request-ID of its
	// JavaScript client.
	"@tus": {
		Request: []string{
			"Content-Type", "Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata",
			"Upload-Defer-Length", "Upload-Concat", "Upload-Checksum", "X-HTTP-Method-Override", "X-Request-ID",
		},
		Response: []string{
			"Location", "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm",
			"Upload-Length", "Upload-Offset", "Upload-Metadata", "Upload-Defer-Length", "Upload-Concat", "Upload-Expires",
		},
	},
	// https://modelcontextprotocol.io/specification, Streamable HTTP: sessions
	// and resumption up to the revision of 2025-11-25, method and name since
	// that of 2026-07-28.
	"@mcp": {
		Request: []string{
			"Content-Type", "Mcp-Protocol-Version", "Mcp-Session-Id", "Last-Event-ID", "Mcp-Method", "Mcp-Name",
		},
		Response: []string{"Mcp-Session-Id", "WWW-Authenticate"},
	},
}
