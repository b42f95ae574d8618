package explain

import (
	"strconv"
	"strings"
)

// A sign tells one server from others.
type sign struct {
	id, name  string
	certainty Certainty
	evidence  string
	is        func(answer) bool
}

// signs are tried in order: those of what refused a request before those of
// what only passed it on.
var signs = []sign{
	{"corsac", "Corsac", Likely, "the header Corsac-Reason", has("Corsac-Reason")},
	{"spring", "Spring", Certain, `the body "Invalid CORS request"`, says(403, "Invalid CORS request")},
	{"spring", "Spring", Likely, "three lines of Vary: Origin and the two headers of a preflight", springVary},
	{"fastapi", "Starlette or FastAPI", Certain, `the body "Disallowed CORS …"`, says(400, "Disallowed CORS ")},
	{"fastapi", "FastAPI", Likely, `the body {"detail":"…"}`, any2(says(404, `{"detail":"Not Found"}`), says(405, `{"detail":"Method Not Allowed"}`))},
	{"rails", "rack-cors", Certain, "the header X-Rack-CORS", has("X-Rack-CORS")},
	{"rails", "Rails", Likely, "the headers X-Request-Id and X-Runtime", both(has("X-Request-Id"), has("X-Runtime"))},
	{"s3", "Amazon S3 or a store that speaks like it", Likely, "the body CORSResponse", says(403, "CORSResponse")},
	{"aws-apigw", "Amazon API Gateway", Likely, "the header Apigw-Requestid or X-Amz-Apigw-Id", any2(has("Apigw-Requestid"), has("X-Amz-Apigw-Id"))},
	{"aws-apigw", "Amazon API Gateway", Likely, `the body "Missing Authentication Token"`, says(403, `"Missing Authentication Token"`)},
	{"cloudflare", "Cloudflare", Certain, "a challenge of Cloudflare's", has("Cf-Mitigated")},
	{"express", "Express with its cors package", Likely, "an empty 204 with the methods GET,HEAD,PUT,PATCH,POST,DELETE", expressDefaults},
	{"express", "Express", Certain, "X-Powered-By: Express", header("X-Powered-By", "Express")},
	{"php", "PHP", Certain, "X-Powered-By: PHP", header("X-Powered-By", "PHP/")},
	{"aspnet", "ASP.NET Core", Likely, "Server: Kestrel", header("Server", "Kestrel")},
	{"haproxy", "HAProxy", Likely, "HAProxy's own error page", haproxyPage},
	{"iis", "IIS, with ASP.NET", Likely, "X-Powered-By: ASP.NET", header("X-Powered-By", "ASP.NET")},
	{"iis", "IIS", Likely, "Server: Microsoft-IIS", header("Server", "Microsoft-IIS")},
	{"envoy", "Envoy", Likely, "Server: envoy", any2(header("Server", "envoy"), header("Server", "istio-envoy"))},
	{"kong", "Kong", Certain, `the body "no Route matched with those values"`, says(404, "no Route matched with those values")},
	{"kong", "Kong", Likely, "the header X-Kong-… or Via: kong", any2(hasPrefix("X-Kong-"), contains("Via", "kong"))},
	{"django", "Django", Possible, "Server: WSGIServer", header("Server", "WSGIServer")},
	{"fastapi", "uvicorn, with Starlette or FastAPI", Possible, "Server: uvicorn", header("Server", "uvicorn")},
	{"flask", "Flask", Likely, "Server: Werkzeug", header("Server", "Werkzeug")},
	{"nginx", "nginx", Certain, "Server: nginx and its own error page", nginxPage},
	{"nginx", "nginx", Likely, "Server: nginx", header("Server", "nginx")},
	{"apache", "Apache", Likely, "Server: Apache", header("Server", "Apache")},
	{"caddy", "Caddy", Likely, "Server: Caddy", header("Server", "Caddy")},
	{"lighttpd", "lighttpd", Likely, "Server: lighttpd", header("Server", "lighttpd")},
	{"traefik", "Traefik", Likely, "Server: Traefik", header("Server", "Traefik")},
	{"cloudflare", "Cloudflare, in front of another server", Certain, "the header CF-Ray", has("CF-Ray")},
	{"varnish", "Varnish, in front of another server", Certain, "the header X-Varnish", has("X-Varnish")},
	{"go", "a Go server", Possible, "net/http's own error text", goPage},
	{"express", "a Node.js server", Possible, "Keep-Alive: timeout=5", header("Keep-Alive", "timeout=5")},
}

// recognise returns nil if nothing tells who answered.
func recognise(answers []answer) *Server {
	for _, s := range signs {
		for _, a := range answers {
			if s.is(a) {
				return &Server{ID: s.id, Name: s.name, Certainty: s.certainty, Evidence: s.evidence}
			}
		}
	}
	return nil
}

func has(name string) func(answer) bool {
	return func(a answer) bool { return a.header.Has(name) }
}

func header(name, prefix string) func(answer) bool {
	return func(a answer) bool {
		value, ok := a.header.Get(name)
		return ok && len(value) >= len(prefix) && strings.EqualFold(value[:len(prefix)], prefix)
	}
}

func contains(name, part string) func(answer) bool {
	return func(a answer) bool { return strings.Contains(strings.ToLower(first(a.header, name)), part) }
}

func hasPrefix(prefix string) func(answer) bool {
	return func(a answer) bool {
		for _, f := range a.header {
			if len(f.Name) > len(prefix) && strings.EqualFold(f.Name[:len(prefix)], prefix) {
				return true
			}
		}
		return false
	}
}

func says(status int, part string) func(answer) bool {
	return func(a answer) bool { return a.status == status && strings.Contains(a.body, part) }
}

func any2(f, g func(answer) bool) func(answer) bool {
	return func(a answer) bool { return f(a) || g(a) }
}

func both(f, g func(answer) bool) func(answer) bool {
	return func(a answer) bool { return f(a) && g(a) }
}

func springVary(a answer) bool {
	lines := a.header.Values("Vary")
	return len(lines) >= 3 && lines[0] == "Origin" && lines[1] == "Access-Control-Request-Method" && lines[2] == "Access-Control-Request-Headers"
}

func expressDefaults(a answer) bool {
	return a.status == 204 && first(a.header, "Access-Control-Allow-Methods") == "GET,HEAD,PUT,PATCH,POST,DELETE" && first(a.header, "Content-Length") == "0"
}

func nginxPage(a answer) bool {
	return header("Server", "nginx")(a) && strings.Contains(a.body, "<center>nginx")
}

// haproxyPage knows the errors that HAProxy makes up, which have no Server.
func haproxyPage(a answer) bool {
	return a.status >= 400 && !a.header.Has("Server") && strings.HasPrefix(a.body, "<html><body><h1>"+strconv.Itoa(a.status)+" ")
}

// goPage knows what http.Error writes: the type, nosniff, one line.
func goPage(a answer) bool {
	return a.status >= 400 && first(a.header, "X-Content-Type-Options") == "nosniff" && !a.header.Has("Server") &&
		first(a.header, "Content-Type") == "text/plain; charset=utf-8" && strings.HasSuffix(a.body, "\n")
}

func (i *inquiry) fixFor() string {
	if i.q.Server != "" {
		return i.q.Server
	}
	if i.server != nil {
		return i.server.ID
	}
	return ""
}
