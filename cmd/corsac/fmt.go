package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// formatting is what fmt does with what it lays out.
type formatting struct{ write, diff, check bool }

func newFmt(t *terminal) *cobra.Command {
	var f formatting
	c := &cobra.Command{
		Use:   "fmt [file…]",
		Short: "Lay a policy file out in the usual way",
		Long: `Fmt lays a policy file out in the one usual way and prints it. Comments stay, and
so does what the file says. Without a file it reads corsac.yaml; "-" stands for
stdin.

With --check it only names the files that are laid out otherwise, with --diff it
shows the difference; --diff goes before. With either it ends with 1 if there is
such a file. It always does if one is no YAML; all else that is wrong with a file
is for corsac check to say.`,
		Example: `  corsac fmt --write
  corsac fmt --check *.yaml
  corsac fmt --diff
  corsac fmt - < corsac.yaml`,
		ValidArgsFunction: completeFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			if f.write && f.check {
				return misuse("--write and --check contradict each other")
			}
			return t.format(filesOr(args), f)
		},
	}
	c.Flags().BoolVarP(&f.write, "write", "w", false, "write to the file itself instead of stdout")
	c.Flags().BoolVarP(&f.diff, "diff", "d", false, "print what changes instead of the whole file")
	c.Flags().BoolVar(&f.check, "check", false, "print only the names of the files that would change")
	return c
}

// format goes through all files, also after one that is bad.
func (t *terminal) format(names []string, f formatting) error {
	var failed []error
	no := false
	for _, name := range names {
		switch err := t.formatFile(name, f); {
		case errors.Is(err, errNo):
			no = true
		case err != nil:
			failed = append(failed, err)
		}
	}
	if len(failed) == 0 && no {
		return errNo
	}
	return errors.Join(failed...)
}

func (t *terminal) formatFile(name string, f formatting) error {
	if f.write && name == "-" {
		return misuse("stdin cannot be written to: leave --write away")
	}
	src, err := t.source(name)
	if err != nil {
		return err
	}
	laid, err := policyfile.Format(src.data)
	var problems corsac.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			printProblem(t.stderr, styleFor(t.stderr), src, p)
		}
		return errNo
	}
	if err != nil {
		return fmt.Errorf("%s: %w", src.name, err)
	}
	return t.deliver(name, src, laid, f)
}

// deliver does with the new text what the flags say.
func (t *terminal) deliver(name string, src source, laid []byte, f formatting) error {
	same := bytes.Equal(src.data, laid)
	var answer error
	switch {
	case f.diff && !same: // which begins with the name
		t.printDiff(diff.Diff(src.name, src.data, src.name+" (laid out)", laid))
		answer = errNo
	case f.check && !same:
		fmt.Fprintln(t.stdout, src.name)
		answer = errNo
	case !f.check && !f.diff && !f.write:
		_, err := t.stdout.Write(laid)
		return err
	}
	if f.write && !same {
		return replaceFile(name, laid)
	}
	return answer
}

func (t *terminal) printDiff(text []byte) {
	st := styleFor(t.stdout)
	for line := range bytes.Lines(text) {
		shown := visible(strings.TrimSuffix(string(line), "\n"))
		switch line[0] {
		case '+':
			shown = st.good(shown)
		case '-':
			shown = st.bad(shown)
		case '@', 'd':
			shown = st.faint(shown)
		}
		fmt.Fprintln(t.stdout, shown)
	}
}

// replaceFile exchanges what a file holds, or leaves it as it was: a full disk
// must not cost anybody the policy.
func replaceFile(name string, data []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file, and stays as it is", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".corsac-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once the file has its new name
	_, err = f.Write(data)
	if err := errors.Join(err, f.Chmod(info.Mode().Perm()), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
