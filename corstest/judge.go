package corstest

import (
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// A judge holds a verdict against a case.
type judge struct {
	c       *Case
	v       *fetch.Verdict
	request *fetch.Request // as it was made
	profile fetch.Profile
	policy  *corsac.Policy // if it is known
}

func (j *judge) judge(because []corsac.Reason) (o Outcome, fault, advice string) {
	if why, advice := j.undecided(); why != "" {
		return Undecided, why, advice
	}
	if fault, advice = j.preflight(); fault != "" {
		return Failed, fault, advice
	}
	if j.c.want() == Block {
		fault, advice = j.mustBlock(because)
	} else {
		fault, advice = j.mustAllow(because)
	}
	if fault != "" {
		return Failed, fault, advice
	}
	return Passed, "", ""
}

// undecided says why the verdict tells nothing of the server's permission.
func (j *judge) undecided() (why, advice string) {
	kind := j.v.Kind()
	switch {
	case wasNotSent(j.v):
		method := j.v.Exchanges[j.v.Failure.Exchange].Request.Method
		why = fmt.Sprintf("%s was not sent, because it may change something", printable(method))
		if j.v.Exchanges[0].Preflight {
			why += "; the preflight allows it"
		}
		return why, "permit it to be sent, where that does no harm: --send of the command, Send of a Target"
	case kind.Family() == fetch.Network:
		return "the server gave no answer that a browser could judge: " + failureInWords(j.v.Failure), ""
	case kind.Family() == fetch.Misuse:
		return "no browser makes such a request: " + failureInWords(j.v.Failure), "mend the case"
	case kind != "" && kind.Family() != fetch.CORS && j.c.want() == Block:
		return "the page is blocked whatever the server allows: " + failureInWords(j.v.Failure), ""
	}
	return "", ""
}

// failureInWords leaves out the values of the request, which may be secret.
func failureInWords(f *fetch.Failure) string {
	words := string(f.Kind)
	if f.Name != "" {
		words += " of " + printable(f.Name)
	}
	if f.Err != nil {
		words += ": " + printable(f.Err.Error())
	}
	return words
}

func (j *judge) preflight() (fault, advice string) {
	sent := slices.ContainsFunc(j.v.Exchanges, func(x fetch.Exchange) bool { return x.Preflight })
	switch {
	case j.c.Preflight == NoPreflight && sent:
		names, _ := j.v.Exchanges[0].Request.Header.Get("Access-Control-Request-Headers")
		advice = "use GET, HEAD or POST, and only headers and values that need no permission"
		if names != "" {
			advice += fmt.Sprintf("; these do: %s", printable(names))
		}
		return "the browser asks with a preflight first", advice
	case j.c.Preflight == WithPreflight && !sent:
		return "the browser sends the request without a preflight", ""
	}
	return "", ""
}

// readable reports whether the page sees more of a response than that there is
// one.
func (j *judge) readable() bool {
	return j.v.OK() && j.v.Response.Type != fetch.Opaque && j.v.Response.Type != fetch.OpaqueRedirect
}

func (j *judge) mustBlock(because []corsac.Reason) (fault, advice string) {
	if j.readable() {
		return fmt.Sprintf("the page reads the response (status %d)", j.v.Response.Status), j.adviceToBlock()
	}
	if want := j.c.Because; want != "" && !slices.Contains(because, want) {
		return fmt.Sprintf("the page is blocked because of %s, not because of %s", inWords(because), inWords([]corsac.Reason{want})), ""
	}
	return "", ""
}

func (j *judge) mustAllow(because []corsac.Reason) (fault, advice string) {
	switch {
	case !j.v.OK():
		fault = "the page is blocked"
		if j.v.Failure.Preflight {
			fault += " by the preflight"
		}
		if s := endingStep(j.v); s != nil {
			fault += ": " + printable(s.What)
		}
		return fault, j.adviceToAllow(because)
	case !j.readable():
		return "the page gets an opaque response, of which it sees nothing", "make the request in mode cors"
	}
	var faults []string
	readable := j.canRead(slices.Concat(j.c.Reads, j.c.Hides))
	unread := slices.DeleteFunc(slices.Clone(j.c.Reads), func(name string) bool { return readable[name] })
	read := slices.DeleteFunc(slices.Clone(j.c.Hides), func(name string) bool { return !readable[name] })
	if len(unread) > 0 {
		faults = append(faults, "the page cannot read "+printable(strings.Join(unread, ", ")))
	}
	if len(read) > 0 {
		faults = append(faults, "the page can read "+printable(strings.Join(read, ", ")))
	}
	return strings.Join(faults, ", and "), j.adviceToExpose(unread, read)
}

// canRead reports which response headers the page can read. Those that the
// response does not have are added to it, and the engine is asked again: it
// alone knows how each browser reads Access-Control-Expose-Headers.
func (j *judge) canRead(names []string) map[string]bool {
	can := make(map[string]bool)
	if len(names) == 0 {
		return can
	}
	last := j.v.Exchanges[len(j.v.Exchanges)-1]
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, f := range last.Response.Header {
			name := textproto.CanonicalMIMEHeaderKey(f.Name)
			w.Header()[name] = append(w.Header()[name], f.Value)
		}
		for _, name := range names {
			w.Header().Set(name, "corsac")
		}
	})
	agent := fetch.Agent{Profile: j.profile, Transport: fetch.Handler(answer)}
	origin, crossOrigin := last.Request.Header.Get("Origin")
	if !crossOrigin {
		origin = j.request.Origin
	}
	v := agent.Fetch(context.Background(), fetch.Request{Origin: origin, URL: last.URL, Credentials: j.request.Credentials, LocalNetwork: true})
	for _, name := range names {
		can[name] = v.OK() && v.Response.Header.Has(name)
	}
	return can
}

