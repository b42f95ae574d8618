package gateway

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhoTheClientIs: what the log calls the client is the nearest address that
// no trusted proxy has. What that one says of others can be a lie.
func TestWhoTheClientIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, peer string
		said       []string // lines of X-Forwarded-For
		want       string
	}{
		{"a stranger", "192.0.2.1:1", nil, "192.0.2.1"},
		{"a stranger who lies", "192.0.2.1:1", []string{"198.51.100.7"}, "192.0.2.1"},
		{"a proxy for itself", "10.0.0.1:1", nil, "10.0.0.1"},
		{"behind a proxy", "10.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"behind two proxies", "10.0.0.1:1", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		{"behind two proxies, on two lines", "10.0.0.1:1", []string{"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
		{"behind proxies alone", "10.0.0.1:1", []string{"10.0.0.3,10.0.0.2"}, "10.0.0.3"},
		{"behind a proxy, and lies", "10.0.0.1:1", []string{"198.51.100.7, 192.0.2.1"}, "192.0.2.1"},
		{"behind a proxy, and lies on a line of its own", "10.0.0.1:1", []string{"198.51.100.7", "192.0.2.1"}, "192.0.2.1"},
		{"behind a proxy, and lies of being one", "10.0.0.1:1", []string{"10.0.0.9, 192.0.2.1"}, "192.0.2.1"},
		{"behind a proxy that says nothing", "10.0.0.1:1", []string{"192.0.2.1,"}, "10.0.0.1"},
		{"behind a proxy that tells no address", "10.0.0.1:1", []string{"192.0.2.1, unknown"}, "unknown"},
		{"behind a proxy by IPv6", "[::ffff:10.0.0.1]:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"behind a proxy of this link", "[fe80::1%eth0]:1", []string{"2001:db8::1"}, "2001:db8::1"},
		{"of no address", "@", []string{"192.0.2.1"}, "@"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{RemoteAddr: tt.peer, Header: http.Header{"X-Forwarded-For": tt.said}}
			if got := newPrefixes([]string{"10.0.0.0/8", "fe80::/10"}).admit(r); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestStrangersSayNothingOfOthers: the decision is taken of what is left.
func TestStrangersSayNothingOfOthers(t *testing.T) {
	t.Parallel()
	names := []string{"Forwarded", "X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X_forwarded-For", "X_real_ip"}
	h := http.Header{"Accept": {"*/*"}, "X-Forward": {"a"}}
	for _, name := range names {
		h[name] = []string{"192.0.2.1"}
	}
	newPrefixes(nil).admit(&http.Request{RemoteAddr: "192.0.2.1:1", Header: h})
	if len(h) != 2 {
		t.Errorf("left: %v", h)
	}
}

// TestLoggedValuesAreCut at the end of a character.
func TestLoggedValuesAreCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"short", "a", "a"},
		{"as long as can be", strings.Repeat("a", 256), strings.Repeat("a", 256)},
		{"one longer", strings.Repeat("a", 257), strings.Repeat("a", 256) + "…"},
		{"in a character", "a" + strings.Repeat("€", 100), "a" + strings.Repeat("€", 85) + "…"},
		{"before a character", strings.Repeat("a", 256) + "€", strings.Repeat("a", 256) + "…"},
	} {
		if got := clip(tt.in); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
