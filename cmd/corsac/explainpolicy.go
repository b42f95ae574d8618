package main

import (
	"net/http"

	"github.com/corsac-cors/corsac/explain"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/policyfile"
)

// askPolicy puts a policy file in the place of the network. Behind it stands a
// handler that says 200 to everything: what is explained is the policy.
func (x *explaining) askPolicy(q *explain.Question) error {
	src, err := x.source(x.policy)
	if err != nil {
		return err
	}
	f, err := policyfile.Parse(src.name, src.data)
	if err != nil {
		report := checkSource(src)
		for _, p := range report.found {
			printProblem(x.stderr, styleFor(x.stderr), src, p)
		}
		return err
	}
	q.Transport = fetch.Handler(f.Policy.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	})))
	q.Server = "corsac"
	q.Read = append(q.Read, "the policy of "+src.name+", without any network")
	return nil
}
