package main

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// An output is where answers go. It remembers that one did not arrive, so that
// no verb has to look after each of its lines: on a full disk, half an answer
// must not pass for a whole one.
type output struct {
	to   io.Writer
	mu   sync.Mutex // the servers of a demo log to it
	lost error      // why the first write failed that did
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost != nil {
		return 0, o.lost // what follows a gap misleads
	}
	n, err := o.to.Write(p)
	o.lost = err
	return n, err
}

// failure is why an answer did not arrive, or nil.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost
}

// isDeparture reports whether a write failed because the reader has left, as
// head does when it has seen enough. Of that nobody wants to hear.
func isDeparture(err error) bool { return errors.Is(err, syscall.EPIPE) }
