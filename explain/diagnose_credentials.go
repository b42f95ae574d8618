package explain

import (
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

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
