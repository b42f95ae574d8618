package gateway_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

// TestNoRequestFailsDuringAThousandReloads also swaps the upstream and the
// transport, so that everything that can change does.
func TestNoRequestFailsDuringAThousandReloads(t *testing.T) {
	t.Parallel()
	even := upstream(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body); io.WriteString(w, "even") })
	odd := upstream(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body); io.WriteString(w, "odd") })
	configs := []gateway.Config{to(t, even), to(t, odd)}
	configs[1].Gateway.Timeouts.Connect++ // another transport
	rule := appRule
	rule.Expose = []string{"Other"}
	configs[1].Policy = policy(t, rule)
	g, url := start(t, configs[0])

	var done atomic.Bool
	var served [2]atomic.Int64
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			tr := &http.Transport{}
			defer tr.CloseIdleConnections()
			client := &http.Client{Transport: tr, Timeout: patience}
			for !done.Load() {
				which, ok := consistent(t, client, url)
				if !ok {
					return
				}
				served[which].Add(1)
			}
		})
	}
	defer clients.Wait()
	defer done.Store(true)
	for i := range 1000 {
		if err := g.Reload(configs[(i+1)%2]); err != nil {
			t.Fatal(err)
		}
		if i%100 < 2 { // let requests in between reloads, for each of the configurations
			count := &served[(i+1)%2]
			enough := count.Load() + 4
			waitUntil(t, "the new configuration is in force", func() bool { return count.Load() >= enough || t.Failed() })
		}
	}
	done.Store(true)
	clients.Wait()
	if served[0].Load() == 0 || served[1].Load() == 0 {
		t.Errorf("served %d and %d requests: one configuration was never in force", served[0].Load(), served[1].Load())
	}
}

// consistent sends a request and reports by which of two configurations it was
// served. Policy and upstream must be of the same one.
func consistent(t *testing.T, client *http.Client, url string) (which int, ok bool) {
	req, err := http.NewRequest("POST", url, strings.NewReader("body "))
	if err != nil {
		t.Error(err)
		return 0, false
	}
	req.Header.Set("Origin", app)
	res, err := client.Do(req)
	if err != nil {
		t.Error(err)
		return 0, false
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	exposed := res.Header.Get("Access-Control-Expose-Headers")
	switch got := string(body) + " " + exposed; {
	case err != nil || res.StatusCode != 200:
		t.Errorf("got %d, %v", res.StatusCode, err)
	case got == "body even TotalItemsCount":
		return 0, true
	case got == "body odd Other":
		return 1, true
	default:
		t.Errorf("got %q: half of one configuration and half of another", got)
	}
	return 0, false
}

func TestRequestInFlightKeepsItsConfiguration(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	slow := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-release
		io.WriteString(w, "old")
	})
	g, url := start(t, to(t, slow))
	got := make(chan string)
	go func() {
		req, _ := http.NewRequest("GET", url, nil)
		req.Header.Set("Origin", app)
		res, err := client.Do(req)
		if err != nil {
			got <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		got <- string(body) + " " + res.Header.Get("Access-Control-Expose-Headers")
	}()
	<-arrived
	next := to(t, "http://127.0.0.1:1")
	rule := appRule
	rule.Expose = nil
	next.Policy, next.Gateway.Timeouts.Connect = policy(t, rule), time.Second
	if err := g.Reload(next); err != nil {
		t.Fatal(err)
	}
	close(release)
	if got := <-got; got != "old TotalItemsCount" {
		t.Errorf("got %q", got)
	}
}

// A follow is a gateway that follows a file.
type follow struct {
	gateway *gateway.Gateway
	url     string
	file    string
	hup     chan os.Signal
	log     *logged
}

const corsacYAML = `
rules:
  - path: /
    origins: [ORIGIN]
gateway:
  upstream: UPSTREAM
  log: {requests: false}
`

