package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// notices are what is worth saying beside the cause, or of a request that
// passes.
var notices = []rule{tainted, opaque, authorizationWildcard, unexposed, cookieUnsent, thirdParty, varies, reusable, errorStatus, workerRegistered}

func opaque(d *diagnosing) *Diagnosis {
	if !d.verdict.OK() || d.verdict.Response.Type != fetch.Opaque || d.what.needs != "" {
		return nil
	}
	return d.say("CX-J02", Certain, "mode: \"no-cors\" asks for a response that the script cannot look into: status 0, no headers, no body").
		because("mode %q", d.q.Request.Mode).fix("drop the mode from the call, and let the server allow the page")
}

// authorizationWildcard: the standard and today's browsers disagree.
func authorizationWildcard(d *diagnosing) *Diagnosis {
	if !d.q.Request.Header.Has("Authorization") {
		return nil
	}
	for _, v := range d.others {
		if f := v.Failure; v.Profile == "standard" && f != nil && f.Kind == fetch.HeaderNotAllowed && strings.EqualFold(f.Name, "authorization") &&
			slices.Contains(splitList(f.Value), "*") && !(d.failure() != nil && d.failure().Kind == fetch.HeaderNotAllowed) {
			return d.say("CX-P09", Certain, "by the standard, \"*\" in Access-Control-Allow-Headers does not cover Authorization; today's browsers still let it").
				because("Access-Control-Allow-Headers: %s", cut(f.Value)).
				fix("list it: Access-Control-Allow-Headers: *, Authorization")
		}
	}
	return nil
}

// unexposed: headers that look like the API's own, and that the script cannot
// read.
func unexposed(d *diagnosing) *Diagnosis {
	if !d.verdict.OK() || d.verdict.Response.Type != fetch.CORSResponse || d.at() == nil {
		return nil
	}
	var hiddenNames []string
	for _, f := range d.head() {
		if isOfInterest(f.Name) && !d.verdict.Response.Header.Has(f.Name) && !slices.Contains(hiddenNames, f.Name) {
			hiddenNames = append(hiddenNames, f.Name)
		}
	}
	if len(hiddenNames) == 0 {
		return nil
	}
	g := d.say("CX-H01", Certain, "the response has %s, and the script cannot read it", strings.Join(hiddenNames, ", "))
	if slices.Contains(splitList(first(d.head(), "Access-Control-Expose-Headers")), "*") {
		g.because("\"*\" is not a wildcard with credentials: the headers have to be listed")
	}
	return g.fix("send Access-Control-Expose-Headers: %s", strings.Join(hiddenNames, ", "))
}

func isOfInterest(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "location", "link", "etag", "content-disposition", "retry-after", "content-range":
		return true
	case "x-powered-by", "x-content-type-options", "x-frame-options", "x-xss-protection", "x-cache", "x-request-id", "x-runtime", "x-robots-tag",
		"x-dns-prefetch-control", "x-download-options", "x-permitted-cross-domain-policies":
		return false
	}
	return strings.HasPrefix(lower, "x-") && !strings.HasPrefix(lower, "x-amz-") || strings.Contains(lower, "total") || strings.Contains(lower, "ratelimit")
}

// cookieUnsent looks at the cookies that the server wants to set.
func cookieUnsent(d *diagnosing) *Diagnosis {
	for n := range d.verdict.Exchanges {
		x := &d.verdict.Exchanges[n]
		for line := range x.Response.Header.Lines("Set-Cookie") {
			if why := d.cookieFault(x.URL, line); why != "" {
				name, _, _ := strings.Cut(line, "=")
				return d.say("CX-C03", Certain, "the cookie %q will not come back with this page's requests: %s", cut(name), why).
					because("Set-Cookie: %s", d.shown(fetch.Field{Name: "Set-Cookie", Value: cut(line)})).
					fix("%s", d.cookieFix())
			}
		}
	}
	return nil
}

func (d *diagnosing) cookieFault(url, line string) string {
	attributes := strings.ToLower(strings.ReplaceAll(line, " ", ""))
	crossSite := d.relation() == "cross-site"
	none, secure := strings.Contains(attributes, ";samesite=none"), strings.Contains(attributes, ";secure")
	switch {
	case d.q.Request.Credentials != fetch.CredentialsInclude && d.relation() != "same-origin":
		return "without credentials: \"include\", browsers neither keep nor send cookies of another origin"
	case none && !secure:
		return "SameSite=None without Secure is rejected"
	case secure && strings.HasPrefix(url, "http:") && d.relation() == "cross-site":
		return "a Secure cookie cannot be set over http"
	case crossSite && strings.Contains(attributes, ";samesite=strict"):
		return "it is SameSite=Strict, and the page is on another site"
	case crossSite && !none:
		return "it is SameSite=Lax (the default), and the page is on another site"
	}
	return ""
}

// thirdParty: a cookie that is as it should be, and belongs to another site than
// the page. What becomes of it is up to the browser and its user.
func thirdParty(d *diagnosing) *Diagnosis {
	if d.relation() != "cross-site" || d.q.Request.Credentials != fetch.CredentialsInclude {
		return nil
	}
	for n := range d.verdict.Exchanges {
		x := &d.verdict.Exchanges[n]
		for line := range x.Response.Header.Lines("Set-Cookie") {
			if d.cookieFault(x.URL, line) != "" {
				continue
			}
			g := d.say("CX-C04", Possible, "the cookie is a third party's: Safari blocks it, Firefox keeps one for each site that asks, Chrome lets its users choose").
				because("Set-Cookie: %s", d.shown(fetch.Field{Name: "Set-Cookie", Value: cut(line)})).because("page %s, cookie of %s", d.page, d.target.Host)
			if strings.Contains(strings.ToLower(line), "partitioned") {
				g.because("it is Partitioned: each site that asks gets a cookie of its own, where browsers know that")
			}
			return g.fix("serve page and API from one site (app.example.com, api.example.com), send a token instead, or set it Partitioned and do not expect one login for all sites")
		}
	}
	return nil
}

func (d *diagnosing) cookieFix() string {
	if d.q.Request.Credentials != fetch.CredentialsInclude {
		return "call with credentials: \"include\", and answer with Access-Control-Allow-Credentials: true"
	}
	return "set it with SameSite=None; Secure over https, or serve page and API from one site (app.example.com, api.example.com)"
}

// errorStatus: the page may read the answer, and the answer is an error.
func errorStatus(d *diagnosing) *Diagnosis {
	if !d.verdict.OK() || d.verdict.Response.Status < 400 {
		return nil
	}
	status := d.verdict.Response.Status
	switch {
	case status == 401 || status == 403:
		if d.q.Request.Credentials == fetch.CredentialsInclude || d.q.Request.Header.Has("Authorization") || d.relation() == "same-origin" {
			return nil
		}
		return d.say("CX-C03", Possible, "CORS is fine; the server does not know who asks: the call sends no cookies").
			because("status %d", status).because("%s", fmt.Sprintf("credentials: %q", d.call().Credentials)).
			fix("call with credentials: \"include\", and answer with Access-Control-Allow-Credentials: true")
	case status == 404 || status == 405:
		return d.say("CX-S02", Certain, "CORS is fine; the server has nothing at this address (%d)", status).fix("compare path and method with the server's routes")
	}
	return nil
}
