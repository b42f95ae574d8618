package enforcertest

import (
	"net/http"
	"slices"

	"github.com/corsac-cors/corsac"
)

// originRows: origins that were taken for others.
func originRows() []Row {
	return []Row{
		{
			ID: "CVE-2019-25211", Where: "gin-contrib/cors before 1.6.0",
			Happened: "a star at the end matched one byte too few, so https://example.com/* allowed https://example.community",
			Refused:  refused("path", "https://example.com/*", "http://localhost/*"),
			Trials: slices.Concat(
				outsiders(only("https://example.com", "http://localhost"), "https://example.community", "http://localhost.example.com"),
				insiders(only("https://example.com"), "https://example.com")),
		},
		{
			ID: "CVE-2022-1996", Where: "emicklei/go-restful before 2.16 and 3.8",
			Happened: "allowed domains were regular expressions, found anywhere in the origin",
			Refused:  refused("scheme", "example.com"),
			Trials:   outsiders(only("https://example.com"), "https://example.com.malicious.domain", "https://malicious.domain/example.com"),
		},
		{
			ID: "CVE-2024-27302", Where: "go-zero before 1.4.4",
			Happened: "an origin that ends in an allowed one was allowed",
			Refused:  refused("scheme", "victim.com"),
			Trials:   outsiders(only("https://victim.com", "https://*.victim.com"), "https://evil-victim.com", "https://evilvictim.com"),
		},
		{
			ID: "GHSA-vhxv-fg4m-p2w8", Where: "jub0bs/cors before 0.1.3",
			Happened: "two patterns with a common end made a tree that allowed their concatenation",
			Trials: slices.Concat(
				outsiders(only("https://foo.com", "https://bar.com"), "https://barfoo.com", "https://foobar.com"),
				named("the other order, ", outsiders(only("https://bar.com", "https://foo.com"), "https://barfoo.com", "https://foobar.com")),
				insiders(only("https://foo.com", "https://bar.com"), "https://foo.com", "https://bar.com")),
			InProcess: true,
		},
		{
			ID: "GHSA-v84h-653v-4pq9", Where: "jub0bs/fcors before 0.9.0",
			Happened: "the same, with patterns for subdomains",
			Trials: slices.Concat(
				outsiders(only("https://*.foo.com", "https://*.bar.com"), "https://barfoo.com", "https://a.barfoo.com"),
				insiders(only("https://*.foo.com", "https://*.bar.com"), "https://a.foo.com", "https://bar.foo.com")),
			InProcess: true,
		},
		{
			ID: "CVE-2017-11173", Where: "rack-cors before 0.4.1",
			Happened: "the regular expression of an origin was not bound to the origin's end",
			Refused:  refused("scheme", "example.com"),
			Trials:   outsiders(only("http://example.com"), "http://example.com.example.net", "http://example.com-example.net"),
		},
		{
			ID: "CVE-2026-25478", Where: "Litestar 2.19",
			Happened: "the dot of a listed origin stood for any character",
			Trials: slices.Concat(
				outsiders(only("https://good.example"), "https://goodXexample", "https://good-example"),
				insiders(only("https://good.example"), "https://good.example")),
		},
		{
			ID: "CVE-2026-37737", Where: "sanic-cors",
			Happened: "a regular expression had to match the beginning only",
			Refused:  refused("regular expression", `https://trusted\.com`),
			Trials:   outsiders(only("https://trusted.com"), "https://trusted.com.attacker.io", "https://trusted.com:8080"),
		},
		{
			ID: "Kludex/starlette#801", Where: "Starlette before 2020-01-15",
			Happened: "the same; and .* covers what is no host name",
			Refused:  refused("regular expression", `https://.*\.example\.org`),
			Trials: outsiders(only("https://*.example.org"), "https://x.example.org.evil.com",
				"https://evil.com#.example.org", "https://evil.com/.example.org"),
		},
		{
			ID: "CVE-2023-36829", Where: "Sentry 23.6.0",
			Happened: "an origin that ends in the base host's name was allowed, with credentials",
			Trials: slices.Concat(
				outsiders(only("https://sentry.io", "https://*.sentry.io"), "https://evilsentry.io"),
				insiders(only("https://sentry.io", "https://*.sentry.io"), "https://sentry.io", "https://a.sentry.io")),
		},
		{
			ID: "CVE-2026-55438", Where: "coder",
			Happened: "an origin was known by one label of its host, which others may have too",
			Trials: slices.Concat(
				outsiders(only("https://app--owner.apps.example"), "https://app--other.apps.example", "https://app--owner.evil.example"),
				insiders(only("https://app--owner.apps.example"), "https://app--owner.apps.example")),
		},
		{
			ID: "CVE-2024-25124", Where: "fiber before 2.52.1",
			Happened: "a pattern for subdomains allowed what only ends alike, and empty labels",
			Trials: slices.Concat(
				outsiders(only("https://*.example.com"),
					"https://evilexample.com", "https://.example.com", "https://..example.com", "https://a..example.com", "https://example.com"),
				insiders(only("https://*.example.com"), "https://a.example.com")),
		},
		{
			ID: "Kong/kong#3832", Where: "Kong up to 0.14",
			Happened: "a plain string was used as a regular expression, found anywhere",
			Trials:   outsiders(only("http://my-site.com"), "http://my-site.com.evil.com", "http://my-siteXcom"),
		},
		{
			ID: "Chainlink gateway", Where: "smartcontractkit/chainlink core/services/gateway",
			Happened: "*.remix.com allowed what ends in remix.com",
			Refused:  refused("scheme", "*.remix.com"),
			Trials:   outsiders(only("https://*.remix.com"), "https://evilremix.com"),
		},
		{
			ID: "kdlbs/kandev#1698", Where: "kandev",
			Happened: "WebSocket handshakes of origins that begin with http://localhost were accepted: code execution",
			Trials: append(
				outsiders(only("http://localhost:*"), "http://localhost.attacker.tld", "http://localhost:80.attacker.tld"),
				Trial{Name: "WebSocket", Rules: only("http://localhost:*"), OnlyHTTP1: true, Upstream: http.HandlerFunc(upgrade),
					Request: request("GET /", append(handshake("websocket"), origin("http://localhost.attacker.tld"))...), Want: refuses()},
				Trial{Name: "WebSocket of a listed origin", Rules: only("http://localhost:*"), OnlyHTTP1: true, Upstream: http.HandlerFunc(upgrade),
					Request: request("GET /", append(handshake("websocket"), origin("http://localhost:5173"))...),
					Want: Answer{Status: 101, Loose: true, Upstream: Reached, CORS: []string{
						"Access-Control-Allow-Origin: http://localhost:5173", "Access-Control-Allow-Credentials: true"}}},
			),
		},
		{
			ID: "gradio-app/gradio#13594", Where: "Gradio 6.15.2",
			Happened: "whether to look at the origin was decided by the Host header, which the attacker wrote",
			Trials: []Trial{
				{Name: "GET", Rules: only(app), Request: request("GET /", origin("https://evil.com"), "Host: spoofed.example.com"), Want: hides()},
				{Name: "POST", Rules: only(app), Request: request("POST /", origin("https://evil.com"), "Host: spoofed.example.com"), Want: refuses()},
				{Name: "POST to an address", Rules: only(app), Request: request("POST /", origin("https://evil.com"), "Host: 127.0.0.1"), Want: refuses()},
				{Name: "preflight", Rules: only(app),
					Request: request("OPTIONS /", append(asks("PUT"), origin("https://evil.com"), "Host: spoofed.example.com")...), Want: denies()},
			},
		},
		{
			ID: "Javalin", Where: "Javalin's CORS plugin",
			Happened: "an origin whose host has no dot ended in an exception",
			Trials:   outsiders(only("https://*.example.com"), "https://single", "https://", "https://.", "https://example"),
		},
	}
}

