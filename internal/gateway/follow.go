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

	marks  []mark // as they were at the last look
	latest content
	seen   content // what was loaded last
	begun  bool    // what comes now is news
}

// look reloads what has changed, when it is the same for the second time:
// editors and deployments change a file in several steps.
func (f *follower) look() {
	marks := f.mark()
	if slices.EqualFunc(marks, f.marks, mark.equal) && f.latest == f.seen {
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

// files leaves out pipes, as in <(…): what they hold can be read once.
func (f *follower) files() []string {
	var files []string
	for _, name := range []string{f.name, f.tls.Cert, f.tls.Key} {
		if info, err := os.Stat(name); name != "" && (err != nil || info.Mode().IsRegular()) {
			files = append(files, name)
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

func (f *follower) mark() []mark {
	var marks []mark
	for _, file := range f.files() {
		info, err := os.Stat(file)
		marks = append(marks, mark{info, err == nil && time.Since(info.ModTime()).Abs() < 2*glance})
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

// content is what the files hold, and zero if there is none to follow. One that
// is missing, as between two steps of its replacement, holds nothing.
type content [sha256.Size]byte

func (f *follower) sum() (c content) {
	files := f.files()
	if len(files) == 0 {
		return content{}
	}
	h := sha256.New()
	for _, file := range files {
		data, err := os.ReadFile(file)
		one := sha256.Sum256(data)
		h.Write(one[:])
		if err != nil {
			h.Write([]byte("missing"))
		}
	}
	h.Sum(c[:0])
	return c
}

func (f *follower) reload() {
	c, err := f.load()
	if err == nil {
		f.tls = c.Gateway.TLS
		err = f.gateway.replace(c)
	}
	if f.begun || err != nil {
		f.gateway.metrics.reloaded(err)
		f.tell(err)
	}
	f.begun = true
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
