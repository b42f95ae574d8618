package explain

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// callRules are about the page's own call.
var callRules = []rule{
	func(d *diagnosing) *Diagnosis {
		if d.target != nil || !d.is(fetch.UnsupportedScheme, fetch.InvalidURL) {
			return nil
		}
		scheme, _, _ := strings.Cut(d.q.Request.URL, ":")
		return d.say("CX-J04", Certain, "%q is read as an address of the scheme %q", d.q.Request.URL, scheme).
			fix("write http:// or https:// in front: %q", "http://"+d.q.Request.URL)
	},
	func(d *diagnosing) *Diagnosis {
		if !strings.Contains(d.q.Request.Origin, "-extension://") || !d.is(fetch.InvalidOrigin) && !d.isOriginFailure() {
			return nil
		}
		return d.say("CX-O05", Certain, "the origin is an extension's: no server lists it by itself, and content scripts are bound by CORS as the page is").
			because("origin %s", d.q.Request.Origin).
			fix("fetch in the extension's background, with host_permissions for the server; or allow the extension's origin there")
	},
	func(d *diagnosing) *Diagnosis {
		if d.verdict.Kind().Family() != fetch.Misuse {
			return nil
		}
		return d.say("CX-J05", Certain, "fetch() throws a TypeError before anything is sent: %s", sentenceOf(d.failure())).
			because("%s", d.failure().Error()).fix("change the call in the page's script")
	},
	func(d *diagnosing) *Diagnosis {
		if !strings.EqualFold(d.q.Request.Method, "patch") || d.q.Request.Method == "PATCH" || !d.isCORS() {
			return nil
		}
		return d.say("CX-J01", Certain, "fetch() makes \"put\" PUT, but leaves %q as it is: the server gets a method that it does not know", d.q.Request.Method).
			because("the method is %q in the request", d.q.Request.Method).fix("write method: \"PATCH\" in the page's script")
	},
}

// browserRules are about rules of browsers that are not CORS.
var browserRules = []rule{
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.MixedContent) {
			return nil
		}
		return d.say("CX-B01", Certain, "the page was loaded over https, and browsers let it call https only").
			because("page %s, address %s", d.page, d.q.Request.URL).
			fix("serve the API over https; http://localhost and http://127.0.0.1 are exempt")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.ConnectSrc) {
			return nil
		}
		return d.say("CX-B02", Certain, "the page's Content-Security-Policy does not list this address").
			because("connect-src %s", cut(d.failure().Value)).because("%s", d.alsoForbidden()).
			fix("add %s to connect-src where the page (not the API) is served", d.failure().Want)
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.LocalNetworkAccess, fetch.TargetAddressSpace) {
			return nil
		}
		return d.say("CX-B03", Certain, "a public page wants to reach this machine or the local network: the browser asks its user, and no header of the server can answer for him").
			because("the address is %s", d.at().RemoteAddr.Addr()).because("%s", d.permissionDenied()).
			fix("serve the page over https and let the user permit it, or serve page and API from the same network")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.BlockedPort) {
			return nil
		}
		return d.say("CX-B04", Certain, "port %s belongs to another protocol: no browser fetches from it", d.failure().Value).
			fix("let the server listen on another port, such as 8080")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.CrossOriginPolicy) {
			return nil
		}
		if d.q.Request.EmbedderPolicy != "" && !d.head().Has("Cross-Origin-Resource-Policy") {
			return d.say("CX-B06", Certain, "the page's Cross-Origin-Embedder-Policy takes only what agrees to be embedded, and the response does not say that it does").
				because("Cross-Origin-Embedder-Policy: %s", d.q.Request.EmbedderPolicy).because("the response has no Cross-Origin-Resource-Policy").
				fix("send Cross-Origin-Resource-Policy: cross-origin with it, or load it with CORS (crossorigin)")
		}
		return d.say("CX-B06", Certain, "the response says that pages of other origins must not have it, not even to show it").
			because("Cross-Origin-Resource-Policy: %s", cut(d.failure().Value)).
			fix("send Cross-Origin-Resource-Policy: cross-origin (or same-site) with what other sites may embed")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.SameOriginMode, fetch.NoCORSRedirectMode, fetch.UnsupportedScheme, fetch.ProxyAuthentication, fetch.RedirectModeError) {
			return nil
		}
		return d.say("CX-J05", Certain, "%s", sentenceOf(d.failure())).fix("change the options of the call in the page's script")
	},
}

