package fetch

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync/atomic"

	"golang.org/x/net/publicsuffix"

	"github.com/corsac-cors/corsac/internal/origins"
)

// An Origin is a tuple of scheme, host and port, or opaque. Origins are
// compared with [SameOrigin].
//
// https://html.spec.whatwg.org/multipage/browsers.html#concept-origin
type Origin struct {
	Scheme string
	Host   string
	Port   string // empty for the scheme's default port

	// identity tells opaque origins apart, which all serialize to "null".
	identity *byte
}

// NewOpaqueOrigin returns an origin that is same origin with itself only, as a
// sandboxed frame has one.
func NewOpaqueOrigin() Origin { return Origin{identity: new(byte)} }

// ParseOrigin reads a serialized origin, "null" included, in the forms that a
// browser's address bar would accept: upper-case letters and a final slash do
// no harm. Pages of extensions and apps have origins too, with schemes that
// their browsers register ("chrome-extension://id", "capacitor://localhost"):
// every scheme with a host will do.
func ParseOrigin(s string) (Origin, error) {
	if s == "null" {
		return NewOpaqueOrigin(), nil
	}
	var u URL
	if err := u.parse(s, nil); err != nil {
		return Origin{}, fmt.Errorf("%q is no origin: write scheme://host[:port], or null", s)
	}
	o := u.Origin()
	if o.IsOpaque() && isRegistrable(u.Scheme) && u.HasHost && u.Host != "" {
		o = Origin{Scheme: u.Scheme, Host: u.Host, Port: u.Port}
	}
	switch {
	case o.IsOpaque():
		return o, fmt.Errorf("%q is no origin: pages of the scheme %s have the origin null", s, u.Scheme)
	case u.IncludesCredentials() || u.Path != "" && u.Path != "/" || u.HasQuery || u.HasFragment:
		return o, fmt.Errorf("%q is more than an origin: write %q", s, o.String())
	}
	return o, nil
}

// isRegistrable reports whether browsers may give the pages of a scheme that
// the URL standard does not know an origin of their own.
func isRegistrable(scheme string) bool {
	switch scheme {
	case "file", "data", "blob", "about", "javascript":
		return false
	}
	return true
}

// Origin returns the origin of the URL.
//
// https://url.spec.whatwg.org/#concept-url-origin
func (u *URL) Origin() Origin {
	switch u.Scheme {
	case "http", "https", "ws", "wss", "ftp":
		return Origin{Scheme: u.Scheme, Host: u.Host, Port: u.Port}
	case "blob":
		if inner, err := ParseURL(u.Path); err == nil && inner.IsHTTP() {
			return inner.Origin()
		}
	}
	return NewOpaqueOrigin()
}

// IsOpaque reports whether the origin serializes to "null".
func (o Origin) IsOpaque() bool { return o.Scheme == "" }

// String is the serialization of the origin.
//
// https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
func (o Origin) String() string {
	switch {
	case o.IsOpaque():
		return "null"
	case o.Port == "":
		return o.Scheme + "://" + o.Host
	}
	return o.Scheme + "://" + o.Host + ":" + o.Port
}

// SameOrigin reports whether a and b are the same tuple, or the same opaque
// origin. Two opaque origins are never the same, although both serialize to
// "null".
//
// https://html.spec.whatwg.org/multipage/browsers.html#same-origin
func SameOrigin(a, b Origin) bool {
	if a.IsOpaque() || b.IsOpaque() {
		return a.IsOpaque() && b.IsOpaque() && a.identity != nil && a.identity == b.identity
	}
	return a.Scheme == b.Scheme && a.Host == b.Host && a.Port == b.Port
}

// SameSite reports whether a and b are same site: equal schemes, and equal
// registrable domains, or equal hosts where there is none. Ports never count.
//
// https://html.spec.whatwg.org/multipage/browsers.html#same-site
func SameSite(a, b Origin) bool {
	if a.IsOpaque() || b.IsOpaque() {
		return SameOrigin(a, b)
	}
	return a.Scheme == b.Scheme && schemelesslySameSite(a, b)
}

// https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site
func schemelesslySameSite(a, b Origin) bool {
	if a.IsOpaque() || b.IsOpaque() {
		return SameOrigin(a, b)
	}
	if a.Host == b.Host {
		return true
	}
	domain := RegistrableDomain(a.Host)
	return domain != "" && domain == RegistrableDomain(b.Host)
}

// RegistrableDomain returns the public suffix of a host and the label before
// it, or "" for addresses and for hosts that are a public suffix.
//
// https://url.spec.whatwg.org/#host-registrable-domain
func RegistrableDomain(host string) string {
	const longest = 253 // that a name can be; others are not worth the memory
	if len(host) > longest {
		return registrableDomain(host)
	}
	slot := &lookedUp[maphash.String(lookedUpSeed, host)%uint64(len(lookedUp))]
	if d := slot.Load(); d != nil && d.host == host {
		return d.registrable
	}
	host = strings.Clone(host) // which may be a part of something long
	d := &domain{host, registrableDomain(host)}
	slot.Store(d)
	return d.registrable
}

// lookedUp are hosts that were asked for of late: the list of public suffixes is
// long, and every request looks for two of them.
var (
	lookedUp     [256]atomic.Pointer[domain]
	lookedUpSeed = maphash.MakeSeed()
)

type domain struct{ host, registrable string }

func registrableDomain(host string) string {
	if _, isAddr := addrOf(host); isAddr {
		return ""
	}
	name, dot := strings.CutSuffix(host, ".")
	domain, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return ""
	}
	if dot {
		domain += "."
	}
	return domain
}

// isPotentiallyTrustworthy is the test that mixed content and Fetch metadata
// rest on.
//
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func isPotentiallyTrustworthy(o Origin) bool {
	switch o.Scheme {
	case "https", "wss", "file":
		return true
	case "http", "ws":
	default:
		return false
	}
	return origins.IsLoopback(o.Host)
}
