package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"
)

// WebKit returns WebKitGTK's MiniBrowser, the nearest to Safari that there is on Linux. It shows one page
// at a time, in WebDriver, which tells neither consoles nor failed requests, and takes no screenshots here;
// where it is not installed, the test is skipped as with the others.
func WebKit(t testing.TB, options ...Option) *Browser {
	t.Helper()
	Need(t, "webkit", "minibrowser", "xvfb")
	b := newBrowser(t.Context(), "webkit", options)
	t.Cleanup(b.Close)
	return b
}

// webkit is spoken to in WebDriver: plain HTTP, in which every session is a browser with a fresh profile. It
// needs a display.
// https://www.w3.org/TR/webdriver2/
type webkit struct {
	display, driver *process
	address         string
	browser         string // the path of MiniBrowser
	insecure        bool

	mu     sync.Mutex
	number string
}

var (
	displayNumber = regexp.MustCompile(`(?m)^(\d+)\n`)
	webkitEnv     = []string{"GDK_BACKEND=x11", "WEBKIT_DISABLE_COMPOSITING_MODE=1", "LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1"}
)

func startWebKit(life, ctx context.Context, path string, s settings) (engine, error) {
	minibrowser, err := Find("minibrowser")
	if err != nil {
		return nil, err
	}
	xvfb, err := Find("xvfb")
	if err != nil {
		return nil, err
	}
	w := &webkit{browser: minibrowser, insecure: s.insecure}
	w.display, err = start(life, xvfb, nil, func(string) ([]string, error) {
		return []string{"-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"}, nil
	})
	if err != nil {
		return nil, err
	}
	if err := w.drive(life, ctx, path); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *webkit) drive(life, ctx context.Context, path string) error {
	number := w.display.out.await(ctx, displayNumber, w.display.exited)
	if number == "" {
		return fmt.Errorf("no display: %w; it printed:\n%s", errEnded, w.display.out.String())
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	w.address = fmt.Sprintf("http://127.0.0.1:%d", port)
	env := append([]string{"DISPLAY=:" + number}, webkitEnv...)
	w.driver, err = start(life, path, env, func(string) ([]string, error) {
		return []string{fmt.Sprintf("--port=%d", port)}, nil
	})
	if err != nil {
		return err
	}
	return w.awaitDriver(ctx)
}

func (w *webkit) version() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.number
}

func (w *webkit) close() {
	if w.driver != nil {
		w.driver.close()
	}
	w.display.close()
}

type webkitPage struct {
	browser *webkit
	session string // its path
}

func (w *webkit) open(ctx context.Context, _ *Page) (remote, error) {
	var made struct {
		SessionID    string
		Capabilities struct{ BrowserVersion string }
	}
	wanted := object{"capabilities": object{"alwaysMatch": object{
		"acceptInsecureCerts":      w.insecure,
		"timeouts":                 object{"script": patience.Milliseconds(), "pageLoad": patience.Milliseconds()},
		"webkitgtk:browserOptions": object{"binary": w.browser, "args": []string{"--automation"}},
	}}}
	if err := w.call(ctx, http.MethodPost, "/session", wanted, &made); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.number = made.Capabilities.BrowserVersion
	return &webkitPage{w, "/session/" + made.SessionID}, nil
}

// call runs a command and stores the value of its answer, unless value is nil.
func (w *webkit) call(ctx context.Context, method, path string, params, value any) error {
	var body io.Reader
	if method == http.MethodPost {
		text, err := json.Marshal(params)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, w.address+path, body)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var a struct{ Value json.RawMessage }
	if err := json.NewDecoder(answer.Body).Decode(&a); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", path, err)
	}
	if answer.StatusCode != http.StatusOK {
		var failure struct{ Error, Message string }
		_ = json.Unmarshal(a.Value, &failure)
		return fmt.Errorf("%s: %s: %s", path, failure.Error, failure.Message)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(a.Value, value)
}

func (p *webkitPage) post(ctx context.Context, command string, params, value any) error {
	return p.browser.call(ctx, http.MethodPost, p.session+command, params, value)
}

func (p *webkitPage) navigate(ctx context.Context, url string) error {
	return p.post(ctx, "/url", object{"url": url}, nil)
}

// evaluate gives the script a callback, as WebDriver has no promises.
func (p *webkitPage) evaluate(ctx context.Context, script string) (string, error) {
	var e struct{ Value, Error string }
	wrapped := "const done = arguments[arguments.length - 1]; Promise.resolve().then(() => " + script +
		").then(value => done({ value }), error => done({ error: String(error) }))"
	if err := p.post(ctx, "/execute/async", object{"script": wrapped, "args": []any{}}, &e); err != nil {
		return "", err
	}
	if e.Error != "" {
		return "", errors.New(e.Error)
	}
	return e.Value, nil
}

// viewport sets the size of the window: what its tools leave of it is the page's.
func (p *webkitPage) viewport(ctx context.Context, width, height int) error {
	return p.post(ctx, "/window/rect", object{"width": width, "height": height}, nil)
}

// screenshot is not to be had: under Xvfb the driver waits for one for good.
func (p *webkitPage) screenshot(context.Context) ([]byte, error) { return nil, errors.ErrUnsupported }

func (p *webkitPage) close(ctx context.Context) error {
	return p.browser.call(ctx, http.MethodDelete, p.session, none, nil)
}

// freePort finds a port for a driver that does not say which it got.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// awaitDriver waits until the driver answers.
func (w *webkit) awaitDriver(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := w.call(ctx, http.MethodGet, "/status", none, nil)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-w.driver.exited:
			return fmt.Errorf("%w: %v; it printed:\n%s", errEnded, err, w.driver.out.String())
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
