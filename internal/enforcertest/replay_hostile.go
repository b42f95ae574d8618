package enforcertest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/corsac-cors/corsac"
)

// cachingRows: answers that a cache gave to the wrong page.
func cachingRows() []Row {
	setsVary := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Cookie")
		w.WriteHeader(200)
		w.Header().Set("Vary", "Accept")
		w.Write([]byte("hello"))
	})
	vary := func(a Answer, names ...string) Answer { a.Vary = append(names, a.Vary...); return a }
	return []Row{
		{
			ID: "CVE-2017-7674", Where: "Tomcat's CORS filter",
			Happened: "no Vary: Origin",
			Trials: []Trial{
				{Name: "allowed", Rules: usersRules(), Request: request("GET /users/1", origin(app)), Want: shares(app)},
				{Name: "not allowed", Rules: usersRules(), Request: request("GET /users/1", origin(evil)), Want: hides()},
				{Name: "no origin", Rules: usersRules(), Request: request("GET /users/1"), Want: hides()},
				{Name: "preflight", Rules: usersRules(), Request: preflight("/users/1", app, "PUT"), Want: permits(app)},
				{Name: "preflight, not allowed", Rules: usersRules(), Request: preflight("/users/1", evil, "PUT"), Want: denies()},
			},
		},
		{
			ID: "Play 20171005-CorsVaryHeader", Where: "Play before 2.6.6 and 2.5.18",
			Happened: "the filter put its Vary in place of the application's",
			Trials: []Trial{
				{Name: "allowed", Rules: usersRules(), Upstream: setsVary, Request: request("GET /users/1", origin(app)), Want: vary(shares(app), "Cookie")},
				{Name: "not allowed", Rules: usersRules(), Upstream: setsVary, Request: request("GET /users/1", origin(evil)), Want: vary(hides(), "Cookie")},
			},
		},
		{
			ID: "GHSA-q7jf-gf43-6x6p", Where: "hono before 4.10.3",
			Happened: "the request's Vary was copied into the response",
			Trials: []Trial{
				{Name: "GET", Rules: usersRules(), Request: request("GET /users/1", origin(app), "Vary: X-Evil"), Want: shares(app)},
				{Name: "preflight", Rules: usersRules(), Request: request("OPTIONS /users/1", append(asks("PUT"), origin(app), "Vary: *")...), Want: permits(app)},
			},
		},
		{
			ID: "3C-4", Where: "jub0bs/cors, rs/cors, go-chi/cors, gorilla/handlers",
			Happened: "a handler that sets Vary takes Vary: Origin away",
			Trials: []Trial{
				{Name: "sets", Rules: usersRules(), Upstream: responds(200, "Vary: Accept-Encoding"), Request: request("GET /users/1", origin(app)), Want: vary(shares(app), "Accept-Encoding")},
				{Name: "deletes", Rules: usersRules(), Upstream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Del("Vary")
					hello(w, r)
				}), Request: request("GET /users/1", origin(app)), Want: shares(app)},
			},
		},
	}
}

func without(body string) Answer {
	a := refuses()
	a.BodyWithout = body
	return a
}