func startFollow(t *testing.T, file string) *follow {
	t.Helper()
	f := &follow{file: file, hup: make(chan os.Signal, 1), log: &logged{}}
	load := func() (gateway.Config, error) {
		file, err := policyfile.Read(f.file)
		if err != nil {
			return gateway.Config{}, err
		}
		return gateway.Config{Policy: file.Policy, Gateway: file.Gateway}, nil
	}
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	c.Log = slog.New(slog.NewJSONHandler(f.log, nil))
	f.gateway, f.url = start(t, c)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	ready := make(chan struct{})
	go func() {
		close(ready)
		done <- f.gateway.Follow(ctx, f.file, load, f.hup)
	}()
	<-ready
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *follow) text(t testing.TB, origin string) []byte {
	api := upstream(t, func(http.ResponseWriter, *http.Request) {})
	return []byte(strings.NewReplacer("ORIGIN", origin, "UPSTREAM", api).Replace(corsacYAML))
}

// waitFor waits until pages of origin may read.
func (f *follow) waitFor(t testing.TB, origin string, write func()) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		// Again and again: the first may come before anybody watches.
		write()
		for range 20 {
			res, _ := send(t, "GET", f.url, nil, "Origin", origin)
			if res.Header.Get("Access-Control-Allow-Origin") == origin {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	t.Fatalf("pages of %s still may not read\n%s", origin, f.log.String())
}

func (f *follow) waitForLog(t testing.TB, want string, write func()) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		write()
		for range 20 {
			if strings.Contains(f.log.String(), want) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	t.Fatalf("the log does not say %q\n%s", want, f.log.String())
}

func TestFileIsFollowed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		replace func(t testing.TB, file string, text []byte)
	}{
		{"written over", func(t testing.TB, file string, text []byte) { writeFile(t, file, text) }},
		{"renamed over", func(t testing.TB, file string, text []byte) {
			writeFile(t, file+".new", text)
			if err := os.Rename(file+".new", file); err != nil {
				t.Fatal(err)
			}
		}},
		{"removed and made again", func(t testing.TB, file string, text []byte) {
			os.Remove(file)
			writeFile(t, file, text)
		}},
		{"its folder removed and made again", func(t testing.TB, file string, text []byte) {
			os.RemoveAll(filepath.Dir(file))
			os.Mkdir(filepath.Dir(file), 0o755)
			writeFile(t, file, text)
		}},
		{"renamed over, as large and as old", func(t testing.TB, file string, text []byte) {
			old, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, file+".new", append(text, bytes.Repeat([]byte("\n"), max(0, int(old.Size())-len(text)))...))
			os.Chtimes(file+".new", old.ModTime(), old.ModTime())
			if err := os.Rename(file+".new", file); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "etc")
			os.Mkdir(dir, 0o755)
			file := filepath.Join(dir, "corsac.yaml")
			f := &follow{}
			writeFile(t, file, f.text(t, "https://first.example"))
			f = startFollow(t, file)
			second := f.text(t, "https://second.example")
			f.waitFor(t, "https://second.example", func() { tt.replace(t, file, second) })
			// And once more: what is watched must be the new file.
			third := f.text(t, "https://third.example")
			f.waitFor(t, "https://third.example", func() { tt.replace(t, file, third) })
		})
	}
}

// TestLinkedFileIsFollowed: what changes is not the file, but where a link on
// the way to it leads.
func TestLinkedFileIsFollowed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file string }{
		{"in a Kubernetes volume", "corsac.yaml"},
		{"in the folder of a release", "data/corsac.yaml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			f := &follow{}
			put := func(version string, text []byte) {
				os.Mkdir(filepath.Join(dir, version), 0o755)
				writeFile(t, filepath.Join(dir, version, "corsac.yaml"), text)
				link(t, version, filepath.Join(dir, "data"))
			}
			put("v1", f.text(t, "https://first.example"))
			link(t, "data/corsac.yaml", filepath.Join(dir, "corsac.yaml"))
			f = startFollow(t, filepath.Join(dir, tt.file))
			second := f.text(t, "https://second.example")
			f.waitFor(t, "https://second.example", func() { put("v2", second) })
			third := f.text(t, "https://third.example")
			f.waitFor(t, "https://third.example", func() { put("v3", third) })
		})
	}
}

