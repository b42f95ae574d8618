package corstest

import (
	"fmt"
	"strings"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// adviceToAllow says what would let the page past the failure.
func (j *judge) adviceToAllow(because []corsac.Reason) string {
	f := j.v.Failure
	if len(because) > 0 && j.policy != nil {
		return j.policyAdvice(because[0], f)
	}
	switch f.Kind {
	case fetch.PreflightStatus:
		return fmt.Sprintf("answer the preflight with 204 instead of %s, before whatever else answers OPTIONS: the router, authentication", printable(f.Value))
	case fetch.PreflightRedirect:
		return "answer the preflight itself instead of redirecting it"
	case fetch.MethodNotAllowed:
		return fmt.Sprintf("list %s in the preflight's Access-Control-Allow-Methods", printable(f.Name))
	case fetch.HeaderNotAllowed:
		return fmt.Sprintf("list %s in the preflight's Access-Control-Allow-Headers", printable(f.Name))
	}
	if f.Kind.Family() == fetch.CORS && f.Name != "" && f.Want != "" {
		return fmt.Sprintf("answer with %s: %s", printable(f.Name), printable(f.Want))
	}
	return ""
}

// policyAdvice speaks of fields as a policy file has them.
func (j *judge) policyAdvice(because corsac.Reason, f *fetch.Failure) string {
	rule := j.ruleOf(&j.v.Exchanges[f.Exchange])
	switch because {
	case corsac.NoRule:
		return "write " + strings.Replace(rule, "the", "a", 1)
	case corsac.UnlistedOrigin:
		origin, _ := j.v.Exchanges[f.Exchange].Request.Header.Get("Origin")
		return fmt.Sprintf("list %s in the origins of %s", printable(origin), rule)
	case corsac.UnlistedMethod:
		return fmt.Sprintf("list %s in the methods of %s", printable(f.Name), rule)
	case corsac.UnlistedHeader:
		return fmt.Sprintf("list %s in the headers of %s", printable(f.Name), rule)
	case corsac.NoCredentials:
		if f.Kind == fetch.WildcardWithCredentials {
			return fmt.Sprintf("set credentials in %s, and list origins instead of \"*\"", rule)
		}
		return "set credentials in " + rule
	}
	return ""
}

// ruleOf names the rule that speaks for an exchange by what it covers.
func (j *judge) ruleOf(x *fetch.Exchange) string {
	r := requestOf(x)
	if strings.HasPrefix(x.URL, inProcess+"/") {
		return "the rule that covers " + printable(r.Path)
	}
	return "the rule that covers " + printable(r.Host+r.Path)
}

// adviceToBlock says what lets the page read the response.
func (j *judge) adviceToBlock() string {
	last := j.v.Exchanges[len(j.v.Exchanges)-1]
	if j.policy != nil {
		switch d := j.policy.Decide(requestOf(&last)); d.Verdict {
		case corsac.Allow:
			return j.ruleOf(&last) + " allows it"
		case corsac.Pass:
			return "the page and the server are of one origin"
		}
	}
	if allowed, ok := last.Response.Header.Get("Access-Control-Allow-Origin"); ok {
		return "what allows it is Access-Control-Allow-Origin: " + printable(allowed)
	}
	return "the page and the server are of one origin"
}

func (j *judge) adviceToExpose(unread, read []string) string {
	if len(unread)+len(read) == 0 {
		return ""
	}
	place := "Access-Control-Expose-Headers"
	if j.policy != nil {
		place = "the expose list of " + j.ruleOf(&j.v.Exchanges[len(j.v.Exchanges)-1])
	}
	var advice []string
	if len(unread) > 0 {
		advice = append(advice, fmt.Sprintf("list %s in %s", printable(strings.Join(unread, ", ")), place))
	}
	if len(read) > 0 {
		advice = append(advice, fmt.Sprintf("take %s out of %s", printable(strings.Join(read, ", ")), place))
	}
	return strings.Join(advice, ", and ")
}

// inWords is what the reasons are called in sentences.
func inWords(because []corsac.Reason) string {
	words := map[corsac.Reason]string{
		corsac.UnlistedOrigin: "the origin",
		corsac.UnlistedMethod: "the method",
		corsac.UnlistedHeader: "a request header",
		corsac.NoCredentials:  "the credentials",
		corsac.NoRule:         "a path without a rule",
	}
	if len(because) == 0 {
		return "something else"
	}
	parts := make([]string, len(because))
	for i, b := range because {
		if parts[i] = words[b]; parts[i] == "" {
			parts[i] = string(b)
		}
	}
	return strings.Join(parts, " or ")
}
