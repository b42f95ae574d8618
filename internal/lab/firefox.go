package lab

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// firefox is spoken to in WebDriver BiDi, in which every page and every frame is a browsing context.
// https://w3c.github.io/webdriver-bidi/
type firefox struct {
	process *process
	conn    *conn
	number  string

	mu    sync.Mutex
	pages map[string]*Page // by browsing context, their frames included, also past ones: they are few
}

// Quiet: no telemetry, updates, safe browsing, captive portal, remote settings or prefetching.
var firefoxPrefs = map[string]any{
	"app.normandy.enabled":         false,
	"app.update.enabled":           false,
	"browser.aboutwelcome.enabled": false,
	"browser.newtabpage.activity-stream.feeds.system.topstories":  false,
	"browser.region.network.url":                                  "",
	"browser.region.update.enabled":                               false,
	"browser.safebrowsing.downloads.enabled":                      false,
	"browser.safebrowsing.malware.enabled":                        false,
	"browser.safebrowsing.phishing.enabled":                       false,
	"browser.shell.checkDefaultBrowser":                           false,
	"browser.startup.homepage_override.mstone":                    "ignore",
	"browser.startup.page":                                        0,
	"datareporting.healthreport.uploadEnabled":                    false,
	"datareporting.policy.dataSubmissionEnabled":                  false,
	"datareporting.policy.dataSubmissionPolicyBypassNotification": true,
	"dom.min_background_timeout_value":                            4,
	"dom.push.connection.enabled":                                 false,
	"extensions.getAddons.cache.enabled":                          false,
	"extensions.update.enabled":                                   false,
	"geo.provider.network.url":                                    "",
	"network.captive-portal-service.enabled":                      false,
	"network.connectivity-service.enabled":                        false,
	"network.dns.disablePrefetch":                                 true,
	"network.http.speculative-parallel-limit":                     0,
	"network.prefetch-next":                                       false,
	"services.settings.server":                                    "data:,#remote-settings-dummy/v1",
	"termsofuse.bypassNotification":                               true,
	"toolkit.telemetry.enabled":                                   false,
	"toolkit.telemetry.unified":                                   false,
}

var firefoxAddress = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)\n`)

func startFirefox(life, ctx context.Context, path string, s settings) (engine, error) {
	env := []string{"MOZ_CRASHREPORTER_DISABLE=1"} // it would leave the process group
	p, err := start(life, path, env, func(dir string) ([]string, error) { return prepareFirefox(dir, s) })
	if err != nil {
		return nil, err
	}
	f := &firefox{process: p, pages: map[string]*Page{}}
	if err := f.connect(ctx, s); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func prepareFirefox(dir string, s settings) (args []string, err error) {
	prefs := maps.Clone(firefoxPrefs)
	prefs["network.dns.localDomains"] = strings.Join(s.hosts, ",")
	maps.Copy(prefs, s.prefs)
	var js bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(prefs)) {
		value, err := json.Marshal(prefs[name])
		if err != nil {
			return nil, fmt.Errorf("preference %q: %w", name, err)
		}
		fmt.Fprintf(&js, "user_pref(%q, %s);\n", name, value)
	}
	profile := filepath.Join(dir, "profile")
	if err := os.Mkdir(profile, 0o700); err != nil {
		return nil, err
	}
	return []string{"--headless", "--profile", profile, "--remote-debugging-port=0"},
		os.WriteFile(filepath.Join(profile, "user.js"), js.Bytes(), 0o600)
}

func (f *firefox) connect(ctx context.Context, s settings) (err error) {
	if f.conn, err = connect(ctx, f.process, firefoxAddress, "/session", f.event); err != nil {
		return err
	}
	var session struct {
		Capabilities struct{ BrowserVersion string }
	}
	wanted := object{"capabilities": object{"alwaysMatch": object{"acceptInsecureCerts": s.insecure}}}
	if err := f.conn.call(ctx, "", "session.new", wanted, &session); err != nil {
		return err
	}
	f.number = session.Capabilities.BrowserVersion
	events := slices.Collect(maps.Keys(firefoxEvents))
	return f.conn.call(ctx, "", "session.subscribe", object{"events": events}, nil)
}

func (f *firefox) version() string { return f.number }

func (f *firefox) close() {
	if f.conn != nil {
		f.conn.close()
	}
	f.process.close()
}

// event runs on the connection's reading goroutine.
func (f *firefox) event(m message) {
	var e bidiEvent
	if json.Unmarshal(m.Params, &e) != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.pages[cmp.Or(e.Source.Context, e.Parent, e.Context)]
	handle := firefoxEvents[m.Method]
	if p != nil && handle != nil {
		handle(f, p, e)
	}
}
