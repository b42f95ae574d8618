package explain

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// report puts together what was found.
func (i *inquiry) report() *Report {
	r := &Report{
		Answer: i.answered(), Read: i.q.Read, Page: i.page.String(), Request: i.call(), Target: i.where(), Server: i.server,
		Preflight: i.whyPreflight(), Exchanges: i.transcript(), Profiles: i.profiles(), Says: i.says(),
		Obstacles: i.mending.obstacles, Curl: i.curl(),
	}
	r.SaysNote, r.Remembered = i.untold(), i.remembered()
	if i.passes && r.Target.Relation != "same-origin" {
		r.Needs = i.mending.needs()
	}
	for n := range i.probes {
		r.Probes = append(r.Probes, Probe{What: i.probes[n].what, Result: i.probes[n].result()})
	}
	d := &diagnosing{inquiry: i, grant: i.grantOf(r.Needs)}
	r.Causes, r.Questions = d.causes(), d.questions()
	r.Headline = i.headline(r)
	if s := i.suppose(); s != nil {
		r.Headline += s.says()
		if cause := (&diagnosing{inquiry: s.inquiry, grant: d.grant}).cause(); cause != nil {
			cause.Certainty = Likely
			cause.because("supposed from what GET gets: %s", d.probed(originGet))
			r.Causes = append([]Diagnosis{*cause}, r.Causes...)
		}
	}
	r.Read = append(r.Read, i.doubt()...)
	if i.q.Transport == nil { // not for a policy, nor for what was recorded
		r.Meanwhile = r.detour(i.page, i.q.Request.URL)
	}
	i.cleaner().clean(r)
	return r
}

// doubt tells the verdict for fetch()'s default where the credentials mode is a
// guess.
func (i *inquiry) doubt() []string {
	r := i.q.Request
	if !i.q.Guessed || r.Credentials == "" || r.Credentials == fetch.CredentialsSameOrigin || wasWithheld(&i.verdict) {
		return nil
	}
	r.Credentials = fetch.CredentialsSameOrigin
	again := i.replay.clone()
	v := again.run(i.profile, r)
	switch f := v.Failure; {
	case i.verdict.Failure != nil && i.verdict.Failure.Preflight && f != nil && !f.Preflight && !again.replies[turn{f.Hop, false}].seen:
		return []string{"with credentials \"same-origin\", fetch()'s default, the preflight would pass"}
	case v.Kind() == i.verdict.Kind():
		return []string{"checked with credentials \"same-origin\", fetch()'s default, too: the verdict is the same"}
	case v.OK():
		return []string{"with credentials \"same-origin\", fetch()'s default, the same answers would pass"}
	}
	return []string{"with credentials \"same-origin\", fetch()'s default, the verdict is another: " + sentenceOf(v.Failure)}
}

// cleaner knows the secrets of the question and of the answers.
func (i *inquiry) cleaner() *cleaner {
	c := &cleaner{}
	if i.q.ShowSecrets {
		return c
	}
	c.learn(i.q.Request.Header)
	c.learnValue(i.q.Cookie)
	c.learnURL(i.q.Request.URL)
	for _, a := range i.answers() {
		for _, f := range a.header {
			if strings.EqualFold(f.Name, "Set-Cookie") {
				pair, _, _ := strings.Cut(f.Value, ";")
				_, value, _ := strings.Cut(pair, "=")
				c.keep(value)
			}
		}
		c.learnURL(first(a.header, "Location"))
	}
	return c
}

func (i *inquiry) call() Call {
	r := &i.q.Request
	return Call{
		By:     i.what.id,
		Method: fetch.NormalizeMethod(cmp.Or(r.Method, "GET")), Mode: string(cmp.Or(r.Mode, fetch.ModeCORS)),
		Credentials: string(cmp.Or(r.Credentials, fetch.CredentialsSameOrigin)), Redirect: string(cmp.Or(r.Redirect, fetch.RedirectFollow)),
	}
}

func (i *inquiry) where() Target {
	t := Target{URL: i.q.Request.URL, Relation: i.relation()}
	if x := i.at(); x != nil {
		if x.RemoteAddr.IsValid() {
			t.Address = x.RemoteAddr.String()
		}
		t.Protocol = x.Protocol
		if x.TLS != nil {
			t.TLS = tls.VersionName(x.TLS.Version)
		}
	}
	return t
}

