package main

import (
	"github.com/corsac-cors/corsac/explain"
	"github.com/corsac-cors/corsac/policyfile"
)

// askPolicy puts a policy file in the place of the network.
func (x *explaining) askPolicy(q *explain.Question) error {
	src, err := x.source(x.policy)
	if err != nil {
		return err
	}
	f, err := policyfile.Parse(src.name, src.data)
	if err != nil {
		x.printReports([]checkReport{checkSource(src)})
		return errUnknown
	}
	q.Policy = f.Policy
	q.Read = append(q.Read, "the policy of "+src.name+", without any network")
	return nil
}
