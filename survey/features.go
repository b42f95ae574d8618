package survey

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/internal/methods"
	"github.com/corsac-cors/corsac/internal/origins"
)

// features are what allowed pages may do.
type features struct {
	methods, headers, expose []string
	credentials, timing      bool
	refuseOthers             bool
	maxAge                   time.Duration
}

// features are those that all allowed pages have. Pages to which the server
// says something else are looked at, too: a rule speaks to all in one way.
func (q *inquiry) features(ctx context.Context, listed []string) features {
	alike := q.voices(listed)
	if len(alike) == 0 { // only meant, and never named
		return features{}
	}
	f := q.featuresOf(ctx, alike[0])
	for _, p := range alike[1:] {
		q.find(Finding{
			Name: "answers-differ", Severity: Note,
			Message: fmt.Sprintf("pages of %s and of %s are answered differently, and a rule speaks to all in one way", alike[0].origin, p.origin),
			Advice:  "written is what all of them may; make rules for different paths of it if some need more",
		}, p.get.at(allowOrigin))
		f = f.and(q.featuresOf(ctx, p))
	}
	f.refuseOthers = !q.any && q.refusesOthers(ctx)
	return f
}

// voices are pages that stand for all allowed ones: one for each way in which
// the server speaks.
func (q *inquiry) voices(listed []string) (voices []*page) {
	heard := make(map[string]bool)
	speaks := func(p *page) {
		if sound := sound(&p.get, p.origin) + "\n" + sound(&p.preflight, p.origin); !heard[sound] && len(voices) < 4 {
			heard[sound] = true
			voices = append(voices, p)
		}
	}
	set := origins.NewSet(listed, func(int, error) {})
	if q.any || len(listed) == 0 && q.other.isAllowed() {
		speaks(q.other)
	}
	for _, p := range q.pages {
		if p.isAllowed() && set.Contains(p.origin) {
			speaks(p)
		}
	}
	return voices
}

// sound is what an answer says but for the origin.
func sound(a *answer, origin string) string {
	var b strings.Builder
	fmt.Fprint(&b, a.isOK(), a.shares(origin))
	for _, name := range []string{allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAge} {
		fmt.Fprintf(&b, "|%q", a.values(name))
	}
	return b.String()
}

func (q *inquiry) featuresOf(ctx context.Context, p *page) features {
	f := features{credentials: p.isCredentialed() || p.isMeant && p.get.value(allowCredentials) == "true" && !q.any}
	f.expose = p.get.list(exposeHeaders)
	f.timing = p.get.lists(timingAllow, p.origin) || p.get.lists(timingAllow, "*")
	q.credentialsRemarks(p, &f)
	if !p.asks() && !names(&p.preflight, p.origin) {
		return f
	}
	f.methods = q.methodsOf(ctx, p, f.credentials)
	f.headers = q.headersOf(ctx, p, f.credentials)
	f.maxAge = q.maxAgeOf(&p.preflight)
	return f
}

// and is what both allow.
func (f features) and(g features) features {
	f.methods, f.headers, f.expose = common(f.methods, g.methods), common(f.headers, g.headers), common(f.expose, g.expose)
	f.credentials = f.credentials && g.credentials
	f.timing = f.timing && g.timing
	if f.maxAge == corsac.NoCache || g.maxAge == corsac.NoCache {
		f.maxAge = corsac.NoCache
	} else {
		f.maxAge = min(f.maxAge, g.maxAge)
	}
	return f
}

func common(a, b []string) (both []string) {
	has := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || strings.EqualFold(s, name) })
	}
	for _, name := range append(slices.Clone(a), b...) {
		if has(a, name) && has(b, name) && !slices.Contains(both, name) {
			both = append(both, name)
		}
	}
	return both
}

// probeMethod and probeHeader are names that nobody lists.
const (
	probeMethod = "CORSAC-PROBE"
	probeHeader = "x-corsac-probe"
)

// usualMethods are asked for one by one where a server speaks only of what it
// was asked for.
var usualMethods = []string{"PUT", "PATCH", "DELETE"}

func (q *inquiry) methodsOf(ctx context.Context, p *page, credentials bool) []string {
	odd := q.preflight(ctx, p.origin, probeMethod, "")
	tells := odd.shares(p.origin) || names(&odd, p.origin)
	listed := p.preflight.list(allowMethods)
	switch {
	case tells && slices.Contains(odd.list(allowMethods), probeMethod):
		return q.echoed("methods", credentials, q.methods, odd.at(allowMethods))
	case tells:
		listed = append(listed, odd.list(allowMethods)...)
	default:
		listed = q.permitted(append(append(listed, usualMethods...), q.methods...), func(m string) answer {
			return q.preflight(ctx, p.origin, m, "")
		}, p.origin, allowMethods)
	}
	kept := q.starred("methods", listed, credentials, p.preflight.at(allowMethods), methods.IsSafelisted)
	q.methodRemarks(ctx, p, kept)
	return kept
}

