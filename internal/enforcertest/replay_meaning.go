package enforcertest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
)

// meaningRows: what CORS was taken for and is not.
func meaningRows() []Row {
	// Pages can send these without asking: a form can.
	form := func(lines ...string) string {
		return requestWithBody(`{"a":1}`, "POST /users/1", append(lines, origin(evil), "Content-Type: text/plain")...)
	}
	refusing := with(func(r *corsac.Rule) { r.RefuseOthers = true })
	kept := []Trial{
		{Name: "refused where the rule says so", Rules: refusing, Request: form(), Want: refuses()},
		{Name: "not refused where it does not", Rules: usersRules(), Request: form(), Want: hides()},
	}
	return []Row{
		{ID: "CVE-2022-4147", Where: "Quarkus before 2.13.5 and 2.14.2", Happened: "requests that need no preflight went through, whatever their origin", Trials: kept},
		{
			ID: "CVE-2020-5397", Where: "Spring Framework 5.2.0 to 5.2.2",
			Happened: "preflights were handled as requests",
			Trials: []Trial{
				{Name: "allowed", Rules: usersRules(), Request: preflight("/users/1", app, "PUT"), Want: permits(app)},
				{Name: "not allowed", Rules: usersRules(), Request: preflight("/users/1", evil, "PUT"), Want: denies()},
				{Name: "no rule", Rules: usersRules(), Request: preflight("/private", app, "PUT"), Want: denies()},
				{Name: "with credentials", Rules: usersRules(),
					Request: request("OPTIONS /users/1", append(asks("PUT"), origin(app), "Authorization: Bearer x", "Cookie: a=b")...), Want: permits(app)},
				{Name: "with a body", Rules: usersRules(),
					Request: requestWithBody("a=b", "OPTIONS /users/1", append(asks("PUT"), origin(app))...), Want: permits(app)},
			},
		},
		{ID: "CVE-2017-8700", Where: "ASP.NET Core MVC 1.0 and 1.1", Happened: "CORS was bypassed", NotOurs: "what happened has not been published"},
		{
			ID: "CVE-2017-18903", Where: "Mattermost",
			Happened: "allowing cross-origin requests switched the check for forged ones off",
			Trials: []Trial{{Name: "the handler's own check still works", Rules: usersRules(),
				Upstream: http.NewCrossOriginProtection().Handler(http.HandlerFunc(hello)),
				Request:  request("POST /users/1", origin(app), "Sec-Fetch-Site: cross-site"),
				Want:     Answer{Status: 403, CORS: readable(app), Vary: byOrigin, Body: "cross-origin", Upstream: Reached}}},
		},
		{
			ID: "CVE-2024-6221", Where: "flask-cors before 5",
			Happened: "access to private networks was allowed by default",
			Trials: []Trial{
				{Name: "allowed", Rules: usersRules(), Request: request("OPTIONS /users/1", append(asks("PUT"), origin(app), "Access-Control-Request-Private-Network: true")...), Want: permits(app)},
				{Name: "not allowed", Rules: usersRules(), Request: request("OPTIONS /users/1", append(asks("PUT"), origin(evil), "Access-Control-Request-Private-Network: true")...), Want: denies()},
				{Name: "no rules", Request: request("OPTIONS /", append(asks("PUT"), origin(evil), "Access-Control-Request-Private-Network: true")...), Want: denies()},
			},
		},
		{ID: "CVE-2024-23639", Where: "Micronaut before 3.8.3", Happened: "pages of other sites could send simple requests to a server on localhost", Trials: kept},
		{ID: "CVE-2026-49215", Where: "symfony/ux-live-component", Happened: "the Accept header, which pages set freely, was taken for a proof",
			Trials: []Trial{{Name: "refused where the rule says so", Rules: refusing, Request: form("Accept: application/vnd.live-component+html"), Want: refuses()}}},
		{ID: "CVE-2021-39197, PYSEC-2021-100", Where: "better_errors, FastAPI before 0.65.2", Happened: "JSON was accepted as text/plain, which needs no preflight", Trials: kept},
		{ID: "CVE-2014-6439", Where: "Elasticsearch before 1.4", Happened: "every origin was allowed by default", Trials: strict(evil, "null")},
		{ID: "CVE-2024-27456", Where: "rack-cors 2.0.1", Happened: "the package's files could be written by everybody", NotOurs: "a fault of the package, not of the program"},
		{ID: "GO-2025-3850", Where: "rs/cors", Happened: "withdrawn", NotOurs: "the report was withdrawn"},
	}
}

