// Package cases knows the tests that stand in policy files: it makes cases of
// package corstest of them, for a person who tests a policy, and reads the
// project's own corpus, for whatever puts policies into force.
//
//	file, err := policyfile.Read("corsac.yaml")
//	results := corstest.Run(ctx, corstest.Target{Policy: file.Policy}, cases.Of(file)...)
package cases

import (
	"strings"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/policyfile"
)

// Of are the tests of a file, in their order.
func Of(f *policyfile.File) []corstest.Case {
	all := make([]corstest.Case, len(f.Tests))
	for i := range f.Tests {
		all[i] = of(&f.Tests[i])
	}
	return all
}

func of(t *policyfile.Test) corstest.Case {
	c := corstest.Case{
		Name: Sentence(t),
		Request: fetch.Request{
			Origin: t.Origin,
			URL:    t.Target.String(),
			Method: t.Method,
		},
		Want:    corstest.Allow,
		Because: t.Because,
		Reads:   t.Reads,
		Hides:   t.Hides,
	}
	if !t.Allow {
		c.Want = corstest.Block
	}
	if t.Credentials {
		c.Request.Credentials = fetch.CredentialsInclude
	}
	for _, name := range t.Headers {
		c.Request.Header.Add(name, unsafeValue(name))
	}
	return c
}

// Sentence is the test as it is written: "allow PUT /users/1 from
// https://app.example.com".
func Sentence(t *policyfile.Test) string {
	verb := "allow "
	if !t.Allow {
		verb = "block "
	}
	return verb + t.Method + " " + t.Target.String() + " from " + t.Origin
}

// unsafeValue is a value with which the header needs the server's permission.
// Most always do.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func unsafeValue(name string) string {
	switch strings.ToLower(name) {
	case "content-type":
		return "application/json"
	case "accept":
		return `application/json;profile="corsac"`
	case "accept-language", "content-language":
		return "en_GB"
	case "range":
		return "bytes=-1"
	}
	return "corsac"
}