// usualHeaders are asked for where a server speaks only of what it was asked
// for.
var usualHeaders = func() []string {
	names := []string{"Authorization", "Content-Type", "X-Requested-With", "X-CSRF-Token", "X-XSRF-TOKEN", "X-API-Key",
		"X-Request-ID", "Cache-Control", "If-Match", "If-None-Match", "If-Modified-Since", "Range", "Accept", "Accept-Language", "Prefer", "Idempotency-Key"}
	for _, g := range headers.GroupNames() {
		group, _ := headers.LookupGroup(g)
		names = append(names, group.Request...)
	}
	return names
}()

func (q *inquiry) headersOf(ctx context.Context, p *page, credentials bool) []string {
	odd := q.preflight(ctx, p.origin, "GET", probeHeader)
	tells := odd.shares(p.origin) || names(&odd, p.origin)
	listed := p.preflight.list(allowHeaders)
	switch {
	case tells && odd.lists(allowHeaders, probeHeader):
		named := q.echoed("headers", credentials, q.headers, odd.at(allowHeaders))
		token := q.preflight(ctx, p.origin, "GET", "authorization")
		if slices.Equal(named, []string{"*"}) && token.lists(allowHeaders, "Authorization") {
			named = append(named, "Authorization")
		}
		return named
	case tells:
		listed = append(listed, odd.list(allowHeaders)...)
	default:
		listed = q.permitted(append(append(listed, q.headers...), usualHeaders...), func(h string) answer {
			return q.preflight(ctx, p.origin, "GET", strings.ToLower(h))
		}, p.origin, allowHeaders)
	}
	return q.starred("headers", listed, credentials, p.preflight.at(allowHeaders), func(string) bool { return false })
}

// permitted asks for each candidate alone.
func (q *inquiry) permitted(candidates []string, ask func(name string) answer, origin, header string) (permitted []string) {
	var seen []string
	for _, name := range candidates {
		if slices.ContainsFunc(seen, func(s string) bool { return strings.EqualFold(s, name) }) || name == "*" {
			continue
		}
		seen = append(seen, name)
		if a := ask(name); a.passes(origin) && (a.lists(header, name) || a.lists(header, "*")) {
			permitted = append(permitted, name)
		}
	}
	return permitted
}

// echoed speaks of a server that allows whatever it is asked for.
func (q *inquiry) echoed(fieldName string, credentials bool, named []string, at spot) []string {
	f := Finding{
		Name: "echoes-" + fieldName, Severity: Note,
		Message: fmt.Sprintf("whatever %s are asked for, they are allowed", fieldName),
		Advice:  `written as "*"`,
	}
	if credentials {
		f.Advice = fmt.Sprintf("with credentials there is no \"*\": written are the %s that were named", fieldName)
		q.find(f, at)
		q.leave(fieldName, "*", "the server allows all; with credentials, those that the pages use have to be listed")
		return named
	}
	q.find(f, at)
	return []string{"*"}
}

// starred cleans a list, and takes "*" for what browsers take it for.
func (q *inquiry) starred(fieldName string, listed []string, credentials bool, at spot, isFree func(string) bool) (kept []string) {
	for _, name := range listed {
		known := slices.ContainsFunc(kept, func(s string) bool { return s == name || fieldName != "methods" && strings.EqualFold(s, name) })
		switch {
		case known || isFree(name):
		case name == "*" && credentials:
			q.find(Finding{
				Name: "star-is-a-name", Severity: Broken,
				Message: fmt.Sprintf(`with credentials, browsers take "*" in %s for one of that name`, fieldName),
				Advice:  "list them",
			}, at)
			q.leave(fieldName, "*", "with credentials, browsers take it for a name")
		default:
			kept = append(kept, name)
		}
	}
	return kept
}

func (q *inquiry) maxAgeOf(a *answer) time.Duration {
	value, at := a.value(maxAge), a.at(maxAge)
	if value == "" {
		return 0
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	f := Finding{Name: "max-age", Severity: Note}
	switch {
	case err != nil || strings.HasPrefix(value, "+"):
		f.Severity, f.Message, f.Advice = Broken, fmt.Sprintf("%q is no number of seconds: browsers remember preflights for 5", value), "left away"
		q.find(f, at)
		return 0
	case seconds < 0:
		f.Message, f.Advice = fmt.Sprintf("%q forbids browsers to remember preflights", value), "written as 0s"
		q.find(f, at)
		return corsac.NoCache
	case seconds == 0:
		return corsac.NoCache
	case seconds > 24*60*60:
		f.Message, f.Advice = fmt.Sprintf("%s seconds are more than any browser honours", value), "written as 24h"
		q.find(f, at)
		return 24 * time.Hour
	}
	return time.Duration(seconds) * time.Second
}

// refusesOthers begins a WebSocket, which refuse-others refuses to strangers
// alone.
func (q *inquiry) refusesOthers(ctx context.Context) bool {
	others := q.ask(ctx, request{method: "GET", origin: stranger, upgrade: true})
	if others.err != nil || others.status != 403 || q.other.get.status == 403 {
		return false
	}
	own := q.ask(ctx, request{method: "GET", upgrade: true})
	if own.err == nil && own.status == 403 {
		return false
	}
	q.comments = append(q.comments, "refuse-others is guessed: WebSocket handshakes of other origins are refused, and POST was not tried.")
	return true
}