// link puts a link in the place of another.
func link(t testing.TB, target, name string) {
	t.Helper()
	os.Remove(name + ".new")
	if err := os.Symlink(target, name+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

func TestSignalReloads(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "corsac.yaml")
	f := &follow{}
	writeFile(t, file, f.text(t, "https://first.example"))
	f = startFollow(t, file)
	f.waitForLog(t, "the configuration is in force", func() {
		select {
		case f.hup <- syscall.SIGHUP:
		default:
		}
	})
}

func TestBadFileIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "corsac.yaml")
	f := &follow{}
	writeFile(t, file, f.text(t, "https://first.example"))
	f = startFollow(t, file)
	bad := f.text(t, "https://second.example/")
	f.waitForLog(t, `second.example/`, func() { writeFile(t, file, bad) })
	if log := f.log.String(); !strings.Contains(log, "corsac.yaml:4:15") || !strings.Contains(log, "the old configuration stays in force") {
		t.Errorf("the log does not say where and what: %s", log)
	}
	res, _ := send(t, "GET", f.url, nil, "Origin", "https://first.example")
	wantHeader(t, res, "Access-Control-Allow-Origin", "https://first.example")
	if body := metricsOf(t, f.gateway); !strings.Contains(body, `corsac_reloads_total{result="refused"}`) || strings.Contains(body, `corsac_reloads_total{result="refused"} 0`) {
		t.Errorf("the metrics do not tell of it: %s", body)
	}
	good := f.text(t, "https://second.example")
	f.waitFor(t, "https://second.example", func() { writeFile(t, file, good) })
}

func TestReloadTellsWhatNeedsARestart(t *testing.T) {
	t.Parallel()
	log := &logged{}
	c := to(t, "http://127.0.0.1:1")
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Reload(c); err != nil || log.String() != "" {
		t.Fatalf("nothing has changed: %v\n%s", err, log)
	}
	c.Gateway.Listen, c.Gateway.Admin, c.Gateway.Pprof, c.Gateway.TLS.SelfSigned = "127.0.0.1:1", "127.0.0.1:2", true, true
	c.Gateway.Log.Format, c.Gateway.Log.Level = "json", "warn"
	c.Gateway.Timeouts.Header++
	c.Gateway.Timeouts.Idle++
	c.Gateway.Limits.Header++
	c.Gateway.Limits.Connections++
	if err := g.Reload(c); err != nil {
		t.Fatal(err)
	}
	keys := []string{
		"listen", "admin", "pprof", "tls", "log.format", "log.level",
		"timeouts.header", "timeouts.idle", "limits.header", "limits.connections",
	}
	for _, key := range keys {
		if want := `msg="the change takes effect at the next start" key=gateway.` + key + "\n"; !strings.Contains(log.String(), want) {
			t.Errorf("%s\ndoes not contain %s", log, want)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != len(keys) {
		t.Errorf("%d lines:\n%s", n, log)
	}
	c.Gateway.Listen = "x"
	if err := g.Reload(c); err == nil {
		t.Error("a bad address is no problem")
	}
	for _, want := range []string{`corsac_reloads_total{result="done"} 2`, `corsac_reloads_total{result="refused"} 1`} {
		if m := metricsOf(t, g); !strings.Contains(m, want+"\n") {
			t.Errorf("there is no line %s", want)
		}
	}
}

// TestReloadEndsConnectionsOfNoUse: an upstream that no route has any more is
// not kept waiting.
func TestReloadEndsConnectionsOfNoUse(t *testing.T) {
	t.Parallel()
	var open atomic.Int64
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	api.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	api.Start()
	t.Cleanup(api.Close)
	c := to(t, api.URL)
	g, url := start(t, c)
	send(t, "GET", url, nil)
	if err := g.Reload(c); err != nil {
		t.Fatal(err)
	}
	if n := open.Load(); n != 1 {
		t.Errorf("%d connections are open after a reload that changed nothing", n)
	}
	c.Gateway.Timeouts.Connect++
	if err := g.Reload(c); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the connection ends", func() bool { return open.Load() == 0 })
}

func writeFile(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// logged collects what is logged.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
