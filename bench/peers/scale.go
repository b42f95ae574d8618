package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/origins"
)

// scale is what long lists of exact origins cost: to load, to keep and to ask.
func scale() (*table, error) {
	t := &table{
		Title: "Long lists of origins",
		Lead: "Exact origins, asked for in random order. Memory is the heap's after a collection, when the list that was loaded is gone. " +
			"Look-up: the set alone, the origin listed or not. Request: the middleware with a listed origin, over the bare handler. Store: Live.Store with a policy that has been made.",
		Header: []string{"origins", "load", "jub0bs", "memory", "jub0bs", "bytes/origin", "jub0bs", "look-up", "missed", "request", "jub0bs", "store"},
		Notes:  []string{"The goal at a million: at most 150 ms, 45 MiB and 200 ns. jub0bs/cors cannot store a configuration that it has made: to swap is to load."},
	}
	for _, n := range []int{10, 1000, 100_000, 1_000_000} {
		if err := scaleRow(t, n); err != nil {
			return nil, fmt.Errorf("%d origins: %w", n, err)
		}
	}
	return t, nil
}

// A loaded is a middleware with a long list.
type loaded struct {
	handler http.Handler
	took    time.Duration
	bytes   float64
}

func scaleRow(t *table, n int) error {
	repeat := 5
	ours, err := measureLoad(n, repeat, func(list []string) (http.Handler, error) { return wrapCorsac(simple(list), 0, hello) })
	if err != nil {
		return err
	}
	request := requestTime(ours.handler, n)
	ours.handler = nil
	if n >= 1_000_000 {
		repeat = 1 // it takes seconds
	}
	theirs, err := measureLoad(n, repeat, func(list []string) (http.Handler, error) { return wrapJub0bs(simple(list), 0, hello) })
	if err != nil {
		return err
	}
	theirRequest := requestTime(theirs.handler, n)
	theirs.handler = nil
	hit, miss := lookUp(n)
	store, err := storeTime(n)
	if err != nil {
		return err
	}
	const mib = 1 << 20
	t.add(number(float64(n)),
		milliseconds(ours.took), milliseconds(theirs.took),
		decimals(ours.bytes/mib)+" MiB", decimals(theirs.bytes/mib)+" MiB",
		number(ours.bytes/float64(n)), number(theirs.bytes/float64(n)),
		number(hit)+" ns", number(miss)+" ns",
		number(request)+" ns", number(theirRequest)+" ns",
		number(store)+" ns")
	return nil
}

// measureLoad loads a list, which is made anew because a middleware may keep it, and
// says what is kept.
func measureLoad(n, repeat int, make func(list []string) (http.Handler, error)) (l loaded, err error) {
	before := heap()
	var took []float64
	for range repeat {
		l.handler = nil
		list := longList(n)
		runtime.GC()
		start := time.Now()
		if l.handler, err = make(list); err != nil {
			return l, err
		}
		took = append(took, float64(time.Since(start)))
	}
	l.took = time.Duration(median(took))
	l.bytes = heap() - before
	runtime.KeepAlive(l.handler)
	return l, nil
}

// heap is what lives on it.
func heap() float64 {
	runtime.GC()
	runtime.GC() // what the first has only finalized, or swept away from pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// longList is n different origins, always the same.
func longList(n int) []string {
	random := rand.New(rand.NewPCG(9, uint64(n)))
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("https://%s%d.%s", label(random), i, domains[random.IntN(len(domains))])
	}
	return list
}

var domains = []string{"example.com", "example.net", "example.org", "shop.example", "app.example"}

func label(random *rand.Rand) string {
	b := make([]byte, 2+random.IntN(7))
	for i := range b {
		b[i] = byte('a' + random.IntN(26))
	}
	return string(b)
}

// questions picks listed origins at random, in strings of their own.
func questions(n int) []string {
	list := longList(n)
	random := rand.New(rand.NewPCG(3, 5))
	asked := make([]string, min(max(n, 1<<10), 1<<16))
	for i := range asked {
		asked[i] = string([]byte(list[random.IntN(n)]))
	}
	return asked
}

// requestTime is that of a request over the bare handler's, in nanoseconds.
func requestTime(h http.Handler, n int) float64 {
	asked := questions(n)
	r := (&benchCase{origin: "https://example.com"}).request()
	w := newSink()
	ask := func(h http.Handler) float64 {
		return each(asked, func(origin string) {
			clear(w.header)
			r.Header["Origin"][0] = origin
			h.ServeHTTP(w, r)
		})
	}
	var times []float64
	for range 9 {
		times = append(times, ask(h)-ask(hello))
	}
	return median(times)
}

// lookUp is the time to ask the set itself, for what is listed and for what is not.
func lookUp(n int) (hit, miss float64) {
	set := origins.NewSet(longList(n), func(i int, err error) { panic(err) })
	asked := questions(n)
	others := make([]string, len(asked))
	for i, origin := range asked {
		others[i] = origin + "x"
	}
	var hits, misses []float64
	found := 0
	count := func(origin string) {
		if set.Contains(origin) {
			found++
		}
	}
	for range 9 {
		hits = append(hits, each(asked, count))
		misses = append(misses, each(others, count))
	}
	if found != 9*len(asked) {
		panic(fmt.Sprintf("of %d listed origins %d were found", 9*len(asked), found))
	}
	return median(hits), median(misses)
}

// each is the time that do takes for one of the values, in nanoseconds.
func each(values []string, do func(string)) float64 {
	start := time.Now()
	for _, v := range values {
		do(v)
	}
	return float64(time.Since(start)) / float64(len(values))
}

// storeTime is how long it takes to replace one policy by another.
func storeTime(n int) (float64, error) {
	p, err := corsac.New(corsac.Rule{Origins: longList(n)})
	if err != nil {
		return 0, err
	}
	q, err := corsac.New(corsac.Rule{Origins: []string{"*"}})
	if err != nil {
		return 0, err
	}
	live := corsac.NewLive(p)
	const times = 100_000
	start := time.Now()
	for range times / 2 {
		live.Store(q)
		live.Store(p)
	}
	return float64(time.Since(start)) / times, nil
}

func milliseconds(d time.Duration) string {
	if d < time.Millisecond {
		return decimals(d.Seconds()*1000) + " ms"
	}
	return number(d.Seconds()*1000) + " ms"
}
