package survey

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// listed are the origins for the rule: those that the server was seen to allow,
// as patterns where it allows more than was named, and without strangers.
func (q *inquiry) listed(ctx context.Context, meant []string) []string {
	if q.other.isAllowed() {
		if listed, ok := q.everybody(); ok {
			return listed
		}
	}
	set := slices.Clone(meant)
	patterns := slices.Clone(meant) // those of set that stand for several, and so few
	var odd []*page
	var wide []widened
	for _, p := range q.pages {
		if !p.isAllowed() || covered(patterns, p.origin) || q.other.isAllowed() && !slices.Contains(q.trusted, p.origin) {
			continue
		}
		if q.other.isAllowed() || p.origin == "null" || len(wide) == mostWidened {
			set = append(set, p.origin)
			continue
		}
		found := q.widen(ctx, p)
		if slices.Equal(found, []string{p.origin}) && q.madeUp[p.origin] {
			odd = append(odd, p)
			continue
		}
		set, patterns = append(set, found...), append(patterns, found...)
		wide = append(wide, widened{p, found[len(found)-1]})
	}
	q.tricks(ctx, wide, set)
	q.noPatterns(odd, set)
	q.sandboxes(set)
	return reduced(set)
}

// noPatterns speaks of expressions for which there is no pattern. Of one that
// led to a pattern by another example, nothing remains to be said.
func (q *inquiry) noPatterns(odd []*page, set []string) {
	for _, p := range odd {
		expr := q.samples[p.origin]
		if slices.ContainsFunc(set, func(entry string) bool { return q.samples[pageUnder(entry, q.pages)] == expr }) {
			continue
		}
		q.find(noPattern(p.origin, expr.source), expr.spotOr(p.get.at(allowOrigin)))
		q.leave("origins", p.origin, "as one example of "+expr.source+", for which there is no pattern: list the origins that it stands for")
	}
}

// pageUnder is the first page that an entry stands for.
func pageUnder(entry string, pages []*page) string {
	for _, p := range pages {
		if covered([]string{entry}, p.origin) {
			return p.origin
		}
	}
	return ""
}

// mostWidened is of how many origins more is found out than whether they are
// allowed.
const mostWidened = 8

// everybody says what to write where a stranger is allowed. It reports false
// if only the origins that were named should be.
func (q *inquiry) everybody() (listed []string, ok bool) {
	a := &q.other.get
	if !q.other.reads() {
		a = &q.other.preflight
	}
	at := a.at(allowOrigin)
	switch {
	case q.other.isCredentialed():
		q.find(reflectsWithCredentials(q.other), at)
		q.leave("origins", "*", "the server allows every origin, with credentials")
		return nil, false
	case a.value(allowOrigin) == "*":
		if a.value(allowCredentials) == "true" {
			q.find(starWithCredentials(a), at)
		}
	case q.other.isMeant:
		if !slices.Contains(a.list(allowOrigin), "*") {
			return nil, false
		}
	default:
		q.find(reflects(q.other), at)
	}
	q.any = true
	return []string{"*"}, true
}

// sandboxes speaks of null, which any site can be.
func (q *inquiry) sandboxes(set []string) {
	if !q.null.isAllowed() || slices.Contains(set, "null") || q.other.isAllowed() {
		return
	}
	q.find(nullAllowed(q.null), q.null.get.at(allowOrigin))
	q.leave("origins", "null", "any site can give itself this origin, with a sandboxed frame")
}

// allows asks for one more origin, in the way that showed that the page of
// another one is allowed.
func (q *inquiry) allows(ctx context.Context, like *page, origin string) (answer, bool) {
	if !origins.IsOrigin(origin) {
		return answer{}, false
	}
	a := answer{}
	if like.reads() || !like.asks() && names(&like.get, like.origin) {
		a = q.get(ctx, origin)
	} else {
		a = q.preflight(ctx, origin, "GET", "")
	}
	return a, a.shares(origin) || names(&a, origin)
}

// widen finds the pattern by which a page is allowed, and says whom else the
// server lets in by it.
func (q *inquiry) widen(ctx context.Context, like *page) []string {
	p, err := origins.ParsePattern(like.origin)
	if err != nil {
		return nil
	}
	wide, extra := p, []string(nil)
	switch {
	case p.Scheme != "http" && p.Scheme != "https":
		if _, ok := q.allows(ctx, like, p.Scheme+"://corsacprobe"); ok {
			wide = origins.Pattern{Scheme: p.Scheme, AnyHost: true}
			q.find(everyHost(wide.String()), like.get.at(allowOrigin))
			return []string{wide.String()}
		}
	case !isAddress(p.Host):
		wide, extra = q.subdomains(ctx, like, p)
	}
	if behind := p; wide.Subdomains {
		behind.Host += behindHost
		if _, ok := q.allows(ctx, like, behind.String()); ok { // by mistake, perhaps
			q.leave("origins", wide.String(), "its subdomains are allowed, but so is anything else behind the host")
			wide, extra = p, nil
		}
	}
	return append(extra, q.ports(ctx, like, wide).String())
}