// alsoForbidden counts the page's other policies: each has to allow.
func (d *diagnosing) alsoForbidden() string {
	if d.rules == nil {
		return ""
	}
	n := 0
	for _, list := range d.rules.connect {
		if list != d.failure().Value && d.forbids(list) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("the page has other policies, each of which has to allow: %d more forbid it", n)
}

// permissionDenied tells of a page that forbids itself to ask.
func (d *diagnosing) permissionDenied() string {
	if d.rules == nil {
		return ""
	}
	for _, feature := range localNetworkFeatures {
		if slices.Contains(d.rules.denied, feature) {
			return "the page's own Permissions-Policy denies it: " + feature + "=()"
		}
	}
	return ""
}

// networkRules are about the way to the server. Firefox calls all of them
// "Cross-Origin Request Blocked", which they are not.
var networkRules = []rule{
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.TLSFailed) {
			return nil
		}
		if name := chromeTLS(d.failure().Err); name == "net::ERR_SSL_PROTOCOL_ERROR" {
			return d.say("CX-N04", Likely, "the address says https, and what answers does not speak TLS as browsers do").
				because("%s", d.failure().Err).fix("use http://, or another port, or give the server a certificate")
		}
		return d.say("CX-N01", Certain, "the browser does not trust the server's certificate; to a page that looks as if CORS had failed").
			because("%s", d.failure().Err).fix("open the address in a tab to see the browser's own warning; then trust or renew the certificate (mkcert makes one for development)")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.NameNotResolved) {
			return nil
		}
		return d.say("CX-N02", Certain, "the name %q means nothing to this machine", d.target.Host).because("%s", d.containerName()).
			because("%s", d.failure().Err).fix("use a name that the user's machine knows")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.ConnectionRefused, fetch.ConnectionFailed) {
			return nil
		}
		return d.say("CX-N03", Certain, "nobody accepts connections at this address").because("%s", d.failure().Err).
			fix("start the server, or correct host and port; in a container, publish the port")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.MalformedResponse) {
			return nil
		}
		return d.say("CX-N04", Certain, "what comes back is no HTTP").because("%s", d.failure().Err).
			because("%s", d.tlsOnPlain()).fix("use https:// if the port speaks TLS; else mend the server's response")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.ConnectionClosed, fetch.ResponseTooLarge) {
			return nil
		}
		return d.say("CX-N05", Certain, "the connection ends, or is ended, before there is an answer").because("%s", d.failure().Err).
			because("%s", d.tlsOnPlain()).fix("look into the server's log: it crashed, refused, or expects another protocol (https on this port?)")
	},
	func(d *diagnosing) *Diagnosis {
		if !d.is(fetch.TimedOut) {
			return nil
		}
		return d.say("CX-N06", Certain, "there was no answer in time").fix("look into the server's log; a firewall that drops packets looks the same")
	},
}

// containerName notices names that only containers know.
func (d *diagnosing) containerName() string {
	if _, err := netip.ParseAddr(strings.Trim(d.target.Host, "[]")); err != nil && !strings.Contains(d.target.Host, ".") {
		return fmt.Sprintf("%q has no dot: is it a container's name? The browser runs outside", d.target.Host)
	}
	return ""
}

func (d *diagnosing) tlsOnPlain() string {
	if x := d.at(); x != nil && (strings.HasPrefix(x.Response.Raw, "\x15\x03") || d.target.Scheme == "http" && strings.Contains(x.Response.Raw, "HTTPS")) {
		return "the bytes look like TLS"
	}
	return ""
}
