package explain

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/origins"
)

// An inquiry is one question and what has been found out about it.
type inquiry struct {
	q       Question
	what    *initiator
	profile fetch.Profile
	agent   *fetch.Agent
	wire    *wire

	page   fetch.Origin
	target *fetch.URL // nil if the URL is none

	verdict fetch.Verdict // of the browser that leads
	replay  *replay       // its exchanges
	others  []opinion
	probes  []probe
	mending *mending
	passes  bool // once everything is mended

	rules  *pageRules // what the page says of itself, nil if it was not read
	server *Server
}

// Explain carries a request out as a browser would and tells all about it.
func Explain(ctx context.Context, q Question) *Report {
	if isSocket(q.Request.URL) {
		return explainSocket(ctx, q)
	}
	i := newInquiry(q)
	defer i.agent.Close()
	i.readPage(ctx)
	i.fetch(ctx)
	i.obeyOthers()
	i.server = recognise(i.answers())
	i.probe(ctx)
	i.server = recognise(i.answers())
	i.compare()
	i.mending, i.passes = mend(i.profile, i.q.Request, i.replay)
	return i.report()
}

const hiddenBody = 4 << 10

func newInquiry(q Question) *inquiry {
	i := &inquiry{q: q, what: initiatorOf(q.As), profile: q.Profile}
	i.what.settle(&i.q.Request)
	if i.profile.Name == "" {
		i.profile = fetch.Chrome
	}
	i.agent = &fetch.Agent{Profile: i.profile, Dial: q.Dial, TLS: q.TLS, Timeout: q.Timeout, HiddenBody: hiddenBody, Jar: &fetch.Jar{}}
	if q.Policy != nil {
		i.q.Transport, i.q.Server = fetch.Handler(q.Policy.Wrap(http.HandlerFunc(sayNothing))), "corsac"
	}
	next := i.q.Transport
	if next == nil {
		next = i.agent.Network()
	}
	i.wire = &wire{next: next, send: q.Send || i.q.Transport != nil}
	i.agent.Transport = i.wire
	i.readAddresses()
	if i.what.id == "image" {
		i.upgradeImage()
	}
	return i
}

// upgradeImage: on a page of https, browsers ask https for the images of http.
//
// https://www.w3.org/TR/mixed-content/#upgrade-algorithm
func (i *inquiry) upgradeImage() {
	if i.page.Scheme != "https" || i.target == nil || i.target.Scheme != "http" || origins.IsLoopback(i.target.Host) {
		return
	}
	i.q.Request.URL = "https:" + strings.TrimPrefix(i.target.String(), "http:")
	i.target, _ = fetch.ParseURL(i.q.Request.URL)
	i.told("on a page of https, browsers ask https for an image: %s", i.q.Request.URL)
}

// sayNothing stands behind a policy that is asked: an API that is always fine.
func sayNothing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

func (i *inquiry) readAddresses() {
	r := &i.q.Request
	if page, err := fetch.ParseURL(r.Page); err == nil {
		i.page = page.Origin()
	}
	if origin, err := fetch.ParseOrigin(r.Origin); err == nil && r.Origin != "" {
		i.page = origin
	}
	if u, err := fetch.ParseURL(r.URL); err == nil && u.IsHTTP() {
		i.target = u
	}
	for pair := range strings.SplitSeq(i.q.Cookie, ";") {
		if pair = strings.TrimSpace(pair); pair != "" && i.target != nil {
			_ = i.agent.Jar.Add(r.URL, pair+i.sameSiteNone())
		}
	}
}

// sameSiteNone makes a cookie one that other sites' pages send, where browsers
// have such cookies.
func (i *inquiry) sameSiteNone() string {
	if i.target.Scheme == "https" {
		return "; Path=/; SameSite=None; Secure"
	}
	return "; Path=/"
}

func (i *inquiry) fetch(ctx context.Context) {
	i.verdict = i.agent.Fetch(ctx, i.q.Request)
	i.replay = newReplay(&i.verdict)
}

// compare asks the other browsers about the same answers.
func (i *inquiry) compare() {
	for _, p := range fetch.Profiles() {
		o := opinion{Verdict: i.verdict, isUnknown: rests(&i.verdict)}
		if p.Name != i.profile.Name {
			o = i.replay.clone().opinion(p, i.q.Request)
		}
		i.others = append(i.others, o)
	}
}

// An opinion is the verdict of a browser on answers that another one got. It is
// unknown if it rests on one that nobody got.
type opinion struct {
	fetch.Verdict
	isUnknown bool
}

// rests reports whether a verdict rests on what was not asked.
func rests(v *fetch.Verdict) bool {
	return v.Kind() == fetch.InvalidOrigin || wasWithheld(v) || isUnrecorded(v) || v.Kind() == fetch.TimedOut || v.Kind() == fetch.Canceled
}

func (p *replay) opinion(profile fetch.Profile, r fetch.Request) opinion {
	o := opinion{Verdict: p.run(profile, r)}
	if n := len(p.asked); n > 0 && (o.OK() || o.Failure.Exchange >= 0) {
		last := p.replies[p.asked[n-1]]
		o.isUnknown = !last.seen && !isAddressSpace(o.err())
	}
	return o
}

func (o *opinion) err() error {
	if o.Failure == nil {
		return nil
	}
	return o.Failure.Err
}

// at is the exchange at fault, or the last one, or nil if nothing was sent.
func (i *inquiry) at() *fetch.Exchange {
	if f := i.verdict.Failure; f != nil {
		if f.Exchange < 0 || f.Exchange >= len(i.verdict.Exchanges) {
			return nil
		}
		return &i.verdict.Exchanges[f.Exchange]
	}
	if n := len(i.verdict.Exchanges); n > 0 {
		return &i.verdict.Exchanges[n-1]
	}
	return nil
}

// answers are the heads and bodies that came from the server, the one at fault
// first.
func (i *inquiry) answers() (all []answer) {
	if x := i.at(); x != nil && x.Response.Status != 0 {
		all = append(all, answer{x.Response.Status, x.Response.Header, string(x.Body)})
	}
	for n := range i.verdict.Exchanges {
		x := &i.verdict.Exchanges[n]
		all = append(all, answer{x.Response.Status, x.Response.Header, string(x.Body)})
	}
	for _, p := range i.probes {
		all = append(all, p.answer)
	}
	return all
}

// An answer is what a server said, to a browser or to a probe.
type answer struct {
	status int
	header fetch.Header
	body   string // its beginning
}

func (i *inquiry) answered() Answer { return answerOf(&i.verdict) }

// answerOf is what a verdict comes to. Where no response came back, what a
// browser would have made of it is not known.
func answerOf(v *fetch.Verdict) Answer {
	switch {
	case v.OK():
		return Readable
	case v.Kind() == fetch.InvalidOrigin, v.Kind().Family() == fetch.Network, wasWithheld(v), isUnrecorded(v):
		return Unknown
	}
	return Blocked
}

func (i *inquiry) relation() string {
	switch {
	case i.target == nil:
		return "unknown"
	case fetch.SameOrigin(i.page, i.target.Origin()):
		return "same-origin"
	case fetch.SameSite(i.page, i.target.Origin()):
		return "same-site"
	}
	return "cross-site"
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