// hostileRows: requests that cost much, or broke something.
func hostileRows() []Row {
	huge := func(names string) []Trial {
		return []Trial{
			{Name: "as much as any server takes", Rules: usersRules(), Request: preflight("/users/1", app, "PUT", names[:7<<10]), Want: permits(app)},
			{Name: "a megabyte", Rules: usersRules(), Request: preflight("/users/1", app, "PUT", names), Want: Answer{Loose: true, CORS: permitted(app), Upstream: Kept}},
			{Name: "of an origin that is not listed", Rules: usersRules(), Request: preflight("/users/1", evil, "PUT", names[:7<<10]), Want: denies()},
		}
	}
	commas, spaces := strings.Repeat(",", 1<<20), strings.Repeat("a"+strings.Repeat(" ", 1023), 1<<10)
	return []Row{
		{ID: "CVE-2025-47908", Where: "rs/cors 1.9.0 to 1.10.1", Happened: "many commas in Access-Control-Request-Headers cost much memory", Trials: huge(commas), InProcess: true},
		{ID: "go-chi/cors#36", Where: "go-chi/cors", Happened: "the same", Trials: huge(strings.Repeat("a,", 1<<19)), InProcess: true},
		{ID: "3D-3", Where: "gorilla/handlers", Happened: "the same: 40 ms and 16.8 MB a request", Trials: huge(commas), InProcess: true},
		{ID: "CVE-2026-69207", Where: "hono before 4.12.34", Happened: "spaces in Access-Control-Request-Headers cost their square in time", Trials: huge(spaces), InProcess: true},
		{
			ID: "CVE-2023-35943", Where: "Envoy before 1.27",
			Happened: "the process ended when something removed Origin between request and response",
			Trials:   originLoses(),
		},
		{
			ID: "CVE-2026-41135", Where: "free5GC PCF",
			Happened: "the CORS middleware was registered again with each request: memory never came back",
			Trials:   againAndAgain(), InProcess: true,
		},
		{
			ID: "jub0bs/cors#14", Where: "jub0bs/cors up to 0.13.5",
			Happened: "header slices were shared between requests, and an outer handler changed them",
			Trials:   afterScribbling(), InProcess: true,
		},
		{
			ID: "jub0bs/cors#15", Where: "jub0bs/cors 0.13.3 to 1.0.1",
			Happened: "listed header names were not allowed",
			Trials:   everyList(), InProcess: true,
		},
		{
			ID: "CVE-2024-1681", Where: "flask-cors before 4.0.1",
			Happened: "a line break in the path made lines in the log",
			Trials: []Trial{
				{Name: "path", Rules: only(app), Request: request("POST /%0d%0aFAKE", origin(evil)), Want: without("\nFAKE")},
				{Name: "origin with a control character", Rules: only(app), Request: request("POST /", origin("https://\u009b31mred")), Want: without("\u009b")},
			},
			InProcess: true,
		},
	}
}

// againAndAgain: no request leaves anything to the next.
func againAndAgain() (trials []Trial) {
	for i := range 5 {
		trials = append(trials, Trial{Name: fmt.Sprint("request ", i+1), Rules: usersRules(), Request: request("GET /users/1", origin(app)), Want: shares(app)})
	}
	return trials
}

// afterScribbling are requests after one whose handler wrote over all that the
// policy had put into its hands.
func afterScribbling() []Trial {
	scribbles := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hello(w, r)
		for name, values := range w.Header() {
			values[0] = "scribbled"
			w.Header()[name] = append(values, "appended")
		}
	})
	return []Trial{
		{Name: "scribbling", Rules: usersRules(), Upstream: scribbles, Request: request("GET /users/1", origin(app)), Want: shares(app)},
		{Name: "the next request", Rules: usersRules(), Request: request("GET /users/1", origin(app)), Want: shares(app)},
		{Name: "the next of another page", Rules: usersRules(), Request: request("GET /users/1", origin(evil)), Want: hides()},
		{Name: "the next preflight", Rules: usersRules(), Request: preflight("/users/1", app, "PUT"), Want: permits(app)},
	}
}

// everyList asks for each choice of the listed names, as browsers list them.
func everyList() (trials []Trial) {
	names := []string{"authorization", "content-type", "itemsperpage", "pagenumber"}
	for bits := 1; bits < 1<<len(names); bits++ {
		var asked []string
		for i, name := range names {
			if bits&(1<<i) != 0 {
				asked = append(asked, name)
			}
		}
		list := strings.Join(asked, ",")
		trials = append(trials, Trial{Name: list, Rules: usersRules(), Request: preflight("/users/1", app, "PUT", list), Want: permits(app)})
	}
	return trials
}

func originLoses() (trials []Trial) {
	loses := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		delete(r.Header, "Origin")
		hello(w, r)
	})
	changes := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Origin", app)
		hello(w, r)
	})
	return []Trial{
		{Name: "removed, allowed", Rules: usersRules(), Upstream: loses, Request: request("GET /users/1", origin(app)), Want: shares(app)},
		{Name: "removed, not allowed", Rules: usersRules(), Upstream: loses, Request: request("GET /users/1", origin(evil)), Want: hides()},
		{Name: "changed to an allowed one", Rules: usersRules(), Upstream: changes, Request: request("GET /users/1", origin(evil)), Want: hides()},
	}
}

