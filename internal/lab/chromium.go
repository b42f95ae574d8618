package lab

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// chromium is spoken to in the Chrome DevTools Protocol, in which every page, and every frame or worker in a
// process of its own, is a session of the one connection.
// https://chromedevtools.github.io/devtools-protocol/tot/
type chromium struct {
	process *process
	conn    *conn
	number  string

	mu    sync.Mutex
	pages map[string]*chromiumPage // by session, also past ones: they are few
}

// Quiet, and with no timer slowed down because nobody looks.
var chromiumFlags = []string{
	"--headless",
	"--remote-debugging-port=0",
	"--disable-background-networking",
	"--disable-background-timer-throttling",
	"--disable-backgrounding-occluded-windows",
	"--disable-breakpad",
	"--disable-component-update",
	"--disable-default-apps",
	"--disable-dev-shm-usage",
	"--disable-extensions",
	"--disable-gpu",
	"--disable-quic",
	"--disable-renderer-backgrounding",
	"--disable-sync",
	"--no-default-browser-check",
	"--no-first-run",
	"--password-store=basic",
}

// This build refuses third-party cookies in a fresh profile; browsers as people use them mostly do not.
const chromiumPreferences = `{"profile":{"cookie_controls_mode":0,"block_third_party_cookies":false}}`

var chromiumAddress = regexp.MustCompile(`DevTools listening on (ws://\S+)\n`)

func startChromium(life, ctx context.Context, path string, s settings) (engine, error) {
	p, err := start(life, path, nil, func(dir string) ([]string, error) { return prepareChromium(dir, s) })
	if err != nil {
		return nil, err
	}
	c := &chromium{process: p, pages: map[string]*chromiumPage{}}
	if err := c.connect(ctx); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func prepareChromium(dir string, s settings) (args []string, err error) {
	profile := filepath.Join(dir, "profile")
	args = append(args, chromiumFlags...)
	args = append(args, "--user-data-dir="+profile)
	if os.Getuid() == 0 {
		args = append(args, "--no-sandbox") // it refuses to run as root with one
	}
	if s.insecure {
		args = append(args, "--ignore-certificate-errors")
	}
	if len(s.hosts) > 0 {
		args = append(args, "--host-resolver-rules=MAP "+strings.Join(s.hosts, " 127.0.0.1, MAP ")+" 127.0.0.1")
	}
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		return nil, err
	}
	err = os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(chromiumPreferences), 0o600)
	return append(append(args, s.flags...), "about:blank"), err
}

func (c *chromium) connect(ctx context.Context) (err error) {
	if c.conn, err = connect(ctx, c.process, chromiumAddress, "", c.event); err != nil {
		return err
	}
	var v struct{ Product string }
	if err := c.conn.call(ctx, "", "Browser.getVersion", none, &v); err != nil {
		return err
	}
	_, c.number, _ = strings.Cut(v.Product, "/") // Chrome/156.0.8078.79
	return nil
}

func (c *chromium) version() string { return c.number }

func (c *chromium) close() {
	if c.conn != nil {
		c.conn.close()
	}
	c.process.close()
}

func (c *chromium) enter(session string, p *chromiumPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages[session] = p
}

// event runs on the connection's reading goroutine.
func (c *chromium) event(m message) {
	c.mu.Lock()
	p := c.pages[m.Session]
	c.mu.Unlock()
	handle := chromiumEvents[m.Method]
	if p == nil || handle == nil {
		return
	}
	var e cdpEvent
	if json.Unmarshal(m.Params, &e) == nil {
		handle(p, e)
	}
}
