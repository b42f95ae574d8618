package export

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/cases"
)

// A stand is what a server is started with.
type stand struct {
	Export
	api string // the URL of the API behind it, as [serveAPI] has it
	// auth has the server itself ask for HTTP authentication, of every path.
	auth bool
}

// A start puts an export into force on a real server until the test ends, and
// returns its URL. A target that is a part of a program is put into one that
// answers as [serveAPI] does.
type start func(t testing.TB, s stand) (url string)

// prove holds a target against the policy: with the corpus, and with what every
// policy promises. What is not as it should be must be a loss that was declared
// for that very policy, with that effect.
func prove(t *testing.T, target Target, start start) {
	t.Parallel()
	t.Run("corpus", func(t *testing.T) {
		t.Parallel()
		proveCorpus(t, target, start)
	})
	t.Run("promises", func(t *testing.T) {
		t.Parallel()
		provePromises(t, target, start)
	})
	t.Run("large", func(t *testing.T) {
		t.Parallel()
		proveLarge(t, target, start)
	})
	t.Run("decisions", func(t *testing.T) {
		t.Parallel()
		proveDecisions(t, target, start)
	})
	t.Run("chromium", func(t *testing.T) {
		t.Parallel()
		proveInChromium(t, target, start)
	})
}

// together is how many servers run at a time.
const together = 3

func proveCorpus(t *testing.T, target Target, start start) {
	api := serveAPI(t)
	room := make(chan struct{}, together)
	for _, p := range corpus(t) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			room <- struct{}{}
			defer func() { <-room }()
			proveCases(t, target, start, api, p)
		})
	}
}

func proveCases(t *testing.T, target Target, start start, api string, p cases.Policy) {
	e := target.Export(p.File.Policy, p.Name+".yaml")
	checkDeclared(t, target, e)
	results := corstest.Run(t.Context(), corstest.Target{
		URL:      start(t, stand{Export: e, api: api}),
		Send:     true,
		Profiles: []fetch.Profile{fetch.Standard},
	}, p.Cases...)
	for _, r := range results {
		if r.Outcome == corstest.Passed {
			continue
		}
		trial := r.Trials[0]
		if excused(e.Losses, effectOf(&trial), p.File.Policy, &trial) {
			t.Logf("%s: lost, as declared: %s", r.Case.Name, trial.Fault)
			continue
		}
		t.Errorf("%s: %s: %s\n%s", r.Case.Name, r.Outcome, trial.Fault, e.Text())
	}
}

// effectOf is what a failed trial would be as a loss.
func effectOf(trial *corstest.Trial) Effect {
	if strings.Contains(trial.Fault, "the page reads the response") || strings.Contains(trial.Fault, "the page can read") {
		return Wider
	}
	return Narrower
}

// excused reports whether a loss of that effect was declared for the rule that
// speaks for the request. No case of the corpus has anything to do with what
// the losses of some promises are about, so these excuse none; those of paths
// written otherwise excuse cases with such paths.
func excused(losses []Loss, effect Effect, p *corsac.Policy, trial *corstest.Trial) bool {
	plan := newPlan(p, "")
	if len(trial.Verdict.Exchanges) == 0 {
		return false
	}
	u, err := fetch.ParseURL(trial.Verdict.Exchanges[0].URL)
	if err != nil {
		return false
	}
	path, err := url.PathUnescape(u.Path)
	if err != nil {
		return false
	}
	r := plan.speaksFor(u.Host, path)
	return slices.ContainsFunc(losses, func(l Loss) bool {
		if l.Feature == Paths && !strings.Contains(u.Path, "%") && !strings.Contains(u.Path, "//") {
			return false
		}
		return l.Effect == effect && !isBesideCorpus(l) && (l.Rule == -1 || r != nil && l.Rule == r.index)
	})
}

// isBesideCorpus reports whether a loss is about what only [promises] has:
// errors, authentication, an API with CORS headers of its own.
func isBesideCorpus(l Loss) bool {
	return slices.Contains([]Feature{Errors, OwnHeaders, Vary, Preflights, PlainOptions, TwoOrigins}, l.Feature)
}

// checkDeclared holds the losses of an export against those of its target.
func checkDeclared(t *testing.T, target Target, e Export) {
	t.Helper()
	for _, l := range e.Losses {
		if !slices.ContainsFunc(target.Losses, func(known Loss) bool {
			l.Rule, l.Path = known.Rule, known.Path
			return known == l
		}) {
			t.Errorf("%s is no loss that the target declares", l.Name)
		}
	}
}

// corpus is the project's own, and what concerns exports only.
var corpus = func() func(t testing.TB) []cases.Policy {
	read := sync.OnceValues(func() (all []cases.Policy, err error) {
		for _, dir := range []string{filepath.Join("..", "corstest", "testdata", "corpus"), filepath.Join("testdata", "corpus")} {
			policies, err := cases.Corpus(dir)
			if err != nil {
				return nil, err
			}
			all = append(all, policies...)
		}
		return all, nil
	})
	return func(t testing.TB) []cases.Policy {
		t.Helper()
		all, err := read()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
}()

// writeFiles puts an export into a folder, and returns the path of each file.
func writeFiles(dir string, e Export) (paths []string, err error) {
	for _, f := range e.Files {
		path := filepath.Join(dir, f.Name)
		if err := os.WriteFile(path, []byte(f.Text), 0o644); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
