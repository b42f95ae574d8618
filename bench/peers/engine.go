package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/explain"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
)

// A fetchCase is what a page fetches again and again.
type fetchCase struct {
	name   string
	method string
	header []string
	maxAge time.Duration // of the preflight's answer
	goal   float64       // verdicts a second and core, in process
}

var fetchCases = []fetchCase{
	{"simple", http.MethodGet, nil, 0, 100_000},
	{"cached preflight", http.MethodPut, []string{"Authorization", "Bearer x"}, maxAge, 100_000},
	{"with preflight", http.MethodPut, []string{"Authorization", "Bearer x"}, corsac.NoCache, 30_000},
}

// handler is the server that the page fetches from.
func (c *fetchCase) handler(page string) (http.Handler, error) {
	p, err := corsac.New(corsac.Rule{Origins: []string{page}, Methods: []string{http.MethodPut}, Headers: []string{"Authorization"}, MaxAge: c.maxAge})
	if err != nil {
		return nil, err
	}
	return p.Wrap(hello), nil
}

func (c *fetchCase) request(page, api string) fetch.Request {
	r := fetch.Request{Origin: page, URL: api + "/users/1", Method: c.method}
	for i := 0; i < len(c.header); i += 2 {
		r.Header = append(r.Header, fetch.Lines(c.header[i]+": "+c.header[i+1])...)
	}
	return r
}

// engine is how many verdicts the browser's half comes to, beside a browser.
func engine(ctx context.Context, p plan) (*table, error) {
	t := &table{
		Title: "Verdicts",
		Lead: fmt.Sprintf("How many times a second a page's request is fetched, one after the other: by package fetch on one core with the server in the same process (medians of %d rounds of %v, the cases in turn), "+
			"by the same over a loopback connection (of %d), and by Chromium from the same server (medians of %d rounds of %v).", spread*p.rounds, p.sample, p.rounds, min(p.rounds, browserRounds), browserSample),
		Header: []string{"case", "in process", "goal", "allocations", "loopback", "chromium", "in process/chromium", "loopback/chromium"},
	}
	// Before there is a browser: it is busy for a while when it has started.
	inside, err := measureInProcess(ctx, p)
	if err != nil {
		return nil, err
	}
	browser, err := lab.Start(ctx, "chromium")
	if err != nil {
		t.Notes = append(t.Notes, err.Error()+".")
	} else {
		defer browser.Close()
		t.Notes = append(t.Notes, "Chromium "+browser.Version()+", headless, as a script in a page sees it.")
	}
	for i, c := range fetchCases {
		if err := engineRow(ctx, t, &c, &inside[i], p, browser); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return t, nil
}

func engineRow(ctx context.Context, t *table, c *fetchCase, inside *inProcess, p plan, browser *lab.Browser) error {
	page, stopPage, err := serve(http.HandlerFunc(emptyPage))
	if err != nil {
		return err
	}
	defer stopPage()
	h, err := c.handler(page)
	if err != nil {
		return err
	}
	api, stopAPI, err := serve(h)
	if err != nil {
		return err
	}
	defer stopAPI()
	loopback, err := c.overLoopback(ctx, p, page, api)
	if err != nil {
		return err
	}
	real := math.NaN()
	if browser != nil {
		if real, err = c.inBrowser(ctx, browser, min(p.rounds, browserRounds), page, api); err != nil {
			return err
		}
	}
	t.add(c.name, number(inside.perSecond), number(c.goal), number(inside.allocations), number(loopback), number(real), number(inside.perSecond/real), number(loopback/real))
	return nil
}

func (c *fetchCase) overLoopback(ctx context.Context, p plan, page, api string) (perSecond float64, err error) {
	agent := fetch.Agent{Profile: fetch.Chrome}
	defer agent.Close()
	return rate(ctx, &agent, c.request(page, api), p)
}

func emptyPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, "<!doctype html><title>bench</title>")
}

// inProcess is what verdicts take with the server in the same process.
type inProcess struct {
	agent                  fetch.Agent
	request                fetch.Request
	rates                  []float64
	perSecond, allocations float64
}

// spread is how much longer verdicts are measured than middlewares: there are
// few cases, and what else the machine does lasts longer than all of them once.
const spread = 10

