package survey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// remarks are what is wrong with the answers whoever is allowed.
func (q *inquiry) remarks(ctx context.Context) {
	q.severalValues()
	q.varies()
	q.deniedCredentials()
	q.redirects()
	q.localhosts()
	for _, p := range append([]*page{q.other}, q.pages...) {
		if p.isAllowed() {
			q.halves(p)
			q.lists(p)
			q.errors(ctx, p)
			break
		}
	}
}

// severalValues are what no browser accepts.
func (q *inquiry) severalValues() {
	for _, p := range append([]*page{q.other}, q.pages...) {
		for _, a := range []*answer{&p.get, &p.preflight} {
			if len(a.list(allowOrigin)) > 1 {
				q.find(Finding{
					Name: "several-values", Severity: Broken,
					Message: fmt.Sprintf("Access-Control-Allow-Origin has several values, %q, and browsers accept one only: no page is allowed", a.value(allowOrigin)),
					Advice:  "the origins that it names are written",
				}, a.at(allowOrigin))
				return
			}
		}
	}
}

// varies finds answers that depend on Origin and do not say so.
func (q *inquiry) varies() {
	depends := false
	all := append([]*page{q.other, q.null}, q.pages...)
	for _, p := range all {
		depends = depends || p.get.err == nil && p.get.value(allowOrigin) != q.plain.value(allowOrigin)
	}
	if !depends {
		return
	}
	silent := func(a *answer) bool { return a.err == nil && !a.lists("Vary", "Origin") && !a.lists("Vary", "*") }
	f := Finding{
		Name: "vary", Severity: Broken,
		Message: "the answer depends on Origin, and Vary does not say so: caches, the browser's own included, give one page the answer for another",
		Advice:  "Corsac says it wherever it must",
	}
	for _, p := range all {
		if p.reads() && silent(&p.get) {
			f.Witness = shownGet(p.origin, &p.get)
			q.find(f, p.get.at(allowOrigin))
			return
		}
	}
	if silent(&q.plain) {
		f.Witness = shownGet("", &q.plain)
		f.Message = "without Origin, Vary is missing: caches give pages the answer without CORS headers"
		q.find(f, spot{})
	}
}

func (q *inquiry) deniedCredentials() {
	a := &q.other.get
	if a.err == nil && !q.other.isAllowed() && strings.EqualFold(a.value(allowCredentials), "true") {
		q.find(Finding{
			Name: "credentials-to-denied", Severity: Note,
			Message: "Access-Control-Allow-Credentials is sent to origins that are not allowed", Witness: shownGet(stranger, a),
		}, a.at(allowCredentials))
	}
}

// localhosts finds pages of the visitor's own machine that nobody named.
func (q *inquiry) localhosts() {
	for _, p := range q.pages {
		if o, err := origins.ParsePattern(p.origin); err == nil && origins.IsLoopback(o.Host) && p.reads() && !q.other.isAllowed() && !slices.Contains(q.trusted, p.origin) {
			q.find(Finding{
				Name: "localhost", Severity: Note,
				Message: "pages of the visitor's own machine are allowed: whatever runs there may read",
				Advice:  "leave them to the policy of your development", Witness: p.witness(),
			}, p.get.at(allowOrigin))
			return
		}
	}
}

func (q *inquiry) redirects() {
	if q.plain.status >= 300 && q.plain.status <= 399 && q.plain.status != 304 {
		to := ""
		if l := q.plain.value("Location"); l != "" {
			to = " to " + visible(l)
		}
		q.find(Finding{
			Name: "redirect", Severity: Note,
			Message: fmt.Sprintf("the answer is a redirect (%d)%s, which was not followed", q.plain.status, to),
			Advice:  "survey where it leads as well",
		}, spot{})
	}
}

// halves finds pages that may ask but not read, or read but not ask.
func (q *inquiry) halves(p *page) {
	if p.get.err != nil || p.preflight.err != nil {
		return
	}
	refused := p.preflight.err == nil && !p.preflight.isOK()
	pre := shown(request{method: "OPTIONS", path: "…", origin: p.origin, wantsMethod: "GET"}, &p.preflight)
	switch {
	case p.asks() && !p.reads() && !p.isMeant:
		q.find(Finding{
			Name: "preflights-only", Severity: Broken,
			Message: fmt.Sprintf("preflights are answered, but the response itself (%d) has no CORS headers: pages cannot read it", p.get.status),
			Witness: shownGet(p.origin, &p.get),
		}, p.preflight.at(allowOrigin))
	case refused && p.asks():
		q.find(Finding{
			Name: "preflight-status", Severity: Broken,
			Message: fmt.Sprintf("preflights are answered %d, and browsers want a status of success: every request that needs one fails", p.preflight.status),
			Advice:  "answer preflights before authentication and routing; what their headers say is written", Witness: pre,
		}, p.preflight.at(allowOrigin))
	case p.reads() && !p.asks():
		q.find(Finding{
			Name: "no-preflights", Severity: Note,
			Message: fmt.Sprintf("preflights (%d) are not answered with CORS headers: only requests that need none succeed, and so methods and headers are none", p.preflight.status),
			Witness: pre,
		}, p.get.at(allowOrigin))
	}
}

