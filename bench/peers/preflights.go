package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/corsac-cors/corsac/internal/lab"
)

// A call is a request of a page's script.
type call struct {
	Path    string            `json:"path"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
}

// session is what a page does: a hundred requests to ten URLs, with four
// methods and five sets of headers, always the same. Every URL has at least
// one that needs a preflight. None is conditional: with If-Match and its like,
// browsers leave all caches alone, that of preflights too.
func session() []call {
	methods := []string{"GET", "PUT", "PATCH", "DELETE"}
	headers := []map[string]string{
		{},
		{"Authorization": "Bearer token"},
		{"Authorization": "Bearer token", "Content-Type": "application/json"},
		{"Authorization": "Bearer token", "X-Requested-With": "fetch"},
		{"Authorization": "Bearer token", "X-Tenant": "1", "X-Request-Id": "1"},
	}
	random := rand.New(rand.NewPCG(2, 7))
	calls := make([]call, 100)
	for i := range calls {
		calls[i] = call{
			Path:    "/users/" + strconv.Itoa(i%10),
			Method:  methods[random.IntN(len(methods))],
			Headers: headers[random.IntN(len(headers))],
		}
	}
	random.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	return calls
}

var sessionPolicy = policy{
	methods: []string{"PUT", "PATCH", "DELETE"},
	headers: []string{"Authorization", "Content-Type", "X-Requested-With", "X-Tenant", "X-Request-Id"},
}

// maxAge is less than any browser's limit.
const maxAge = 10 * time.Minute

// preflights counts what real browsers ask before a session's requests.
func preflights(ctx context.Context) (*table, error) {
	t := &table{
		Title: "Preflights",
		Lead: fmt.Sprintf("How many preflights a page causes that sends %d requests to 10 URLs of another origin, with 4 methods and 5 sets of headers: "+
			"one after the other, and six at a time. All servers allow the same, for %v.", len(session()), maxAge),
		Header: []string{"browser"},
	}
	for _, p := range peers {
		t.Header = append(t.Header, p.name)
	}
	for _, name := range []string{"chromium", "firefox"} {
		if _, err := lab.Find(name); err != nil {
			t.Notes = append(t.Notes, err.Error()+".")
			continue
		}
		if err := preflightRows(ctx, name, t); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(t.Rows) == 0 {
		return nil, errors.New("there is no browser")
	}
	return t, nil
}

func preflightRows(ctx context.Context, name string, t *table) error {
	browser, err := lab.Start(ctx, name)
	if err != nil {
		return err
	}
	defer browser.Close()
	for _, atATime := range []int{1, 6} {
		how := map[int]string{1: "one after the other", 6: "six at a time"}[atATime]
		cells := []string{name + " " + browser.Version() + ", " + how}
		for _, p := range peers {
			n, err := countPreflights(ctx, browser, &p, atATime)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			cells = append(cells, number(float64(n)))
		}
		t.add(cells...)
	}
	return nil
}

// countPreflights runs the session in a new page, against a new server.
func countPreflights(ctx context.Context, browser *lab.Browser, p *peer, atATime int) (int, error) {
	page, stopPage, err := serve(http.HandlerFunc(emptyPage))
	if err != nil {
		return 0, err
	}
	defer stopPage()
	allow := sessionPolicy
	allow.origins = []string{page}
	wrapped, err := p.wrap(allow, maxAge, hello)
	if err != nil {
		return 0, err
	}
	counter := &counter{next: wrapped}
	api, stopAPI, err := serve(counter)
	if err != nil {
		return 0, err
	}
	defer stopAPI()

	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tab, err := browser.NewPage(ctx, page+"/")
	if err != nil {
		return 0, err
	}
	defer tab.Close(ctx)
	calls, err := json.Marshal(session())
	if err != nil {
		return 0, err
	}
	var failed []string
	if err := tab.Eval(ctx, fmt.Sprintf(script, calls, atATime, api), &failed); err != nil {
		return 0, err
	}
	if len(failed) > 0 {
		return 0, fmt.Errorf("%d requests failed; the first: %s", len(failed), failed[0])
	}
	return counter.count(), nil
}

// script takes the calls, how many are sent at a time, and the API's origin. Its
// value lists what failed.
const script = `(async (calls, atATime, api) => {
	const failed = [];
	const worker = async () => {
		for (let c; c = calls.shift(); ) {
			try {
				const answer = await fetch(api + c.path, c);
				await answer.text();
				if (!answer.ok) failed.push(c.method + " " + c.path + ": " + answer.status);
			} catch (e) {
				failed.push(c.method + " " + c.path + " " + JSON.stringify(c.headers) + ": " + e);
			}
		}
	};
	await Promise.all(Array.from({length: atATime}, worker));
	return failed;
})(%s, %d, %q)`

// A counter counts the preflights that pass.
type counter struct {
	next http.Handler

	mu sync.Mutex
	n  int
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		c.mu.Lock()
		c.n++
		c.mu.Unlock()
	}
	c.next.ServeHTTP(w, r)
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// serve serves h at an origin of its own.
func serve(h http.Handler) (origin string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(l)
	return "http://" + l.Addr().String(), server.Close, nil
}
