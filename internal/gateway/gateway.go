// Package gateway is a reverse proxy in which only the policy speaks CORS.
//
//	g, err := gateway.New(gateway.Config{Policy: file.Policy, Gateway: file.Gateway, Log: log})
//	if err != nil {
//		return err // corsac.Problems: everything wrong with the section gateway
//	}
//	return g.Serve(ctx, listener) // until ctx ends, and what is in flight with it
//
// A [Gateway] is an http.Handler too. It takes the decision of the policy once
// for each request, answers preflights and refusals itself, and has
// httputil.ReverseProxy send the rest to the upstream of its route, by a carrier
// of connections. The decision's headers are set when the response is written, so
// they are on every response: the upstream's, and the gateway's own problems.
//
// What a request is judged by (policy, routes, limits) is a runtime, which
// [Gateway.Reload] replaces as a whole: a request is served by one from its
// first to its last byte. Listeners and what hangs on them stay.
//
// A request goes to an upstream by the path that its rule and route were chosen
// by, or not at all: see path.go.
package gateway

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// A Config is what a gateway is made of.
type Config struct {
	Policy  *corsac.Policy
	Gateway policyfile.Gateway // begin with policyfile.DefaultGateway
	// File is what both were read from, if they were: it is where problems are.
	File *policyfile.File
	// Log takes a line for each request and what else happens. Nil: nothing.
	// It is not replaced by a reload.
	Log *slog.Logger
	// Version is what /metrics says of the program.
	Version string
}

// A Gateway serves requests according to its configuration.
type Gateway struct {
	runtime    atomic.Pointer[runtime]
	log        *slog.Logger
	metrics    *metrics
	transports transports
	reloading  sync.Mutex
	first      policyfile.Gateway // what listeners and servers were made by

	inFlight atomic.Int64 // requests on their way to an upstream and back, and to the log
	draining atomic.Bool
	landed   chan struct{} // the last one in flight, while draining
}

// New makes a gateway. If the configuration is wrong, the error is
// [corsac.Problems].
func New(c Config) (*Gateway, error) {
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	g := &Gateway{log: log, first: c.Gateway, landed: make(chan struct{}, 1)}
	g.metrics = newMetrics(c.Version, func() float64 { return float64(g.inFlight.Load()) })
	rt, err := g.newRuntime(c)
	if err != nil {
		return nil, err
	}
	g.runtime.Store(rt)
	return g, nil
}

// A runtime is what requests are judged by. It does not change.
type runtime struct {
	policy      *corsac.Policy
	spelling    spelling
	routes      routes
	hosts       hosts
	trusted     prefixes
	certificate *tls.Certificate
	gateway     policyfile.Gateway
}

func (g *Gateway) newRuntime(c Config) (*runtime, error) {
	if c.Policy == nil {
		return nil, errors.New("the gateway has no policy")
	}
	var problems corsac.Problems
	problem := c.problemsInto(&problems)
	c.Gateway.Check(problem)
	if len(c.Gateway.AllRoutes()) == 0 {
		problem("gateway.upstream", "write the address of the API, such as http://localhost:8081", "there is no upstream")
	}
	cert, err := g.certificate(c.Gateway)
	if err != nil {
		problem("gateway.tls", "name files in PEM that belong together", "%v", err)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return &runtime{
		policy:      c.Policy,
		spelling:    spellingOf(c.Policy.Rules()),
		routes:      newRoutes(c.Gateway, &g.transports),
		hosts:       newHosts(c.Gateway.Hosts),
		trusted:     newPrefixes(c.Gateway.TrustForwarded),
		certificate: cert,
		gateway:     c.Gateway,
	}, nil
}

// Close ends the idle connections to upstreams, when nothing is served any more.
func (g *Gateway) Close() { g.transports.keep(routes{}) }

// ServeHTTP decides about a request and has the decision carried out.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m *malformed
	if r.ProtoMajor == 2 {
		m = malformedInHTTP2(r)
	}
	g.serve(w, r, m)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, m *malformed) {
	x := g.newExchange(w, r)
	x.malformed = m
	defer x.end()
	if x.decision.Verdict == corsac.Refuse && x.decision.Kind != corsac.Preflight {
		x.refuse()
	} else {
		x.decision.Serve(&x.response, r, x)
	}
	x.complete = true
}