// subdomains finds the highest domain whose subdomains are all allowed. If it
// is the page's own, its origin is an extra entry.
func (q *inquiry) subdomains(ctx context.Context, like *page, p origins.Pattern) (wide origins.Pattern, extra []string) {
	for _, base := range append(parents(p.Host), p.Host) {
		sub := p
		sub.Host = "corsacprobe." + base
		if _, ok := q.allows(ctx, like, sub.String()); !ok {
			continue
		}
		wide = p
		wide.Host, wide.Subdomains = base, true
		deep := p
		deep.Host = "a." + sub.Host
		if _, ok := q.allows(ctx, like, deep.String()); !ok {
			q.find(oneLabel(wide.String(), deep.String()), like.get.at(allowOrigin))
			q.comments = append(q.comments, wide.String()+" also stands for names of several labels, which the server refuses.")
		}
		if base == p.Host {
			extra = []string{p.String()}
		}
		return wide, extra
	}
	return p, nil
}

// parents are the domains above a host, the highest first.
func parents(host string) (above []string) {
	for {
		_, rest, ok := strings.Cut(host, ".")
		if !ok || rest == "" {
			break
		}
		above, host = append(above, rest), rest
	}
	slices.Reverse(above)
	const most = 5
	return above[max(len(above)-most, 0):]
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

const (
	// oddPort is one that nobody lists.
	oddPort = "45678"
	// behindHost makes any host a stranger's.
	behindHost = ".corsac-probe.example"
)

func (q *inquiry) ports(ctx context.Context, like *page, p origins.Pattern) origins.Pattern {
	odd, behind := member(p), member(p)
	odd.Port, behind.Host = oddPort, behind.Host+behindHost
	if _, ok := q.allows(ctx, like, odd.String()); !ok {
		return p
	}
	if _, ok := q.allows(ctx, like, behind.String()); ok {
		every := p
		every.Port, every.AnyPort = "", true
		q.leave("origins", every.String(), "every port is allowed, but so is anything else behind the host")
		return p
	}
	usual := odd
	usual.Port = ""
	p.Port, p.AnyPort = "", true
	if _, ok := q.allows(ctx, like, usual.String()); !ok {
		q.find(usualPort(p.String(), usual.String()), like.get.at(allowOrigin))
		q.comments = append(q.comments, p.String()+" also stands for the default port, which the server refuses.")
	}
	return p
}

// member is an origin that a pattern stands for.
func member(p origins.Pattern) origins.Pattern {
	if p.Subdomains {
		p.Host, p.Subdomains = "corsacprobe."+p.Host, false
	}
	if p.AnyHost {
		p.Host, p.AnyHost = "corsacprobe", false
	}
	p.AnyPort = false
	return p
}

// covered reports whether an origin is among the entries, or stands under one.
func covered(entries []string, origin string) bool {
	set := origins.NewSet(entries, func(int, error) {})
	return set.Contains(origin)
}

// reduced leaves away what other entries stand for.
func reduced(entries []string) []string {
	if slices.Contains(entries, "*") {
		return []string{"*"}
	}
	entries = slices.Compact(slices.Sorted(slices.Values(entries)))
	var wide []origins.Pattern
	for _, e := range entries {
		if p, err := origins.ParsePattern(e); err == nil && !p.IsExact() && p != origins.Any {
			wide = append(wide, p)
		}
	}
	return slices.DeleteFunc(entries, func(e string) bool {
		p, err := origins.ParsePattern(e)
		return err == nil && slices.ContainsFunc(wide, func(q origins.Pattern) bool { return p != q && includes(q, p) })
	})
}

// includes reports whether a wide pattern stands for all that another does.
func includes(wide, p origins.Pattern) bool {
	if wide.Scheme != p.Scheme || !wide.AnyPort && (p.AnyPort || wide.Port != p.Port) {
		return false
	}
	switch {
	case wide.AnyHost:
		return true
	case wide.Subdomains:
		return strings.HasSuffix(p.Host, "."+wide.Host) || p.Subdomains && p.Host == wide.Host
	}
	return p.Host == wide.Host && !p.Subdomains && !p.AnyHost
}
