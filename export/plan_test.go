package export

import (
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// speaksFor returns the rule that speaks for a decoded, clean path, or nil.
func (p *plan) speaksFor(host, path string) *rule {
	for _, r := range p.rules {
		covers := path == r.Path || r.tree() && (path == r.prefix() || strings.HasPrefix(path, r.Path))
		if covers && (r.Host == "" || r.Host == host) {
			return r
		}
	}
	return nil
}

// allows reports whether the rule lists the origin.
func (r *rule) allows(origin string) bool {
	set := origins.NewSet(r.Origins, func(int, error) {})
	return r.any || set.Contains(origin)
}

// TestPlan: the first rule of a plan that covers a request is the one that
// speaks for it.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, p := range corpus(t) {
		plan := newPlan(p.File.Policy, p.Name)
		for _, c := range p.Cases {
			host, path := hostAndPath(t, c.Request.URL)
			d := p.File.Policy.Decide(corsac.Request{Method: "GET", Scheme: "https", Host: host, Path: path, Header: witness{"Origin": {c.Request.Origin}}})
			speaks := plan.speaksFor(host, path)
			switch {
			case (d.Reason == corsac.NoRule) != (speaks == nil):
				t.Errorf("%s: %s: the policy says %s, and the plan has %v", p.Name, c.Name, d.Reason, speaks)
			case speaks != nil && d.Verdict == corsac.Allow != speaks.allows(c.Request.Origin):
				t.Errorf("%s: %s: the policy says %s, and rule %d otherwise", p.Name, c.Name, d.Verdict, speaks.index)
			}
		}
	}
}

// hostAndPath are those of a URL, the path decoded and clean.
func hostAndPath(t *testing.T, raw string) (host, clean string) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	clean = path.Clean(u.Path)
	if clean != "/" && strings.HasSuffix(u.Path, "/") {
		clean += "/"
	}
	return u.Hostname(), clean
}
