package explain

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// statusRules are about errors that only look like CORS: the answer lacks the
// headers because it is not the application's.
var statusRules = []rule{
	asError(upstream),
	asError(tooLarge),
	asError(onlyWithOriginGet),
	asError(crashed),
	asError(notThere),
}

// asError is for answers without CORS headers and with an error status.
func asError(r rule) rule {
	return func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.MissingAllowOrigin, fetch.PreflightStatus) || d.status() < 400 {
			return nil
		}
		return r(d)
	}
}

func upstream(d *diagnosing) *Diagnosis {
	h, s := d.head(), d.status()
	challenge := first(h, "Cf-Mitigated")
	if challenge == "" && s != 429 && s != 502 && s != 503 && s != 504 && !h.Has("X-Amzn-Errortype") {
		return nil
	}
	g := d.say("CX-S04", Certain, "not CORS: %s answered with %d in place of the application, and its answer has no CORS headers", d.inFront(), s)
	for _, name := range []string{"Cf-Mitigated", "Retry-After", "X-Amzn-Errortype", "Server", "Via"} {
		if value := first(h, name); value != "" {
			g.because("%s: %s", name, cut(value))
		}
	}
	if statuses := d.repeats(); statuses != "" {
		g.because("once more: %s", statuses)
	}
	if challenge != "" {
		return g.fix("let the firewall's challenge skip API paths and OPTIONS: a script cannot solve it")
	}
	return d.configure(g.fix("mend the upstream first; and let the proxy add CORS headers to its own errors, so that pages see the real status"))
}

func (d *diagnosing) inFront() string {
	if d.server != nil {
		return d.server.Name
	}
	return "something in front of the server"
}

func (d *diagnosing) repeats() string {
	var statuses []string
	for _, p := range d.probes {
		if p.name == repeated && p.err == nil {
			statuses = append(statuses, fmt.Sprint(p.status))
		}
	}
	return strings.Join(statuses, ", ")
}

func tooLarge(d *diagnosing) *Diagnosis {
	if d.status() != 413 {
		return nil
	}
	return d.configure(d.say("CX-S03", Certain, "not CORS: the body of %d bytes is larger than the server takes, and that error has no CORS headers", len(d.q.Request.Body)).
		because("status 413").fix("raise the limit (nginx: client_max_body_size), and send CORS headers with errors (nginx: add_header … always)"))
}

func onlyWithOriginGet(d *diagnosing) *Diagnosis {
	if without := d.statusOf(plainGet); d.call().Method != "GET" || without == 0 || without >= 400 {
		return nil
	}
	return d.say("CX-S05", Certain, "the server fails because there is an Origin header: its own check of origins throws, or something in front of it refuses foreign ones").
		because("with Origin: %d", d.status()).because("%s", d.probed(plainGet)).
		fix("look into the server's log for the request with Origin: %s; then add that origin to its list", d.page)
}

func crashed(d *diagnosing) *Diagnosis {
	if d.status() < 500 {
		return nil
	}
	g := d.say("CX-S01", Certain, "not CORS: the server failed with %d, and its error page has no CORS headers", d.status()).because("status %d", d.status())
	if p := d.find(plainOptions); hasCORS(d.find(originGet)) || p != nil && isOK(p.status) {
		g.because("%s", d.probed(originGet))
	}
	if statuses := d.repeats(); statuses != "" {
		g.because("once more: %s", statuses)
	}
	return d.configure(g.fix("mend the error (Chrome hides the status: see the server's log); and put CORS outermost, so that errors carry the headers too"))
}

func notThere(d *diagnosing) *Diagnosis {
	if s := d.status(); s != 404 && s != 405 && s != 410 {
		return nil
	}
	if d.inPreflight() && d.statusOf(plainGet) != 404 {
		return nil
	}
	g := d.say("CX-S02", Likely, "not CORS: the server has nothing at this address (%d), and its error page has no CORS headers", d.status()).
		because("status %d for %s %s", d.status(), d.at().Request.Method, d.target.Path).because("%s", d.probed(plainGet))
	if allow := first(d.head(), "Allow"); allow != "" {
		g.because("Allow: %s", cut(allow))
	}
	return g.fix("compare path and method with the server's routes; a proxy may have cut a prefix off")
}
