package main

import (
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A plan says how long to measure.
type plan struct {
	rounds int
	sample time.Duration // the time that one handler runs without a break
	heap   int           // MiB that live while handlers run
	fresh  bool          // each request has a header map of its own
}

// A subject is a handler and a request that is put to it again and again.
type subject struct {
	handler http.Handler
	request *http.Request
	writer  *sink
	times   int // in one sample
	fresh   bool

	Nanoseconds []float64 // of one request, in each round
	Allocs      float64
	Bytes       float64
}

func newSubject(c *benchCase, h http.Handler) *subject {
	return &subject{handler: h, request: c.request(), writer: newSink()}
}

func (s *subject) run(times int) time.Duration {
	start := time.Now()
	for range times {
		if s.fresh {
			s.writer.header = make(http.Header)
		} else {
			clear(s.writer.header)
		}
		s.handler.ServeHTTP(s.writer, s.request)
	}
	return time.Since(start)
}

// prepare finds out how many runs take as long as a sample is to be, and counts
// what a run allocates, which is the same in every round.
func (s *subject) prepare(sample time.Duration) {
	for s.times = 16; ; s.times *= 2 {
		if took := s.run(s.times); took > sample/8 {
			s.times = max(1, int(float64(s.times)*float64(sample)/float64(took)))
			break
		}
	}
	s.Allocs, s.Bytes = math.Inf(1), math.Inf(1)
	for range 3 {
		allocs, bytes := s.allocations()
		s.Allocs, s.Bytes = min(s.Allocs, allocs), min(s.Bytes, bytes)
	}
}

// allocations counts what a run allocates. The collector empties pools, and
// what fills them again is counted now and then: the least is right.
func (s *subject) allocations() (allocs, bytes float64) {
	const runs = 16
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.run(runs)
	runtime.ReadMemStats(&after)
	allocs = math.Floor(float64(after.Mallocs-before.Mallocs) / runs)
	bytes = math.Floor(float64(after.TotalAlloc-before.TotalAlloc) / runs)
	return allocs, bytes
}

func (s *subject) sample() {
	s.Nanoseconds = append(s.Nanoseconds, float64(s.run(s.times).Nanoseconds())/float64(s.times))
}

// A cell is what was measured of one peer in one case.
type cell struct {
	*subject
	Bare    *subject
	Wrong   error
	Remarks []string
}

// A row is one case. Its cells are those of peers.
type row struct {
	benchCase
	Bare  *subject
	Cells []*cell
}

func newRow(c benchCase) (*row, error) {
	r := &row{benchCase: c, Bare: newSubject(&c, c.next())}
	for _, p := range peers {
		wrapped, bare, err := p.handlerOf(&c, c.next())
		if err != nil {
			return nil, err
		}
		cl := &cell{subject: newSubject(&c, wrapped), Bare: r.Bare}
		if p.bare != nil {
			cl.Bare = newSubject(&c, bare)
		}
		cl.Remarks, cl.Wrong = judge(&c, func(next http.Handler) (http.Handler, error) { return p.wrap(c.policy, 0, next) })
		r.Cells = append(r.Cells, cl)
	}
	return r, nil
}

// subjects lists the row's subjects once each.
func (r *row) subjects() []*subject {
	all := []*subject{r.Bare}
	for _, c := range r.Cells {
		if c.Bare != r.Bare {
			all = append(all, c.Bare)
		}
		all = append(all, c.subject)
	}
	return all
}

// measure runs every case of every peer in every round, each round in another
// order, so that what else the machine does at some time meets all alike.
func measure(rows []*row, p plan, all ...*subject) {
	for _, r := range rows {
		all = append(all, r.subjects()...)
	}
	for _, s := range all {
		s.fresh = p.fresh
		s.prepare(p.sample)
	}
	for round := range p.rounds {
		for i := range all {
			all[(i+round*7)%len(all)].sample()
		}
	}
}

// net is the time over the bare handler's, in each round.
func (c *cell) net() []float64 {
	net := make([]float64, len(c.Nanoseconds))
	for i := range net {
		net[i] = c.Nanoseconds[i] - c.Bare.Nanoseconds[i]
	}
	return net
}

// ratio holds two peers' times over the bare handler against each other, round
// by round.
func (r *row) ratio(a, b int) float64 {
	na, nb := r.Cells[a].net(), r.Cells[b].net()
	ratios := make([]float64, len(na))
	for i := range ratios {
		ratios[i] = na[i] / nb[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return math.NaN()
	}
	half := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[half]
}

func geometricMean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(values)))
}

