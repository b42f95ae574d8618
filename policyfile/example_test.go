package policyfile_test

import (
	"fmt"

	"github.com/corsac-cors/corsac/policyfile"
)

func ExampleParse() {
	file, err := policyfile.Parse("corsac.yaml", []byte(`
rules:
  - path: /users/
    origins: https://app.example.com
    headers: ["@grpc-web"]
    max-age: 2h
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	rule := file.Policy.Rules()[0]
	fmt.Println(rule.Origins, rule.Headers, rule.MaxAge)
	// Output: [https://app.example.com] [Content-Type Grpc-Timeout X-Grpc-Web X-User-Agent] 2h0m0s
}

func ExampleParse_problems() {
	_, err := policyfile.Parse("corsac.yaml", []byte(`
rules:
  - path: users
    origin: https://app.example.com
    max-age: 7200
`))
	fmt.Println(err)
	// Output:
	// corsac.yaml:3:11: rules[0].path: "users" does not begin with a slash (write "/users")
	// corsac.yaml:4:5: rules[0].origins: there is no key "origin" (did you mean "origins"?)
	// corsac.yaml:5:14: rules[0].max-age: 7200 has no unit (write 2h if seconds are meant)
}
