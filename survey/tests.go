package survey

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/methods"
)

// tests are requests whose answers were seen, as tests of the policy. Where the
// policy says something else on purpose there is none.
func (q *inquiry) tests(ctx context.Context, r *Rule) {
	policy, err := corsac.New(r.Rule)
	if err != nil {
		return
	}
	seen := q.seen(ctx, r)
	for _, t := range seen {
		if len(q.Tests) < mostTests && agrees(policy, r, &t) && !slices.ContainsFunc(q.Tests, func(have Test) bool { return sentence(&have) == sentence(&t) }) {
			q.Tests = append(q.Tests, t)
		}
	}
}

const (
	mostTests = 200
	mostPages = 12 // in the tests of a place
)

func (q *inquiry) seen(ctx context.Context, r *Rule) (seen []Test) {
	t := Test{Target: q.testTarget(), Method: "GET"}
	for _, p := range q.pages {
		t.Origin = p.origin
		if p.get.err == nil && p.origin != "null" && len(seen) < mostPages && (p.reads() || slices.Contains(q.trusted, p.origin)) {
			t.Allow, t.Because = p.reads(), ""
			if !t.Allow {
				t.Because = corsac.UnlistedOrigin
			}
			seen = append(seen, t)
		}
	}
	t.Origin, t.Allow, t.Because = stranger, q.other.reads(), ""
	if !t.Allow {
		t.Because = corsac.UnlistedOrigin
	}
	seen = append(seen, t)
	if q.null.reads() == q.other.reads() {
		t.Origin = "null"
		seen = append(seen, t)
	}
	voices := q.voices(r.Origins)
	if len(voices) == 1 && voices[0].reads() {
		seen = append(seen, q.seenOf(ctx, r, voices[0])...)
	}
	return seen
}

// seenOf are the tests of what an allowed page may do.
func (q *inquiry) seenOf(ctx context.Context, r *Rule, p *page) (seen []Test) {
	t := Test{Target: q.testTarget(), Origin: p.origin, Method: "GET", Allow: true}
	withCookies := t
	withCookies.Credentials = true
	if withCookies.Allow = r.Credentials; !r.Credentials {
		withCookies.Because = corsac.NoCredentials
	}
	seen = append(seen, withCookies)
	if exposed := slices.DeleteFunc(slices.Clone(r.Expose), func(h string) bool { return h == "*" }); len(exposed) > 0 {
		t.Reads = exposed
		seen = append(seen, t)
		t.Reads = nil
	}
	blocked := false
	for _, m := range append(slices.Clone(r.Methods), "DELETE", "PATCH", "PUT") {
		if m == "*" || !methods.IsMethod(m) || blocked {
			continue
		}
		a := q.preflight(ctx, p.origin, m, "")
		t.Method, t.Allow, t.Because = m, a.passes(p.origin) && (slices.Contains(a.list(allowMethods), m) || a.lists(allowMethods, "*")), ""
		blocked = !t.Allow
		if blocked && a.passes(p.origin) {
			t.Because = corsac.UnlistedMethod
		}
		if a.err == nil {
			seen = append(seen, t)
		}
	}
	if names := slices.DeleteFunc(slices.Clone(r.Headers), func(h string) bool { return h == "*" }); len(names) > 0 {
		asked := make([]string, len(names))
		for i, h := range names {
			asked[i] = strings.ToLower(h)
		}
		slices.Sort(asked)
		a := q.preflight(ctx, p.origin, "GET", strings.Join(asked, ","))
		t.Method, t.Headers, t.Allow, t.Because = "GET", names, true, ""
		if a.passes(p.origin) {
			seen = append(seen, t)
		}
	}
	return seen
}

// testTarget is the place as a test names it.
func (q *inquiry) testTarget() string {
	if q.host != "" {
		return "https://" + q.host + q.target
	}
	return q.target
}

// agrees reports whether the rule does what was seen.
func agrees(policy *corsac.Policy, r *Rule, t *Test) bool {
	u, err := url.Parse(t.Target)
	if err != nil || !isTarget(t.Target, u) || r.Host == "" && u.IsAbs() {
		return false
	}
	req := corsac.Request{Method: t.Method, Scheme: "https", Host: u.Host, Path: u.Path, RawPath: u.RawPath, Header: header{"Origin": t.Origin}}
	if req.Host == "" {
		req.Host = "api.invalid"
	}
	d := policy.Decide(req)
	if d.Reason == corsac.SameOrigin {
		return false
	}
	reads := d.Verdict == corsac.Allow && (!t.Credentials || r.Credentials)
	if reads && (len(t.Headers) > 0 || !methods.IsSafelisted(t.Method)) {
		req.Method = "OPTIONS"
		req.Header = header{"Origin": t.Origin, "Access-Control-Request-Method": t.Method,
			"Access-Control-Request-Headers": strings.ToLower(strings.Join(t.Headers, ","))}
		reads = policy.Decide(req).Verdict == corsac.Allow
	}
	return reads == t.Allow
}

// isTarget reports whether a test of a policy file can name it.
func isTarget(target string, u *url.URL) bool {
	if strings.ContainsFunc(target, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '#' }) {
		return false
	}
	return u.IsAbs() && u.Host != "" || u.Host == "" && strings.HasPrefix(u.Path, "/")
}

// A header has each name once.
type header map[string]string

// Values is the value of a name, if there is one.
func (h header) Values(name string) []string {
	if v := h[name]; v != "" {
		return []string{v}
	}
	return nil
}
