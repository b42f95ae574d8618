package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

// A serving is corsac serve: by a file, or by flags alone.
type serving struct {
	*terminal
	file string // "" without one

	// What flags say instead of a file.
	to          string
	allow       []string
	methods     []string
	headers     []string
	expose      []string
	credentials bool
	maxAge      string
	insecure    bool

	// What flags say over a file, too.
	flags   policyfile.Gateway
	changed func(flag string) bool
}

func newServe(t *terminal) *cobra.Command {
	_, cmd := newServing(t)
	return cmd
}

func newServing(t *terminal) (*serving, *cobra.Command) {
	s := &serving{terminal: t}
	cmd := &cobra.Command{
		Use:   "serve [corsac.yaml]",
		Short: "Serve a gateway in front of an API, in which only the policy speaks CORS",
		Long: `Serve runs a gateway in front of an API. It answers preflights itself, passes
all else on, and puts the policy's CORS headers on every response in place of
the API's own.

It does what the section gateway of the file says, which is corsac.yaml if none is
named, and reads the file again when it changes. With --to and --allow it needs no
file, and is for local development: what other flags do not say is chosen for that,
and told at the start. docs/gateway.md tells all of it.`,
		Example: `  corsac serve corsac.yaml
  corsac serve --to https://api.example.com --allow http://localhost:3000
  corsac serve --to https://localhost:5001 -k --allow http://localhost:3000 --credentials`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.choose(args); err != nil {
				return err
			}
			return s.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	s.changed = f.Changed
	f.SortFlags = false
	f.StringVar(&s.to, "to", "", "without a file: the address of the API")
	f.StringSliceVar(&s.allow, "allow", nil, "without a file: the origins of the pages that may read it")
	f.StringSliceVar(&s.methods, "methods", nil, "without a file: the methods allowed besides GET, HEAD and POST (default PUT,PATCH,DELETE)")
	f.StringSliceVar(&s.headers, "headers", nil, "without a file: the request headers allowed (default all; with credentials, the usual ones)")
	f.StringSliceVar(&s.expose, "expose", nil, "without a file: the response headers shown (default all; with credentials, the usual ones)")
	f.BoolVar(&s.credentials, "credentials", false, "without a file: allow cookies")
	f.StringVar(&s.maxAge, "max-age", "", "without a file: the `duration` for which browsers remember preflights")
	f.BoolVarP(&s.insecure, "insecure", "k", false, "without a file: do not verify the API's certificate")
	f.StringVar(&s.flags.Listen, "listen", "", "the address to listen on (default 127.0.0.1:8080)")
	f.StringSliceVar((*[]string)(&s.flags.Hosts), "hosts", nil, "the host names served (default all; without a file and on a loopback address, those of this machine)")
	f.StringVar(&s.flags.Admin, "admin", "", "the address for /metrics, /healthz and /readyz (default none)")
	f.BoolVar(&s.flags.Pprof, "pprof", false, "serve profiles at the admin address")
	f.StringVar(&s.flags.TLS.Cert, "tls-cert", "", "the file of the certificate, for HTTPS")
	f.StringVar(&s.flags.TLS.Key, "tls-key", "", "the file of its private key")
	f.BoolVar(&s.flags.TLS.SelfSigned, "tls-self-signed", false, "serve HTTPS with a certificate made for this run")
	f.StringVar(&s.flags.Log.Format, "log-format", "", "text or json (default text)")
	f.StringVar(&s.flags.Log.Level, "log-level", "", "debug, info, warn or error (default info)")
	offer(cmd, "log-format", "text", "json")
	offer(cmd, "log-level", "debug", "info", "warn", "error")
	return s, cmd
}

// choose settles whether a file says what to do, or flags.
func (s *serving) choose(args []string) error {
	byFlags := false
	for _, name := range []string{"to", "allow", "methods", "headers", "expose", "credentials", "max-age", "insecure"} {
		byFlags = byFlags || s.changed(name)
	}
	switch {
	case s.changed("tls-cert") && s.flags.TLS.Cert == "" || s.changed("tls-key") && s.flags.TLS.Key == "":
		// It would serve without TLS: somebody's variable had no value.
		return misuse("--tls-cert and --tls-key are names of files, and one of them is empty")
	case s.changed("hosts") && len(s.flags.Hosts) == 0:
		return misuse("--hosts names no host, and every host would be served")
	case len(args) > 0 && args[0] == "":
		return misuse("the name of the file is empty")
	case len(args) > 0 && args[0] == "-":
		return misuse("the gateway reads its file again when it changes, which stdin cannot: name a file")
	case byFlags && len(args) > 0:
		return misuse("%s says what --to, --allow and the like would say: leave out one of the two", args[0])
	case byFlags && (s.to == "" || len(s.allow) == 0):
		return misuse("without a file there must be both: --to, the address of the API, and --allow, the origin of the page, such as http://localhost:3000")
	case byFlags:
		return nil
	}
	s.file = filesOr(args)[0]
	if _, err := os.Stat(s.file); len(args) == 0 && errors.Is(err, os.ErrNotExist) {
		return misuse("there is no %s here: name another file, or say --to and --allow", s.file)
	}
	return nil
}

// config is what to serve by: read anew for each reload.
func (s *serving) config() (gateway.Config, error) {
	if s.file == "" {
		return s.localConfig()
	}
	f, err := policyfile.Read(s.file, s.overrides()...)
	if err != nil {
		return gateway.Config{}, err
	}
	var problems corsac.Problems
	checkCircle(f.Gateway, func(path, hint, format string, args ...any) {
		problems = append(problems, f.Locate(corsac.Problem{Path: path, Hint: hint, Message: fmt.Sprintf(format, args...)}))
	})
	if len(problems) > 0 {
		return gateway.Config{}, problems
	}
	return gateway.Config{Policy: f.Policy, Gateway: f.Gateway, File: f, Version: version(debug.ReadBuildInfo())}, nil
}

// run serves until ctx ends.
func (s *serving) run(ctx context.Context) error {
	c, err := s.config()
	if err != nil {
		return s.sayProblems(err)
	}
	c.Log = newLog(s.stderr, c.Gateway.Log)
	g, err := gateway.New(c)
	if err != nil {
		return s.sayProblems(err)
	}
	defer g.Close()
	ln, err := listen("--listen", c.Gateway.Listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	var admin net.Listener
	if c.Gateway.Admin != "" {
		if admin, err = listen("--admin", c.Gateway.Admin); err != nil {
			return err
		}
		defer admin.Close()
	}
	// Before it is told that it serves: till then, the signal would end it.
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	s.introduce(c, ln, admin)
	// A second signal ends the process at once.
	defer context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt, syscall.SIGTERM) })()
	return s.serve(ctx, g, ln, admin, reload)
}

