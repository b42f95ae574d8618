// Package enforcertest tries anything that puts a policy into force, over a
// real socket and without looking inside: the middleware, the gateway, another
// server that runs an exported policy.
//
//	func TestMiddleware(t *testing.T) {
//		enforcertest.Run(t, func(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
//			policy, err := corsac.New(rules...)
//			…
//			server := httptest.NewServer(policy.Wrap(upstream))
//			t.Cleanup(server.Close)
//			return server.URL
//		})
//	}
//
// Each [Trial] is a configuration, the bytes of one request, and what must hold
// of the answer. [Run] holds the policy's promises, one by one; [Replay] holds
// the published vulnerabilities and weaknesses of other servers, each under its
// own name.
package enforcertest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/corsac-cors/corsac"
)

// A Start puts rules into force in front of upstream, until the test ends, and
// returns where. The scheme of the URL says how to speak to it: "http" is
// HTTP/1.1, "h2c" is HTTP/2 without TLS. A server with a list of hosts has to
// take any.
type Start func(t testing.TB, rules []corsac.Rule, upstream http.Handler) (baseURL string)

// A Trial is one request and what must come of it.
type Trial struct {
	Name  string
	Rules []corsac.Rule
	// Upstream is what the policy stands in front of; nil is [hello].
	Upstream http.Handler
	// Request is sent as it is, but that $host stands for the server's address.
	// Over HTTP/2 the same lines are sent in its form.
	Request string
	// OnlyHTTP1 marks requests that HTTP/2 has no words for.
	OnlyHTTP1 bool
	Want      Answer
}

// An Answer is what must hold of a response.
type Answer struct {
	// Status is 0 where the server may see for itself: it may turn a malformed
	// or huge request down with any status, or hang up. Loose goes with it.
	Status int
	// CORS are all lines, "Name: value", of the response's CORS headers and of
	// Timing-Allow-Origin. There must be no other.
	CORS []string
	// Vary are all names that Vary lists.
	Vary []string
	// Loose allows CORS to be there or not, and any Vary.
	Loose bool
	// Lines must be among the response's other header lines.
	Lines []string
	// Body is what the body must contain.
	Body string
	// BodyWithout is what the body must not contain.
	BodyWithout string
	// Upstream says whether the request must arrive behind the policy.
	Upstream Reach
}

// A Reach says how far a request gets.
type Reach string

const (
	Anywhere Reach = ""        // it does not matter
	Reached  Reach = "reached" // to the upstream
	Kept     Reach = "kept"    // from the upstream
)

// Run tries start on every promise of a policy.
func Run(t *testing.T, start Start) {
	for _, section := range sections() {
		t.Run(section.name, func(t *testing.T) {
			t.Parallel()
			runAll(t, start, section.trials)
		})
	}
}

// A section is trials of one theme.
type section struct {
	name   string
	trials []Trial
}

func sections() []section {
	return []section{
		{"answers", answers()},
		{"rules", ruleChoice()},
		{"statuses", statuses()},
		{"handlers", handlers()},
		{"vary", varying()},
		{"questions", questions()},
		{"origins", originValues()},
		{"others", others()},
		{"websockets", webSockets()},
	}
}

// runAll does the trials one after the other, because those with the same rules
// share a server.
func runAll(t *testing.T, start Start, trials []Trial) {
	s := stand{t: t, start: start}
	for _, trial := range trials {
		t.Run(trial.Name, func(t *testing.T) {
			scheme, address := s.where(trial.Rules)
			if scheme == "h2c" && trial.OnlyHTTP1 {
				t.Skip("HTTP/2 has no words for this request")
			}
			for _, fault := range s.try(trial, scheme, address) {
				t.Error(fault)
			}
		})
	}
}

// A stand is where trials are made. It starts what is tried once for each set
// of rules.
type stand struct {
	t       testing.TB
	start   Start
	started map[string]string // base URLs by rules
	current atomic.Pointer[attempt]
}

// An attempt is what the upstream has to do with a trial.
type attempt struct {
	upstream http.Handler
	reached  atomic.Bool
}

func (s *stand) where(rules []corsac.Rule) (scheme, address string) {
	key := fmt.Sprintf("%#v", rules)
	base, ok := s.started[key]
	if !ok {
		base = s.start(s.t, rules, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := s.current.Load()
			a.reached.Store(true)
			a.upstream.ServeHTTP(w, r)
		}))
		if s.started == nil {
			s.started = make(map[string]string)
		}
		s.started[key] = base
	}
	scheme, address, _ = strings.Cut(strings.TrimSuffix(base, "/"), "://")
	return scheme, address
}

// try returns what is wrong with the answer, one fault an element.
func (s *stand) try(trial Trial, scheme, address string) (faults []string) {
	a := &attempt{upstream: trial.Upstream}
	if a.upstream == nil {
		a.upstream = http.HandlerFunc(hello)
	}
	s.current.Store(a)
	request := strings.ReplaceAll(trial.Request, "$host", address)
	resp, err := exchange(scheme, address, request)
	switch {
	case err == nil:
		faults = trial.Want.faults(resp)
	case trial.Want.Status != 0:
		faults = append(faults, fmt.Sprintf("no answer: %v", err))
	}
	if want := trial.Want.Upstream; want != Anywhere && a.reached.Load() != (want == Reached) {
		faults = append(faults, fmt.Sprintf("the request reached the upstream: %t", a.reached.Load()))
	}
	if len(faults) > 0 {
		faults = append(faults, fmt.Sprintf("request:\n%.2000s\nresponse:\n%.2000s", request, resp))
	}
	return faults
}

// hello is the ordinary upstream.
func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Upstream", "hello")
	fmt.Fprintln(w, "hello")
}

// request writes a request as it goes over the wire: a request line without
// the version, and header lines. Host comes first unless the lines have one.
// A server that honours Connection does not wait for a second request.
func request(line string, header ...string) string {
	return requestWithBody("", line, header...)
}

func requestWithBody(body, line string, header ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s HTTP/1.1\r\n", line)
	if !hasLine(header, "Host") {
		b.WriteString("Host: $host\r\n")
	}
	if !hasLine(header, "Connection") {
		b.WriteString("Connection: close\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	for _, h := range header {
		b.WriteString(h + "\r\n")
	}
	return b.String() + "\r\n" + body
}

func hasLine(lines []string, name string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		n, _, _ := strings.Cut(line, ":")
		return strings.EqualFold(n, name)
	})
}
