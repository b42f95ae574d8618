package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// redirectRules are about redirects of the request itself.
var redirectRules = []rule{
	func(d *diagnosing) *Diagnosis {
		if d.inPreflight() || !d.isCORS() || d.at() == nil || !isRedirect(d.status()) || !d.head().Has("Location") || d.is(fetch.RedirectCredentials, fetch.RedirectScheme) {
			return nil
		}
		location := first(d.head(), "Location")
		return d.configure(d.say("CX-R01", Certain, "the answer that redirects has to allow the page too, not only the one it leads to: %s", redirectKind(d.at().URL, resolve(d.at().URL, location))).
			because("%d, Location: %s", d.status(), cut(location)).because("%s", sentenceOf(d.failure())).
			fix("send the CORS headers with redirects too; answer scripts with 401 instead of a redirect to a login page"))
	},
	func(d *diagnosing) *Diagnosis {
		x := d.at()
		if !d.isCORS() || x == nil || x.Hop == 0 || first(x.Request.Header, "Origin") != "null" || d.page.IsOpaque() {
			return nil
		}
		return d.say("CX-R02", Certain, "a redirect from another origin to a third one makes the browser say Origin: null, which no list has").
			because("request %d has Origin: null", d.failure().Exchange+1).because("%s", strings.Join(d.verdict.URLs, " → ")).
			fix("call the last address directly, or redirect within one origin; a resource without credentials can answer with \"*\"")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.RedirectCredentials, fetch.RedirectScheme, fetch.InvalidLocation, fetch.MultipleLocations) {
			return nil
		}
		return d.say("CX-R03", Certain, "%s", sentenceOf(d.failure())).because("Location: %s", cut(first(d.head(), "Location"))).
			fix("redirect to a plain http or https address, without user name and password")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.TooManyRedirects) {
			return nil
		}
		return d.say("CX-R04", Certain, "the server redirects in a circle").because("%s", strings.Join(d.verdict.URLs[max(0, len(d.verdict.URLs)-3):], " → ")).
			fix("look for two rules that undo each other (slash at the end, www, http and https behind a proxy)")
	},
}

// statusRules are about errors that only look like CORS: the answer lacks the
// headers because it is not the application's.
var statusRules = []rule{
	asError(upstream),
	asError(tooLarge),
	asError(onlyWithOriginGet),
	asError(crashed),
	asError(notThere),
}

// asError is for answers without CORS headers and with an error status.
func asError(r rule) rule {
	return func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.MissingAllowOrigin, fetch.PreflightStatus) || d.status() < 400 {
			return nil
		}
		return r(d)
	}
}

func upstream(d *diagnosing) *Diagnosis {
	h, s := d.head(), d.status()
	challenge := first(h, "Cf-Mitigated")
	if challenge == "" && s != 429 && s != 502 && s != 503 && s != 504 && !h.Has("X-Amzn-Errortype") {
		return nil
	}
	g := d.say("CX-S04", Certain, "not CORS: %s answered with %d in place of the application, and its answer has no CORS headers", d.inFront(), s)
	for _, name := range []string{"Cf-Mitigated", "Retry-After", "X-Amzn-Errortype", "Server", "Via"} {
		if value := first(h, name); value != "" {
			g.because("%s: %s", name, cut(value))
		}
	}
	if statuses := d.repeats(); statuses != "" {
		g.because("once more: %s", statuses)
	}
	what := "mend the upstream first; and let the proxy add CORS headers to its own errors, so that pages see the real status"
	if challenge != "" {
		what = "let the firewall's challenge skip API paths and OPTIONS: a script cannot solve it"
	}
	return g.fix("%s", what)
}

func (d *diagnosing) inFront() string {
	if d.server != nil {
		return d.server.Name
	}
	return "something in front of the server"
}

func (d *diagnosing) repeats() string {
	var statuses []string
	for _, p := range d.probes {
		if p.name == repeated && p.err == nil {
			statuses = append(statuses, fmt.Sprint(p.status))
		}
	}
	return strings.Join(statuses, ", ")
}

