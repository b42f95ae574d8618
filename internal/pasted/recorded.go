package pasted

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// Recorded is what a HAR kept of a request: enough to fetch it again without a
// network. It is a [fetch.Transport] that answers what was answered then, and
// [ErrNotRecorded] where nothing was.
type Recorded struct {
	// Exchanges are the preflights, the request and what it was redirected to,
	// in the order in which they are sent. One without a status had no answer.
	Exchanges []Exchange
	// Initiator is what made the request.
	Initiator Initiator
	// ViaServiceWorker says that a service worker answered.
	ViaServiceWorker bool
}

// An Exchange is an entry of a HAR.
type Exchange struct {
	Preflight bool
	Line      int // in the file
	Method    string
	URL       string
	Request   fetch.Header
	Response  fetch.ResponseHead
	Error     string // what the browser calls the failure, such as net::ERR_FAILED
	FromCache string // "memory", "disk" or nothing
	Server    string // its address
}

// Initiator is the code that made a request, as Chrome records it.
type Initiator struct {
	Type  string // "script", "parser", "preflight", …
	Stack []Frame
}

// A Frame is a place in the page's code. Lines and columns are counted from 1.
type Frame struct {
	Function     string
	URL          string
	Line, Column int
}

// ErrNotRecorded says that the HAR has no answer to a request: a preflight that
// came from the browser's cache, or one that was never sent.
var ErrNotRecorded = errors.New("not in the HAR")

// RoundTrip answers from the recording. Bodies are not kept.
func (r *Recorded) RoundTrip(_ context.Context, w *fetch.WireRequest) (*fetch.WireResponse, error) {
	url := w.URL.WithoutFragment()
	preflight := w.Head.Method == "OPTIONS" && w.Head.Header.Has("Access-Control-Request-Method")
	for i := range r.Exchanges {
		e := &r.Exchanges[i]
		if e.Preflight != preflight || !preflight && e.Method != w.Head.Method || !sameURL(e.URL, url) {
			continue
		}
		if e.Response.Status == 0 {
			return nil, e.failure()
		}
		head := e.Response
		head.Header = slices.DeleteFunc(head.Header.Clone(), func(f fetch.Field) bool {
			return strings.EqualFold(f.Name, "content-encoding") // there is no body to decode
		})
		return &fetch.WireResponse{Head: head, Protocol: head.Version}, nil
	}
	return nil, fmt.Errorf("%w: %s %s", ErrNotRecorded, w.Head.Method, shorten(url, 200))
}

// failure names what the browser says of an entry without answer.
func (e *Exchange) failure() error {
	if kind := kindOfNetError(e.Error); kind != "" {
		return fmt.Errorf("%w: %s", kind, e.Error)
	}
	return fmt.Errorf("%w: there was no answer", ErrNotRecorded)
}

func sameURL(a, b string) bool {
	if a == b {
		return true
	}
	u, err := fetch.ParseURL(a)
	return err == nil && u.WithoutFragment() == b
}
