package explain

import (
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// preflightRules are about the answer to OPTIONS.
var preflightRules = []rule{
	asPreflight(preflightLogin),
	asPreflight(preflightRedirected),
	asPreflight(onlyWithOrigin),
	asPreflight(preflightUnrouted),
	asPreflight(preflightStatus),
	asPreflight(methodRefused),
	asPreflight(headerRefused),
	asPreflight(listInvalid),
	asPreflight(simpleWorks),
}

func asPreflight(r rule) rule {
	return func(d *diagnosing) *Diagnosis {
		if !d.inPreflight() || !d.isCORS() {
			return nil
		}
		return r(d)
	}
}

// corsInside reports whether the server answered the preflight as one.
func (d *diagnosing) corsInside() bool { return d.head().Has("Access-Control-Allow-Origin") }

func preflightLogin(d *diagnosing) *Diagnosis {
	login := first(d.head(), "Www-Authenticate")
	switch status := d.status(); {
	case status == 401, status == 407, status == 403 && login != "":
	case status == 403 && !d.refusesByPolicy() && !isOK(d.statusOf(plainGet)) && d.statusOf(plainGet) != 0 && d.statusOf(plainOptions) == 403:
	default:
		return nil
	}
	g := d.say("CX-P01", Certain, "authentication runs before CORS: browsers never send tokens or cookies with a preflight, so no login can succeed")
	if login != "" {
		g.because("WWW-Authenticate: %s", cut(login))
	}
	if p := d.find(provenOptions); p != nil {
		g.because("%s: %d", p.what, p.status)
		if p.status == 401 {
			g.Certainty = Likely
		}
	}
	g.because("%s", d.probed(plainOptions))
	if d.find(provenOptions) == nil && first(d.q.Request.Header, "Authorization") != "" {
		g.because("--prove sends the OPTIONS with your token, too: that tells for sure")
	}
	return d.configure(g.fix("answer preflights before authentication: put CORS outermost, or let OPTIONS with Access-Control-Request-Method through"))
}

// refusesByPolicy knows the phrases with which CORS libraries refuse.
func (d *diagnosing) refusesByPolicy() bool {
	body := string(d.at().Body)
	return strings.Contains(body, "Invalid CORS request") || strings.Contains(body, "Disallowed CORS") || strings.Contains(body, "CORSResponse") ||
		d.head().Has("X-Rack-Cors") || d.corsInside()
}

func (d *diagnosing) statusOf(name probeName) int {
	if p := d.find(name); p != nil {
		return p.status
	}
	return 0
}

func preflightRedirected(d *diagnosing) *Diagnosis {
	location := first(d.head(), "Location")
	if !isRedirect(d.status()) || location == "" {
		return nil
	}
	to := resolve(d.at().URL, location)
	g := d.say("CX-P04", Certain, "the OPTIONS is redirected, and a preflight may not be: %s", redirectKind(d.at().URL, to)).
		because("%d, Location: %s", d.status(), cut(location))
	return g.fix("call %s in the page's script, or answer OPTIONS before the redirect", to)
}

// redirectKind says in what the two addresses differ.
func redirectKind(from, to string) string {
	a, errA := fetch.ParseURL(from)
	b, errB := fetch.ParseURL(to)
	if errA != nil || errB != nil {
		return "the new address is no URL"
	}
	path := strings.ToLower(b.Path)
	switch {
	case a.Host == b.Host && a.Path == b.Path && a.Scheme == "http" && b.Scheme == "https":
		return "from http to https"
	case a.Host == b.Host && strings.TrimSuffix(a.Path, "/") == strings.TrimSuffix(b.Path, "/"):
		return "only the slash at the end differs"
	case "www."+a.Host == b.Host || "www."+b.Host == a.Host:
		return "only \"www.\" differs"
	case strings.Contains(path, "login") || strings.Contains(path, "signin") || strings.Contains(path, "auth") || strings.Contains(path, "sso"):
		return "to a login page, so authentication runs before CORS"
	}
	return "to another address"
}

func onlyWithOrigin(d *diagnosing) *Diagnosis {
	with, without := d.status(), d.statusOf(plainOptions)
	get, getWithout := d.statusOf(originGet), d.statusOf(plainGet)
	preflightOnly := with >= 500 && without != 0 && without < 400
	everywhere := get >= 400 && getWithout != 0 && getWithout < 400
	if d.corsInside() || !(preflightOnly || everywhere) || d.refusesByPolicy() && with < 500 {
		return nil
	}
	g := d.say("CX-S05", Likely, "the server fails because there is an Origin header: its own check of origins throws, or something in front of it refuses foreign ones").
		because("with Origin: %d", max(with, get)).because("%s", d.probed(plainOptions)).because("%s", d.probed(plainGet))
	return g.fix("look into the server's log for the request with Origin: %s; then add that origin to its list", d.page)
}

func preflightUnrouted(d *diagnosing) *Diagnosis {
	if s := d.status(); s != 404 && s != 405 && s != 501 {
		return nil
	}
	if d.status() == 404 && d.statusOf(plainGet) == 404 {
		return nil // nothing is there at all
	}
	g := d.say("CX-P03", Certain, "the server has no answer to OPTIONS at this address (%d)", d.status())
	if allow := first(d.head(), "Allow"); allow != "" {
		g.because("Allow: %s", cut(allow))
	}
	g.because("%s", d.probed(plainGet))
	return d.configure(g.fix("let the CORS middleware answer OPTIONS before the router; a CORS setting for GET or POST routes alone does not cover it"))
}

func preflightStatus(d *diagnosing) *Diagnosis {
	s := d.status()
	if isOK(s) || s == 404 || isTemporary(s) && !d.corsInside() {
		return nil
	}
	g := d.say("CX-P02", Certain, "the preflight is answered with %d; browsers want a status from 200 to 299", s)
	if body := firstLine(string(d.at().Body)); body != "" {
		g.because("the body says: %s", body)
	}
	for _, p := range d.probes {
		if p.name == singlePreflight && p.err == nil && !isOK(p.status) {
			g.because("the preflight with %s alone: %d", p.what, p.status)
		}
	}
	if d.find(barePreflight) != nil {
		g.because("%s", d.probed(barePreflight))
	}
	g.because("%s", d.probed(foreignPreflight))
	return d.configure(g.fix("allow origin %s, method %s and headers %s in the server's CORS configuration", d.page, d.call().Method, listed(d.grant.headers)))
}

func listed(names []string) string {
	if len(names) == 0 {
		return "(none)"
	}
	return strings.Join(names, ", ")
}

func firstLine(body string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
	if len(line) > 100 || strings.HasPrefix(line, "<") {
		return ""
	}
	return line
}

func methodRefused(d *diagnosing) *Diagnosis {
	if !d.is(fetch.MethodNotAllowed) {
		return nil
	}
	f := d.failure()
	allowed, found := d.head().Get("Access-Control-Allow-Methods")
	g := d.say("CX-P05", Certain, "the server allows %s, not %s", orElse(cut(allowed), "no method beyond GET, HEAD and POST"), f.Name)
	switch {
	case !found:
		g.because("there is no Access-Control-Allow-Methods")
	case containsFold(splitList(allowed), f.Name):
		g.because("the list has it in another case: methods are compared byte by byte")
	case slices.Contains(splitList(allowed), "*"):
		g.because("\"*\" is not a wildcard with credentials: the methods have to be listed")
	default:
		g.because("Access-Control-Allow-Methods: %s", cut(allowed))
	}
	return d.configure(g.fix("add %s to the allowed methods", f.Name))
}

func headerRefused(d *diagnosing) *Diagnosis {
	if !d.is(fetch.HeaderNotAllowed) {
		return nil
	}
	missing := d.missingHeaders()
	if owner := ownerOf(missing[0]); owner != "" {
		return d.configure(d.say("CX-P07", Likely, "%s is not sent by your code: %s adds it", missing[0], owner).
			because("not allowed: %s", strings.Join(missing, ", ")).because("%s", d.calledFrom()).
			fix("keep %s from sending it to this server, or add it to Access-Control-Allow-Headers", owner))
	}
	g := d.say("CX-P06", Certain, "the server does not allow %s", strings.Join(missing, ", "))
	if len(missing) > 1 {
		g.because("browsers name only the first of these %d", len(missing))
	}
	allowed := first(d.head(), "Access-Control-Allow-Headers")
	switch {
	case slices.Contains(splitList(allowed), "*") && d.call().Credentials == string(fetch.CredentialsInclude):
		g.because("\"*\" is not a wildcard with credentials: the headers have to be listed")
	case allowed == "":
		g.because("there is no Access-Control-Allow-Headers")
	default:
		g.because("Access-Control-Allow-Headers: %s", cut(allowed))
	}
	return d.configure(g.fix("add %s to the allowed headers", strings.Join(missing, ", ")))
}

// missingHeaders are all that the preflight does not allow, not only the first.
func (d *diagnosing) missingHeaders() (names []string) {
	for _, o := range d.mending.obstacles {
		if o.Kind == string(fetch.HeaderNotAllowed) {
			name, _, _ := strings.Cut(strings.TrimPrefix(o.What, "the header "), " ")
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		names = []string{d.failure().Name}
	}
	return names
}

func listInvalid(d *diagnosing) *Diagnosis {
	if !d.is(fetch.InvalidAllowMethods, fetch.InvalidAllowHeaders) {
		return nil
	}
	f := d.failure()
	return d.configure(d.say("CX-P10", Certain, "%s: browsers drop the whole preflight for that, even if nothing needs the list", sentenceOf(f)).
		because("%s: %s", f.Name, cut(first(d.head(), f.Name))).
		fix("write names with commas between them: no semicolons, quotes, spaces or comments"))
}

// simpleWorks: the server takes part in CORS, and only a preflight meets
// somebody who does not.
func simpleWorks(d *diagnosing) *Diagnosis {
	get := d.find(originGet)
	if d.corsInside() || !isOK(d.status()) || !hasCORS(get) {
		return nil
	}
	g := d.say("CX-P08", Certain, "GET is answered with CORS headers, OPTIONS is not: what makes the preflight necessary is new, or nobody thought of it")
	for _, r := range d.whyPreflight() {
		g.because("%s: %s", r.Name, r.Why)
	}
	g.because("%s", d.probed(originGet))
	return d.configure(g.fix("answer OPTIONS with the same CORS headers, plus the allowed methods and headers"))
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(e string) bool { return strings.EqualFold(e, s) })
}
