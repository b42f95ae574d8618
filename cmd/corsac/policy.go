package main

import (
	"io"

	"github.com/corsac-cors/corsac/policyfile"
)

// filesOr is the files that a verb was given, or the usual one.
func filesOr(args []string) []string {
	if len(args) == 0 {
		return []string{policyfile.DefaultName}
	}
	return args
}

// readPolicy reads a policy file, or stdin for "-".
func (t *terminal) readPolicy(name string) (*policyfile.File, error) {
	if name != "-" {
		return policyfile.Read(name)
	}
	data, err := io.ReadAll(t.stdin)
	if err != nil {
		return nil, err
	}
	return policyfile.Parse("stdin", data)
}
