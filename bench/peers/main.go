// Command peers measures Corsac beside its peers. It is a module of its own, so
// that nobody who uses Corsac has them among his dependencies; the command above
// it runs it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line's.
type options struct {
	plan
	only       *regexp.Regexp
	json       bool
	markdown   bool
	all        bool
	scale      bool
	preflights bool
	gateway    bool
	fetch      bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if err != nil {
		return 2
	}
	m := describe()
	// What was measured before something failed took its time, and is shown.
	tables, err := o.measure(ctx, stderr)
	err = errors.Join(err, o.print(stdout, report{Machine: m, Tables: tables}))
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.rounds, "rounds", 41, "how often everything is measured")
	f.DurationVar(&o.sample, "sample", 5*time.Millisecond, "how long one handler runs in one round")
	f.IntVar(&o.heap, "heap", 32, "how many MiB live on the heap while handlers run, as in a server")
	f.BoolVar(&o.fresh, "fresh", false, "a new header map for each request, as servers make it; its cost hides that of the middlewares")
	only := f.String("only", "", "a regular expression for the names of the cases")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.markdown, "markdown", false, "print Markdown")
	f.BoolVar(&o.all, "all", false, "measure everything")
	f.BoolVar(&o.scale, "scale", false, "measure long lists of origins only")
	f.BoolVar(&o.preflights, "preflights", false, "count the preflights of real browsers only")
	f.BoolVar(&o.gateway, "gateway", false, "measure the gateway beside nginx only")
	f.BoolVar(&o.fetch, "fetch", false, "measure the browser's half beside Chromium, and explain, only")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.only, err = regexp.Compile(*only)
	switch {
	case err != nil:
	case f.NArg() > 0:
		err = fmt.Errorf("unexpected %q: there are only flags", f.Arg(0))
	case o.rounds < 1:
		err = fmt.Errorf("%d rounds are none: write -rounds 1 or more", o.rounds)
	case o.heap < 0:
		err = fmt.Errorf("a heap of %d MiB is none: write -heap 0 or more", o.heap)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
	}
	return o, err
}

// measure makes the tables that were asked for.
func (o *options) measure(ctx context.Context, progress io.Writer) ([]*table, error) {
	some := o.scale || o.preflights || o.gateway || o.fetch
	sections := []struct {
		name   string
		wanted bool
		run    func() (*table, error)
	}{
		{"middlewares", o.all || !some, func() (*table, error) { return middlewares(o.plan, o.only.MatchString) }},
		{"long lists of origins", o.all || !some && o.only.String() == "" || o.scale, scale},
		{"preflights", o.all || o.preflights, func() (*table, error) { return preflights(ctx) }},
		{"gateway", o.all || o.gateway, func() (*table, error) { return gateways(ctx, o.plan) }},
		{"verdicts", o.all || o.fetch, func() (*table, error) { return engine(ctx, o.plan) }},
		{"explain", o.all || o.fetch, func() (*table, error) { return explaining(ctx, o.plan) }},
	}
	var tables []*table
	for _, s := range sections {
		if !s.wanted {
			continue
		}
		fmt.Fprintf(progress, "bench: %s …\n", s.name)
		t, err := s.run()
		if err != nil {
			return tables, fmt.Errorf("%s: %w", s.name, err)
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// A report is all that is printed.
type report struct {
	Machine machine
	Tables  []*table
}

func (o *options) print(w io.Writer, r report) error {
	switch {
	case o.json:
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	case o.markdown:
		r.markdown(w)
	default:
		for _, line := range r.Machine.lines() {
			fmt.Fprintln(w, line)
		}
		fmt.Fprintln(w)
		for _, t := range r.Tables {
			t.text(w)
		}
	}
	return nil
}

func (r *report) markdown(w io.Writer) {
	fmt.Fprint(w, "# Measured\n\nCorsac beside its peers, as `go run ./bench -all -markdown` prints it.\n\n")
	for _, line := range r.Machine.lines() {
		fmt.Fprintf(w, "- %s\n", line)
	}
	fmt.Fprintln(w)
	for _, t := range r.Tables {
		t.markdown(w)
	}
}
