package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

func newCheck(t *terminal) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "check [file…]",
		Short: "Say everything that is wrong with a policy file",
		Long: `Check reads policy files and says everything that is wrong with them, each thing
with its place and with what to write instead. Without a file it reads
corsac.yaml; "-" stands for stdin.

It ends with 0 if all files are fine, with 1 if one is not, and with 3 if one
cannot be read.`,
		Example: `  corsac check
  corsac check staging.yaml production.yaml
  corsac check --json - < corsac.yaml`,
		ValidArgsFunction: completeFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			reports, err := t.check(filesOr(args))
			if asJSON {
				return errors.Join(writeJSON(t.stdout, reports), err)
			}
			t.printReports(reports)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON: a list of files, each with its problems")
	return c
}

// completeFiles completes the names of YAML files.
func completeFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// A checkReport is what check found out about a file.
type checkReport struct {
	File     string        `json:"file"`
	OK       bool          `json:"ok"`
	Problems []jsonProblem `json:"problems"`

	source source
	rules  int
	tests  int
	found  corsac.Problems
}

type jsonProblem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// check reads all files, also after one that is bad or missing. The error is
// errNo if a file has problems, and something else if one cannot be read.
func (t *terminal) check(names []string) (reports []checkReport, err error) {
	var missing []error
	for _, name := range names {
		src, readErr := t.source(name)
		if readErr != nil {
			missing = append(missing, readErr)
			continue
		}
		r := checkSource(src)
		if !r.OK {
			err = errNo
		}
		reports = append(reports, r)
	}
	if len(missing) > 0 {
		return reports, errors.Join(missing...)
	}
	return reports, err
}

func checkSource(src source) checkReport {
	r := checkReport{File: src.name, Problems: []jsonProblem{}, source: src}
	f, err := policyfile.Parse(src.name, src.data)
	if err == nil {
		r.OK, r.rules, r.tests = true, len(f.Policy.Rules()), len(f.Tests)
		return r
	}
	errors.As(err, &r.found)
	for _, p := range r.found {
		r.Problems = append(r.Problems, jsonProblem{p.Line, p.Column, p.Path, p.Message, p.Hint})
	}
	return r
}

func (t *terminal) printReports(reports []checkReport) {
	st := styleFor(t.stdout)
	for _, r := range reports {
		if r.OK {
			fmt.Fprintf(t.stdout, "%s: %s, %s\n", r.File, st.good("fine"), counted(r.rules, "rule")+tests(r.tests))
			continue
		}
		for _, p := range r.found {
			printProblem(t.stdout, st, r.source, p)
		}
		fmt.Fprintf(t.stdout, "%s: %s\n", r.File, st.bad(counted(len(r.found), "problem")))
	}
}

func tests(n int) string {
	if n == 0 {
		return ""
	}
	return ", " + counted(n, "test")
}

// counted is "1 rule" or "2 rules".
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// writeJSON is how every verb writes JSON: indented, and with <, > and & as
// they are.
func writeJSON(w io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write([]byte(b.String()))
	return err
}
