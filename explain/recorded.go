package explain

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// recordedRules read what only a HAR tells: who answered in the server's place,
// and what was never sent. They come before all others.
var recordedRules = []rule{blockedByClient, answeredByWorker, answeredFromCache}

// recording is the HAR that answers, or nil.
func (d *diagnosing) recording() *pasted.Recorded {
	r, _ := d.q.Transport.(*pasted.Recorded)
	return r
}

func blockedByClient(d *diagnosing) *Diagnosis {
	for _, x := range d.recording().Exchanges {
		if strings.Contains(x.Error, "BLOCKED_BY_CLIENT") {
			return d.say("CX-B07", Certain, "an extension of the browser, such as an ad blocker, has blocked the request; it was never sent").
				because("the HAR says %s", cut(x.Error)).
				fix("try a private window without extensions; a path without words such as ads, track or analytics is not on their lists")
		}
	}
	return nil
}

func answeredByWorker(d *diagnosing) *Diagnosis {
	if !d.recording().ViaServiceWorker || d.verdict.OK() {
		return nil
	}
	return d.say("CX-B05", Likely, "a service worker of the page answered, not the server: what it answers with is its own matter").
		because("the HAR says that the response was fetched via a service worker").
		fix("let the worker pass the request on with fetch(event.request), in its own mode; or unregister it and try again")
}

// answeredFromCache: the request was sent without the preflight that it needs.
func answeredFromCache(d *diagnosing) *Diagnosis {
	if f := d.verdict.Failure; !isUnrecorded(&d.verdict) || !f.Preflight && !d.at().Preflight {
		return nil
	}
	for _, x := range d.recording().Exchanges {
		if x.Preflight || x.Response.Status == 0 {
			continue
		}
		g := d.say("CX-V03", Likely, "the browser did not ask before it sent the %s: it remembered the answer to an earlier preflight, which the server may not give any more", x.Method).
			because("the HAR has the %s (status %d) and no OPTIONS before it", x.Method, x.Response.Status)
		for _, r := range d.whyPreflight() {
			g.because("%s: %s", r.Name, r.Why)
		}
		return g.fix("open a private window, or wait as long as Access-Control-Max-Age says; keep it small while the rules change")
	}
	return nil
}

// calledFrom is the place in the page's code that made the request, as far as a
// HAR tells.
func (d *diagnosing) calledFrom() string {
	r := d.recording()
	if r == nil || len(r.Initiator.Stack) == 0 {
		return ""
	}
	f := r.Initiator.Stack[0]
	return fmt.Sprintf("called from %s (%s:%d)", orElse(cut(f.Function), "a function without a name"), cut(f.URL), f.Line)
}

// workerRegistered: the page says so itself.
func workerRegistered(d *diagnosing) *Diagnosis {
	if d.rules == nil || d.rules.worker == "" {
		return nil
	}
	return d.say("CX-B05", Possible, "the page registers a service worker: it may answer in the server's place, and a cors request must not get an opaque response").
		because("%s", d.rules.worker).fix("look into the browser's tools (Application, Service Workers), and try with \"bypass for network\"")
}

// tainted: what some elements load without CORS is of no use to scripts; what
// others load needs CORS, whoever asks for it.
func tainted(d *diagnosing) *Diagnosis {
	if d.what.needs == "" || !d.verdict.OK() && !d.isCORS() {
		return nil
	}
	if d.verdict.OK() && d.verdict.Response.Type != fetch.Opaque {
		return nil
	}
	g := d.say("CX-J03", Certain, "%s", d.what.needs).because("made by: %s", d.what.id)
	if d.what.mend == "" {
		return g.fix("let the server that has it allow the page; for what is public, Access-Control-Allow-Origin: * will do")
	}
	if p := d.find(originGet); p != nil {
		switch allow := allowed(p); {
		case allow == "*" || allow == d.page.String():
			g.because("with crossorigin it would pass: %s", d.probed(originGet))
		default:
			g.because("with crossorigin it would not be loaded at all, as the server is: %s", d.probed(originGet))
		}
	}
	return g.fix("%s", d.what.mend)
}