// reasons are what the page was blocked for.
func (j *judge) reasons() []corsac.Reason {
	switch j.v.Kind() {
	case fetch.MissingAllowOrigin, fetch.MultipleAllowOrigin, fetch.InvalidAllowOrigin, fetch.AllowOriginMismatch:
		return j.originOrRule()
	case fetch.WildcardWithCredentials, fetch.InvalidAllowCredentials:
		return []corsac.Reason{corsac.NoCredentials}
	case fetch.MethodNotAllowed, fetch.InvalidAllowMethods:
		return []corsac.Reason{corsac.UnlistedMethod}
	case fetch.HeaderNotAllowed, fetch.InvalidAllowHeaders:
		return []corsac.Reason{corsac.UnlistedHeader}
	case fetch.PreflightStatus, fetch.PreflightRedirect:
		// Some browsers judge the status first, others what the status
		// comes with: a refusal is one in all of them.
		x := j.v.Exchanges[j.v.Failure.Exchange]
		asked, _ := x.Request.Header.Get("Origin")
		if allowed, _ := x.Response.Header.Get("Access-Control-Allow-Origin"); allowed != "*" && allowed != asked {
			return j.originOrRule()
		}
	}
	return nil
}

// originOrRule: only a policy tells an origin that is not listed from a path
// for which nothing is.
func (j *judge) originOrRule() []corsac.Reason {
	if j.policy == nil {
		return []corsac.Reason{corsac.UnlistedOrigin, corsac.NoRule}
	}
	if d := j.policy.Decide(requestOf(&j.v.Exchanges[j.v.Failure.Exchange])); d.Reason == corsac.NoRule {
		return []corsac.Reason{corsac.NoRule}
	}
	return []corsac.Reason{corsac.UnlistedOrigin}
}

// requestOf is an exchange's request as a policy sees it.
func requestOf(x *fetch.Exchange) corsac.Request {
	r := corsac.Request{Method: x.Request.Method, Header: x.Request.Header}
	r.Host, _ = x.Request.Header.Get("Host")
	if u, err := url.Parse(x.URL); err == nil {
		r.Scheme, r.Path, r.RawPath = u.Scheme, u.Path, u.RawPath
	}
	return r
}

// endingStep is the step that ended the fetch, or nil.
func endingStep(v *fetch.Verdict) *fetch.Step {
	for i := len(v.Steps) - 1; i >= 0; i-- {
		if v.Steps[i].Outcome == fetch.Failed {
			return &v.Steps[i]
		}
	}
	return nil
}