// headline is the verdict in one line.
func (i *inquiry) headline(r *Report) string {
	f, method := i.verdict.Failure, r.Request.Method
	switch {
	case f == nil && i.verdict.Response.Type == fetch.Opaque:
		return "OPAQUE: the response was loaded, and no script can look into it"
	case f == nil && r.Target.Relation == "same-origin":
		return fmt.Sprintf("READABLE: the page's own origin, CORS has no part in it (status %d)", i.verdict.Response.Status)
	case f == nil:
		return fmt.Sprintf("READABLE: the page gets the response (status %d)", i.verdict.Response.Status)
	case wasWithheld(&i.verdict) && len(i.verdict.Exchanges) > 1:
		return fmt.Sprintf("NOT DECIDED: the preflight allows the %s, which was not sent without --send", method)
	case wasWithheld(&i.verdict):
		return fmt.Sprintf("NOT DECIDED: the %s needs no preflight, and was not sent without --send", method)
	case f.Kind == fetch.InvalidOrigin:
		return "NOT DECIDED: the page's origin is none that a web page can have"
	case isUnrecorded(&i.verdict):
		return "NOT DECIDED: the HAR has no answer to the " + map[bool]string{true: "preflight", false: method}[f.Preflight || i.at().Preflight]
	case f.Kind == fetch.TimedOut:
		return "NOT DECIDED: the server did not answer in time"
	case f.Preflight && f.Kind.Family() == fetch.CORS:
		return fmt.Sprintf("BLOCKED at the preflight: the %s was never sent", method)
	case f.Kind.Family() == fetch.CORS && f.Hop == 0 && isRedirect(i.at().Response.Status):
		return "BLOCKED at the redirect"
	case f.Kind.Family() == fetch.CORS && f.Hop > 0:
		return "BLOCKED after a redirect"
	case f.Kind.Family() == fetch.CORS:
		return fmt.Sprintf("BLOCKED: the server answered the %s, and the page may not read it", method)
	case f.Kind.Family() == fetch.Network:
		return "NO RESPONSE: there is nothing that a page could read; this is no matter of CORS"
	case f.Exchange < 0:
		return "BLOCKED before anything was sent: " + sentenceOf(f)
	}
	return "BLOCKED: " + sentenceOf(f)
}

func (i *inquiry) profiles() (all []Profile) {
	for n := range i.others {
		o := &i.others[n]
		profile, _ := fetch.ProfileNamed(o.Profile)
		p := Profile{Name: o.Profile, Version: profile.Version, Answer: Readable}
		switch {
		case o.isUnknown:
			p.Answer = Unknown
		case !o.OK():
			p.Answer, p.Failure = answerOf(&o.Verdict), sentenceOf(o.Failure)
		}
		all = append(all, p)
	}
	return all
}

// whyPreflight reads the reasons off the engine's steps.
func (i *inquiry) whyPreflight() (reasons []Reason) {
	for _, s := range i.verdict.Steps {
		if s.Hop > 0 || !strings.HasPrefix(s.What, "a preflight is needed") || len(s.Compared) == 0 {
			continue
		}
		value := ""
		if len(s.Compared) > 1 {
			value = s.Compared[1].Value
		}
		name := s.Compared[0].Value
		if s.Compared[0].Name == "method" {
			name, value = "method", s.Compared[0].Value
		} else if isSecretName(name) && !i.q.ShowSecrets {
			value = hidden
		}
		reasons = append(reasons, Reason{Name: name, Value: value, Why: whyUnsafe(name, value)})
	}
	return reasons
}

// whyUnsafe says why a header is not safelisted.
func whyUnsafe(name, value string) string {
	switch strings.ToLower(name) {
	case "method":
		return "only GET, HEAD and POST go without"
	case "content-type":
		return "only the three types of HTML forms go without"
	case "accept", "accept-language", "content-language":
		if len(value) > 128 {
			return "it has more than 128 bytes"
		}
		return "it has characters that forms could not send"
	case "range":
		return "only one simple range of bytes goes without"
	}
	return "scripts may not send it to other origins without asking"
}
