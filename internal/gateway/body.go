package gateway

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/corsac-cors/corsac/policyfile"
)

var errTooLarge = errors.New("the body is larger than the limit")

// A body passes a request's body on: no more than the limit, and not waiting
// without end for the client to send more, nor for the upstream to take it.
type body struct {
	io.ReadCloser
	trailer  http.Header // which the end of the body fills
	response *response
	stall    stall
	taken    *stall // until the upstream has taken what was read, and answers
	wait     time.Duration
	left     int64 // -1: no limit
	reading  sync.Mutex
	over     bool // it is the server's again; guarded by reading
	failed   atomic.Pointer[error]
	atEnd    atomic.Bool
}

func newBody(w *response, r *http.Request, g policyfile.Gateway, taken *stall) *body {
	rc := http.NewResponseController(w.ResponseWriter)
	b := &body{
		ReadCloser: r.Body, trailer: r.Trailer, response: w, wait: g.Timeouts.Body, left: -1, taken: taken,
		stall: stall{wait: g.Timeouts.Body, cut: func() { rc.SetReadDeadline(past) }},
	}
	if g.Limits.Body > 0 {
		b.left = int64(g.Limits.Body)
	}
	return b
}

// Read may be called from another goroutine than the rest, and until after the
// response.
func (b *body) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if b.over {
		return 0, http.ErrBodyReadAfterClose
	}
	b.taken.finish()
	b.stall.begin()
	n, err := b.ReadCloser.Read(p)
	b.stall.finish()
	b.taken.begin()
	if b.left >= 0 {
		if int64(n) > b.left {
			n, err = int(b.left), errTooLarge
		}
		b.left -= int64(n)
	}
	switch {
	case err == io.EOF:
		dropOddTrailers(b.trailer)
		b.atEnd.Store(true)
	case err != nil && err != http.ErrBodyReadAfterClose:
		b.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// Close waits for a read in HTTP/1, as the server's own body does there.
func (b *body) Close() error {
	if b.response.http1 {
		b.reading.Lock()
		defer b.reading.Unlock()
		if b.over {
			return nil
		}
	}
	return b.ReadCloser.Close()
}

// err is what first went wrong in reading. If the request has ended, a read may
// be why, and about to say so: others hear of it first.
func (b *body) err(ended bool) error {
	if ended {
		b.reading.Lock()
		defer b.reading.Unlock()
	}
	if err := b.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// end bounds how long the server waits for what nobody has read: in HTTP/1 it
// reads a little more, so that the connection can serve the next request.
func (b *body) end() {
	b.stall.end()
	if b.wait > 0 && b.response.http1 && !b.atEnd.Load() && !b.response.hijacked {
		rc := http.NewResponseController(b.response.ResponseWriter)
		// A read that is still under way is interrupted here. The server would
		// do so, too, and then leave no deadline.
		rc.SetReadDeadline(past)
		b.reading.Lock()
		b.over = true
		b.reading.Unlock()
		rc.SetReadDeadline(time.Now().Add(b.wait))
	}
}
