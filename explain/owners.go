package explain

import "strings"

// owners are libraries that add headers to requests of a page without its
// author's knowing.
var owners = []struct{ prefix, owner string }{
	{"traceparent", "a tracing library (OpenTelemetry, an APM agent)"},
	{"tracestate", "a tracing library (OpenTelemetry, an APM agent)"},
	{"baggage", "Sentry's or OpenTelemetry's tracing"},
	{"sentry-trace", "Sentry's tracing"},
	{"x-datadog-", "Datadog's browser library"},
	{"newrelic", "New Relic's browser agent"},
	{"x-newrelic-", "New Relic's browser agent"},
	{"elastic-apm-traceparent", "Elastic's APM agent"},
	{"x-b3-", "a Zipkin tracer"},
	{"b3", "a Zipkin tracer"},
	{"uber-trace-id", "a Jaeger tracer"},
	{"request-id", "Application Insights"},
	{"request-context", "Application Insights"},
	{"x-requested-with", "jQuery, or an old wrapper of XMLHttpRequest"},
	{"ngsw-bypass", "Angular's service worker"},
	{"x-client-info", "Supabase's client"},
	{"x-stainless-", "a generated API client"},
	{"x-csrftoken", "Django's CSRF helper"},
	{"x-xsrf-token", "axios or Angular"},
	{"x-inertia", "Inertia"},
	{"hx-", "htmx"},
}

func ownerOf(name string) string {
	lower := strings.ToLower(name)
	for _, o := range owners {
		if lower == o.prefix || strings.HasSuffix(o.prefix, "-") && strings.HasPrefix(lower, o.prefix) {
			return o.owner
		}
	}
	return ""
}