// sharingRows: sharing with everybody, by reflection, by default, or as null.
func sharingRows() []Row {
	star := []corsac.Rule{{Origins: []string{"*"}}}
	everybody := Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: *"}, Upstream: Reached}
	return append(reflecting(star, everybody), trusting()...)
}

func reflecting(star []corsac.Rule, everybody Answer) []Row {
	return []Row{
		{
			ID: "CVE-2017-20146", Where: "gorilla/handlers before 1.3.0",
			Happened: "with * allowed, the requester's origin was echoed",
			Trials: []Trial{
				{Name: "GET", Rules: star, Request: request("GET /", origin("https://evil.com")), Want: everybody},
				{Name: "GET with a cookie", Rules: star, Request: request("GET /", origin("https://evil.com"), "Cookie: a=b"), Want: everybody},
			},
		},
		{ID: "CVE-2018-20744", Where: "rs/cors before 1.5.0", Happened: "* with credentials became reflection", Refused: starWithCredentials()},
		{ID: "CVE-2024-25124 (credentials)", Where: "fiber before 2.52.1", Happened: "* with credentials was accepted", Refused: starWithCredentials()},
		{
			ID: "CVE-2023-49803", Where: "@koa/cors before 5",
			Happened: "without an origin option the requester's was echoed",
			Refused:  []Refusal{{Rules: []corsac.Rule{{}}, Says: "no origin is listed"}},
			Trials:   strict(evil),
		},
		{
			ID: "CVE-2026-54290", Where: "hono before 4.12.25",
			Happened: "credentials with the default origin reflected: a mending of what had failed closed",
			Refused:  append(starWithCredentials(), Refusal{Rules: []corsac.Rule{{Credentials: true}}, Says: "no origin is listed"}),
			Trials:   strict(evil),
		},
		{
			ID: "CVE-2021-39185", Where: "http4s before 0.21.27, 0.22.3 and 0.23.2",
			Happened: "by default any origin was allowed with credentials, null too",
			Refused:  []Refusal{{Rules: []corsac.Rule{{Origins: []string{"null"}, Credentials: true}}, Says: `"null" with credentials`}},
			Trials:   strict(evil, "null"),
		},
		{ID: "CVE-2016-10549", Where: "sails before 0.12.7", Happened: "* on all routes reflected, with credentials by default", Refused: starWithCredentials(), Trials: strict(evil, "null")},
		{ID: "CVE-2018-8014", Where: "Tomcat's CORS filter up to 9.0.8", Happened: "by default any origin was allowed with credentials", Trials: strict(evil)},
		hapi(),
		{
			ID: "CVE-2024-47165", Where: "gradio before 5",
			Happened: "null was one of the names of localhost",
			Trials:   outsiders(only("http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"), "null"),
		},
		{
			ID: "CVE-2024-47084", Where: "gradio before 4.44",
			Happened: "the origin was not looked at when a cookie came along",
			Trials: []Trial{
				{Name: "GET", Rules: only(app), Request: request("GET /", origin(evil), "Cookie: session=1"), Want: hides()},
				{Name: "POST", Rules: only(app), Request: request("POST /", origin(evil), "Cookie: session=1"), Want: refuses()},
				{Name: "POST with a token", Rules: only(app), Request: request("POST /", origin(evil), "Authorization: Bearer x"), Want: refuses()},
			},
		},
		{ID: "CVE-2019-9580", Where: "StackStorm", Happened: "an origin that is not listed was answered with Allow-Origin: null, which any page can be", Trials: outsiders(only(app), evil, "null")},
		{
			ID: "asm89/stack-cors#85", Where: "asm89/stack-cors",
			Happened: "* with credentials, and no origin, was answered with an empty Allow-Origin",
			Refused:  starWithCredentials(),
			Trials: []Trial{
				{Name: "no origin", Rules: only(app), Request: request("GET /"), Want: hides()},
				{Name: "an empty origin", Rules: only(app), Request: request("GET /", "Origin:"), Want: hides()},
			},
		},
		{ID: "CVE-2025-53092", Where: "Strapi before 5.20", Happened: "any origin was reflected by default", Trials: strict(evil)},
		{ID: "CVE-2024-41657", Where: "Casdoor", Happened: "any origin was reflected", Trials: append(strict(evil), outsiders(only(app), evil)...)},
		{ID: "CVE-2024-41659", Where: "memos before 0.21", Happened: "any origin was reflected, with credentials", Trials: append(strict(evil), outsiders(only(app), evil)...)},
		{ID: "CVE-2026-30924", Where: "autobrr/qui", Happened: "any origin was trusted", Trials: append(strict(evil), outsiders(only(app), evil)...)},
		{ID: "CVE-2025-23047", Where: "Cilium's Hubble UI", Happened: "the server said Allow-Origin: * unasked", Trials: append(strict(evil), upstreamStars(only(app))...)},
	}
}

