package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"
)

// patience bounds every single step of a test with a browser; a step takes milliseconds, the start of
// Firefox on a busy machine some seconds.
const patience = 60 * time.Second

// A Browser is a real browser: headless, offline as far as it lets itself be told, with a fresh profile.
type Browser struct {
	name     string
	settings settings

	mu     sync.Mutex
	engine engine // nil until the first use
	err    error  // why there is none; final
	life   context.Context
}

// An engine is a running browser, spoken to in its own protocol.
type engine interface {
	version() string
	// open makes a blank page with cookies, caches and storage of its own, which reports to p.
	open(ctx context.Context, p *Page) (remote, error)
	close()
}

var engines = map[string]func(life, ctx context.Context, path string, s settings) (engine, error){
	"chromium": startChromium,
	"firefox":  startFirefox,
	"webkit":   startWebKit,
}

// Browsers returns Chromium and Firefox. Each starts when it is first used and ends with the test t, so
// tests that are subtests of one share them. The subtest that uses one that is not installed is
// skipped: see Need.
func Browsers(t testing.TB, options ...Option) []*Browser {
	t.Helper()
	var all []*Browser
	for _, name := range []string{"chromium", "firefox"} {
		b := newBrowser(t.Context(), name, options)
		t.Cleanup(b.Close)
		all = append(all, b)
	}
	return all
}

// Start starts one browser, "chromium", "firefox" or "webkit", for a program that is no test. It ends when Close
// is called or ctx is done.
func Start(ctx context.Context, name string, options ...Option) (*Browser, error) {
	b := newBrowser(ctx, name, options)
	_, err := b.running(ctx)
	return b, err
}

func newBrowser(life context.Context, name string, options []Option) *Browser {
	b := &Browser{name: name, life: life}
	for _, o := range options {
		o(&b.settings)
	}
	return b
}

// Name is "chromium", "firefox" or "webkit".
func (b *Browser) Name() string { return b.name }

// Version is the browser's version number, such as "153.7.0", or "" while it does not run.
func (b *Browser) Version() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.engine == nil {
		return ""
	}
	return b.engine.version()
}

// Close ends the browser, with all its processes and files.
func (b *Browser) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.engine != nil {
		b.engine.close()
	}
	b.engine, b.err = nil, errors.New("the browser is closed")
}

func (b *Browser) running(ctx context.Context) (engine, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.engine != nil || b.err != nil {
		return b.engine, b.err
	}
	e, err := b.startEngine(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, err // the caller's time was short: the next may succeed
	}
	b.engine, b.err = e, err
	return e, err
}

func (b *Browser) startEngine(ctx context.Context) (engine, error) {
	start, known := engines[b.name]
	if !known {
		return nil, fmt.Errorf("unknown browser %q: the lab knows chromium, firefox and webkit", b.name)
	}
	path, err := Find(b.name)
	if err != nil {
		return nil, err
	}
	e, err := start(b.life, ctx, path, b.settings)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", b.name, err)
	}
	return e, nil
}

var errEnded = errors.New("it ended")

// connect waits until a started browser prints the address of its protocol, and dials it.
func connect(ctx context.Context, p *process, printed *regexp.Regexp, path string, event func(message)) (*conn, error) {
	address := p.out.await(ctx, printed, p.exited)
	if address == "" {
		return nil, fmt.Errorf("%w before it offered its protocol; it printed:\n%s",
			cmp.Or(context.Cause(ctx), errEnded), p.out.String())
	}
	return dial(ctx, address+path, event)
}

// An Option changes how a browser is started.
type Option func(*settings)

type settings struct {
	hosts    []string
	insecure bool
	flags    []string
	prefs    map[string]any
}

// Hosts makes the browser find the names at 127.0.0.1, such as "app.example.test". Names below .localhost
// are found there anyway.
func Hosts(names ...string) Option {
	return func(s *settings) { s.hosts = append(s.hosts, names...) }
}

// InsecureTLS makes the browser accept any certificate, a self-signed one to begin with.
func InsecureTLS() Option {
	return func(s *settings) { s.insecure = true }
}

// ChromiumFlag adds a command-line switch for Chromium.
func ChromiumFlag(flag string) Option {
	return func(s *settings) { s.flags = append(s.flags, flag) }
}

// FirefoxPref sets a preference (a bool, int or string) of Firefox.
func FirefoxPref(name string, value any) Option {
	return func(s *settings) {
		if s.prefs == nil {
			s.prefs = map[string]any{}
		}
		s.prefs[name] = value
	}
}
