package export

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/paths"
	"github.com/corsac-cors/corsac/policyfile"
)

var (
	decisions     = flag.Int("decisions.n", 60, "how many requests to put together for each policy")
	decidingFirst = flag.Uint64("decisions.seed", 1, "the seed of the requests and policies")
	deciding      = flag.Int("decisions.policies", 6, "how many policies to put together")
)

// decided is a policy in which everything matters: hosts, paths, methods,
// origins of every kind, and who asks.
const decided = `
rules:
  - origins: [` + app + `, "http://localhost:*", "capacitor://localhost"]
    methods: [PUT, PATCH]
    headers: [Authorization, Content-Type]
    expose: [ETag, TotalItemsCount]
    credentials: true
    max-age: 0s
  - path: /open/
    origins: "*"
    methods: "*"
    headers: ["*", Authorization]
    expose: "*"
    timing: true
  - path: /open/closed
    origins: [` + users + `, "null"]
    timing: true
  - path: /users/
    origins: [` + users + `, "https://*.example.org:*"]
    refuse-others: true
    max-age: 24h
  - host: api.example.com
    path: /users/me
    origins: ` + app + `
    refuse-others: true
  - host: other.example.com
    path: /open/
    origins: ` + evil + `
`

// proveDecisions sends requests put together at random, under a policy in which
// everything matters and under others put together at random, too. Each answer
// is held against what the policy itself decides.
func proveDecisions(t *testing.T, target Target, start start) {
	file, err := policyfile.Parse("decided.yaml", []byte(decided))
	if err != nil {
		t.Fatal(err)
	}
	api := serveAPI(t)
	random := rand.New(rand.NewPCG(*decidingFirst, 0))
	decides(t, target, start, api, newAsker(random, file.Policy), file.Policy, 4**decisions)
	for i := range *deciding {
		random := rand.New(rand.NewPCG(*decidingFirst, uint64(i)+1))
		p := randomPolicy(random)
		decides(t, target, start, api, newAsker(random, p), p, *decisions)
	}
}

func decides(t *testing.T, target Target, start start, api string, a *asker, p *corsac.Policy, n int) {
	e := target.Export(p, "decided.yaml")
	checkDeclared(t, target, e)
	server := start(t, stand{Export: e, api: api})
	for range n {
		q := a.question()
		res := q.send(t, server)
		j := newJudgement(p, q, q.request.URL.Path, res)
		faults := j.faults()
		if path, is := q.resolvedFirst(res); is && len(faults) > 0 {
			j = newJudgement(p, q, path, res)
			faults = j.faults()
		}
		for _, f := range faults {
			if !j.isLost(f, e.Losses) {
				t.Errorf("%s%s\n%s %v\nunder %s", q.head, f.said, j.res.Status, j.res.Header, j.speaking())
			}
		}
	}
}

// A judgement holds an answer against what the policy decides.
type judgement struct {
	*question
	corsac.Decision
	res    *http.Response
	path   string
	plan   *plan
	rule   *rule
	want   want
	timing string
	vary   []string
}

func newJudgement(p *corsac.Policy, q *question, path string, res *http.Response) *judgement {
	request := corsac.RequestOf(q.request)
	request.Path = path
	j := &judgement{question: q, Decision: p.Decide(request), res: res, path: path, plan: newPlan(p, "")}
	j.rule = j.plan.speaksFor(strings.ToLower(paths.HostName(request.Host)), paths.Clean(request.Path))
	j.want.status, j.want.reached = j.Status(), "no"
	if j.want.status == 0 {
		j.want.status, j.want.reached = q.status(), "yes"
		j.vary = q.vary()
	}
	for _, f := range j.AppendFields(nil) {
		switch {
		case f.Name == allowOrigin:
			j.want.allow = f.Value
		case f.Name == timingAllowOrigin:
			j.timing = f.Value
		default:
			j.want.lines = append(j.want.lines, f.Name+": "+f.Value)
		}
	}
	return j
}

// A fault is what an answer has otherwise.
type fault struct {
	of   Feature // Vary, Timing, or "" for what matters more
	said string
}

