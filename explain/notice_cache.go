package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/fetch"
)

// cacheRules are for answers that were made for somebody else.
var cacheRules = []rule{cachedForOthers}

// cachedForOthers: what comes from a cache keeps the page out, what comes from
// the server itself would let it in.
func cachedForOthers(d *diagnosing) *Diagnosis {
	past := d.find(bustedGet)
	if d.inPreflight() || !d.is(fetch.MissingAllowOrigin, fetch.AllowOriginMismatch) || past == nil {
		return nil
	}
	allow := allowed(past)
	if allow != d.page.String() && allow != "*" {
		return nil
	}
	whose := "without Origin"
	if value := first(d.head(), "Access-Control-Allow-Origin"); value != "" {
		whose = "for " + cut(value)
	}
	g := d.say("CX-V01", Certain, "a cache gives this page what was made %s; the server itself would let it in", whose).because("%s", d.probed(bustedGet))
	for _, sign := range cacheSigns(d.head()) {
		g.because("%s", sign)
	}
	if !variesByOrigin(past.header) {
		g.because("no Vary: Origin, so that the cache cannot know better")
	} else {
		g.because("Vary has Origin: the cache does not heed it")
	}
	return g.fix("%s; then purge what is cached", varyFix)
}

const varyFix = "send Vary: Origin with every answer, also without Origin; and have the CDN put Origin into its key"

// cacheSigns are the lines that tell of a cache.
func cacheSigns(h fetch.Header) (lines []string) {
	for _, name := range []string{"Age", "X-Cache", "X-Cache-Status", "Cf-Cache-Status", "Cache-Status", "X-Varnish", "X-Served-By"} {
		if value := first(h, name); value != "" {
			lines = append(lines, name+": "+cut(value))
		}
	}
	return lines
}

// variesByOrigin reports whether caches are told to keep answers apart.
func variesByOrigin(h fetch.Header) bool {
	return h.HasToken("Vary", "origin") || h.HasToken("Vary", "*")
}

// varies: the answer depends on Origin and does not say so.
func varies(d *diagnosing) *Diagnosis {
	with, plain, other := d.find(originGet), d.find(plainGet), d.find(foreignGet)
	if with == nil || plain == nil || other == nil {
		return nil
	}
	a, b, c := allowed(with), allowed(plain), allowed(other)
	if a == b && b == c || a == "" || a == "*" && c == "*" {
		return nil
	}
	var missing []string
	for _, p := range []*probe{with, plain, other} {
		if !variesByOrigin(p.header) {
			missing = append(missing, p.what)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	g := d.say("CX-V01", Likely, "the answer depends on Origin and does not say so everywhere: a cache gives one page what was made for another").
		because("%s", d.probed(originGet)).because("%s", d.probed(plainGet)).because("%s", d.probed(foreignGet)).
		because("no Vary: Origin with %s", strings.Join(missing, ", "))
	for _, sign := range cacheSigns(with.header) {
		g.Certainty = Certain // there is one
		g.because("%s", sign)
	}
	return g.fix("%s", varyFix)
}

func allowed(p *probe) string { return first(p.header, "Access-Control-Allow-Origin") }

// reusable: Chromium's cache gives fetch() what an <img> loaded.
func reusable(d *diagnosing) *Diagnosis {
	plain, with := d.find(plainGet), d.find(originGet)
	if !hasCORS(with) || plain == nil || hasCORS(plain) || plain.header.HasToken("Vary", "origin") || !isCacheable(plain) {
		return nil
	}
	return d.say("CX-V02", Possible, "an <img> or <script> that loads this address first leaves an answer without CORS headers in the browser's cache, which fetch() then gets").
		because("%s", d.probed(plainGet)).because("Cache-Control: %s", cut(first(plain.header, "Cache-Control"))).
		fix("send Vary: Origin also without Origin; load it with crossorigin everywhere")
}

func isCacheable(p *probe) bool {
	control := strings.ToLower(first(p.header, "Cache-Control"))
	if strings.Contains(control, "no-store") || strings.Contains(control, "no-cache") || strings.Contains(control, "max-age=0") {
		return false
	}
	return strings.Contains(control, "max-age") || strings.Contains(control, "public") || p.header.Has("Expires") || p.header.Has("Last-Modified")
}

// remembered is how long the browsers keep the preflight's answer: until then, a
// change of the server is not seen.
func (i *inquiry) remembered() (all []Remembered) {
	n := slices.IndexFunc(i.verdict.Exchanges, func(x fetch.Exchange) bool { return x.Preflight })
	if f := i.verdict.Failure; n < 0 || f != nil && f.Preflight || i.verdict.Exchanges[n].Response.Status == 0 {
		return nil
	}
	value, found := i.verdict.Exchanges[n].Response.Header.Get("Access-Control-Max-Age")
	for _, p := range fetch.Profiles() {
		if p.Name != "standard" {
			all = append(all, Remembered{Browser: p.Name, Seconds: int(keeps(&p, value, found) / time.Second)})
		}
	}
	return all
}

// keeps is what a browser makes of Access-Control-Max-Age. Without one it is
// five seconds.
func keeps(p *fetch.Profile, value string, found bool) time.Duration {
	const usual = 5 * time.Second
	digits := strings.TrimPrefix(value, "-")
	switch {
	case !found:
		return usual
	case digits == "" || strings.Trim(digits, "0123456789") != "":
		if p.MaxAgeInvalidIsZero {
			return 0
		}
		return usual
	case digits != value:
		return 0
	}
	var seconds time.Duration
	for _, digit := range digits {
		seconds = min(seconds*10+time.Duration(digit-'0'), 1e9)
	}
	if age := seconds * time.Second; p.MaxAgeCap == 0 || age < p.MaxAgeCap {
		return age
	}
	return p.MaxAgeCap
}

// rememberedText is one line about all of them.
func rememberedText(all []Remembered) string {
	var parts []string
	for _, r := range all {
		parts = append(parts, browserNames[r.Browser]+" "+spoken(time.Duration(r.Seconds)*time.Second))
	}
	return strings.Join(parts, ", ")
}

func spoken(d time.Duration) string {
	switch {
	case d == 0:
		return "not at all"
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}