func tooLarge(d *diagnosing) *Diagnosis {
	if d.status() != 413 {
		return nil
	}
	return d.configure(d.say("CX-S03", Certain, "not CORS: the body of %d bytes is larger than the server takes, and that error has no CORS headers", len(d.q.Request.Body)).
		because("status 413").fix("raise the limit (nginx: client_max_body_size), and send CORS headers with errors (nginx: add_header … always)"))
}

func onlyWithOriginGet(d *diagnosing) *Diagnosis {
	if without := d.statusOf(plainGet); d.call().Method != "GET" || without == 0 || without >= 400 {
		return nil
	}
	return d.say("CX-S05", Certain, "the server fails because there is an Origin header: its own check of origins throws, or something in front of it refuses foreign ones").
		because("with Origin: %d", d.status()).because("%s", d.probed(plainGet)).
		fix("look into the server's log for the request with Origin: %s; then add that origin to its list", d.page)
}

func crashed(d *diagnosing) *Diagnosis {
	if d.status() < 500 {
		return nil
	}
	g := d.say("CX-S01", Certain, "not CORS: the server failed with %d, and its error page has no CORS headers", d.status()).because("status %d", d.status())
	if p := d.find(plainOptions); hasCORS(d.find(originGet)) || p != nil && isOK(p.status) {
		g.because("%s", d.probed(originGet))
	}
	if statuses := d.repeats(); statuses != "" {
		g.because("once more: %s", statuses)
	}
	return d.configure(g.fix("mend the error (Chrome hides the status: see the server's log); and put CORS outermost, so that errors carry the headers too"))
}

func notThere(d *diagnosing) *Diagnosis {
	if s := d.status(); s != 404 && s != 405 && s != 410 {
		return nil
	}
	if d.inPreflight() && d.statusOf(plainGet) != 404 {
		return nil
	}
	g := d.say("CX-S02", Likely, "not CORS: the server has nothing at this address (%d), and its error page has no CORS headers", d.status()).
		because("status %d for %s %s", d.status(), d.at().Request.Method, d.target.Path).because("%s", d.probed(plainGet))
	if allow := first(d.head(), "Allow"); allow != "" {
		g.because("Allow: %s", cut(allow))
	}
	return g.fix("compare path and method with the server's routes; a proxy may have cut a prefix off")
}

// originRules are about Access-Control-Allow-Origin, in either answer.
var originRules = []rule{
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.MultipleAllowOrigin) {
			return nil
		}
		lines := d.head().Values("Access-Control-Allow-Origin")
		g := d.say("CX-O03", Certain, "one line has a list: there is no such thing, one origin is all it can hold")
		if len(lines) > 1 {
			g = d.say("CX-O03", Certain, "two layers add the header: the application, and a proxy or a second middleware")
			g.because("%d lines: %s", len(lines), cut(strings.Join(lines, " | ")))
		} else {
			g.because("Access-Control-Allow-Origin: %s", cut(strings.Join(lines, "")))
		}
		return d.configure(g.fix("let one layer speak CORS; in nginx, proxy_hide_header Access-Control-Allow-Origin silences the application"))
	},
	func(d *diagnosing) *Diagnosis {
		if !d.isOriginFailure() || !d.page.IsOpaque() {
			return nil
		}
		return d.say("CX-O04", Certain, "the page is a file, a data: URL or a sandboxed frame: its origin is \"null\", which anybody can have").
			because("Origin: null").
			fix("serve the page over http(s) instead of allowing \"null\"; a resource without credentials can answer with \"*\"")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.AllowOriginMismatch, fetch.InvalidAllowOrigin) {
			return nil
		}
		value := d.failure().Value
		near := nearMiss(value, d.page.String())
		code := "CX-O02"
		if d.is(fetch.InvalidAllowOrigin) && near == "" {
			code = "CX-O06"
		}
		g := d.say(code, Certain, "the server allows %q, the page is %q: browsers compare byte by byte", cut(value), d.page).because("%s", near)
		if p := d.find(foreignGet); p != nil && hasCORS(p) && first(p.header, "Access-Control-Allow-Origin") == value {
			g.because("another origin gets the same value: it is fixed, not chosen by the request's Origin")
		}
		return d.configure(g.fix("put %s into the server's list, written exactly so", d.page))
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.MissingAllowOrigin) {
			return nil
		}
		g := d.say("CX-O01", Certain, "the answer has no CORS headers: to a browser, the server does not take part")
		if p := d.find(foreignGet); p != nil && !hasCORS(p) && !hasCORS(d.find(originGet)) {
			g.because("no origin gets any").because("%s", d.probed(originGet))
		} else if hasCORS(p) {
			g = d.say("CX-O01", Likely, "this answer has no CORS headers, and others of the same server have").because("%s", d.probed(originGet)).because("%s", d.probed(foreignGet))
		}
		if strings.Contains(strings.ToLower(strings.Join(d.head().Values("Vary"), ",")), "origin") {
			g.Certainty = Likely
			g.because("Vary has Origin: the server looks at origins, and this one is not on its list")
		}
		return d.configure(g.fix("configure CORS at the server: allow origin %s", d.page))
	},
}

