package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// Reload replaces the configuration for the requests that come from now on. If
// it is wrong, the old one stays. What only a new start can change is logged.
func (g *Gateway) Reload(c Config) error {
	err := g.replace(c)
	g.metrics.reloaded(err)
	return err
}

func (g *Gateway) replace(c Config) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	rt, err := g.newRuntime(c)
	if err != nil {
		return err
	}
	g.runtime.Store(rt)
	g.transports.keep(rt.routes)
	g.warnOfRestart(c.Gateway)
	return nil
}

// settle is how long after a change the files are looked at: editors and
// deployments change a file in several steps.
const settle = 100 * time.Millisecond

// Follow reloads whenever the configuration's file, if it has a name, or one of
// a certificate changes, and whenever now delivers a signal, until ctx ends. What is wrong is
// logged, and the old configuration stays.
func (g *Gateway) Follow(ctx context.Context, name string, load func() (Config, error), now <-chan os.Signal) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer watcher.Close()
	f := &follower{gateway: g, watcher: watcher, name: name, load: load}
	f.watch()
	// The file may have changed since it was read and before it was watched.
	settled := time.After(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-now:
			f.seen = f.sum()
			f.reload()
			settled = time.After(settle)
		case _, ok := <-watcher.Events:
			if ok && settled == nil {
				settled = time.After(settle)
			}
		case err := <-watcher.Errors:
			g.log.Warn("watching files", "error", err)
			if settled == nil {
				settled = time.After(settle) // what happened may have been missed
			}
		case <-settled:
			settled = nil
			if sum := f.sum(); sum != f.seen {
				f.seen = sum
				f.reload()
				// What changed meanwhile, or was not watched yet, is seen then.
				settled = time.After(settle)
			}
		}
	}
}

// A follower watches the folders that the files stand in, because a file that
// is replaced by another of its name is no longer the one that was watched.
type follower struct {
	gateway *Gateway
	watcher *fsnotify.Watcher
	name    string
	load    func() (Config, error)
	seen    [sha256.Size]byte
	begun   bool // what comes now is news
}

func (f *follower) files() []string {
	var files []string
	if f.name != "" {
		files = append(files, f.name)
	}
	if tls := f.gateway.runtime.Load().gateway.TLS; tls.Cert != "" {
		files = append(files, tls.Cert, tls.Key)
	}
	return files
}

// watch also takes the folders that links lead to.
func (f *follower) watch() {
	for _, file := range f.files() {
		dirs := []string{filepath.Dir(file)}
		if real, err := filepath.EvalSymlinks(file); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
		for _, dir := range slices.Compact(dirs) {
			if err := f.watcher.Add(dir); err != nil {
				f.gateway.log.Warn("watching files", "folder", dir, "error", err)
			}
		}
	}
}

// sum is what the files hold. One that is missing, as between two steps of its
// replacement, holds nothing.
func (f *follower) sum() (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, file := range f.files() {
		data, err := os.ReadFile(file)
		content := sha256.Sum256(data)
		h.Write(content[:])
		if err != nil {
			h.Write([]byte("missing"))
		}
	}
	h.Sum(sum[:0])
	return sum
}

func (f *follower) reload() {
	c, err := f.load()
	if err == nil {
		err = f.gateway.replace(c)
	}
	if f.begun || err != nil {
		f.gateway.metrics.reloaded(err)
		f.tell(err)
	}
	f.begun = true
	f.watch() // it may name other files
}

func (f *follower) tell(err error) {
	log := f.gateway.log
	if f.name != "" {
		log = log.With("file", f.name)
	}
	const stays = "the old configuration stays in force"
	var problems corsac.Problems
	switch {
	case err == nil:
		log.Info("the configuration is in force")
	case errors.As(err, &problems):
		for _, p := range problems[:min(len(problems), maxProblems)] {
			log.Error(stays, "problem", p.String())
		}
	default:
		log.Error(stays, "problem", err)
	}
}

// maxProblems is how many problems of one file are logged.
const maxProblems = 50

// warnOfRestart tells what has changed in the file and not in the gateway.
func (g *Gateway) warnOfRestart(now policyfile.Gateway) {
	was := g.first
	for _, c := range []struct {
		key     string
		changed bool
	}{
		{"gateway.listen", was.Listen != now.Listen},
		{"gateway.admin", was.Admin != now.Admin},
		{"gateway.pprof", was.Pprof != now.Pprof},
		{"gateway.tls", was.TLS.Enabled() != now.TLS.Enabled()},
		{"gateway.log.format", was.Log.Format != now.Log.Format},
		{"gateway.log.level", was.Log.Level != now.Log.Level},
		{"gateway.timeouts.header", was.Timeouts.Header != now.Timeouts.Header},
		{"gateway.timeouts.idle", was.Timeouts.Idle != now.Timeouts.Idle},
		{"gateway.limits.header", was.Limits.Header != now.Limits.Header},
		{"gateway.limits.connections", was.Limits.Connections != now.Limits.Connections},
	} {
		if c.changed {
			g.log.Warn("the change takes effect at the next start", "key", c.key)
		}
	}
}