func (s *serving) serve(ctx context.Context, g *gateway.Gateway, ln, admin net.Listener, reload <-chan os.Signal) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	until, release := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error {
		defer release() // the rest ends after the drain
		return g.Serve(ctx, ln)
	})
	if admin != nil {
		group.Go(func() error {
			defer stop()
			return g.ServeAdmin(until, admin)
		})
	}
	group.Go(func() error { return g.Follow(until, s.file, s.config, reload) })
	return group.Wait()
}

// sayProblems shows what is wrong with the file or the flags.
func (s *serving) sayProblems(err error) error {
	var problems corsac.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var src source
	if s.file != "" {
		src, _ = s.source(s.file)
	}
	for _, p := range problems {
		if asFlag, ok := s.byFlag(p); ok {
			fmt.Fprintf(s.stderr, "corsac: %s\n", asFlag)
		} else if p.Line > 0 {
			printProblem(s.stderr, styleFor(s.stderr), src, p)
		} else {
			fmt.Fprintln(s.stderr, p)
		}
	}
	return errNo
}

func newLog(w io.Writer, l policyfile.Log) *slog.Logger {
	var opts slog.HandlerOptions
	var level slog.Level
	if level.UnmarshalText([]byte(l.Level)) == nil {
		opts.Level = level
	}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, &opts))
	}
	return slog.New(slog.NewTextHandler(w, &opts))
}
