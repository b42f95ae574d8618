package corsac

import (
	"strings"

	"github.com/corsac-cors/corsac/internal/headers"
	"github.com/corsac-cors/corsac/internal/origins"
)

// mayBeSameOrigin reports whether browsers send an Origin header with such a
// request to the page's own server: they do with methods other than GET and
// HEAD, and with the start of a WebSocket.
//
// https://fetch.spec.whatwg.org/#append-a-request-origin-header
func (d *Decision) mayBeSameOrigin(method string) bool {
	return d.Kind == WebSocket || d.Kind == CORS && method != "GET" && method != "HEAD"
}

// isSameOrigin reports whether the page that sent the request came from this
// server. Browsers say so themselves on secure connections, but for Chromium and
// WebSockets. Otherwise the Origin header is held against the server's own
// origin, as its clients see it: what a reverse proxy says of that counts,
// because no page of another origin can say it. One that took TLS off need not
// have said so: to a server without TLS, a page of its own host that has it came
// through such a proxy, as browsers keep secure pages from plain HTTP.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
func (r *Request) isSameOrigin(origin string) bool {
	if site := r.values(headers.SecFetchSite); len(site) == 1 {
		return site[0] == "same-origin" || site[0] == "none"
	}
	scheme, authority, ok := strings.Cut(origin, "://")
	own := r.Scheme
	if own == "http" && scheme == "https" {
		own = scheme
	}
	own = httpScheme(firstElement(r.values("X-Forwarded-Proto"), own))
	host := firstElement(r.values("X-Forwarded-Host"), r.Host)
	return ok && authority != "" && scheme == own && strings.EqualFold(authority, strings.TrimSuffix(host, ":"+origins.DefaultPort(own)))
}

// firstElement is what the proxy nearest to the client said, if one did.
func firstElement(lines []string, otherwise string) string {
	if len(lines) == 0 {
		return otherwise
	}
	first, _, _ := strings.Cut(lines[0], ",")
	if first = strings.Trim(first, " \t"); first == "" {
		return otherwise
	}
	return first
}

// httpScheme is the scheme of a page that may speak to a server by the scheme
// that a proxy reports. Traefik says ws and wss of WebSockets.
func httpScheme(reported string) string {
	switch {
	case strings.EqualFold(reported, "https"), strings.EqualFold(reported, "wss"):
		return "https"
	case strings.EqualFold(reported, "http"), strings.EqualFold(reported, "ws"):
		return "http"
	}
	return reported
}
