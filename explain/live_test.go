package explain_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/explain"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/lab/differential"
)

// TestSaysWhatLiveBrowsersPrint runs the hand-written cases of package fetch in
// real browsers, and holds what their consoles show against what a report says
// they print; and what Chromium's developer tools call the failure against the
// engine's kind.
func TestSaysWhatLiveBrowsersPrint(t *testing.T) {
	cases := map[string][]differential.Handwritten{"http": append(handwritten(t), spelled...), "https": secured}
	for _, browser := range lab.Browsers(t, lab.Hosts(differential.PlainHost), lab.InsecureTLS()) {
		t.Run(browser.Name(), func(t *testing.T) {
			lab.Need(t, browser.Name())
			for _, scheme := range []string{"http", "https"} {
				t.Run(scheme, func(t *testing.T) { testLive(t, browser, scheme, cases[scheme]) })
			}
		})
	}
}

func testLive(t *testing.T, browser *lab.Browser, scheme string, cases []differential.Handwritten) {
	stage, err := differential.NewStage(scheme)
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Close()
	page, err := browser.NewPage(t.Context(), stage.PageURL())
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close(context.Background())
	w := &witness{T: t, stage: stage, page: page, profile: profiles[browser.Name()], patience: time.Minute}
	w.tell(cases)
	w.watch()
	failures := w.judge()
	t.Logf("%s %s: %d cases, %d of them failures", browser.Name(), browser.Version(), len(cases), failures)
	if failures < len(cases)/3 {
		t.Errorf("%d of %d cases fail: too few to compare", failures, len(cases))
	}
}

var profiles = map[string]fetch.Profile{"chromium": fetch.Chrome, "firefox": fetch.Firefox}

