package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// diagnosing looks for causes in what an inquiry has found.
type diagnosing struct {
	*inquiry
	grant grant
}

// A rule finds one cause, or nothing.
type rule func(*diagnosing) *Diagnosis

// failing are the rules for what keeps a response from a page. The first that
// fits names the cause: what is about the way to the server comes before what
// the server says, and what is particular before what is general.
var failing = [][]rule{callRules, browserRules, networkRules, policyRules, redirectRules, preflightRules, cacheRules, statusRules, originRules, credentialRules}

// causes returns the cause first, then what else was noticed.
func (d *diagnosing) causes() (found []Diagnosis) {
	found = []Diagnosis{}
	if d.recording() != nil {
		for _, rule := range recordedRules {
			if cause := rule(d); cause != nil {
				found = append(found, *cause)
			}
		}
	}
	if d.verdict.Failure != nil && !wasWithheld(&d.verdict) && !isUnrecorded(&d.verdict) {
		if cause := d.cause(); cause != nil {
			found = append(found, *cause)
		}
	}
	for _, notice := range notices {
		if n := notice(d); n != nil && !slices.ContainsFunc(found, func(f Diagnosis) bool { return f.Code == n.Code }) {
			found = append(found, *n)
		}
	}
	return found
}

func (d *diagnosing) cause() *Diagnosis {
	for _, rules := range failing {
		for _, rule := range rules {
			if found := rule(d); found != nil {
				return found
			}
		}
	}
	return nil
}

// say makes a diagnosis. Its evidence grows with because.
func (d *diagnosing) say(code string, c Certainty, cause string, args ...any) *Diagnosis {
	return &Diagnosis{Code: code, Title: titleOf(code), Certainty: c, Cause: fmt.Sprintf(cause, args...)}
}

// because adds evidence, unless there is none to tell.
func (g *Diagnosis) because(evidence string, args ...any) *Diagnosis {
	if line := fmt.Sprintf(evidence, args...); line != "" {
		g.Evidence = append(g.Evidence, line)
	}
	return g
}

// fix says what to change, without configuration.
func (g *Diagnosis) fix(what string, args ...any) *Diagnosis {
	g.Fix.What = fmt.Sprintf(what, args...)
	return g
}

// configure adds the configuration of the server in use.
func (d *diagnosing) configure(g *Diagnosis) *Diagnosis {
	server := d.fixFor()
	if g.Fix.Config = d.grant.writeFor(server); g.Fix.Config != nil {
		dialect, _ := dialectOf(server)
		g.Fix.Server, g.Fix.File = server, dialect.file
	} else if d.grant.isPlain() {
		g.Fix.Servers = ServerIDs()
	}
	return g
}

func (d *diagnosing) is(kinds ...fetch.Kind) bool { return slices.Contains(kinds, d.verdict.Kind()) }

func (d *diagnosing) inPreflight() bool { f := d.verdict.Failure; return f != nil && f.Preflight }

// status is that of the answer at fault.
func (d *diagnosing) status() int {
	if x := d.at(); x != nil {
		return x.Response.Status
	}
	return 0
}

func (d *diagnosing) head() fetch.Header {
	if x := d.at(); x != nil {
		return x.Response.Header
	}
	return nil
}

func (d *diagnosing) failure() *fetch.Failure { return d.verdict.Failure }

func (d *diagnosing) isCORS() bool { return d.verdict.Kind().Family() == fetch.CORS }

// probed returns a line about a probe, or "".
func (d *diagnosing) probed(name probeName) string {
	if p := d.find(name); p != nil {
		return p.what + ": " + p.result()
	}
	return ""
}

func hasCORS(p *probe) bool { return p != nil && p.header.Has("Access-Control-Allow-Origin") }

// questions ask what cannot be seen from outside, as far as it could matter.
func (d *diagnosing) questions() (all []string) {
	if d.relation() == "same-origin" {
		return nil
	}
	r := &d.q.Request
	if r.Credentials == fetch.CredentialsInclude && d.relation() == "cross-site" && thirdParty(d) == nil {
		all = append(all, "Does the browser block third-party cookies? Safari does, Firefox keeps them apart, Chrome lets users choose (CX-C04).")
	}
	if isUnrecorded(&d.verdict) {
		return append(all, "Was the preflight answered from the browser's cache (CX-V03), or was the recording started late? Record again with an empty cache; or leave the HAR, and ask the server.")
	}
	if !d.verdict.OK() && !d.isCORS() {
		return all
	}
	if d.verdict.OK() || wasWithheld(&d.verdict) {
		all = append(all,
			"If the browser still reports an error: is a service worker registered for the page (CX-B05), or an ad blocker active (CX-B07)? A private window without extensions tells.",
			d.changedLately())
	}
	if d.verdict.OK() && d.what.id == "fetch" && r.Mode == fetch.ModeNoCORS || d.isOriginFailure() && d.what.id == "fetch" && isAsset(d.target.Path) {
		all = append(all, "Is it a script, a module, a font or an image that the page loads by an element (CX-J03)? Then ask again with --as.")
	}
	if d.verdict.OK() && r.Credentials != fetch.CredentialsInclude && strings.EqualFold(string(r.Mode), "") {
		all = append(all, "Does the page send cookies (credentials: \"include\", withCredentials)? Then ask again with --credentials include.")
	}
	return all
}

func (d *diagnosing) changedLately() string {
	if kept := d.remembered(); kept != nil {
		return "Was the server changed a short time ago? Browsers remember the preflight's answer (CX-V03): " + rememberedText(kept) + "."
	}
	return "Was the server changed a short time ago? Browsers remember preflights for up to a day (CX-V03)."
}

// isAsset reports whether a path looks like what elements load.
func isAsset(path string) bool {
	dot := strings.LastIndexByte(path, '.')
	return dot >= 0 && slices.Contains([]string{"js", "mjs", "css", "woff", "woff2", "ttf", "otf", "png", "jpg", "jpeg", "webp", "avif", "svg", "gif", "mp4", "webm"}, strings.ToLower(path[dot+1:]))
}
