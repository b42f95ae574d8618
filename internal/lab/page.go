package lab

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Page is a page in a browser, in a window of its own with its own cookies, caches and storage, as
// large as 1280 by 800 pixels until Viewport says otherwise. Its methods may be called concurrently.
// Tests rather use a Tab.
type Page struct {
	remote remote

	mu       sync.Mutex
	news     chan struct{} // closed at the next change, when somebody waits
	entries  []Entry
	failures []Failure
}

// remote is what differs between the protocols.
type remote interface {
	navigate(ctx context.Context, url string) error
	// evaluate runs a script whose value is a promise of a string or of undefined, and returns the string.
	evaluate(ctx context.Context, script string) (string, error)
	viewport(ctx context.Context, width, height int) error
	screenshot(ctx context.Context) ([]byte, error)
	close(ctx context.Context) error
}

// An Entry is a line of the browser's console. Those of workers come from Chromium only.
type Entry struct {
	Source string // "console" for what the page printed; otherwise the browser speaks: "javascript", "network", …
	Level  string // "debug", "info", "warn" or "error"
	Text   string
	URL    string // what it is about; Chromium only
}

// AboutCORS reports whether the entry is the browser's own message that CORS blocked something.
func (e Entry) AboutCORS() bool {
	return e.Source != "console" && (strings.Contains(e.Text, "blocked by CORS policy") || // Chromium
		strings.HasPrefix(e.Text, "Cross-Origin Request Blocked:")) // Firefox
}

// A Failure is a request that failed in the network layer, as the browser reports it to its developer
// tools.
type Failure struct {
	Method, URL string
	Error       string // "net::ERR_FAILED", "NS_ERROR_DOM_BAD_URI"
	CORS        string // what CORS found wrong, in Chromium's words, such as "MissingAllowOriginHeader"; "" in Firefox
	Parameter   string // and the value it is about
}

// NewPage opens the URL in a new page and waits until it has loaded.
func (b *Browser) NewPage(ctx context.Context, url string) (*Page, error) {
	e, err := b.running(ctx)
	if err != nil {
		return nil, err
	}
	p := &Page{}
	if p.remote, err = e.open(ctx, p); err != nil {
		return nil, err
	}
	err = p.Viewport(ctx, 1280, 800)
	if err == nil {
		err = p.Navigate(ctx, url)
	}
	if err != nil {
		p.Close(ctx)
		return nil, err
	}
	return p, nil
}

// Close closes the page and forgets its cookies, caches and storage.
func (p *Page) Close(ctx context.Context) error { return p.remote.close(ctx) }

// Navigate goes to the URL and waits until it has loaded.
func (p *Page) Navigate(ctx context.Context, url string) error {
	if err := p.remote.navigate(ctx, url); err != nil {
		return fmt.Errorf("opening %s: %w", url, err)
	}
	return nil
}

// Eval evaluates a JavaScript expression, awaits it if it is a promise, and stores its value (as JSON
// carries it) in into, unless that is nil. What the script throws comes back as the error. When the page
// is left before the promise settles, Chromium says so, and Firefox says nothing until ctx is done.
func (p *Page) Eval(ctx context.Context, expr string, into any) error {
	value, err := p.remote.evaluate(ctx, "(async () => JSON.stringify(await ("+expr+"\n)))()")
	if err != nil {
		return fmt.Errorf("evaluating %s: %w", expr, err)
	}
	if into == nil {
		return nil
	}
	// The empty string is undefined, which JSON does not have.
	if err := json.Unmarshal([]byte(cmp.Or(value, "null")), into); err != nil {
		return fmt.Errorf("value of %s: %w", expr, err)
	}
	return nil
}

// Wait waits until the JavaScript expression is true, across navigations if need be.
func (p *Page) Wait(ctx context.Context, expr string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		met, err := p.holds(ctx, expr)
		if met {
			return nil
		}
		if errors.Is(err, errGone) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w (last error: %v)", expr, context.Cause(ctx), err)
		case <-tick.C:
		}
	}
}

// holds bounds the single try: Firefox never answers when the page is left meanwhile.
func (p *Page) holds(ctx context.Context, expr string) (met bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err = p.Eval(ctx, "Boolean(await ("+expr+"\n))", &met)
	return met, err
}

// Viewport sets the size of the page in CSS pixels, which are pixels of the screenshot too.
func (p *Page) Viewport(ctx context.Context, width, height int) error {
	return p.remote.viewport(ctx, width, height)
}

// Screenshot returns the viewport as a PNG image.
func (p *Page) Screenshot(ctx context.Context) ([]byte, error) {
	return p.remote.screenshot(ctx)
}

// Console returns what the console shows so far.
func (p *Page) Console() []Entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.entries)
}

// WaitConsole waits until the console shows such an entry, and returns the first.
func (p *Page) WaitConsole(ctx context.Context, such func(Entry) bool) (Entry, error) {
	return await(ctx, p, "console entry", &p.entries, such)
}

// Failures returns the requests that failed so far.
func (p *Page) Failures() []Failure {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.failures)
}

// WaitFailure waits until such a request has failed, and returns the first.
func (p *Page) WaitFailure(ctx context.Context, such func(Failure) bool) (Failure, error) {
	return await(ctx, p, "failed request", &p.failures, such)
}

func await[T any](ctx context.Context, p *Page, what string, list *[]T, such func(T) bool) (found T, err error) {
	var seen []T
	err = p.until(ctx, func() bool {
		seen = slices.Clone(*list)
		i := slices.IndexFunc(seen, such)
		if i >= 0 {
			found = seen[i]
		}
		return i >= 0
	})
	if err != nil {
		return found, fmt.Errorf("no such %s: %w; seen: %+v", what, err, seen)
	}
	return found, nil
}

// until waits for a condition on what record changes.
func (p *Page) until(ctx context.Context, met func() bool) error {
	for {
		p.mu.Lock()
		done := met()
		if p.news == nil {
			p.news = make(chan struct{})
		}
		news := p.news
		p.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// record changes the page's lists, for all who wait.
func (p *Page) record(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	if p.news != nil {
		close(p.news)
		p.news = nil
	}
}

func (p *Page) log(e Entry) {
	if level, other := map[string]string{"log": "info", "warning": "warn", "verbose": "debug"}[e.Level]; other {
		e.Level = level
	}
	p.record(func() { p.entries = append(p.entries, e) })
}

func (p *Page) failed(f Failure) {
	p.record(func() { p.failures = append(p.failures, f) })
}
