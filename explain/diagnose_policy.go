package explain

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// policyRules are for policies that are asked instead of a server: their
// decisions need no guessing.
var policyRules = []rule{
	func(d *diagnosing) *Diagnosis {
		if d.q.Policy == nil || !d.isCORS() || d.at() == nil {
			return nil
		}
		decision := d.decide(d.at())
		switch decision.Reason {
		case corsac.NoRule:
			g := d.say("CX-O01", Certain, "no rule of the policy speaks for %s", d.target.Path).
				because("decision: %s, because %s", decision.Verdict, decision.Reason).
				because("the rules are for %s", strings.Join(d.rulePaths(), ", ")).
				fix("add a rule for the path, or correct the path of one that is there")
			if strings.Contains(strings.ToLower(d.target.Path), "%2f") {
				g.because("where servers may take %%2f for a slash or for a letter, and rules differ, none speaks").
					fix("ask for a path without %%2f, or have one rule for all that it may stand for")
			}
			return d.configure(g)
		case corsac.UnlistedOrigin:
			g := d.say("CX-O02", Certain, "the rule for %s does not list the origin %s", d.target.Path, d.page).
				because("decision: %s, because %s", decision.Verdict, decision.Reason)
			for _, origin := range d.listedOrigins() {
				if near := nearMiss(origin, d.page.String()); near != "" {
					g.because("%s is listed: %s", origin, near)
				}
			}
			return d.configure(g.fix("add %s to the rule's origins", d.page))
		}
		return nil
	},
}

func (d *diagnosing) decide(x *fetch.Exchange) corsac.Decision {
	header := make(http.Header)
	for _, f := range x.Request.Header {
		header.Add(f.Name, f.Value)
	}
	u, err := url.Parse(x.URL)
	if err != nil {
		return corsac.Decision{}
	}
	return d.q.Policy.Decide(corsac.Request{
		Method: x.Request.Method, Scheme: u.Scheme, Host: header.Get("Host"),
		Path: u.Path, RawPath: u.RawPath, Header: header,
	})
}

func (d *diagnosing) rulePaths() (paths []string) {
	for _, r := range d.q.Policy.Rules() {
		paths = append(paths, r.Host+r.Path)
	}
	return paths
}

func (d *diagnosing) listedOrigins() (origins []string) {
	for _, r := range d.q.Policy.Rules() {
		origins = append(origins, r.Origins...)
	}
	return origins
}
