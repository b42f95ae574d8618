// Package policyfile reads corsac.yaml: the rules of a policy, the gateway in
// front of an API, and tests of both.
//
//	file, err := policyfile.Read("corsac.yaml")
//	if err != nil {
//		return err // corsac.Problems: everything wrong, with line and column
//	}
//	handler = file.Policy.Wrap(handler)
//
// A file is read whole before anything is said of it, and everything that is
// wrong is reported at once, in the order of the file. What holds the file
// together is YAML 1.2 without its surprises: a value of the wrong type is a
// problem, never converted. docs/policy.md tells the language.
package policyfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/corsac-cors/corsac"
)

// DefaultName is the file's usual name.
const DefaultName = "corsac.yaml"

// A File is a corsac.yaml that has been read and checked.
type File struct {
	// Name is the file's name, as problems show it.
	Name string
	// Policy is made of the section rules.
	Policy *corsac.Policy
	// Gateway is the section gateway, with the defaults filled in.
	Gateway Gateway
	// Tests are those of the section tests, in order. They are checked, not run.
	Tests []Test

	places   map[string]Place
	replaced overrides
}

// Read reads a file. If what it holds is wrong, the error is [corsac.Problems].
func Read(name string, over ...Override) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// One byte more than is allowed is enough to say that it is too much.
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return parseIn(filepath.Dir(name), name, data, over)
}

// Parse reads the text of a file. The name serves to report problems. The
// error is [corsac.Problems].
func Parse(name string, data []byte, over ...Override) (*File, error) {
	return parseIn("", name, data, over)
}

// parseIn reads the text of a file in a directory, where the files are that it
// names. Without a directory their names stay as they are.
func parseIn(dir, name string, data []byte, over []Override) (*File, error) {
	r := newReport(name)
	root := parseYAML(data, r)
	if root == nil {
		return nil, r.err()
	}
	d := newDecoder(root, r)
	doc := document{Gateway: DefaultGateway()}
	d.decode(root, &doc)
	if d.gaveUp() {
		return nil, r.err()
	}
	f := &File{Name: name, Gateway: doc.Gateway}
	f.Policy = d.policy(doc.Rules)
	f.Tests = d.tests(doc.Tests)
	f.Gateway.TLS.find(dir)
	d.checkGateway(&f.Gateway, over)
	if err := r.err(); err != nil {
		return nil, err
	}
	f.places, f.replaced = d.places(), over
	return f, nil
}