// middlewares is the table of all cases and peers.
func middlewares(p plan, only func(name string) bool) (*table, error) {
	var rows []*row
	for _, c := range cases() {
		if !only(c.name) {
			continue
		}
		r, err := newRow(c)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	// A server has more on its heap than a benchmark; with next to nothing, the
	// collector would run after every few thousand requests.
	ballast := make([]byte, p.heap<<20)
	var bounds []bound
	var subjects []*subject
	if len(rows) > 0 && rows[0].name == cases()[0].name {
		bounds = boundsOf(&cases()[0])
	}
	for _, b := range bounds {
		subjects = append(subjects, b.subject)
	}
	measure(rows, p, subjects...)
	runtime.KeepAlive(ballast)
	t := middlewareTable(rows, p)
	for _, b := range bounds {
		t.Notes = append(t.Notes, b.note(rows[0]))
	}
	return t, nil
}

func middlewareTable(rows []*row, p plan) *table {
	t := &table{
		Title: "Middlewares",
		Lead: fmt.Sprintf("Each cell: nanoseconds a request over the bare handler's, allocations, bytes. "+
			"Medians of %d interleaved rounds of %v, with a heap of %d MiB. Ratio: corsac's time by that of jub0bs/cors, both over the bare handler's; the median of the rounds.", p.rounds, p.sample, p.heap),
		Header: []string{"case", "bare"},
	}
	for _, p := range peers {
		t.Header = append(t.Header, p.name)
	}
	t.Header = append(t.Header, "ratio")
	remarks := make(remarks)
	var public, all []float64
	most := 0.0
	for _, r := range rows {
		most = max(most, r.Cells[0].Allocs)
		cells := []string{r.name, number(median(r.Bare.Nanoseconds))}
		for i, c := range r.Cells {
			cells = append(cells, c.String())
			remarks.of(peers[i].name, r.name, c)
		}
		ratio := r.ratio(0, 1)
		all = append(all, ratio)
		if !r.extra {
			public = append(public, ratio)
		}
		t.add(append(cells, decimals(ratio))...)
	}
	if len(public) > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("Geometric mean of the ratios: %s in the public design's cases, %s in all; the highest is %s. The goal was 0.40, and never more than 1. Corsac's most allocations: %s; the goal was 1.",
			decimals(geometricMean(public)), decimals(geometricMean(all)), decimals(slices.Max(all)), number(most)))
	}
	t.Notes = append(t.Notes, losses(rows)...)
	t.Data = data(rows)
	for _, p := range peers {
		if p.note != "" {
			t.Notes = append(t.Notes, p.name+": "+p.note+".")
		}
	}
	t.Notes = append(t.Notes, remarks.lines()...)
	return t
}

// A datum is a cell in JSON.
type datum struct {
	Case, Peer         string
	Nanoseconds, Over  float64 // Over: over the bare handler
	Allocations, Bytes float64
	Wrong              string   `json:",omitempty"`
	Remarks            []string `json:",omitempty"`
}

func data(rows []*row) (all []datum) {
	for _, r := range rows {
		for i, c := range r.Cells {
			d := datum{
				Case: r.name, Peer: peers[i].name,
				Nanoseconds: median(c.Nanoseconds), Over: median(c.net()),
				Allocations: c.Allocs, Bytes: c.Bytes, Remarks: c.Remarks,
			}
			if c.Wrong != nil {
				d.Wrong = c.Wrong.Error()
			}
			all = append(all, d)
		}
	}
	return all
}

func (c *cell) String() string {
	s := number(median(c.net())) + " · " + number(c.Allocs) + " · " + number(c.Bytes)
	if c.Wrong != nil {
		s += " !"
	}
	return s
}

// losses names the cases in which a peer with a right answer is faster than
// corsac, or allocates less often: a line for each peer.
func losses(rows []*row) (notes []string) {
	for i, p := range peers[1:] {
		var slower, allocates []string
		for _, r := range rows {
			ours, theirs := r.Cells[0], r.Cells[i+1]
			if theirs.Wrong != nil {
				continue
			}
			if ratio := r.ratio(0, i+1); ratio > 1 {
				slower = append(slower, fmt.Sprintf("%s (×%s)", r.name, decimals(ratio)))
			}
			if ours.Allocs > theirs.Allocs {
				allocates = append(allocates, r.name)
			}
		}
		if len(slower) > 0 {
			notes = append(notes, fmt.Sprintf("Slower than %s in %d of %d cases: %s.", p.name, len(slower), len(rows), strings.Join(slower, "; ")))
		}
		if len(allocates) > 0 {
			notes = append(notes, fmt.Sprintf("More allocations than %s in %d of %d cases.", p.name, len(allocates), len(rows)))
		}
	}
	return notes
}

// remarks gathers the cases in which the same is to be said of a peer.
type remarks map[string][]string

func (m remarks) of(peer, name string, c *cell) {
	said := c.Remarks
	if c.Wrong != nil {
		said = append(said, "wrong (!): "+c.Wrong.Error())
	}
	for _, s := range said {
		m[peer+": "+s] = append(m[peer+": "+s], strconv.Quote(name))
	}
}

func (m remarks) lines() []string {
	var lines []string
	for said, names := range m {
		lines = append(lines, said+", in "+and(names)+".")
	}
	slices.Sort(lines)
	return lines
}
