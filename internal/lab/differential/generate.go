package differential

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Generate makes cases up, n from number first on. Each depends on the seed and its own number only.
//
// It leaves out:
//   - what the engine has not: an HTTP cache (every answer says no-store), service workers, integrity, and
//     bodies that are streams, which browsers do not send over HTTP/1.1;
//   - cookies of other sites than the page's, about which each browser and its user have rules of their own;
//   - connections that end without an answer, which Firefox tries ten times, and bodies that do;
//   - Local Network Access and targetAddressSpace: all is on this machine, and Firefox asks its user;
//   - two redirects after which a browser does nothing more: see isFetchOnly and leavesPage.
func Generate(seed uint64, first, n int) []Case {
	cases := make([]Case, n)
	for i := range cases {
		d := dice{rand.New(rand.NewPCG(seed, uint64(first+i)))}
		cases[i] = d.kase()
	}
	return cases
}

type dice struct{ *rand.Rand }

// one is true once in n times.
func (d dice) one(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// themes are the corners that a case may be about, the more frequent ones more than once. What a case is
// not about is mostly as it should be, or else nothing would get as far as the corner.
var themes = []func(dice, *Case){
	dice.grammar, dice.grammar, dice.grammar,
	dice.preflight, dice.preflight, dice.preflight,
	dice.answers, dice.answers,
	dice.redirects, dice.redirects, dice.redirects,
	dice.cache, dice.cache,
	dice.exposed,
	dice.methods,
	dice.modes,
}

func (d dice) kase() Case {
	c := Case{Sandboxed: d.one(12), Calls: []Call{{URL: d.server() + "/c/{id}/0"}}}
	call := &c.Calls[0]
	switch d.IntN(4) {
	case 0:
		call.Credentials = "include"
	case 1:
		call.Credentials = pick(d, []string{"omit", "same-origin"})
	}
	pick(d, themes)(d, &c)
	if d.one(8) && !c.isFetchOnly() {
		c.asXHR(d.one(2))
	}
	return c
}

// isFetchOnly is true of what Firefox's XMLHttpRequest never ends: a redirect to a blocked port.
func (c *Case) isFetchOnly() bool {
	return slices.ContainsFunc(c.Hops, func(h Hop) bool {
		return h.Actual != nil && slices.ContainsFunc(h.Actual.Lines, func(line string) bool { return strings.HasSuffix(line, blockedPort) })
	})
}

// server is mostly of another origin.
func (d dice) server() string {
	return pick(d, []string{
		"{o1}", "{o1}", "{o1}", "{o1}", "{o1}", "{o1}", "{o2}", "{o2}", "{o2}", "{o2}", "{o2}", "{page}", "{page}", "{http}", "{https}", "{plain}",
	})
}

// asXHR makes the calls those of XMLHttpRequest, which knows fewer options.
func (c *Case) asXHR(upload bool) {
	for i := range c.Calls {
		call := &c.Calls[i]
		call.Mode, call.Redirect, call.Cache, call.Referrer = "", "", "", ""
		if call.Credentials != "include" {
			call.Credentials = ""
		}
		call.XHR, call.Upload = true, upload
	}
}

// grammar is about which requests are simple.
func (d dice) grammar(c *Case) {
	call := &c.Calls[0]
	if d.one(3) {
		call.Method, call.Body = "POST", new("body")
	}
	for range 1 + d.IntN(2) {
		call.Header = append(call.Header, d.safelistedHeader())
	}
	if d.one(6) {
		call.Header = append(call.Header, d.unsafeHeader())
	}
	if d.one(10) {
		call.Header = append(call.Header, pick(d, forbiddenHeaders))
	}
	if d.one(12) {
		call.Header = append(call.Header, call.Header[0])
	}
}

func (d dice) safelistedHeader() [2]string {
	name := pick(d, safelistedNames)
	value := pick(d, safelistedValues[strings.ToLower(name)])
	if d.one(3) {
		value = d.spoil(value)
	}
	return [2]string{name, value}
}

func (d dice) unsafeHeader() [2]string {
	value := pick(d, []string{"1", "a b", "", "\u00e9", "a, b", "x\x01y"})
	return [2]string{pick(d, unsafeNames), value}
}

// spoil changes a value somewhere.
func (d dice) spoil(value string) string {
	at := d.IntN(len([]rune(value)) + 1)
	before, after := string([]rune(value)[:at]), string([]rune(value)[at:])
	switch d.IntN(5) {
	case 0:
		return before + strings.Repeat("a", pick(d, []int{10, 100, 127, 128, 129})) + after
	case 1:
		return strings.ToUpper(before) + after
	case 2:
		return before
	}
	return before + pick(d, oddBytes) + after
}

// preflight is about the answers to preflights.
func (d dice) preflight(c *Case) {
	d.makeUnsafe(&c.Calls[0])
	c.Hops = []Hop{{Preflight: d.mangled(204), Actual: d.mostly(200)}}
}

// makeUnsafe makes a preflight necessary.
func (d dice) makeUnsafe(call *Call) {
	what := 1 + d.IntN(3)
	if what&1 != 0 {
		call.Method = pick(d, unsafeMethods)
	}
	if what&2 != 0 {
		for range 1 + d.IntN(2) {
			call.Header = append(call.Header, d.unsafeHeader())
		}
	}
}

// answers is about the answers to requests without preflights.
func (d dice) answers(c *Case) {
	if d.one(4) {
		c.Calls[0].Method, c.Calls[0].Body = "POST", new("body")
	}
	c.Hops = []Hop{{Actual: d.mangled(200)}}
}

// allowing is an answer that allows, in one of the ways to say it.
func (d dice) allowing(status int) *Answer {
	a := &Answer{Status: status, Lines: []string{
		"Access-Control-Allow-Origin: " + pick(d, []string{"{origin}", "{origin}", "{origin}", "*", "{page}"}),
		"Access-Control-Allow-Methods: " + pick(d, []string{"{acrm}", "{acrm}", "*", "PUT, DELETE", "PUT,patch , PATCH"}),
		"Access-Control-Allow-Headers: " + pick(d, []string{"{acrh}", "{acrh}", "*", "X-Foo, authorization", "*, Authorization"}),
	}}
	if !d.one(3) {
		a.Lines = append(a.Lines, "Access-Control-Allow-Credentials: true")
	}
	return a
}

func (d dice) mostly(status int) *Answer {
	switch d.IntN(8) {
	case 0:
		return d.mangled(status)
	case 1, 2:
		return d.allowing(status)
	}
	return nil
}

// mangled is an answer with something odd in it.
func (d dice) mangled(status int) *Answer {
	a := d.allowing(status)
	for range 1 + d.IntN(2) {
		d.mangle(a)
	}
	return a
}

func (d dice) mangle(a *Answer) {
	if len(a.Lines) == 0 || d.one(6) {
		a.Status = pick(d, statuses)
		return
	}
	at := d.IntN(len(a.Lines))
	name, value, _ := strings.Cut(a.Lines[at], ": ")
	switch d.IntN(8) {
	case 0:
		a.Lines = append(a.Lines[:at], a.Lines[at+1:]...)
	case 1:
		a.Lines = append(a.Lines, a.Lines[at])
	case 2:
		a.Lines = append(a.Lines, name+": "+pick(d, valuesOf(name)))
	case 3:
		a.Lines[at] = d.mangledLine(name, value)
	default:
		value = pick(d, valuesOf(name))
		if d.one(4) {
			value = d.spoil(value)
		}
		a.Lines[at] = name + ": " + value
	}
}

// mangledLine is odd in the syntax of HTTP rather than of CORS.
func (d dice) mangledLine(name, value string) string {
	return fmt.Sprintf(pick(d, []string{
		"%s:%s", "%s:\t%s\t", "%s: %s \t ", "%s :%s", " %s: %s", "%s:\r\n %s", "%s: %s,\r\n\t", "%s\x01: %s", "%s: \x0b%s", "%s: %s\x0c", "%s: %s\u00e9", "%s: %s\x00",
		"X-Before\r\n%s: %s", ": nameless\r\n%s: %s", "a b: c\r\n%s: %s",
	}), pick(d, []string{name, strings.ToLower(name), strings.ToUpper(name)}), value)
}

// redirects is about chains of redirects.
func (d dice) redirects(c *Case) {
	call := &c.Calls[0]
	switch d.IntN(4) {
	case 0:
		d.makeUnsafe(call)
	case 1:
		call.Method, call.Body = pick(d, []string{"POST", "PUT"}), new("body")
		call.Header = [][2]string{{"Content-Type", pick(d, []string{"text/plain", "application/json"})}}
	case 2:
		call.Header = [][2]string{{"Authorization", "Bearer x"}}
	}
	if d.one(6) {
		call.Redirect = pick(d, []string{"manual", "error"})
	}
	if d.one(8) {
		call.Cache = pick(d, cacheModes)
	}
	if d.one(8) {
		call.Referrer = pick(d, referrerPolicies)
	}
	hops := 1 + d.IntN(3)
	for i := range hops {
		c.Hops = append(c.Hops, Hop{Preflight: d.mostly(204), Actual: d.redirect(i + 1)})
	}
	c.Hops = append(c.Hops, Hop{Preflight: d.mostly(204), Actual: d.mostly(200)})
}

var redirectTargets = []string{"{o1}", "{o1}", "{o1}", "{o2}", "{o2}", "{o2}", "{page}", "{page}", "{page}", "{http}", "{https}", "{plain}"}

// redirect leads to a hop, most of the time.
func (d dice) redirect(to int) *Answer {
	a := permission(pick(d, []int{301, 302, 303, 307, 308}))
	if d.one(4) {
		a = d.allowing(a.Status)
	}
	target := fmt.Sprintf("%s/c/{id}/%d", pick(d, redirectTargets), to)
	switch d.IntN(16) {
	case 0:
		target = fmt.Sprintf(pick(d, []string{"{o1:u}/c/{id}/%d", "{o2:u}/c/{id}/%d", "{page:u}/c/{id}/%d", "/c/{id}/%d", "%d", "%d#f", "%d?q", "./%d", "%d\u00e9"}), to)
	case 1:
		target = pick(d, oddLocations)
	}
	a.Lines = append(a.Lines, "Location: "+target)
	if d.one(30) {
		a.Lines = append(a.Lines, "Location: "+pick(d, append(oddLocations, target)))
	}
	if d.one(20) {
		a.Lines = append(a.Lines, "Referrer-Policy: "+pick(d, referrerPolicies))
	}
	if d.one(10) {
		d.mangle(a)
	}
	return a
}

// cache is about preflights that were asked before.
func (d dice) cache(c *Case) {
	d.makeUnsafe(&c.Calls[0])
	a := d.allowing(204)
	if !d.one(3) {
		a.Lines = append(a.Lines, "Access-Control-Max-Age: "+pick(d, valuesOf("Access-Control-Max-Age")))
	}
	c.Hops = []Hop{{Preflight: a}}
	if d.one(8) {
		c.Hops[0].Actual = d.mangled(200)
	}
	for range 1 + d.IntN(3) {
		next := c.Calls[0]
		switch d.IntN(5) {
		case 0:
			next.Credentials = pick(d, []string{"include", "omit", ""})
		case 1:
			next.Method, next.Header = "", nil
			d.makeUnsafe(&next)
		case 2:
			next.Cache = pick(d, cacheModes)
		case 3:
			next.URL += pick(d, []string{"?q", "#f", ""})
		}
		c.Calls = append(c.Calls, next)
	}
}

// exposed is about what scripts see of an answer.
func (d dice) exposed(c *Case) {
	a := permission(200)
	a.Lines = append(a.Lines, pick(d, [][]string{
		{"X-A: 1", "X-B: 2"}, {"X-A: 1", "x-a: 2", "Content-Type: text/plain"}, {"X-A:", "ETag: \"e\"", "Set-Cookie: gone=1; Max-Age=0"},
		{"Content-Language: en", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT", "Pragma: x", "Expires: 0", "X-A: \u00e9"},
		{"X-A: a \t b", "X-B: a,\r\n b", "Authorization: x"},
	})...)
	for range d.IntN(3) {
		value := pick(d, valuesOf("Access-Control-Expose-Headers"))
		if d.one(4) {
			value = d.spoil(value)
		}
		a.Lines = append(a.Lines, "Access-Control-Expose-Headers: "+value)
	}
	c.Hops = []Hop{{Actual: a}}
}

// methods is about methods of all kinds.
func (d dice) methods(c *Case) {
	call := &c.Calls[0]
	call.Method = pick(d, oddMethods)
	if d.one(3) {
		call.Body = new("body")
	}
	c.Hops = []Hop{{Preflight: d.mostly(204)}}
	if d.one(2) {
		c.Hops[0].Preflight = permission(204)
		c.Hops[0].Preflight.Lines[2] = "Access-Control-Allow-Methods: " + pick(d, []string{call.Method, strings.ToUpper(call.Method), strings.ToLower(call.Method), "*", "GET"})
	}
}

// modes is about the requests that are not CORS requests.
func (d dice) modes(c *Case) {
	call := &c.Calls[0]
	call.Mode = pick(d, []string{"no-cors", "no-cors", "same-origin"})
	call.Redirect = pick(d, []string{"", "", "", "", "manual", "error"})
	if d.one(3) {
		call.Referrer = pick(d, referrerPolicies)
	}
	for range d.IntN(3) {
		call.Header = append(call.Header, pick(d, [][2]string{d.safelistedHeader(), d.unsafeHeader()}))
	}
	switch d.IntN(6) {
	case 0:
		call.Method, call.Body = "POST", new("body")
	case 1:
		call.Method = pick(d, oddMethods)
		return
	}
	a := &Answer{Status: 200}
	if d.one(2) {
		a = d.redirect(1)
		a.Lines = slices.DeleteFunc(a.Lines, func(line string) bool { return strings.HasSuffix(line, leavesPage) })
	} else if d.one(2) {
		a.Lines = append(a.Lines, "Cross-Origin-Resource-Policy: "+pick(d, []string{"same-origin", "same-site", "cross-origin", "Same-Origin", "x", "same-origin, same-origin"}))
	}
	c.Hops = []Hop{{Actual: a}, {Actual: d.mostly(200)}}
}