// handwritten are the cases with one request, which is what a report is about.
func handwritten(t *testing.T) []differential.Handwritten {
	file, err := os.Open("../fetch/testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := differential.ReadHandwritten(file)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(h differential.Handwritten) bool { return h.Beyond != "" || len(h.Calls) != 1 })
}

// spelled are cases of two lines that Firefox counts only as they are spelled in
// the standard.
var spelled = func() (all []differential.Handwritten) {
	for i, lines := range [][]string{
		{"Access-Control-Allow-Origin: {page}", "Access-Control-Allow-Origin: {page}"},
		{"access-control-allow-origin: {page}", "access-control-allow-origin: {page}"},
		{"Access-Control-Allow-Origin: *", "access-control-allow-origin: {page}"},
		{"access-control-allow-origin: {page}", "access-control-allow-origin: "},
		{"access-control-allow-origin: "},
	} {
		all = append(all, differential.Handwritten{
			ID: fmt.Sprintf("lines%d", i), Name: strings.Join(lines, " | "),
			Case: differential.Case{
				Calls: []differential.Call{{URL: "{o1}/c/{id}/0"}},
				Hops:  []differential.Hop{{Actual: &differential.Answer{Status: 200, Lines: lines}}},
			},
		})
	}
	return all
}()

// secured are cases of a page with TLS.
var secured = []differential.Handwritten{
	{ID: "mixed", Name: "plain HTTP", Case: differential.Case{Calls: []differential.Call{{URL: "{plain}/c/{id}/0"}}}},
	{ID: "missing", Name: "no Access-Control-Allow-Origin", Case: differential.Case{
		Calls: []differential.Call{{URL: "{o1}/c/{id}/0"}},
		Hops:  []differential.Hop{{Actual: &differential.Answer{Status: 404}}},
	}},
	{ID: "led", Name: "a redirect to plain HTTP", Case: differential.Case{
		Calls: []differential.Call{{URL: "{o1}/c/{id}/0"}},
		Hops: []differential.Hop{{Actual: &differential.Answer{
			Status: 302, Lines: []string{"Access-Control-Allow-Origin: {origin}", "Location: {plain}/c/{id}/1"},
		}}},
	}},
	{ID: "ledpage", Name: "a redirect of the page's own to plain HTTP", Case: differential.Case{
		Calls: []differential.Call{{URL: "{page}/c/{id}/0"}},
		Hops:  []differential.Hop{{Actual: &differential.Answer{Status: 302, Lines: []string{"Location: {plain}/c/{id}/1"}}}},
	}},
	{ID: "asked", Name: "plain HTTP with a preflight", Case: differential.Case{
		Calls: []differential.Call{{URL: "{plain}/c/{id}/0", Method: "PUT"}},
	}},
	{ID: "trusted", Name: "plain HTTP of this machine", Case: differential.Case{Calls: []differential.Call{{URL: "{http}/c/{id}/0"}}}},
}

// unlike are the cases in which a report says something else than the console,
// with the reason.
var unlike = map[string]string{
	"chrome x013":  "the report writes control characters in its own way",
	"firefox x013": "the report shows a control character",
	"firefox k096": "the report writes bytes beyond ASCII as they are",
	"firefox k120": "the report writes bytes beyond ASCII as they are",
	"chrome x015":  "what is no HTTP has one name in the report",
	"chrome x020":  "framing is never guessed: a length that is no number is a fault",
	"firefox x020": "framing is never guessed: a length that is no number is a fault",
	"firefox k384": "Firefox takes what is no HTTP for HTTP/0.9",
	"firefox k385": "Firefox takes what is no HTTP for HTTP/0.9",
	"firefox k351": "the line about data: is none of those that WebDriver BiDi passes on",
}

// A witness sees what a browser's page got, and what the browser said.
type witness struct {
	*testing.T
	stage    *differential.Stage
	page     *lab.Page
	profile  fetch.Profile
	seen     []*sight
	patience time.Duration // left, for lines that are late
}

// A sight is one case as the browser showed it, and as the engine tells it.
type sight struct {
	*differential.Handwritten
	id                string // of the run in the browser
	ok                bool
	entries, failures int // how many there were before
	report            []string
	verdict           fetch.Verdict
}

// tell finds out what is to be expected.
func (w *witness) tell(cases []differential.Handwritten) {
	for i := range cases {
		h := &cases[i]
		w.seen = append(w.seen, &sight{Handwritten: h, report: w.report(h), verdict: w.fetch(h)})
	}
}

// watch has the page fetch. What browsers say without the URL of a run is told
// apart only by when they say it, so such runs come alone, behind the others.
func (w *witness) watch() {
	var crowd, alone []*sight
	for _, s := range w.seen {
		if s.isNameless() {
			alone = append(alone, s)
			continue
		}
		crowd = append(crowd, s)
	}
	w.seen = slices.Concat(crowd, alone)
	for some := range slices.Chunk(crowd, 50) {
		w.show(some...)
	}
	for _, s := range alone {
		w.show(s)
	}
}

// isNameless reports whether a line without the run's URL is to be expected, or
// the failure of a request for another address.
func (s *sight) isNameless() bool {
	return s.verdict.Kind() == fetch.RedirectScheme ||
		slices.ContainsFunc(s.report, func(line string) bool { return !strings.Contains(line, "{id}") })
}

// show waits until as many lines have come as are expected: what has not come, or
// came unexpected, is judged later.
func (w *witness) show(some ...*sight) {
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	var cases []differential.Case
	for _, s := range some {
		s.entries, s.failures = len(w.page.Console()), len(w.page.Failures())
		cases = append(cases, s.Case)
	}
	outcomes, err := w.stage.InBrowser(ctx, w.page, cases)
	if err != nil {
		w.Fatal(err)
	}
	for i, s := range some {
		s.id, s.ok = outcomes[i].ID, outcomes[i].Results[0] != "nothing"
	}
	w.await(some)
}

// await has patience with busy browsers, once for all cases: a version that says
// something else may say it often. What is not judged is waited for the least.
func (w *witness) await(some []*sight) {
	const least = 3 * time.Second
	begun := time.Now()
	defer func() { w.patience -= time.Since(begun) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	unjudged, late := time.After(least), time.After(max(w.patience, least))
	for !w.allHaveCome(some) {
		select {
		case <-tick.C:
		case <-unjudged:
			some = slices.DeleteFunc(slices.Clone(some), w.isUnlike)
		case <-late:
			return
		}
	}
}

// isUnlike reports whether the console is known to show something else.
func (w *witness) isUnlike(s *sight) bool { return unlike[w.profile.Name+" "+s.ID] != "" }

func (w *witness) allHaveCome(some []*sight) bool {
	consoles := w.consoles()
	return !slices.ContainsFunc(some, func(s *sight) bool { return len(consoles[s.id]) < len(s.report) })
}

// report is what a report says that the browser prints.
func (w *witness) report(h *differential.Handwritten) (lines []string) {
	id, requests, end := w.stage.Play(&h.Case)
	defer end()
	r := explain.Explain(w.Context(), explain.Question{
		Request: requests[0], Profile: w.profile, NoProbes: true, Send: true, ShowSecrets: true,
		Dial: differential.DialLoopback, TLS: w.stage.TLS(), Timeout: 10 * time.Second,
	})
	for _, s := range r.Says {
		if s.Browser == w.profile.Name {
			for _, line := range s.Lines {
				lines = append(lines, w.stage.Neutral(id, line))
			}
		}
	}
	return lines
}

func (w *witness) fetch(h *differential.Handwritten) fetch.Verdict {
	_, requests, end := w.stage.Play(&h.Case)
	defer end()
	agent := fetch.Agent{Profile: w.profile, Dial: differential.DialLoopback, TLS: w.stage.TLS(), Timeout: 10 * time.Second}
	defer agent.Close()
	return agent.Fetch(w.Context(), requests[0])
}

// judge compares all that was seen, and returns how many failures were among it.
func (w *witness) judge() (failures int) {
	consoles := w.consoles()
	for _, s := range w.seen {
		if !s.verdict.OK() {
			failures++
		}
		if w.isUnlike(s) {
			continue
		}
		if s.ok != s.verdict.OK() {
			w.Errorf("%s %s: the page got it: %t, the engine: %v", s.ID, s.Name, s.ok, s.verdict.Failure)
		}
		if got := consoles[s.id]; !slices.Equal(got, s.report) {
			w.Errorf("%s %s (%s): the console shows\n\t%s\nthe report says\n\t%s", s.ID, s.Name, s.verdict.Kind(), strings.Join(got, "\n\t"), strings.Join(s.report, "\n\t"))
		}
		if w.profile.Name == fetch.Chrome.Name {
			w.judgeKind(s)
		}
	}
	return failures
}

// runID finds the id of a run in a URL.
var runID = regexp.MustCompile(`/c/(r\d{7})`)

// consoles are the lines of each run, by its id. A line without one is of the run
// that was the last when it came.
func (w *witness) consoles() map[string][]string {
	consoles := make(map[string][]string)
	for n, e := range w.page.Console() {
		id := ""
		if m := runID.FindStringSubmatch(e.Text + " " + e.URL); m != nil {
			id = m[1]
		} else if i := w.lastBefore(func(s *sight) int { return s.entries }, n); i >= 0 {
			id = w.seen[i].id
		}
		if text := strings.TrimSpace(w.stage.Neutral(id, e.Text)); !isNoise(text) {
			consoles[id] = append(consoles[id], text)
		}
	}
	return consoles
}

// lastBefore is the index of the last run that began before the nth of something.
func (w *witness) lastBefore(before func(*sight) int, n int) int {
	for i := len(w.seen) - 1; i >= 0; i-- {
		if w.seen[i].id != "" && before(w.seen[i]) <= n {
			return i
		}
	}
	return -1
}

// isNoise is true of what Chromium adds to what it has said already, and of
// statuses that are no failures.
func isNoise(text string) bool {
	return text == "Failed to load resource: net::ERR_FAILED" || strings.HasPrefix(text, "Failed to load resource: the server responded with a status of")
}

func isAboutCORS(line string) bool { return strings.Contains(line, "blocked by CORS policy") }

// judgeKind holds the name that Chromium's developer tools have for a failure
// against the engine's kind.
func (w *witness) judgeKind(s *sight) {
	want := ""
	if f := s.verdict.Failure; f != nil && slices.ContainsFunc(s.report, isAboutCORS) {
		want = corsErrors[f.Kind]
		if strings.HasPrefix(want, "~") {
			want = map[bool]string{true: "Preflight"}[f.Preflight] + want[1:]
		}
	}
	got := ""
	for n, f := range w.page.Failures() {
		mine := strings.Contains(f.URL, s.id)
		if !runID.MatchString(f.URL) {
			i := w.lastBefore(func(s *sight) int { return s.failures }, n)
			mine = i >= 0 && w.seen[i] == s
		}
		if mine && f.CORS != "" {
			got = f.CORS
		}
	}
	if got != want {
		w.Errorf("%s %s: Chromium calls it %q, the engine's %q is %q", s.ID, s.Name, got, s.verdict.Kind(), want)
	}
}

// corsErrors are Chromium's names (CorsError of the DevTools protocol) for kinds
// of failures. "~" stands for "Preflight" where a preflight is at fault.
var corsErrors = map[fetch.Kind]string{
	fetch.MissingAllowOrigin:      "~MissingAllowOriginHeader",
	fetch.AllowOriginMismatch:     "~AllowOriginMismatch",
	fetch.MultipleAllowOrigin:     "~MultipleAllowOriginValues",
	fetch.InvalidAllowOrigin:      "~InvalidAllowOriginValue",
	fetch.WildcardWithCredentials: "~WildcardOriginNotAllowed",
	fetch.InvalidAllowCredentials: "~InvalidAllowCredentials",
	fetch.PreflightStatus:         "PreflightInvalidStatus",
	fetch.PreflightRedirect:       "PreflightDisallowedRedirect",
	fetch.InvalidAllowMethods:     "InvalidAllowMethodsPreflightResponse",
	fetch.InvalidAllowHeaders:     "InvalidAllowHeadersPreflightResponse",
	fetch.MethodNotAllowed:        "MethodDisallowedByPreflightResponse",
	fetch.HeaderNotAllowed:        "HeaderDisallowedByPreflightResponse",
	fetch.RedirectCredentials:     "RedirectContainsCredentials",
	fetch.RedirectScheme:          "CorsDisabledScheme",
	fetch.TargetAddressSpace:      "InvalidLocalNetworkAccess",
	fetch.LocalNetworkAccess:      "LocalNetworkAccessPermissionDenied",
}