// errors asks for what is not there: its answer should be readable, too.
func (q *inquiry) errors(ctx context.Context, p *page) {
	if !p.reads() || p.get.status >= 400 {
		return
	}
	a := q.ask(ctx, request{method: "GET", origin: p.origin, fails: true})
	if a.err == nil && a.status >= 400 && !a.shares(p.origin) {
		q.find(Finding{
			Name: "errors", Severity: Broken,
			Message: fmt.Sprintf("errors (%d) have no CORS headers: to a page they look as if the network had failed", a.status),
			Advice:  cmp.Or(q.always, "Corsac puts them on every response"), Witness: shownGet(p.origin, &a),
		}, p.get.at(allowOrigin))
	}
}

// methodRemarks are what is odd about a list of methods.
func (q *inquiry) methodRemarks(ctx context.Context, p *page, listed []string) {
	if slices.Contains(listed, "OPTIONS") {
		q.find(Finding{
			Name: "options-listed", Severity: Note,
			Message: "OPTIONS is listed, which only scripts need that send OPTIONS themselves: browsers' preflights need no permission",
			Advice:  "leave it away unless they do",
		}, p.preflight.at(allowMethods))
	}
	if _, isLive := q.server.(*live); isLive || !p.reads() {
		return // nothing but GET and OPTIONS is sent to a server
	}
	for _, m := range append([]string{"POST"}, listed...) {
		if a := q.ask(ctx, request{method: m, origin: p.origin}); m != "*" && m != "OPTIONS" && a.err == nil && !a.shares(p.origin) {
			q.find(Finding{
				Name: "method-without-headers", Severity: Broken,
				Message: fmt.Sprintf("responses to %s have no CORS headers: pages cannot read them", m),
				Advice:  "Corsac puts them on every response", Witness: shown(request{method: m, path: "…", origin: p.origin}, &a),
			}, p.get.at(allowOrigin))
		}
	}
}

// lists are headers that should be lists of names.
func (q *inquiry) lists(p *page) {
	for _, in := range []struct {
		a    *answer
		name string
	}{{&p.preflight, allowMethods}, {&p.preflight, allowHeaders}, {&p.get, exposeHeaders}} {
		if !in.a.isList(in.name) {
			q.find(Finding{
				Name: "no-list", Severity: Broken,
				Message: fmt.Sprintf("%s is %q, which is no list of names: browsers do not take any of it", in.name, in.a.value(in.name)),
				Advice:  "the names in it are written",
			}, in.a.at(in.name))
		}
	}
}

// credentialsRemarks are what is wrong with Access-Control-Allow-Credentials.
func (q *inquiry) credentialsRemarks(p *page, f *features) {
	in, before := p.get.value(allowCredentials), p.preflight.value(allowCredentials)
	if in != "" && in != "true" && in != "false" {
		q.find(Finding{
			Name: "credentials-value", Severity: Broken,
			Message: fmt.Sprintf("Access-Control-Allow-Credentials is %q, and browsers know \"true\" only, in lower case", in),
			Advice:  "written without credentials; write credentials: true if pages need them",
		}, p.get.at(allowCredentials))
		q.leave("credentials", "true", "the server says "+in+", which browsers do not honour")
	}
	if f.credentials && p.reads() && p.asks() && before != "true" {
		q.find(Finding{
			Name: "credentials-in-one", Severity: Broken,
			Message: "responses allow credentials, but preflights do not: requests with cookies that need a preflight fail",
			Advice:  "written with credentials",
		}, p.get.at(allowCredentials))
	}
	if !f.credentials && p.reads() && p.asks() && before == "true" && in == "" && p.get.value(allowOrigin) != "*" {
		q.find(Finding{
			Name: "credentials-in-one", Severity: Broken,
			Message: "preflights allow credentials, but responses do not: pages cannot read what they get with cookies",
			Advice:  "written without credentials",
		}, p.preflight.at(allowCredentials))
	}
}
