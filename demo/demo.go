// Package demo shows what Corsac is for: a page on one origin reads an API on another, users page by page,
// and beside them stands what was said on the wire.
//
// The command runs it until the context is done:
//
//	err := demo.Run(ctx, demo.Options{
//		DB:   db,                // "" for SQLite in memory, or postgres://…
//		Open: demo.OpenBrowser,  // nil for --no-open
//		Out:  stdout,
//	})
//
// Three servers make the scene:
//
//   - the front end, http://127.0.0.1:3000: a page without a build step, and the record of the wire
//   - the gateway, http://127.0.0.1:8080: Corsac with the policy of corsac.yaml, which the page can show
//   - the users API, http://127.0.0.1:8081: see [NewAPI]; it knows nothing of CORS
//
// The page sends each request through the gateway or, to be refused by the browser, directly to the API.
// The last two listen through a [Wire], which records the heads of their messages.
//
// [Store] keeps the users, in SQLite or PostgreSQL. Nothing outlives Run but the tables of a
// PostgreSQL, in a schema of their own.
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Options say where the demo runs. The zero value will do.
type Options struct {
	// Addresses to listen on. An empty one is the default, 127.0.0.1 with port 3000, 8080 or 8081, or
	// another port when that is taken.
	FrontEnd, Gateway, API string
	// DB is the database's URL, postgres://…, or empty for SQLite in memory.
	DB string
	// Open shows a URL to the person, such as OpenBrowser; nil does not.
	Open func(url string) error
	// Out gets what the person is to know; nil is nowhere.
	Out io.Writer
}

// Run runs the demo until ctx is done, which is no error.
func Run(ctx context.Context, o Options) error {
	s, err := newStage(ctx, o, nil)
	if err != nil && ctx.Err() != nil {
		return nil // such as while a database does not answer
	}
	if err != nil {
		return err
	}
	s.announce(o.Open)
	return s.serve(ctx)
}

// A stage is the three servers, listening.
type stage struct {
	wire                   Wire
	store                  *Store
	policy                 string // the text of corsac.yaml in force
	frontEnd, gateway, api *site
	release                []func() // what ends after the servers, in reverse order
	moved                  []string // what to tell about ports
	out                    io.Writer
}

// newStage opens everything. Another handler may play the API.
func newStage(ctx context.Context, o Options, api http.Handler) (_ *stage, err error) {
	s := &stage{out: o.Out}
	if s.out == nil {
		s.out = io.Discard
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.store, err = OpenStore(ctx, o.DB); err != nil {
		return nil, err
	}
	s.release = append(s.release, func() { s.store.Close() })
	if err := s.listen(o); err != nil {
		return nil, err
	}
	if api == nil {
		api = NewAPI(s.store, Token)
	}
	s.api.serve = s.handler(api)
	s.policy = policyFor(s.frontEnd.url, s.gateway.address(), s.api.url)
	gateway, err := newGateway(s.policy)
	if err != nil {
		return nil, err
	}
	s.gateway.serve = gateway.Serve
	s.frontEnd.serve = s.handler(s.page())
	return s, nil
}

func (s *stage) listen(o Options) error {
	var errs [3]error
	s.frontEnd, errs[0] = s.newSite("front end", "127.0.0.1:3000", o.FrontEnd, "")
	s.gateway, errs[1] = s.newSite("gateway", "127.0.0.1:8080", o.Gateway, "gateway")
	s.api, errs[2] = s.newSite("API", "127.0.0.1:8081", o.API, "api")
	return errors.Join(errs[:]...)
}

// A site is one of the servers.
type site struct {
	url      string
	listener net.Listener
	serve    func(context.Context, net.Listener) error // until the context is done
}

// newSite listens at the address, or at the standard one or any other port when none is given. What
// it hears is recorded under a name, unless that is empty.
func (s *stage) newSite(what, standard, address, record string) (*site, error) {
	l, err := net.Listen("tcp", cmp.Or(address, standard))
	if err != nil && address == "" {
		l, err = net.Listen("tcp", "127.0.0.1:0")
		s.moved = append(s.moved, fmt.Sprintf("%s is taken, so the %s has another port", standard, what))
	}
	var odd *net.AddrError
	switch {
	case errors.As(err, &odd):
		return nil, fmt.Errorf("the %s cannot listen: %w: write host and port, such as %s", what, err, standard)
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the %s cannot listen: something listens on %s already: choose another port, or none for any that is free", what, address)
	case err != nil:
		return nil, fmt.Errorf("the %s cannot listen: %w", what, err)
	}
	s.release = append(s.release, func() { l.Close() })
	site := &site{url: urlOf(l.Addr()), listener: l}
	if record != "" {
		site.listener = s.wire.Listener(l, record)
	}
	return site, nil
}

// urlOf is the origin to reach an address by, as browsers write it.
func urlOf(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return "http://" + a.String()
	}
	if ip := net.ParseIP(host); ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + strings.TrimSuffix(net.JoinHostPort(host, port), ":80")
}

func (s *site) address() string { return s.listener.Addr().String() }

// grace is how long requests may take that are under way at the end.
const grace = time.Second

// handler serves by a handler.
func (s *stage) handler(h http.Handler) func(context.Context, net.Listener) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(s.out, "corsac demo: ", 0),
	}
	return func(ctx context.Context, l net.Listener) error {
		failed := make(chan error, 1)
		go func() { failed <- server.Serve(l) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if server.Shutdown(ending) != nil {
			server.Close()
		}
		<-failed
		return nil
	}
}

// serve serves until ctx is done or one of the servers fails, and then ends everything.
func (s *stage) serve(ctx context.Context) error {
	defer s.close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error)
	sites := []*site{s.frontEnd, s.gateway, s.api}
	for _, site := range sites {
		go func() { ended <- site.serve(ctx, site.listener) }()
	}
	var errs []error
	for range sites {
		errs = append(errs, <-ended)
		stop()
	}
	return errors.Join(errs...)
}

func (s *stage) close() {
	for i := len(s.release) - 1; i >= 0; i-- {
		s.release[i]()
	}
}

func (s *stage) announce(open func(url string) error) {
	where := "in memory"
	if s.store.kind == "PostgreSQL" {
		where = "schema " + schema + ", which stays there"
	}
	fmt.Fprintf(s.out, `Corsac demo: a page on one origin reads an API on another.

  page     %-23s  open this one
  gateway  %-23s  Corsac, in front of the API
  API      %-23s  users in %s (%s); knows nothing of CORS

`, s.frontEnd.url, s.gateway.url, s.api.url, s.store, where)
	for _, moved := range s.moved {
		fmt.Fprintf(s.out, "%s.\n", moved)
	}
	fmt.Fprintln(s.out, "Ctrl-C ends it.")
	if open == nil {
		return
	}
	if err := open(s.frontEnd.url); err != nil {
		fmt.Fprintf(s.out, "Open %s in a browser (%v).\n", s.frontEnd.url, err)
	}
}
