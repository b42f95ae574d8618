package main

import (
	"io"
	"os"

	"github.com/corsac-cors/corsac/policyfile"
)

// filesOr is the files that a verb was given, or the usual one.
func filesOr(args []string) []string {
	if len(args) == 0 {
		return []string{policyfile.DefaultName}
	}
	return args
}

// A source is the text of a policy file.
type source struct {
	name string // as problems show it
	data []byte
}

// source reads a policy file, or stdin for "-". Of what is too large it reads
// as much as it takes to say so.
func (t *terminal) source(name string) (source, error) {
	from := t.stdin
	if name == "-" {
		name = "stdin"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return source{}, err
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, policyfile.MaxSize+1))
	return source{name, data}, err
}