// pathRows: paths for which the wrong rule spoke.
func pathRows() []Row {
	// Pages of open read /api/ and no more.
	open := "https://open.example"
	tree := []corsac.Rule{{Path: "/api/", Origins: []string{open}, RefuseOthers: true}}
	inside := Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: " + open}, Vary: byOrigin, Upstream: Reached}
	outside := Answer{Status: 200, Upstream: Reached}
	targets := func(rules []corsac.Rule, want Answer, targets ...string) (trials []Trial) {
		for _, target := range targets {
			want := want
			if strings.Contains(strings.ToLower(target), "%2f") {
				// Servers read an encoded slash differently, so a gateway may turn it down.
				want.Status, want.Loose, want.Body, want.Upstream = 0, true, "", Anywhere
			}
			trials = append(trials, Trial{Name: "GET " + target, Rules: rules, Request: request("GET "+target, origin(open)), Want: want})
		}
		return trials
	}
	escapes := append(
		targets(tree, outside,
			"/api/../private", "/api/x/../../private", "/api/./../private", "/api//../private", "/api/%2e%2e/private",
			"/api/%2E%2e/private", "/api/.%2e/private", "/api/..%2fprivate", "/api%2f..%2fprivate", "/api/x/../..", "/../private", "/API/x"),
		targets(tree, inside, "/api/x", "/api/../api/x", "/./api/x", "//api//x", "/private/../api/x", "/api%2fx", "/api/x/..", "/api/...", "/api/..x")...)
	cased := []corsac.Rule{
		{Path: "/admin/", Origins: []string{open}},
		{Path: "/Admin/", Origins: []string{"https://admin.example"}},
	}
	plus := []corsac.Rule{
		{Path: "/a b/", Origins: []string{open}},
		{Path: "/a+b/", Origins: []string{"https://admin.example"}},
	}
	overlap := []corsac.Rule{
		{Path: "/api/with/a/very/long/name/that/goes/on/", Origins: []string{open}},
		{Path: "/api/", Origins: []string{open}},
		{Path: "/api/secret", Origins: []string{"https://admin.example"}},
	}
	decoded := []corsac.Rule{
		{Path: "/api/", Origins: []string{open}},
		{Path: "/api/secret/", Origins: []string{"https://admin.example"}},
	}
	return []Row{
		{ID: "CVE-2020-25032", Where: "flask-cors before 3.0.9", Happened: "/api/../private was taken for a part of /api/", Trials: escapes},
		{ID: "CVE-2019-18978", Where: "rack-cors before 1.0.4", Happened: "the same", Trials: escapes},
		{ID: "CVE-2024-6866", Where: "flask-cors before 6", Happened: "paths were compared without regard to case",
			Trials: append(targets(cased, inside, "/admin/x"), targets(cased, hides(), "/Admin/x", "/%41dmin/x")...)},
		{ID: "CVE-2024-6844", Where: "flask-cors before 6", Happened: "a plus sign in a path was taken for a space",
			Trials: append(targets(plus, inside, "/a%20b/x"), targets(plus, hides(), "/a+b/x", "/a%2bb/x")...)},
		{ID: "CVE-2024-6839", Where: "flask-cors before 6", Happened: "of two rules, the one with the longer regular expression spoke, not the more specific one",
			Refused: []Refusal{{Rules: []corsac.Rule{{Path: "/api/.*", Origins: []string{app}}}, Says: "wildcard"}},
			Trials:  append(targets(overlap, inside, "/api/x", "/api/secrets", "/api/secret/x"), targets(overlap, hides(), "/api/secret", "/api/./secret")...)},
		{ID: "3E-6", Where: "flask-cors", Happened: "the path was decoded twice",
			Trials: append(targets(decoded, inside, "/api%252Fsecret/../api/x", "/api/%2573ecret/x", "/api/%252e%252e/x"), targets(decoded, hides(), "/api/%73ecret/x", "/api%2Fsecret/x")...)},
	}
}
