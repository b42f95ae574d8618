package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/cases"
	"github.com/corsac-cors/corsac/policyfile"
)

// A tester is what the flags of test say.
type tester struct {
	*terminal
	pattern  string
	browsers []string
	verbose  bool

	to       string
	send     bool
	insecure bool
	timeout  time.Duration

	asJSON, github bool
	junit          string
}

func newTest(t *terminal) *cobra.Command {
	x := &tester{terminal: t}
	c := &cobra.Command{
		Use:   "test [file…]",
		Short: "Run the tests of a policy file",
		Long: `Test runs the tests that stand in policy files: what pages must be able to read, and
what they must not. Each test is a page's request, which a browser's engine makes to the
policy, in this process: once as the Fetch Standard says, and once as each of Chrome,
Firefox and Safari does. It holds if it holds in all of them. Without a file the
tests are those of corsac.yaml; "-" stands for stdin.

With --to they are run against a live server instead. Only OPTIONS, GET and HEAD are
sent there, unless --send permits more; a test that cannot be decided without is
undecided, and never counts as passed.

It ends with 0 if all tests pass, with 1 if one fails or a file is bad, and with 3 if
none fails but not all could be decided, or there was nothing to test.`,
		Example: `  corsac test
  corsac test --run 'DELETE|evil'
  corsac test --to https://staging.example.com corsac.yaml
  corsac test --junit report.xml`,
		ValidArgsFunction: completeFiles,
		RunE:              func(cmd *cobra.Command, args []string) error { return x.run(cmd.Context(), filesOr(args)) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&x.pattern, "run", "", "run only the tests that match the `expression`, such as \"PUT|/users/\"")
	f.StringSliceVar(&x.browsers, "browser", nil, "the `browsers` to follow: standard, chrome, firefox, safari (default all)")
	offer(c, "browser", browserNames...)
	f.BoolVarP(&x.verbose, "verbose", "v", false, "name the tests that pass, too")
	f.StringVar(&x.to, "to", "", "the `URL` of a live server to test instead of the policy")
	f.BoolVar(&x.send, "send", false, "permit to send it requests that may change something")
	f.BoolVarP(&x.insecure, "insecure", "k", false, "do not verify its certificate")
	f.DurationVar(&x.timeout, "timeout", 15*time.Second, "how long each request to it may take")
	f.BoolVar(&x.asJSON, "json", false, "print JSON")
	f.StringVar(&x.junit, "junit", "", "also write a JUnit report to the `file`")
	f.BoolVar(&x.github, "github", os.Getenv("GITHUB_ACTIONS") == "true", "also write annotations of GitHub Actions to stderr (default where GITHUB_ACTIONS is true)")
	return c
}

// goStyle makes --run of -run, which is how go test has it.
func goStyle(args []string) []string {
	if len(args) == 0 || args[0] != "test" {
		return args
	}
	args = slices.Clone(args)
	for i, a := range args {
		if a == "--" {
			break
		}
		if a == "-run" || strings.HasPrefix(a, "-run=") {
			args[i] = "-" + a
		}
	}
	return args
}

func (x *tester) run(ctx context.Context, names []string) error {
	wanted, err := regexp.Compile(x.pattern)
	if err != nil {
		return misuse("--run: %v", err)
	}
	target, err := x.target()
	if err != nil {
		return err
	}
	r := testRun{target: target}
	var missing []error
	for _, name := range names {
		src, err := x.source(name)
		if err != nil {
			missing = append(missing, err)
			continue
		}
		r.files = append(r.files, testFile(ctx, target, src, wanted))
	}
	if err := x.deliver(&r); err != nil {
		missing = append(missing, err)
	}
	if len(missing) > 0 {
		return errors.Join(missing...)
	}
	return r.answer()
}

// target is what all files are tested on, but for the policy of each.
func (x *tester) target() (t corstest.Target, err error) {
	for _, name := range x.browsers {
		p, ok := fetch.ProfileNamed(name)
		if !ok {
			return t, misuse("--browser: there is no %q: write standard, chrome, firefox or safari", name)
		}
		t.Profiles = append(t.Profiles, p)
	}
	if t.Profiles == nil {
		t.Profiles = fetch.Profiles()
	}
	t.URL, t.Send, t.Timeout = x.to, x.send, x.timeout
	if x.to == "" {
		if x.send || x.insecure {
			return t, misuse("--send and --insecure are for a live server: name it with --to")
		}
		return t, nil
	}
	if x.insecure {
		t.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	if err := t.Check(); err != nil {
		return t, misuse("--to: %v", err)
	}
	return t, nil
}

// deliver gives the results to everybody who wants them.
func (x *tester) deliver(r *testRun) error {
	var errs []error
	if x.asJSON {
		errs = append(errs, writeJSON(x.stdout, r.json()))
	} else {
		x.printRun(r)
	}
	if x.github {
		r.annotate(x.stderr)
	}
	if x.junit != "" {
		errs = append(errs, r.writeJUnit(x.junit))
	}
	return errors.Join(errs...)
}

// A testRun is all that was tested.
type testRun struct {
	target corstest.Target
	files  []fileTests
}

// fileTests are the tests of one file, and what became of them.
type fileTests struct {
	source   source
	problems corsac.Problems // then there are no tests
	tests    []policyfile.Test
	results  []corstest.Result // of the tests
	left     int               // how many tests were not wanted
}

func testFile(ctx context.Context, target corstest.Target, src source, wanted *regexp.Regexp) fileTests {
	t := fileTests{source: src}
	f, err := policyfile.Parse(src.name, src.data)
	if err != nil {
		errors.As(err, &t.problems)
		return t
	}
	var run []corstest.Case
	for i, c := range cases.Of(f) {
		if !wanted.MatchString(c.Name) {
			t.left++
			continue
		}
		run, t.tests = append(run, c), append(t.tests, f.Tests[i])
	}
	if target.URL == "" {
		target.Policy = f.Policy
	}
	t.results = corstest.Run(ctx, target, run...)
	return t
}

func (t *fileTests) count(o corstest.Outcome) (n int) {
	for _, r := range t.results {
		if r.Outcome == o {
			n++
		}
	}
	return n
}

func (r *testRun) count(o corstest.Outcome) (n int) {
	for i := range r.files {
		n += r.files[i].count(o)
	}
	return n
}

func (r *testRun) bad() bool {
	return slices.ContainsFunc(r.files, func(t fileTests) bool { return len(t.problems) > 0 })
}

// answer is nil if all tests have passed, and there were some.
func (r *testRun) answer() error {
	undecided := r.count(corstest.Undecided)
	switch {
	case r.bad() || r.count(corstest.Failed) > 0:
		return errNo
	case undecided > 0:
		return fmt.Errorf("%s could not be decided", counted(undecided, "test"))
	}
	for _, t := range r.files {
		switch {
		case len(t.results) > 0:
		case t.left > 0:
			return fmt.Errorf("none of the %s in %s matches --run: nothing was tested", counted(t.left, "test"), t.source.name)
		default:
			return fmt.Errorf("there are no tests in %s: nothing was tested", t.source.name)
		}
	}
	return nil
}