// hapi answered preflights by the rule of OPTIONS, not by that of the path.
func hapi() Row {
	rules := []corsac.Rule{
		{Path: "/", Origins: []string{app}, Methods: []string{"PUT"}},
		{Path: "/internal/", Origins: []string{"https://admin.example"}, Methods: []string{"PUT"}},
	}
	return Row{
		ID: "CVE-2015-9236", Where: "hapi before 11",
		Happened: "a route's stricter setting did not hold for its preflights",
		Trials: []Trial{
			{Name: "preflight of the stricter route", Rules: rules, Request: preflight("/internal/x", app, "PUT"), Want: denies()},
			{Name: "GET of the stricter route", Rules: rules, Request: request("GET /internal/x", origin(app)), Want: hides()},
			{Name: "preflight of another", Rules: rules, Request: preflight("/x", app, "PUT"),
				Want: Answer{Status: 204, CORS: []string{"Access-Control-Allow-Origin: " + app, "Access-Control-Allow-Methods: PUT"}, Vary: byQuestion, Upstream: Kept}},
		},
	}
}

// upstreamStars: what an upstream shares with everybody, a page that is not
// listed does not get.
func upstreamStars(rules []corsac.Rule) []Trial {
	return []Trial{
		{Name: "an upstream that says *", Rules: rules, Upstream: responds(200, "Access-Control-Allow-Origin: *"),
			Request: request("GET /", origin(evil)), Want: hides()},
		{Name: "an upstream that says everything", Rules: rules, Upstream: generous(200),
			Request: request("GET /", origin(evil)), Want: hides()},
		{Name: "an upstream that says everything, no origin", Rules: rules, Upstream: generous(200),
			Request: request("GET /"), Want: hides()},
	}
}

