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
var groups = map[string]Group{
	// W3C Trace Context and Baggage, Sentry, Zipkin's single header, and the
	// vendors whose browser agents add headers to cross-origin requests.
	"@tracing": {
		Request: []string{
			"traceparent", "tracestate", "baggage", "sentry-trace", "b3",
			"x-datadog-origin", "x-datadog-parent-id", "x-datadog-sampling-priority", "x-datadog-trace-id",
			"newrelic", "x-amzn-trace-id", "request-id", "request-context",
		},
		Response: []string{"Server-Timing", "traceresponse"},
	},
	// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
	"@grpc-web": {
		Request:  []string{"Content-Type", "X-Grpc-Web", "X-User-Agent", "Grpc-Timeout"},
		Response: []string{"Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin"},
	},
	// https://connectrpc.com/docs/protocol
	"@connect": {
		Request:  []string{"Content-Type", "Connect-Protocol-Version", "Connect-Timeout-Ms", "X-User-Agent"},
		Response: []string{"Connect-Content-Encoding"},
	},
	// GraphQL over HTTP sends JSON, and its servers ask for a header that
	// forces a preflight as their defence against cross-site requests.
	"@graphql": {
		Request: []string{
			"Content-Type", "Apollo-Require-Preflight", "X-Apollo-Operation-Name",
			"Apollographql-Client-Name", "Apollographql-Client-Version",
			"GraphQL-Preflight", "GraphQL-Require-Preflight",
		},
	},
	// https://tus.io/protocols/resumable-upload
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
	// https://modelcontextprotocol.io/specification, Streamable HTTP
	"@mcp": {
		Request:  []string{"Content-Type", "Mcp-Session-Id", "Mcp-Protocol-Version", "Last-Event-ID"},
		Response: []string{"Mcp-Session-Id", "WWW-Authenticate"},
	},
}
