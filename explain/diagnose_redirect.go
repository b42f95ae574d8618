package explain

import (
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
