package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// errWithheld ends a fetch before a request that may change something.
var errWithheld = fmt.Errorf("%w: not sent without permission", fetch.Canceled)

// A wire stands before the transport and keeps back what must not be sent:
// unsafe methods, unless they are permitted, and secrets on the way to another
// host than the one they were meant for. Browsers send a script's X-Api-Key
// along with redirects; a tool that was given one should not.
type wire struct {
	next fetch.Transport
	send bool
	host string // of the first request, with its port
	kept []string
}

// RoundTrip sends what may be sent.
func (w *wire) RoundTrip(ctx context.Context, r *fetch.WireRequest) (*fetch.WireResponse, error) {
	if w.host == "" {
		w.host = hostOf(r.URL)
	}
	if !w.send && !isSafe(r.Head.Method) {
		return nil, errWithheld
	}
	if hostOf(r.URL) == w.host {
		return w.next.RoundTrip(ctx, r)
	}
	careful := *r
	careful.Head.Header = slices.DeleteFunc(r.Head.Header.Clone(), func(f fetch.Field) bool {
		if !isSecretName(f.Name) {
			return false
		}
		w.kept = append(w.kept, f.Name)
		return true
	})
	return w.next.RoundTrip(ctx, &careful)
}

func isSafe(method string) bool { return method == "GET" || method == "HEAD" || method == "OPTIONS" }

func hostOf(u *fetch.URL) string { return u.Scheme + "://" + u.Host + ":" + u.Port }

// isUnrecorded reports whether a fetch ended because a HAR has no answer.
func isUnrecorded(v *fetch.Verdict) bool {
	return v.Failure != nil && errors.Is(v.Failure.Err, pasted.ErrNotRecorded)
}

// wasWithheld reports whether a fetch ended because a request was kept back.
func wasWithheld(v *fetch.Verdict) bool {
	return v.Failure != nil && errors.Is(v.Failure.Err, errWithheld)
}
