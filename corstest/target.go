package corstest

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/origins"
)

// A Target is what cases are run over. One of Policy, Handler and URL is needed.
type Target struct {
	// Policy is tried by itself, in front of a handler that answers everything.
	// Beside Handler it says what policy the handler has: reasons are then exact.
	Policy *corsac.Policy
	// Handler answers in this process, without a socket.
	Handler http.Handler
	// URL is that of a live server, without a path. Cases that name a host are
	// sent there too, with that host. Pages of https are taken to reach it over
	// https, as in production, also where the URL says http.
	URL string

	// Profiles are the browsers to follow. Nil is all: [fetch.Profiles].
	Profiles []fetch.Profile
	// Send permits to send a live server what may change something: any method
	// but GET, HEAD and OPTIONS. Without it such cases are undecided, unless
	// their preflight decides them.
	Send bool

	// For a live server.

	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	TLS     *tls.Config
	Timeout time.Duration // of one request; zero is 30 seconds
}

// Check says what is wrong with the target, if anything is. A server that does
// not answer is found by [Run] only.
func (t Target) Check() error {
	_, err := newStage(t, nil)
	return err
}

// inProcess is where handlers are found: no page is of this origin unless a
// case says so.
const inProcess = "https://api.test"

// together is how many cases a live server is given at a time.
const together = 8

// Run runs the cases over the target. The results are in the order of the
// cases. Each case is a browser of its own: nothing is remembered from one to
// the next.
func Run(ctx context.Context, target Target, cases ...Case) []Result {
	results := make([]Result, len(cases))
	s, err := newStage(target, cases)
	if err != nil {
		for i, c := range cases {
			results[i] = Result{Case: c, Outcome: Undecided, Trials: []Trial{{Outcome: Undecided, Fault: err.Error()}}}
		}
		return results
	}
	defer s.close()
	if !s.live() {
		for i, c := range cases {
			results[i] = s.run(ctx, c)
		}
		return results
	}
	var wg sync.WaitGroup
	room := make(chan struct{}, together)
	for i, c := range cases {
		room <- struct{}{}
		wg.Go(func() {
			results[i] = s.run(ctx, c)
			<-room
		})
	}
	wg.Wait()
	return results
}

// A stage is a target made ready.
type stage struct {
	Target
	base     *fetch.URL
	hosts    map[string]bool // what cases call the live server: host:port
	networks []*fetch.Agent  // of each profile, for a live server
}

func newStage(t Target, cases []Case) (*stage, error) {
	s := &stage{Target: t}
	if s.Profiles == nil {
		s.Profiles = fetch.Profiles()
	}
	given := t.URL
	switch {
	case given == "" && t.Handler == nil && t.Policy == nil:
		return nil, fmt.Errorf("the target has neither a policy nor a handler nor a URL")
	case given == "":
		given = inProcess
	}
	base, err := fetch.ParseURL(given)
	if err != nil || !base.IsHTTP() {
		return nil, fmt.Errorf("%q is no URL of a server: write one such as http://localhost:8080", given)
	}
	s.base = &fetch.URL{Scheme: base.Scheme, Host: base.Host, Port: base.Port, HasHost: true}
	if base.Path != "/" || base.HasQuery || base.HasFragment || base.IncludesCredentials() {
		return nil, fmt.Errorf("%q is more than a server: write %q, because the cases have paths of their own", withoutSecrets(given), s.base)
	}
	if s.live() {
		s.openNetworks(cases)
	}
	return s, nil
}

func (s *stage) live() bool { return s.URL != "" }

// openNetworks makes connections that all cases of a browser share.
func (s *stage) openNetworks(cases []Case) {
	s.hosts = make(map[string]bool)
	for _, c := range cases {
		if u, err := fetch.ParseURL(s.url(&c.Request)); err == nil {
			s.hosts[hostPort(u)] = true
			s.hosts[hostPort(s.onWire(u))] = true
		}
	}
	for _, p := range s.Profiles {
		s.networks = append(s.networks, &fetch.Agent{Profile: p, Dial: s.dial, TLS: s.TLS})
	}
}

func (s *stage) close() {
	for _, n := range s.networks {
		n.Close()
	}
}

// onWire is a case's URL as the live server is spoken to.
func (s *stage) onWire(u *fetch.URL) *fetch.URL {
	there := *u
	there.Scheme, there.Port = s.base.Scheme, s.base.Port
	return &there
}

// dial leads to the live server whatever name a case gives it. Where the server
// redirects to, it does not.
func (s *stage) dial(ctx context.Context, network, to string) (net.Conn, error) {
	if s.hosts[to] {
		to = hostPort(s.base)
	}
	if s.Dial != nil {
		return s.Dial(ctx, network, to)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, to)
}

// hostPort is the address of a URL, as it is dialled.
func hostPort(u *fetch.URL) string {
	return u.Host + ":" + cmp.Or(u.Port, origins.DefaultPort(u.Scheme))
}

// url is what the page asks for. A path is one of the target's.
func (s *stage) url(r *fetch.Request) string {
	if !strings.HasPrefix(r.URL, "/") || strings.HasPrefix(r.URL, "//") {
		return r.URL
	}
	base := *s.base
	if strings.HasPrefix(r.Origin, "https:") && base.Scheme == "http" {
		base.Scheme = "https"
	}
	return base.String() + r.URL
}

// handler is what answers in this process.
func (s *stage) handler(c *Case) http.Handler {
	if s.Handler != nil {
		return s.Handler
	}
	return s.Policy.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, name := range slices.Concat(c.Reads, c.Hides) {
			w.Header().Set(name, "corsac")
		}
	}))
}

func (s *stage) run(ctx context.Context, c Case) Result {
	r := Result{Case: c}
	for i, p := range s.Profiles {
		agent := &fetch.Agent{Profile: p, Timeout: s.Timeout, Jar: &fetch.Jar{}}
		if s.live() {
			agent.Transport = &gate{stage: s, next: s.networks[i].Network()}
		} else {
			agent.Transport = fetch.Handler(s.handler(&c))
		}
		r.Trials = append(r.Trials, s.try(ctx, agent, c))
	}
	r.Outcome = outcomeOf(r.Trials)
	return r
}

func (s *stage) try(ctx context.Context, agent *fetch.Agent, c Case) Trial {
	request := c.Request
	request.URL = s.url(&request)
	request.LocalNetwork = true
	fillJar(agent.Jar, request.URL, c.Cookie)
	t := Trial{Profile: agent.Profile.Name, Verdict: agent.Fetch(ctx, request), target: *s.base}
	j := judge{c: &c, v: &t.Verdict, request: &request, profile: agent.Profile}
	if !s.live() {
		j.policy = s.Policy
	}
	t.Because = j.reasons()
	t.Outcome, t.Fault, t.Advice = j.judge(t.Because)
	return t
}