// unpublishedRows: weaknesses seen in current source code.
func unpublishedRows() []Row {
	return slices.Concat(unpublishedInGo(), unpublishedInFrameworks(), unpublishedInProxies())
}

// Trials that many rows have in common.

func variesAlways() []Trial {
	return []Trial{
		{Name: "Vary, no origin", Rules: only(app), Request: request("GET /"), Want: hides()},
		{Name: "Vary, not allowed", Rules: only(app), Request: request("GET /", origin(evil)), Want: hides()},
		{Name: "Vary, preflight not allowed", Rules: only(app), Request: preflight("/", evil, "PUT"), Want: denies()},
	}
}

func keepsVary() Trial {
	want := shares(app)
	want.Vary = []string{"Origin", "Accept-Encoding"}
	return Trial{Name: "the handler's Vary", Rules: usersRules(), Upstream: responds(200, "Vary: Accept-Encoding"), Request: request("GET /users/1", origin(app)), Want: want}
}

func optionsPass() []Trial {
	options := func(a Answer) Answer { a.Vary = byQuestion; return a }
	return []Trial{
		{Name: "OPTIONS of an allowed page", Rules: usersRules(), Request: request("OPTIONS /users/1", origin(app)), Want: options(shares(app))},
		{Name: "OPTIONS of another page", Rules: usersRules(), Request: request("OPTIONS /users/1", origin(evil)), Want: options(hides())},
		{Name: "OPTIONS of nobody", Rules: usersRules(), Request: request("OPTIONS /users/1"), Want: options(hides())},
	}
}

func unpublishedInGo() []Row {
	commas := strings.Repeat(",", 7<<10)
	bare := []corsac.Rule{{Origins: []string{app}}}
	return []Row{
		{
			ID: "3G-1", Where: "rs/cors",
			Happened: "of two Origin lines both were answered, the second unseen; a pattern allowed what is no host name; * with credentials",
			Refused:  starWithCredentials(),
			Trials: append(
				outsiders(only("https://*.example.com"), "https://.example.com", "https://evil.com:1.example.com", "https://evil.com#.example.com"),
				Trial{Name: "two lines", Rules: only(app), Request: request("GET /", origin(app), origin(evil)), Want: hides()},
				Trial{Name: "two lines, POST", Rules: only(app), Request: request("POST /", origin(app), origin(evil)), Want: refuses()},
				Trial{Name: "two lines, preflight", Rules: only(app), Request: request("OPTIONS /", append(asks("PUT"), origin(app), origin(evil))...), Want: denies()},
			),
		},
		{
			ID: "3G-2", Where: "gorilla/handlers",
			Happened: "commas cost much; no Vary where one origin is listed; OPTIONS that is no preflight was answered 400",
			Trials: append(slices.Concat(variesAlways(), optionsPass()),
				Trial{Name: "commas", Rules: usersRules(), Request: preflight("/users/1", app, "PUT", commas), Want: permits(app)}),
			InProcess: true,
		},
		{
			ID: "3G-3", Where: "gin-contrib/cors",
			Happened: "regular expressions were unbound, and compiled with each request; a pattern's two ends could overlap; Vary was replaced, by a slice of all requests",
			Refused:  append(refused("", "/https://.*example/", "https://exa*mple.com", "https://(", "*example.com"), refused("", "https://example.com*")...),
			Trials: append(outsiders(only("https://*.example.com"), "https://.example.com", "https://example.com", "https://x.example.com.evil.net"),
				keepsVary()),
			InProcess: true,
		},
		{
			ID: "3G-4", Where: "fiber",
			Happened: "preflights of origins that are not listed were told methods, headers and more",
			Trials: []Trial{
				{Name: "preflight", Rules: usersRules(), Request: request("OPTIONS /users/1", append(asks("PUT", "authorization"), origin(evil), "Access-Control-Request-Private-Network: true")...), Want: denies()},
				{Name: "GET", Rules: usersRules(), Request: request("GET /users/1", origin(evil)), Want: hides()},
			},
		},
		{
			ID: "3G-5", Where: "echo v5",
			Happened: "without a list of headers, any that was asked for was allowed",
			Trials: []Trial{{Name: "no list", Rules: bare, Request: preflight("/", app, "POST", "x-anything,authorization"),
				Want: Answer{Status: 204, CORS: []string{"Access-Control-Allow-Origin: " + app}, Vary: byQuestion, Upstream: Kept}}},
		},
	}
}

