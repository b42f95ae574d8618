package export

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

var (
	decisions         = flag.Int("decisions.n", 60, "how many requests to put together for each policy")
	decisionsPolicies = flag.Int("decisions.policies", 6, "how many policies to put together")
	decisionsSeed     = flag.Uint64("decisions.seed", 1, "the seed of both")
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
	api := serveAPI(t)
	for i, p := range decidedPolicies(t) {
		random := rand.New(rand.NewPCG(*decisionsSeed, uint64(i)))
		n := *decisions
		if i == 0 {
			n *= 4
		}
		e := target.Export(p, "decided.yaml")
		checkDeclared(t, target, e)
		proveAnswers(t, newAsker(random, p), &bench{p, newPlan(p, ""), e.Losses}, start(t, stand{Export: e, api: api}), n)
	}
}

func proveAnswers(t *testing.T, a *asker, b *bench, server string, n int) {
	for range n {
		q := a.question()
		res := q.send(t, server)
		if faults := b.judge(q, res); faults != "" {
			t.Errorf("%s%s\n%s %v", q.head, faults, res.Status, res.Header)
		}
	}
}

// decidedPolicies are the one in which everything matters, and the others.
func decidedPolicies(t *testing.T) []*corsac.Policy {
	t.Helper()
	file, err := policyfile.Parse("decided.yaml", []byte(decided))
	if err != nil {
		t.Fatal(err)
	}
	all := []*corsac.Policy{file.Policy}
	for i := range *decisionsPolicies {
		all = append(all, randomPolicy(rand.New(rand.NewPCG(*decisionsSeed, uint64(i)))))
	}
	return all
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
