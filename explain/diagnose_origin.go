package explain

import (
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

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
