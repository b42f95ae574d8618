package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	shown, from, err := t.open(name)
	if err != nil {
		return source{}, err
	}
	defer from.Close()
	data, err := io.ReadAll(io.LimitReader(from, policyfile.MaxSize+1))
	return source{shown, data}, err
}

// open opens a file, or for "-" stdin, of which nothing is left the second time.
func (t *terminal) open(name string) (shown string, from io.ReadCloser, err error) {
	switch {
	case name != "-":
		from, err = os.Open(name)
		if name == policyfile.DefaultName && errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("there is no %s here: name another file", name)
		}
		return name, from, err
	case t.asked:
		return "", nil, misuse("stdin can be read only once, and - stands here twice")
	}
	t.asked = true
	return "stdin", io.NopCloser(t.stdin), nil
}