func (j *judgement) faults() []fault {
	if j.mayFail() && j.isFailure() {
		return nil
	}
	w := j.want
	if j.isHandshake() || j.res.Header.Get("X-Reached") == "upgrade" { // as Node.js tells it
		// The answer is 101, or what the API says instead. Nobody looks for CORS
		// headers in it.
		if w.status != http.StatusForbidden {
			w.status = 0
		}
		if !j.allows() {
			w.allow, w.lines = "", nil
		}
		return asFaults("", w.faults(j.res))
	}
	return slices.Concat(
		asFaults("", w.faults(j.res)),
		asFaults(Vary, j.varyFaults()),
		asFaults(Timing, j.timingFaults()))
}

func asFaults(of Feature, said []string) []fault {
	var all []fault
	for _, s := range said {
		all = append(all, fault{of, s})
	}
	return all
}

func (j *judgement) varyFaults() []string {
	names := j.vary
	if own := j.Vary(); own != "" {
		names = append(strings.Split(own, ", "), names...)
	}
	said := j.saidInVary()
	var faults []string
	for _, name := range names {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.EqualFold(s, name) }) {
			faults = append(faults, fmt.Sprintf("Vary is %q, without %s", said, name))
		}
	}
	if !slices.Contains(names, "Origin") && slices.Contains(said, "Origin") {
		faults = append(faults, "Vary names Origin, on which nothing depends")
	}
	return faults
}

