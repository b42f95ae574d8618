package enforcertest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
)

// A Row is one known fault of another server, and how it is replayed.
type Row struct {
	ID       string // as published, or its place in our notes
	Where    string // in which software
	Happened string // what it did
	// Refused are configurations that ask for the fault.
	Refused []Refusal
	// Trials are requests that met the fault.
	Trials []Trial
	// InProcess says that it also shows inside of a Go process, as memory or as
	// a race: the middleware has a test of its own for it.
	InProcess bool
	// NotOurs says why there is nothing to replay.
	NotOurs string
}

// A Refusal is a configuration for which there is no policy.
type Refusal struct {
	Rules []corsac.Rule
	Says  string // what the problem's text contains
}

// Replay tries start on every row that concerns it.
func Replay(t *testing.T, start Start) {
	for _, row := range Rows() {
		if len(row.Trials) == 0 && len(row.Refused) == 0 {
			continue
		}
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			for _, r := range row.Refused {
				r.check(t)
			}
			runAll(t, start, row.Trials)
		})
	}
}

// Rows are all that is known, in the order of the notes that they come from.
func Rows() []Row {
	return slices.Concat(
		originRows(), sharingRows(), cachingRows(), hostileRows(), pathRows(), meaningRows(), unpublishedRows(),
	)
}

func (r Refusal) check(t *testing.T) {
	_, err := corsac.New(r.Rules...)
	var problems corsac.Problems
	if !errors.As(err, &problems) {
		t.Errorf("New(%+v) = %v, want problems", r.Rules, err)
		return
	}
	if !strings.Contains(err.Error(), r.Says) {
		t.Errorf("New says\n%v\nwant %q in it", err, r.Says)
	}
}

// refused are rules of one entry each, none of which makes a policy.
func refused(says string, entries ...string) (all []Refusal) {
	for _, entry := range entries {
		all = append(all, Refusal{Rules: []corsac.Rule{{Origins: []string{entry}}}, Says: says})
	}
	return all
}

// starWithCredentials is what many servers took for "reflect any origin".
func starWithCredentials() []Refusal {
	return []Refusal{{
		Rules: []corsac.Rule{{Origins: []string{"*"}, Credentials: true}},
		Says:  `"*" with credentials`,
	}}
}

// only allows origins, with credentials, and refuses others what is unsafe.
func only(origins ...string) []corsac.Rule {
	return []corsac.Rule{{Origins: origins, Methods: []string{"PUT"}, Credentials: true, RefuseOthers: true}}
}

// outsiders are trials that none of the origins is allowed by the rules, in
// any kind of request.
func outsiders(rules []corsac.Rule, origins ...string) (trials []Trial) {
	for _, o := range origins {
		trials = append(trials,
			Trial{Name: "GET from " + o, Rules: rules, Request: request("GET /", origin(o)), Want: hides()},
			Trial{Name: "POST from " + o, Rules: rules, Request: request("POST /", origin(o)), Want: refuses()},
			Trial{Name: "preflight from " + o, Rules: rules, Request: preflight("/", o, "PUT"), Want: denies()},
		)
	}
	return trials
}

// named puts something before the names of trials.
func named(prefix string, trials []Trial) []Trial {
	for i := range trials {
		trials[i].Name = prefix + trials[i].Name
	}
	return trials
}

// insiders are trials that the origins are allowed by the rules of only: what
// refuses everybody refuses nothing in particular.
func insiders(rules []corsac.Rule, origins ...string) (trials []Trial) {
	for _, o := range origins {
		trials = append(trials, Trial{Name: "POST from " + o, Rules: rules, Request: request("POST /", origin(o)), Want: Answer{
			Status: 200, Vary: byOrigin, Upstream: Reached,
			CORS: []string{"Access-Control-Allow-Origin: " + o, "Access-Control-Allow-Credentials: true"},
		}})
	}
	return trials
}

// strict are trials that a policy without rules shares nothing, whatever the
// upstream says.
func strict(origins ...string) (trials []Trial) {
	for _, o := range origins {
		trials = append(trials,
			Trial{Name: "no rules, GET from " + o, Upstream: generous(200), Request: request("GET /", origin(o)),
				Want: Answer{Status: 200, Upstream: Reached}},
			Trial{Name: "no rules, GET with a cookie from " + o, Upstream: generous(200), Request: request("GET /", origin(o), "Cookie: session=1"),
				Want: Answer{Status: 200, Upstream: Reached}},
			Trial{Name: "no rules, preflight from " + o, Upstream: generous(200), Request: preflight("/", o, "PUT"), Want: denies()},
		)
	}
	return trials
}
