package corsac_test

import (
	"testing"

	"github.com/corsac-cors/corsac"
)

// A page is never kept from its own server, whatever stands in front of that:
// Chromium sends no Sec-Fetch-Site with WebSockets, Safari before 16.4 with
// nothing, and not every proxy says that it took TLS off.
func TestOwnPages(t *testing.T) {
	t.Parallel()
	p := mustNew(t, app(func(r *corsac.Rule) { r.RefuseOthers = true }))
	for _, tt := range []struct {
		name, scheme, host, origin string
		forwarded                  string // X-Forwarded-Proto
		own                        bool
	}{
		{"plain", "http", "api.example.com", "http://api.example.com", "", true},
		{"port", "http", "api.example.com:8080", "http://api.example.com:8080", "", true},
		{"another port", "http", "api.example.com:8080", "http://api.example.com:8081", "", false},
		{"default port", "http", "api.example.com:80", "http://api.example.com", "", true},
		{"TLS", "https", "api.example.com:443", "https://api.example.com", "", true},
		{"IPv6", "http", "[::1]:80", "http://[::1]", "", true},
		{"host in capitals", "http", "API.example.com", "http://api.example.com", "", true},
		{"proxy that took TLS off and says so", "http", "api.example.com", "https://api.example.com", "https", true},
		{"proxy that took TLS off and is silent", "http", "api.example.com", "https://api.example.com", "", true},
		{"proxy that took TLS off at another port", "http", "api.example.com:8443", "https://api.example.com:8443", "", true},
		{"proxy that took nothing off", "http", "api.example.com", "https://api.example.com", "http", false},
		{"Traefik that took TLS off", "http", "api.example.com", "https://api.example.com", "wss", true},
		{"Traefik without TLS", "http", "api.example.com", "http://api.example.com", "ws", true},
		{"Traefik at another port", "http", "api.example.com:8443", "https://api.example.com:8443", "wss", true},
		{"Traefik, default port", "http", "api.example.com:443", "https://api.example.com", "wss", true},
		{"Traefik, another host", "http", "api.example.com", "https://evil.example.net", "wss", false},
		{"plain page, Traefik that took TLS off", "http", "api.example.com", "http://api.example.com", "wss", false},
		{"proxy that says so in capitals", "http", "api.example.com", "https://api.example.com", "HTTPS", true},
		{"proxy that says nothing of it", "https", "api.example.com", "https://api.example.com", " ", true},
		{"plain page of a server with TLS", "https", "api.example.com", "http://api.example.com", "", false},
		{"plain page of a server with TLS in front", "http", "api.example.com", "http://api.example.com", "https", false},
		{"another host", "http", "api.example.com", "https://evil.example.net", "", false},
		{"the host at the end", "http", "api.example.com", "https://evil.api.example.com", "", false},
		{"the host as a scheme", "http", "", "https://", "", false},
		{"an app", "http", "localhost", "capacitor://localhost", "", false},
		{"null", "http", "null", "null", "", false},
	} {
		h := header{"Origin": {tt.origin}, "Upgrade": {"websocket"}}
		if tt.forwarded != "" {
			h["X-Forwarded-Proto"] = []string{tt.forwarded}
		}
		for _, method := range []string{"GET", "POST"} { // that of a WebSocket, and of a form
			d := p.Decide(corsac.Request{Method: method, Scheme: tt.scheme, Host: tt.host, Path: "/", Header: h})
			if own := d.Verdict == corsac.Pass && d.Reason == corsac.SameOrigin; own != tt.own || own == (d.Verdict == corsac.Refuse) {
				t.Errorf("%s %s: %s %s", method, tt.name, d.Verdict, d.Reason)
			}
		}
	}
}
