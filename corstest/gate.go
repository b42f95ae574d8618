package corstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// errNotSent ends a fetch before a request that may change something.
var errNotSent = fmt.Errorf("%w: not sent without permission", fetch.Canceled)

// A gate stands before a live server and keeps back what it must not get.
type gate struct {
	*stage
	next fetch.Transport
	host string // the first request's
}

// RoundTrip sends what may be sent, to where the server really is. Another
// server, which the first one redirects to, gets no header that a script has
// set, but for those that say nothing: a case's token is meant for the target.
func (g *gate) RoundTrip(ctx context.Context, r *fetch.WireRequest) (*fetch.WireResponse, error) {
	if g.host == "" {
		g.host = r.URL.Host
	}
	if !g.Send && !isSafe(r.Head.Method) {
		return nil, errNotSent
	}
	sent := *r
	if g.hosts[hostPort(r.URL)] {
		sent.URL = g.onWire(r.URL)
	}
	if r.URL.Host != g.host {
		sent.Head.Header = slices.DeleteFunc(r.Head.Header.Clone(), func(f fetch.Field) bool { return !isHarmless(f.Name) })
	}
	return g.next.RoundTrip(ctx, &sent)
}

func isSafe(method string) bool { return method == "GET" || method == "HEAD" || method == "OPTIONS" }

func wasNotSent(v *fetch.Verdict) bool {
	return v.Failure != nil && errors.Is(v.Failure.Err, errNotSent)
}

// fillJar puts cookies there as a server would that means them for pages of
// other sites.
func fillJar(jar *fetch.Jar, url, cookie string) {
	for pair := range strings.SplitSeq(cookie, ";") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		if jar.Add(url, pair+"; Path=/; Secure; SameSite=None") != nil {
			_ = jar.Add(url, pair+"; Path=/") // the URL is not secure; the engine says what is wrong with a bad one
		}
	}
}