func trusting() []Row {
	const unwise = "the server was told to share with everybody and did; that this is unwise is for an audit to find"
	socket := func(from string) string { return request("GET /", append(handshake("websocket"), origin(from))...) }
	return []Row{
		{ID: "CVE-2026-45021", Where: "kuma-cp", Happened: "* before an API that trusts whoever is on localhost", NotOurs: unwise},
		{ID: "CVE-2026-32610", Where: "Glances before 4.5.2", Happened: "* with credentials reflected", Refused: starWithCredentials()},
		{ID: "CVE-2026-53656", Where: "FiftyOne before 1.17", Happened: "* before a server on localhost", NotOurs: unwise},
		{ID: "CVE-2026-34449, CVE-2026-34227, CVE-2026-46431, CVE-2026-42091", Where: "SiYuan, Sliver MCP, Algernon, goshs",
			Happened: "* before local servers that write files and run code", NotOurs: unwise},
		{
			ID: "CVE-2025-24010", Where: "Vite",
			Happened: "any site could read the development server, and open its WebSocket",
			Trials: append(strict(evil),
				Trial{Name: "WebSocket", Rules: only("http://localhost:*"), OnlyHTTP1: true, Upstream: http.HandlerFunc(upgrade), Request: socket(evil), Want: refuses()}),
		},
		{
			ID: "CVE-2025-59956, CVE-2026-9739, CVE-2026-42559", Where: "coder/agentapi, googleapis/mcp-toolbox, dynoxide",
			Happened: "neither Host nor Origin was looked at, so pages of other sites could send what needs no preflight",
			Trials: []Trial{
				{Name: "a form's POST", Rules: only("http://localhost:*"),
					Request: requestWithBody("{}", "POST /", origin(evil), "Content-Type: text/plain", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"), Want: refuses()},
				{Name: "a rebound name is nobody's", Rules: []corsac.Rule{{Host: "localhost", Origins: []string{"http://localhost:*"}}}, Upstream: generous(200),
					Request: request("GET /", origin("http://localhost:3000"), "Host: rebound.example"), Want: Answer{Status: 200, Upstream: Reached}},
			},
		},
	}
}
