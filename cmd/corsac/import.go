package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/survey"
)

// importing is what import was asked to do.
type importing struct {
	*terminal
	from, output string
	asJSON       bool
	insecure     bool
	headers      []string
	resolve      []string
	question     survey.Question
}

func newImport(t *terminal) *cobra.Command {
	x := &importing{terminal: t}
	c := &cobra.Command{
		Use:   "import url… | --from language file",
		Short: "Write the policy that an API has now, and say what is wrong with it",
		Long: `Import finds out which pages an API lets read its responses now, and writes the
policy file that this amounts to: the way in for an API that has CORS already.

With addresses it asks the API itself. It sends OPTIONS and GET only, one request
at a time, at most 500 (--max-requests), and follows no redirect. Each address and
each --path becomes a rule: a path that ends in a slash stands for all below it.
A server does not tell whom it trusts, so name the origins of your pages (--origin).
It tries on its own what APIs often allow, such as http://localhost:3000, and what
none should: strangers, null, and origins that look like those that are allowed.

With --from it reads a configuration, or stdin for "-": ` + strings.Join(survey.Languages(), ", ") + `
(json is what corsac export json writes). Nothing in it is carried out.

The policy goes to stdout, what was found to stderr. What would let strangers in is
not written: it stands there as a comment. A finding is

  unsafe   pages that nobody meant can read responses
  broken   pages that were meant cannot read some responses, or not always
  note     something to know, such as a guess

It ends with 1 if something is unsafe, with 3 if there is no policy to be told:
nothing answers, or the configuration cannot be read.`,
		Example: `  corsac import https://api.example.com/ --origin https://app.example.com
  corsac import https://api.example.com/ --path /users/ --path /health --origin https://app.example.com -o corsac.yaml
  corsac import -H 'Authorization: Bearer …' -H X-Tenant --method PURGE https://api.example.com/
  corsac import --from nginx /etc/nginx/sites-enabled/api.conf > corsac.yaml
  corsac import --from express-cors - < app.js`,
		RunE: func(cmd *cobra.Command, args []string) error { return x.run(cmd.Context(), args) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&x.from, "from", "", "read a configuration in this `language` instead: "+strings.Join(survey.Languages(), ", "))
	f.StringSliceVar(&x.question.Origins, "origin", nil, "an `origin` whose pages should be able to read; may be repeated")
	f.StringArrayVar(&x.question.Paths, "path", nil, "one more `path` to ask for; may be repeated")
	f.StringSliceVar(&x.question.Methods, "method", nil, "a `method` that the pages use, besides PUT, PATCH and DELETE")
	f.StringArrayVarP(&x.headers, "header", "H", nil, "the `name` of a header that the pages set; with a value, it is sent with each GET")
	f.StringVarP(&x.output, "output", "o", "", "write the policy into this `file`, which must not exist, instead of stdout")
	f.BoolVar(&x.asJSON, "json", false, "print JSON: the policy and what was found")
	f.IntVar(&x.question.MaxRequests, "max-requests", survey.DefaultMaxRequests, "how many requests are sent at most")
	f.DurationVar(&x.question.Timeout, "timeout", 10*time.Second, "how long each request may take")
	f.BoolVarP(&x.insecure, "insecure", "k", false, "do not verify certificates")
	f.StringArrayVar(&x.resolve, "resolve", nil, "`host:port:address`, an address instead of what DNS says")
	offer(c, "from", survey.Languages()...)
	return c
}

func (x *importing) run(ctx context.Context, args []string) error {
	if err := x.check(args); err != nil {
		return err
	}
	if x.output == "-" {
		x.output = "" // stdout
	}
	src := source{}
	var s *survey.Survey
	var err error
	if x.from != "" {
		s, src, err = x.read(args[0])
	} else {
		s, err = x.ask(ctx, args)
	}
	if err != nil {
		return err
	}
	return x.deliver(s, src)
}

// check refuses what makes no sense, all of it at once.
func (x *importing) check(args []string) error {
	var wrong []error
	switch {
	case len(args) == 0 && x.from != "":
		wrong = append(wrong, errors.New(`the file is missing: "-" stands for stdin`))
	case len(args) == 0:
		wrong = append(wrong, errors.New("what is to be imported? Give the address of an API, or --from and a file"))
	case x.from != "" && len(args) > 1:
		wrong = append(wrong, errors.New("--from reads one file"))
	}
	if x.from != "" && !slices.Contains(survey.Languages(), x.from) {
		wrong = append(wrong, fmt.Errorf("--from %q: write %s", x.from, strings.Join(survey.Languages(), ", ")))
	}
	if x.from != "" && (len(x.question.Paths) > 0 || len(x.question.Methods) > 0 || len(x.headers) > 0) {
		wrong = append(wrong, errors.New("--path, --method and --header are for a live API: leave them away with --from"))
	}
	for _, o := range x.question.Origins {
		if _, err := fetch.ParseOrigin(o); err != nil {
			wrong = append(wrong, fmt.Errorf("--origin %q: write scheme, host and port only, such as http://localhost:3000, or null", o))
		}
	}
	if x.question.MaxRequests < 1 {
		wrong = append(wrong, fmt.Errorf("--max-requests %d: at least one is needed", x.question.MaxRequests))
	}
	for _, line := range x.headers {
		name, value, hasValue := strings.Cut(line, ":")
		switch name = strings.TrimSpace(name); {
		case name == "":
			wrong = append(wrong, fmt.Errorf("-H %q: write a name, or \"Name: value\"", line))
		case hasValue:
			x.question.Sent.Add(name, strings.TrimSpace(value))
		}
		x.question.Headers = append(x.question.Headers, name)
	}
	if err := errors.Join(wrong...); err != nil {
		return misuse("%v", err)
	}
	return nil
}

func (x *importing) ask(ctx context.Context, urls []string) (*survey.Survey, error) {
	x.question.URLs = urls
	if x.insecure {
		x.question.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	table, err := resolveTable(x.resolve)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	x.question.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if to, ok := table[strings.ToLower(address)]; ok {
			address = to
		}
		return dialer.DialContext(ctx, network, address)
	}
	s, err := survey.Live(ctx, x.question)
	if err != nil {
		return nil, misuse("%v", err)
	}
	return s, nil
}

func (x *importing) read(name string) (*survey.Survey, source, error) {
	shown, from, err := x.open(name)
	src := source{name: shown}
	if err != nil {
		return nil, src, err
	}
	defer from.Close()
	data, err := io.ReadAll(io.LimitReader(from, survey.MaxSize+1))
	if err != nil {
		return nil, src, err
	}
	src.data = data
	s, err := survey.Read(x.from, src.name, string(data), x.question.Origins...)
	return s, src, err
}

// deliver prints what was found and writes the policy. The error is the answer.
func (x *importing) deliver(s *survey.Survey, src source) error {
	answer := answerTo(s)
	policy := ""
	if !errors.Is(answer, errUnknown) {
		policy = s.File()
	}
	if !x.asJSON {
		x.printFindings(s, src)
	}
	if x.output != "" && policy != "" {
		if err := createFile(x.output, policy); err != nil {
			return err
		}
	}
	switch {
	case x.asJSON:
		if err := writeJSON(x.stdout, importReport{"corsac-import/1", s.Source, s.Requests, s.Unsettled, findingsOf(s), policy}); err != nil {
			return err
		}
	case x.output == "":
		if _, err := io.WriteString(x.stdout, policy); err != nil {
			return err
		}
	}
	return answer
}

func answerTo(s *survey.Survey) error {
	switch {
	case s.Unsettled != "":
		return errUnknown
	case s.Has(survey.Unsafe):
		return errNo
	}
	return nil
}

// An importReport is the survey as JSON.
type importReport struct {
	Schema    string           `json:"schema"`
	Source    string           `json:"source"`
	Requests  int              `json:"requests"`
	Unsettled string           `json:"unsettled,omitempty"`
	Findings  []survey.Finding `json:"findings"`
	Policy    string           `json:"policy"`
}

// findingsOf is never nil, which would be written as null.
func findingsOf(s *survey.Survey) []survey.Finding { return append([]survey.Finding{}, s.Findings...) }

// createFile writes a file that is not there yet: nobody loses a policy.
func createFile(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}

func (x *importing) printFindings(s *survey.Survey, src source) {
	st := styleFor(x.stderr)
	for _, f := range s.Findings {
		if f.Line > 0 {
			printProblem(x.stderr, st, src, corsac.Problem{Line: f.Line, Column: f.Column, Message: string(f.Severity) + ": " + f.Message, Hint: f.Advice})
		} else {
			x.printFinding(st, f)
		}
		if f.Witness != "" {
			fmt.Fprintf(x.stderr, "    %s\n", st.faint(visible(f.Witness)))
		}
	}
	if s.Unsettled != "" {
		fmt.Fprintf(x.stderr, "corsac: %s: %s\n", visible(s.Source), visible(s.Unsettled))
		return
	}
	fmt.Fprintf(x.stderr, "%s: %s%s; %s\n", visible(s.Source), counted(rulesOf(s), "rule"), tests(len(s.Tests)), tally(s))
	if pages := x.question.Origins; rulesOf(s) == 0 && len(s.Findings) == 0 && len(pages) > 0 {
		fmt.Fprintf(x.stderr, "no page of %s may read anything there%s\n", few(pages), x.whyNot(pages[0], s.Source))
	}
}

// whyNot is the command that says why a page may not read what was asked for.
func (x *importing) whyNot(page, source string) string {
	if x.from != "" || !isAddress(source) {
		return ""
	}
	return fmt.Sprintf(": corsac explain --origin %s %s says why", page, visible(source))
}

func (x *importing) printFinding(st style, f survey.Finding) {
	where := ""
	if f.Where != "" {
		where = st.bold(visible(f.Where)+":") + " "
	}
	severity := string(f.Severity) + ":"
	if f.Severity != survey.Note {
		severity = st.bad(severity)
	}
	fmt.Fprintf(x.stderr, "%s%s %s\n", where, severity, visible(f.Message))
	if f.Advice != "" {
		fmt.Fprintf(x.stderr, "    %s\n", st.hint(visible(f.Advice)))
	}
}

// rulesOf counts the rules that are in force.
func rulesOf(s *survey.Survey) (n int) {
	for _, r := range s.Rules {
		if len(r.Origins) > 0 {
			n++
		}
	}
	return n
}

// tally is how many findings there are of each severity, and what they cost.
func tally(s *survey.Survey) string {
	count := make(map[survey.Severity]int)
	for _, f := range s.Findings {
		count[f.Severity]++
	}
	text := fmt.Sprintf("%d unsafe, %d broken, %s", count[survey.Unsafe], count[survey.Broken], counted(count[survey.Note], "note"))
	if s.Requests > 0 {
		text += "; " + counted(s.Requests, "request")
	}
	return text
}
