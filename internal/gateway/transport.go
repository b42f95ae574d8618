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
	byKey map[transportKey]*http.Transport
}

func (ts *transports) get(key transportKey) *http.Transport {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.byKey[key]
	if t == nil {
		if ts.byKey == nil {
			ts.byKey = make(map[transportKey]*http.Transport)
		}
		t = newTransport(key)
		ts.byKey[key] = t
	}
	return t
}

// keep forgets the transports that no route uses any more. Requests in flight
// end on theirs.
func (ts *transports) keep(rs routes) {
	used := make(map[*http.Transport]bool)
	for _, r := range rs.all {
		used[r.transport], used[r.upgrades] = true, true
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for key, t := range ts.byKey {
		if !used[t] {
			t.CloseIdleConnections()
			delete(ts.byKey, key)
		}
	}
}

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
		// An upstream that closes idle connections races with requests sent on
		// them. Many do so after five seconds, most others not within a minute.
		IdleConnTimeout:     50 * time.Second,
		MaxIdleConnsPerHost: 256,
		// What the client accepts is between it and the upstream.
		DisableCompression:     true,
		MaxResponseHeaderBytes: 1 << 20,
		WriteBufferSize:        16 << 10,
		ReadBufferSize:         16 << 10,
	}
}
