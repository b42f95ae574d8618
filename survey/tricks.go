package survey

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/corsac-cors/corsac/internal/origins"
)

// A widened page is allowed by the pattern.
type widened struct {
	like    *page
	pattern string
}

// A trick is an origin that looks like one that is allowed.
type trick struct {
	name     string
	origin   string
	isBefore bool // it has more before the domain
}

// tricks asks for origins that bad comparisons take for those of the patterns.
func (q *inquiry) tricks(ctx context.Context, wide []widened, set []string) {
	listed := origins.NewSet(append(slices.Clone(set), q.trusted...), func(int, error) {})
	for _, w := range wide {
		p, err := origins.ParsePattern(w.pattern)
		if err != nil {
			continue
		}
		found := make(map[string]bool)
		for _, t := range tricksOf(p) {
			if listed.Contains(t.origin) || found["more-before"] && t.isBefore {
				continue
			}
			if a, ok := q.allows(ctx, w.like, t.origin); ok {
				found[t.name] = true
				q.tricked(t, p, &a, q.samples[w.like.origin])
			}
		}
	}
}

func (q *inquiry) tricked(t trick, p origins.Pattern, a *answer, e *expression) {
	like := member(p).String()
	if e != nil {
		like = "the expression " + e.source
	}
	f := letsIn(t, like, a)
	if t.name == "other-scheme" {
		if !strings.HasPrefix(t.origin, "http://") || a.value(allowCredentials) != "true" {
			f.Severity = Note
		}
		p.Scheme, _, _ = strings.Cut(t.origin, "://")
		q.leave("origins", p.String(), "the server allows it too")
	}
	q.find(f, e.spotOr(a.at(allowOrigin)))
}

func tricksOf(p origins.Pattern) []trick {
	one := member(p)
	with := func(scheme, host string) string {
		o := one
		o.Scheme, o.Host = scheme, host
		return o.String()
	}
	if p.AnyHost || one.Scheme != "http" && one.Scheme != "https" {
		return nil
	}
	all := []trick{{"other-scheme", with(map[string]string{"http": "https", "https": "http"}[one.Scheme], one.Host), false}}
	if origins.IsLoopback(one.Host) {
		all = nil
	}
	if isAddress(one.Host) {
		return all
	}
	base := p.Host
	if !p.Subdomains {
		registrable, _ := publicsuffix.EffectiveTLDPlusOne(p.Host)
		base = cmp.Or(registrable, p.Host)
	}
	all = append(all,
		trick{"more-behind", with(one.Scheme, one.Host+behindHost), false},
		trick{"more-before", with(one.Scheme, "corsacprobe"+base), true})
	for i, dots := 0, 0; i < len(base) && dots < 3; i++ {
		if base[i] != '.' {
			continue
		}
		name := "any-for-dot"
		if !strings.Contains(base[i+1:], ".") {
			name = "any-for-last-dot"
		}
		all, dots = append(all, trick{name, with(one.Scheme, base[:i]+"x"+base[i+1:]), false}), dots+1
	}
	if p.Subdomains { // the dot before the domain
		all = append(all, trick{"any-for-dot", with(one.Scheme, "corsacprobex"+base), true})
	} else if host := p.Host; host != base && strings.HasSuffix(host, "."+base) {
		all = append(all, trick{"any-for-dot", with(one.Scheme, strings.TrimSuffix(host, "."+base)+"x"+base), true})
	}
	return all
}