func (j *judgement) saidInVary() []string {
	var names []string
	for _, line := range j.res.Header.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// timingFaults takes a list that has the page for the page.
func (j *judgement) timingFaults() []string {
	got := strings.Join(j.res.Header.Values(timingAllowOrigin), ", ")
	if got == j.timing || j.timing != "" && slices.Contains(strings.Split(got, ", "), j.timing) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %q, not %q", timingAllowOrigin, got, j.timing)}
}

// speaking is the rule that does, in words.
func (j *judgement) speaking() string {
	if j.rule == nil {
		return "no rule"
	}
	return fmt.Sprintf("%+v", j.rule.Rule)
}

// allows reports whether the answer allows a page anything.
func (j *judgement) allows() bool { return len(j.res.Header.Values(allowOrigin)) > 0 }

func (j *judgement) reached() bool { return j.res.Header.Get("X-Reached") != "" }

// isFailure reports whether the server has refused the request for what it is.
func (j *judgement) isFailure() bool {
	return j.res.StatusCode >= 400 && !j.allows() && !j.reached()
}

// mayFail reports whether servers may refuse such a request: no page can send
// it.
func (j *judgement) mayFail() bool {
	standard := slices.Contains([]string{"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"}, j.request.Method)
	listed := j.rule != nil && (slices.Contains(j.rule.Methods, j.request.Method) || slices.Contains(j.rule.Methods, "*"))
	upgrade := j.request.Header.Get("Upgrade") != "" && !strings.EqualFold(j.request.Header.Get("Upgrade"), "websocket")
	return !standard && !listed || upgrade || isOddPath(j.request.URL) || strings.Contains(j.request.Header.Get("Origin"), "é")
}

// isOddPath reports whether servers may refuse the path: with segments that go
// up from the root, or slashes that are encoded.
func isOddPath(u *url.URL) bool {
	if slash.MatchString(u.EscapedPath()) {
		return true
	}
	depth := 0
	for segment := range strings.SplitSeq(u.Path, "/") {
		switch segment {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

func (j *judgement) isHandshake() bool {
	if j.request.Method != "GET" {
		return false
	}
	return slices.ContainsFunc(strings.Split(j.request.Header.Get("Upgrade"), ","), func(token string) bool {
		return strings.EqualFold(strings.TrimSpace(token), "websocket")
	})
}

// status is that of the API's answer.
func (q *question) status() int {
	status := http.StatusOK
	fmt.Sscanf(q.request.URL.RawQuery, "status=%d", &status)
	return status
}

// vary is what the API says in Vary.
func (q *question) vary() []string {
	switch q.request.URL.RawQuery {
	case "bare":
		return nil
	case "lines":
		return []string{"Accept-Encoding", "Cookie", "ORIGIN"}
	}
	return []string{"Accept-Encoding"}
}

// isLost reports whether a loss says so.
func (j *judgement) isLost(f fault, losses []Loss) bool {
	return slices.ContainsFunc(losses, func(l Loss) bool {
		if l.Rule != -1 && (j.rule == nil || j.rule.index != l.Rule) {
			return false
		}
		return j.explains(l, f)
	})
}

// explains reports whether a loss of that kind is about such a request, or such
// a fault.
func (j *judgement) explains(l Loss, f fault) bool {
	header := j.request.Header
	switch l.Feature {
	case f.of:
		return true
	case TwoOrigins:
		return len(header.Values("Origin")) > 1
	case EmptyLines:
		return slices.Contains(header.Values("Origin"), "") || slices.Contains(header.Values("Access-Control-Request-Method"), "")
	case Preflights:
		return l.Effect == Different && j.Status() == http.StatusNoContent && j.res.StatusCode == http.StatusOK && !j.reached()
	case RefuseOthers:
		return l.Effect == Narrower && j.Reason == corsac.SameOrigin && j.res.StatusCode == http.StatusForbidden
	case Methods:
		return j.isFailure()
	case Paths:
		odd := j.request.URL.EscapedPath() != paths.Clean(j.request.URL.Path)
		return !j.allows() && (odd || l.Name == expressAlike.Name && j.isAlike())
	case Resources:
		return !j.allows()
	}
	return false
}

// isAlike reports whether another rule would speak, were it not for the case of
// the path, or for a slash at its end.
func (j *judgement) isAlike() bool {
	path := strings.TrimSuffix(paths.Clean(j.path), "/")
	return slices.ContainsFunc(j.plan.rules, func(r *rule) bool {
		return r != j.rule && (strings.EqualFold(path, r.prefix()) || len(path) > len(r.prefix()) && r.tree() && strings.EqualFold(path[:len(r.Path)], r.Path))
	})
}

// randomPolicy is a policy in which anything may occur.
func randomPolicy(random *rand.Rand) *corsac.Policy {
	for {
		var rules []corsac.Rule
		for range 1 + random.IntN(4) {
			rules = append(rules, randomRule(random))
		}
		if p, err := corsac.New(rules...); err == nil {
			return p
		}
	}
}

func randomRule(random *rand.Rand) corsac.Rule {
	some := func(most int, words ...string) []string {
		random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		return words[:random.IntN(most+1)]
	}
	in := func(n int) bool { return random.IntN(n) == 0 }
	one := func(words ...string) string { return words[random.IntN(len(words))] }
	r := corsac.Rule{
		Host: one("", "", "", "api.example.com", "other.example.com", "xn--bcher-kva.example", "[::1]"),
		Path: one("/", "/", "/", "/open/", "/open/closed", "/users/", "/users/me", "/users/me/", "/Users/", "/a b/", "/café/", "/v1.0/", "/x+y", "/100%/", "/a/b/c"),
		Origins: some(4, app, users, "http://localhost:3000", "http://[::1]:3000", "http://[2001:db8::1]", "http://192.168.0.1", "https://xn--bcher-kva.example",
			"capacitor://localhost", "https://*.example.org", "https://*.example.org:*", "http://localhost:*", "moz-extension://*", "https://*.a-b.example:8443"),
		Methods:      some(3, "PUT", "PATCH", "DELETE"),
		Headers:      some(3, "Authorization", "Content-Type", "X-One", "x-two"),
		Expose:       some(2, "ETag", "TotalItemsCount"),
		Credentials:  in(2),
		RefuseOthers: in(2),
		Timing:       in(3),
		MaxAge:       []time.Duration{0, 0, corsac.NoCache, time.Minute, 24 * time.Hour}[random.IntN(5)],
	}
	switch random.IntN(6) {
	case 0:
		r.Origins, r.Credentials, r.RefuseOthers = []string{"*"}, false, false
	case 1:
		r.Origins, r.Credentials = append(r.Origins, "null"), false
	}
	if !r.Credentials {
		r.Methods = append(r.Methods, some(1, "*", "PROPFIND", "LOCK")...)
		r.Headers = append(r.Headers, some(1, "*")...)
		r.Expose = append(r.Expose, some(1, "*")...)
	}
	return r
}
