package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// glance is how often the files are looked at. Being told by the system instead
// is quicker, and fails where it matters: when a link on the way to a file is
// swapped, when its folder is made anew, when it is mounted into a container, on
// network file systems.
const glance = 250 * time.Millisecond

// Follow reloads whenever the configuration's file, if it has a name, or one of
// a certificate changes, and whenever now delivers a signal, until ctx ends. What
// is wrong is logged, and the old configuration stays.
func (g *Gateway) Follow(ctx context.Context, name string, load func() (Config, error), now <-chan os.Signal) error {
	f := &follower{gateway: g, name: name, load: load, tls: g.first.TLS}
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-now:
			f.begun = true
			f.seen = f.sum()
			f.reload()
		case <-ticker.C:
			f.look()
		}
	}
}

// A follower looks at files.
type follower struct {
	gateway *Gateway
	name    string
	load    func() (Config, error)
	tls     policyfile.TLS // of the configuration read last, right or wrong

	marks  [3]mark // as they were at the last look
	latest content
	seen   content // what was loaded last
	begun  bool    // what comes now is news
}

// look reloads what has changed, when it is the same for the second time:
// editors and deployments change a file in several steps.
func (f *follower) look() {
	marks := f.mark()
	if slices.EqualFunc(marks[:], f.marks[:], mark.equal) && f.latest == f.seen {
		return
	}
	f.marks = marks
	before := f.latest
	f.latest = f.sum()
	if f.latest == f.seen || f.latest != before && f.begun {
		return
	}
	f.seen = f.latest
	f.reload()
}

// files may be empty names. Pipes, as in <(…), are left out: what they hold can
// be read once.
func (f *follower) files() [3]string {
	files := [...]string{f.name, f.tls.Cert, f.tls.Key}
	for i, name := range files {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			files[i] = ""
		}
	}
	return files
}

// A mark tells that a file may have changed without reading it.
type mark struct {
	info os.FileInfo // nil: it is missing
	// fresh is a file whose next change might bear the same time.
	fresh bool
}

func (f *follower) mark() (marks [3]mark) {
	for i, file := range f.files() {
		info, err := os.Stat(file)
		marks[i] = mark{info, err == nil && time.Since(info.ModTime()).Abs() < 2*glance}
	}
	return marks
}

func (m mark) equal(n mark) bool {
	switch {
	case m.info == nil || n.info == nil:
		return m.info == n.info
	case m.fresh || n.fresh:
		return false
	}
	return os.SameFile(m.info, n.info) && m.info.Size() == n.info.Size() && m.info.ModTime().Equal(n.info.ModTime())
}

// content is what the files hold; nothing, if there is no such file to follow.
type content [3][sha256.Size]byte

func (f *follower) sum() (c content) {
	for i, file := range f.files() {
		if file != "" {
			c[i] = sumOf(file)
		}
	}
	return c
}

// sumOf tells a file that is missing, as between two steps of its replacement,
// from an empty one.
func sumOf(file string) [sha256.Size]byte {
	data, err := os.ReadFile(file)
	if err != nil {
		data = []byte("\x00missing")
	}
	return sha256.Sum256(data)
}

func (f *follower) reload() {
	c, err := f.load()
	if err == nil {
		f.turnTo(c.Gateway.TLS)
		err = f.gateway.replace(c)
	}
	if f.begun || err != nil {
		f.gateway.metrics.reloaded(err)
		f.tell(err)
	}
	f.begun = true
}

// turnTo looks at other files from now on, as they are before they are used.
func (f *follower) turnTo(tls policyfile.TLS) {
	if f.tls == tls {
		return
	}
	f.tls = tls
	sum := f.sum()
	sum[0] = f.seen[0]
	f.seen, f.latest = sum, sum
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
