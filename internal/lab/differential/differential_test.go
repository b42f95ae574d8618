package differential_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/lab/differential"
)

var (
	number = flag.Int("differential.n", 2000, "how many cases to make up for each browser")
	seed   = flag.Uint64("differential.seed", 1, "the seed of the cases; 0 is another one each time")
	slow   = flag.Bool("differential.slow", false, "also try the cases that wait for seconds")
	shrunk = flag.Int("differential.shrink", 5, "how many disagreements to shrink and keep")
)

const batchSize = 200

var profiles = map[string]fetch.Profile{"chromium": fetch.Chrome, "firefox": fetch.Firefox, "webkit": fetch.Safari}

// TestAgainstBrowsers holds the engine against each browser: on the corpus, then on random cases, of which a
// quarter is for a page with TLS.
func TestAgainstBrowsers(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	for _, browser := range lab.Browsers(t, lab.Hosts(differential.PlainHost), lab.InsecureTLS()) {
		t.Run(browser.Name(), func(t *testing.T) {
			lab.Need(t, browser.Name())
			secure := *number / 4
			for _, part := range []struct {
				scheme   string
				first, n int
			}{{"http", 0, *number - secure}, {"https", *number - secure, secure}} {
				t.Run(part.scheme, func(t *testing.T) {
					j := newJudge(t, browser, part.scheme)
					t.Logf("%s %s; -differential.seed=%d -differential.n=%d", j.browser, browser.Version(), *seed, *number)
					j.corpus(corpusDir)
					if *slow {
						j.corpus(slowDir)
					}
					j.random(part.first, part.n)
				})
			}
		})
	}
}

// A judge compares the engine with one browser.
type judge struct {
	*testing.T
	stage   *differential.Stage
	page    *lab.Page
	browser string
	profile fetch.Profile
	excused int
}

func newJudge(t *testing.T, browser *lab.Browser, scheme string) *judge {
	stage, err := differential.NewStage(scheme)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stage.Close)
	// Not a lab.Tab, which would print thousands of console lines once a case has failed.
	page, err := browser.NewPage(t.Context(), stage.PageURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { page.Close(context.Background()) })
	if err := stage.WarmUp(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	return &judge{T: t, stage: stage, page: page, browser: browser.Name(), profile: profiles[browser.Name()]}
}

func (j *judge) corpus(dir string) {
	corpus := readCorpus(j.T, dir)
	names := slices.Sorted(maps.Keys(corpus))
	var cases []differential.Case
	for _, name := range names {
		cases = append(cases, corpus[name])
	}
	for i, why := range j.disagreements(cases) {
		j.Errorf("%s: %s", names[i], why)
	}
}

func (j *judge) random(first, n int) {
	found := 0
	for end := first + n; first < end; first += batchSize {
		cases := differential.Generate(*seed, first, min(batchSize, end-first))
		wrong := j.disagreements(cases)
		for _, i := range slices.Sorted(maps.Keys(wrong)) {
			if found++; found > *shrunk {
				j.Errorf("case %d disagrees:\n%s\n%s", first+i, &cases[i], wrong[i])
				continue
			}
			smallest := j.shrink(cases[i])
			j.Errorf("case %d disagrees; its smallest form is now in %s:\n%s\n%s", first+i, save(j.T, j.browser, smallest), &smallest, j.why(smallest))
		}
	}
	if j.excused > 0 {
		j.Logf("%s asked again in %d cases for what it had cached", j.browser, j.excused)
	}
}

// disagreements returns what differs, by index. What does not differ again is none: a browser may be slower
// than a cached preflight lives.
func (j *judge) disagreements(cases []differential.Case) map[int]string {
	wrong := make(map[int]string)
	suspects := j.compare(cases)
	for i := range suspects {
		if why := j.why(cases[i]); why != "" {
			wrong[i] = why
		}
	}
	return wrong
}

func (j *judge) why(c differential.Case) string { return j.compare([]differential.Case{c})[0] }

// compare has both fetch all cases.
func (j *judge) compare(cases []differential.Case) map[int]string {
	if len(cases) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(j.Context(), 2*time.Minute)
	defer cancel()
	theirs, err := j.stage.InBrowser(ctx, j.page, cases)
	if err != nil {
		j.Fatal(err)
	}
	ours, err := j.stage.InEngine(ctx, j.profile, cases)
	if err != nil {
		j.Fatal(err)
	}
	wrong := make(map[int]string)
	for i := range cases {
		switch {
		case theirs[i].Equal(ours[i]):
		case differential.Excused(j.browser, theirs[i], ours[i]):
			j.excused++
		default:
			wrong[i] = fmt.Sprintf("%s\n%sthe engine\n%s", j.browser, theirs[i], ours[i])
		}
	}
	return wrong
}

func (j *judge) shrink(c differential.Case) differential.Case {
	return differential.Shrink(c, func(cases []differential.Case) int {
		for _, i := range slices.Sorted(maps.Keys(j.compare(cases))) {
			if j.why(cases[i]) != "" {
				return i
			}
		}
		return -1
	})
}

const (
	corpusDir = "testdata/corpus"
	slowDir   = "testdata/slow" // cases that wait for seconds
)

func save(t *testing.T, browser string, c differential.Case) string {
	text := c.String() + "\n"
	sum := fnv.New32a()
	sum.Write([]byte(text))
	name := filepath.Join(corpusDir, fmt.Sprintf("%s-%08x.json", browser, sum.Sum32()))
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Error(err)
	}
	return name
}

func readCorpus(t *testing.T, dir string) map[string]differential.Case {
	names, err := filepath.Glob(dir + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	corpus := make(map[string]differential.Case)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var c differential.Case
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		corpus[filepath.Base(name)] = c
	}
	return corpus
}