// measureInProcess measures all cases in turn, on one core, the collector's work
// included.
func measureInProcess(ctx context.Context, p plan) ([]inProcess, error) {
	const page, api = "https://app.example.com", "https://api.example.com"
	inside := make([]inProcess, len(fetchCases))
	for i, c := range fetchCases {
		h, err := c.handler(page)
		if err != nil {
			return nil, err
		}
		inside[i].agent = fetch.Agent{Profile: fetch.Chrome, Transport: fetch.Handler(h)}
		inside[i].request = c.request(page, api)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ballast := make([]byte, p.heap<<20)
	defer runtime.KeepAlive(ballast)
	for range spread * p.rounds {
		for i := range inside {
			m := &inside[i]
			rate, err := rateOnce(ctx, &m.agent, m.request, p.sample)
			if err != nil {
				return nil, err
			}
			m.rates = append(m.rates, rate)
		}
	}
	for i := range inside {
		m := &inside[i]
		m.perSecond, m.allocations = median(m.rates), m.countAllocations(ctx)
	}
	return inside, nil
}

func (m *inProcess) countAllocations(ctx context.Context) float64 {
	const runs = 64
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		m.agent.Fetch(ctx, m.request)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / runs
}

// rate is how often a second the agent fetches: the median of the rounds.
func rate(ctx context.Context, agent *fetch.Agent, r fetch.Request, p plan) (float64, error) {
	var rates []float64
	for range p.rounds + 1 {
		rate, err := rateOnce(ctx, agent, r, p.sample)
		if err != nil {
			return 0, err
		}
		rates = append(rates, rate)
	}
	return median(rates[1:]), nil // the first connects, and asks what is cached then
}

func rateOnce(ctx context.Context, agent *fetch.Agent, r fetch.Request, sample time.Duration) (float64, error) {
	n := 0
	start := time.Now()
	for ; n == 0 || time.Since(start) < sample; n++ {
		if v := agent.Fetch(ctx, r); !v.OK() {
			return 0, fmt.Errorf("%s %s: %v", r.Method, r.URL, v.Failure)
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

const (
	browserRounds = 5
	browserSample = time.Second
)

// inBrowser is how often a second a script fetches.
func (c *fetchCase) inBrowser(ctx context.Context, browser *lab.Browser, rounds int, page, api string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tab, err := browser.NewPage(ctx, page+"/")
	if err != nil {
		return 0, err
	}
	defer tab.Close(ctx)
	header := "{}"
	if len(c.header) > 0 {
		header = fmt.Sprintf("{%q: %q}", c.header[0], c.header[1])
	}
	var rates []float64
	err = tab.Eval(ctx, fmt.Sprintf(fetchScript, api+"/users/1", c.method, header, rounds, browserSample.Milliseconds()), &rates)
	if err != nil {
		return 0, err
	}
	return median(rates), nil
}

// fetchScript takes the URL, the method, the headers, the number of rounds and
// the milliseconds of one. A fetch that fails rejects it.
const fetchScript = `(async (url, method, headers, rounds, sample) => {
	const once = async () => { await (await fetch(url, {method, headers})).text(); };
	await once();
	const rates = [];
	while (rates.length < rounds) {
		const start = performance.now();
		let n = 0, took = 0;
		while (took < sample) {
			await once();
			n++;
			took = performance.now() - start;
		}
		rates.push(n * 1000 / took);
	}
	return rates;
})(%q, %q, %s, %d, %d)`

// explaining is how long a whole report takes where nothing is waited for.
func explaining(ctx context.Context, p plan) (*table, error) {
	t := &table{
		Title: "Explain",
		Lead: fmt.Sprintf("How long `corsac explain` takes for a report, probes included, with a server on the loopback device that answers at once: all of it is its own time, but for that server's. "+
			"Medians of %d.", p.rounds),
		Header: []string{"question", "report", "goal", "requests sent"},
	}
	const page = "http://localhost:3000"
	for _, c := range []struct {
		name string
		rule corsac.Rule
	}{
		{"an allowed request", corsac.Rule{Origins: []string{page}, Headers: []string{"Authorization"}}},
		{"a header that is not allowed", corsac.Rule{Origins: []string{page}}},
		{"an origin that is not allowed", corsac.Rule{Origins: []string{"https://app.example.com"}}},
	} {
		took, requests, err := explainTime(ctx, p, page, c.rule)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		t.add(c.name, decimals(took.Seconds()*1000)+" ms", "50 ms", number(requests))
	}
	return t, nil
}

// explainTime also counts the requests that one report takes.
func explainTime(ctx context.Context, p plan, page string, rule corsac.Rule) (took time.Duration, requests float64, err error) {
	policy, err := corsac.New(rule)
	if err != nil {
		return 0, 0, err
	}
	var asked atomic.Int64
	wrapped := policy.Wrap(hello)
	api, stop, err := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		wrapped.ServeHTTP(w, r)
	}))
	if err != nil {
		return 0, 0, err
	}
	defer stop()
	q := explain.Question{Request: fetch.Request{Origin: page, URL: api + "/users", Header: fetch.Lines("Authorization: Bearer x")}}
	var times []float64
	for range p.rounds {
		start := time.Now()
		explain.Explain(ctx, q)
		times = append(times, float64(time.Since(start)))
	}
	return time.Duration(median(times)), float64(asked.Load()) / float64(p.rounds), nil
}