func (d *diagnosing) isOriginFailure() bool {
	return d.is(fetch.MissingAllowOrigin, fetch.AllowOriginMismatch, fetch.InvalidAllowOrigin)
}

// nearMiss says in what little thing a value differs from an origin.
func nearMiss(value, origin string) string {
	trimmed := strings.TrimRight(value, "/")
	v, err := fetch.ParseOrigin(strings.ToLower(trimmed))
	o, _ := fetch.ParseOrigin(origin)
	switch {
	case trimmed == origin:
		return "it differs only by the slash at the end: an origin has none"
	case strings.EqualFold(value, origin):
		return "it differs only in upper and lower case"
	case strings.Trim(value, `"'`) == origin:
		return "it differs only by the quotes"
	case strings.HasSuffix(origin, "://"+value):
		return "it lacks the scheme"
	case strings.Contains(value, "*"):
		return "\"*\" is a wildcard alone, not within an origin: the server has to repeat the origin that asks"
	case value == "null":
		return "\"null\" means sandboxed pages and files, not \"nobody\""
	case err != nil:
		return ""
	case v.Host == o.Host && v.Port == o.Port:
		return "it differs only in http and https"
	case v.Host == o.Host && v.Scheme == o.Scheme:
		return "it differs only in the port"
	case "www."+v.Host == o.Host || "www."+o.Host == v.Host:
		return "it differs only by \"www.\""
	case slices.Contains([]string{"localhost", "127.0.0.1", "[::1]"}, v.Host) && slices.Contains([]string{"localhost", "127.0.0.1", "[::1]"}, o.Host):
		return "localhost, 127.0.0.1 and [::1] are different origins"
	}
	return ""
}

// credentialRules are about requests with cookies or the like.
var credentialRules = []rule{
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.WildcardWithCredentials) {
			return nil
		}
		g := d.say("CX-C01", Certain, "the call sends credentials, and then \"*\" is no origin").because("Access-Control-Allow-Origin: *")
		if d.q.Cookie == "" && !d.setsCookie() {
			g.because("no answer sets a cookie: does the API need any? A token in Authorization needs no credentials mode")
		}
		return d.configure(g.fix("drop credentials: \"include\" (withCredentials) if no cookie is needed; else answer with %s and Access-Control-Allow-Credentials: true", d.page))
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.InvalidAllowCredentials) {
			return nil
		}
		value := d.failure().Value
		g := d.say("CX-C02", Certain, "the call sends credentials, and the server does not allow them").because("%s", sentenceOf(d.failure()))
		if strings.EqualFold(value, "true") {
			g.because("it differs only in upper and lower case: %q", value)
		}
		return d.configure(g.fix("send Access-Control-Allow-Credentials: true, or drop credentials: \"include\" from the call"))
	},
}

func (d *diagnosing) setsCookie() bool {
	return slices.ContainsFunc(d.answers(), func(a answer) bool { return a.header.Has("Set-Cookie") })
}
