package gateway

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// A transportKey is what distinguishes the connections to upstreams.
type transportKey struct {
	h2c, insecure     bool
	connect, response time.Duration
}

// transports outlive reloads, so that connections to upstreams do.
type transports struct {
	mu    sync.Mutex
	byKey map[transportKey]*carrier
}

func (ts *transports) get(key transportKey) *carrier {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.byKey[key]
	if t == nil {
		if ts.byKey == nil {
			ts.byKey = make(map[transportKey]*carrier)
		}
		t = newCarrier(key)
		ts.byKey[key] = t
	}
	return t
}

// keep forgets the transports that no route uses any more. Requests in flight
// end on theirs.
func (ts *transports) keep(rs routes) {
	used := make(map[*carrier]bool)
	for _, r := range rs.all {
		used[r.transport], used[r.upgrades] = true, true
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for key, t := range ts.byKey {
		if !used[t] {
			t.forget()
			delete(ts.byKey, key)
		}
	}
}

// What connections to upstreams have in common.
const (
	// An upstream that closes idle connections races with requests sent on
	// them. Many do so after five seconds, most others not within a minute.
	keepIdle = 50 * time.Second
	maxIdle  = 256 // of an upstream

	maxResponseHead = 1 << 20
)

func newTransport(key transportKey) *http.Transport {
	var speaks http.Protocols
	speaks.SetUnencryptedHTTP2(key.h2c)
	speaks.SetHTTP1(!key.h2c)
	speaks.SetHTTP2(!key.h2c)
	return &http.Transport{
		Protocols:             &speaks,
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: key.connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   key.connect,
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: key.insecure}, // only if the file says so
		ResponseHeaderTimeout: key.response,
		// All requests to an upstream share a connection in HTTP/2. Whether the
		// other side is still there has to be asked.
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 30 * time.Second},
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       keepIdle,
		MaxIdleConnsPerHost:   maxIdle,
		// What the client accepts is between it and the upstream.
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxResponseHead,
		WriteBufferSize:        16 << 10,
		ReadBufferSize:         16 << 10,
	}
}