func unpublishedInFrameworks() []Row {
	null := []corsac.Rule{{Origins: []string{"null"}, RefuseOthers: true}}
	return []Row{
		{
			ID: "3G-6", Where: "django-cors-headers",
			Happened: "regular expressions had to match the beginning only; everything with credentials reflected",
			Refused:  append(starWithCredentials(), refused("regular expression", `^https://\w+\.example\.com`)...),
			Trials:   outsiders(only("https://*.example.com"), "https://a.example.com.evil.net"),
		},
		{
			ID: "3G-7", Where: "flask-cors",
			Happened: "https://*.example.com was run as a regular expression, which does not mean that",
			Trials: append(
				outsiders(only("https://*.example.com"), "https://xexample.com", "https://example.com", "https://xexample.com.evil.com"),
				insiders(only("https://*.example.com"), "https://app.example.com")...),
		},
		{ID: "3G-8", Where: "Starlette", Happened: "no Vary without an origin, or with one that is not listed", Trials: variesAlways()},
		{
			ID: "3G-9", Where: "Netty",
			Happened: "null, and with null allowed everybody, escaped the refusal; Vary was replaced",
			Trials: slices.Concat(
				outsiders(only(app), "null"), outsiders(null, evil, app),
				[]Trial{keepsVary(), {Name: "null, where it is listed", Rules: null, Request: request("POST /", origin("null")),
					Want: Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: null"}, Vary: byOrigin, Upstream: Reached}}}),
		},
		{ID: "3G-15", Where: "Spring", Happened: "* with credentials was found only when the first request came", Refused: starWithCredentials()},
		{ID: "3G-16", Where: "expressjs/cors", Happened: "no Vary where the callback says no", Trials: variesAlways()},
	}
}

func unpublishedInProxies() []Row {
	return []Row{
		{
			ID: "3G-10", Where: "Traefik",
			Happened: "* with credentials reflected; regular expressions were unbound; no Vary by default; credentials and exposed headers were told to everybody",
			Refused:  append(starWithCredentials(), refused("regular expression", `https://app\.example\.com`)...),
			Trials: slices.Concat(variesAlways(), upstreamStars(only(app)), []Trial{
				{Name: "an upstream that reflects", Rules: only(app), Upstream: responds(200, "Access-Control-Allow-Origin: "+evil), Request: request("GET /", origin(evil)), Want: hides()},
				{Name: "several Vary lines of the upstream", Rules: only(app), Upstream: responds(200, "Vary: Cookie", "Vary: Accept"),
					Request: request("GET /", origin(evil)), Want: Answer{Status: 200, Vary: []string{"Origin", "Cookie", "Accept"}, Upstream: Reached}},
			}),
		},
		{
			ID: "3G-11", Where: "APISIX",
			Happened: "every OPTIONS was answered 200; regular expressions were unbound; what belongs to preflights stood on every response",
			Refused:  refused("", `.*\.test.com$`),
			Trials: append(optionsPass(),
				Trial{Name: "GET", Rules: usersRules(), Request: request("GET /users/1", origin(app)), Want: shares(app)}),
		},
		{
			ID: "3G-12", Where: "ingress-nginx",
			Happened: "an invalid setting became *; no Vary",
			Refused:  append(refused("", "https//app.example.com", "https://app.example.com,https://b.example.com", ""), refused("scheme", "app.example.com")...),
			Trials:   variesAlways(),
		},
		{
			ID: "3G-13", Where: "Envoy",
			Happened: "no Vary; preflights that are not allowed were told credentials, methods and headers; the upstream's Allow-Origin survived for origins that are not",
			Trials: slices.Concat(variesAlways(), upstreamStars(only(app)), []Trial{
				{Name: "preflight", Rules: only(app), Upstream: generous(204), Request: preflight("/", evil, "PUT"), Want: denies()}}),
		},
		{
			ID: "3G-14", Where: "Gateway API, GEP-1767",
			Happened: "the text demands that * with credentials echo any origin",
			Refused:  starWithCredentials(),
			Trials: []Trial{{Name: "a request with a token, under *", Rules: public(), Request: request("GET /", origin(evil), "Authorization: Bearer x", "Cookie: a=b"),
				Want: Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: ETag"}, Upstream: Reached}}},
		},
		{
			ID: "3G-17", Where: "Azure API Management",
			Happened: "a GET of an origin that is not listed was answered with an empty 200",
			Trials: []Trial{
				{Name: "GET", Rules: only(app), Request: request("GET /", origin(evil)), Want: hides()},
				{Name: "GET of what is missing", Rules: only(app), Upstream: responds(404), Request: request("GET /", origin(evil)),
					Want: Answer{Status: 404, Vary: byOrigin, Body: "hello", Upstream: Reached}},
				{Name: "POST", Rules: only(app), Request: request("POST /", origin(evil)), Want: refuses()},
			},
		},
	}
}
