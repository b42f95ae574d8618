package fetch

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// An Agent fetches for pages, as one browser with one profile does. It keeps
// what a browser keeps: cached preflights, cookies, connections. The zero value
// works and follows the standard. An Agent can be used by several goroutines;
// its fields must not be changed once it has been used.
type Agent struct {
	// Profile is the browser to follow, Standard if it is zero.
	Profile Profile

	// Transport carries requests. Nil is the network.
	Transport Transport
	// Dial makes connections for the network. Nil is net.Dialer. The address is
	// host:port.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is the configuration of the network's TLS.
	TLS *tls.Config
	// Now is the clock by which cached preflights and cookies expire. Nil is
	// time.Now.
	Now func() time.Time

	// Jar holds the cookies. Nil is an empty one that the agent keeps.
	Jar *Jar
	// BlockThirdPartyCookies neither sends nor keeps cookies of other sites than
	// the page's.
	BlockThirdPartyCookies bool

	UserAgent      string // what User-Agent says when no script has set it
	AcceptLanguage string // what Accept-Language says when no script has set it; empty for no such header

	// Timeout ends a fetch, redirects and body included. Zero is 30 seconds.
	Timeout time.Duration
	// MaxHead bounds the head of a response, MaxBody what a page gets of a body.
	// Zero is 256 KiB and 64 MiB.
	MaxHead int
	MaxBody int64
	// HiddenBody is how much is read of bodies that no page gets to see, for
	// who wants to explain them. Such a body is waited for no longer than a
	// second.
	HiddenBody int

	once       sync.Once
	network    *network
	jar        *Jar
	preflights preflightCache
}

const (
	defaultTimeout   = 30 * time.Second
	defaultMaxHead   = 256 << 10
	defaultMaxBody   = 64 << 20
	defaultUserAgent = "Mozilla/5.0 (compatible; corsac)"
)

func (a *Agent) start() {
	a.once.Do(func() {
		a.network = &network{agent: a}
		if a.jar = a.Jar; a.jar == nil {
			a.jar = &Jar{}
		}
	})
}

func (a *Agent) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

// Network is the transport that is used where Transport is nil, for transports
// that stand before it.
func (a *Agent) Network() Transport {
	a.start()
	return a.network
}

// ForgetPreflights empties the preflight cache.
func (a *Agent) ForgetPreflights() { a.preflights.clear() }

// Close closes the connections that are kept for later requests. The agent can
// be used afterwards.
func (a *Agent) Close() {
	a.start()
	a.network.close()
}

// Fetch makes the request as a browser would for a page's script, and returns
// what the script gets. Whatever happens is a verdict; there is no error beside
// it.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func (a *Agent) Fetch(ctx context.Context, r Request) Verdict {
	a.start()
	ctx, cancel := a.withTimeout(ctx)
	defer cancel()
	f := newFetching(ctx, a, r)
	response, failure := f.fetch()
	f.verdict.Response, f.verdict.Failure = response, failure
	return f.verdict
}

// withTimeout starts no clock where a handler in this process answers.
func (a *Agent) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, inProcess := a.Transport.(handlerTransport); inProcess && a.Timeout == 0 {
		return ctx, func() {}
	}
	timeout := a.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return context.WithTimeout(ctx, timeout)
}
