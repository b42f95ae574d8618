package fetch

// A Kind says why a page got no response.
type Kind string

// Misuse: what the page's own call throws a TypeError for. Nothing was sent.
const (
	InvalidURL         Kind = "invalid-url"
	InvalidOrigin      Kind = "invalid-origin" // of the page: no browser has such a page
	InvalidOption      Kind = "invalid-option" // a mode, credentials mode, … that does not exist
	InvalidReferrer    Kind = "invalid-referrer"
	InvalidMethod      Kind = "invalid-method"
	InvalidHeaderName  Kind = "invalid-header-name"
	InvalidHeaderValue Kind = "invalid-header-value"
	URLCredentials     Kind = "url-with-credentials"
	ForbiddenMethod    Kind = "forbidden-method"
	NoCORSMethod       Kind = "no-cors-method" // a no-cors request with another method than GET, HEAD or POST
	BodyNotAllowed     Kind = "body-not-allowed"
	OnlyIfCached       Kind = "only-if-cached" // outside of same-origin mode
)

// Blocked: refused for another reason than CORS.
const (
	BlockedPort         Kind = "blocked-port"
	MixedContent        Kind = "mixed-content"
	ConnectSrc          Kind = "csp-connect-src"
	LocalNetworkAccess  Kind = "local-network-access"
	TargetAddressSpace  Kind = "target-address-space"
	UnsupportedScheme   Kind = "unsupported-scheme"
	SameOriginMode      Kind = "same-origin-mode"
	NoCORSRedirectMode  Kind = "no-cors-redirect-mode"
	CrossOriginPolicy   Kind = "cross-origin-resource-policy"
	ProxyAuthentication Kind = "proxy-authentication"
)

// CORS: what the server did not allow. [Failure.Preflight] tells whether the
// answer to a preflight lacked it.
const (
	MissingAllowOrigin      Kind = "missing-allow-origin"
	MultipleAllowOrigin     Kind = "multiple-allow-origin"
	InvalidAllowOrigin      Kind = "invalid-allow-origin" // what it says is no origin
	AllowOriginMismatch     Kind = "allow-origin-mismatch"
	WildcardWithCredentials Kind = "wildcard-with-credentials"
	InvalidAllowCredentials Kind = "invalid-allow-credentials"
	PreflightStatus         Kind = "preflight-status"
	PreflightRedirect       Kind = "preflight-redirect"
	InvalidAllowMethods     Kind = "invalid-allow-methods"
	InvalidAllowHeaders     Kind = "invalid-allow-headers"
	MethodNotAllowed        Kind = "method-not-allowed"
	HeaderNotAllowed        Kind = "header-not-allowed"
	RedirectCredentials     Kind = "redirect-with-credentials"
	RedirectScheme          Kind = "redirect-scheme"
)

// Redirect: what is wrong with a redirect, whoever asked.
const (
	RedirectModeError Kind = "redirect-mode-error"
	InvalidLocation   Kind = "invalid-location"
	MultipleLocations Kind = "multiple-locations"
	TooManyRedirects  Kind = "too-many-redirects"
)

// Network: there was no answer, or none that is HTTP.
const (
	NameNotResolved   Kind = "name-not-resolved"
	ConnectionRefused Kind = "connection-refused"
	ConnectionFailed  Kind = "connection-failed"
	ConnectionClosed  Kind = "connection-closed" // before the answer was complete
	TLSFailed         Kind = "tls-failed"
	MalformedResponse Kind = "malformed-response"
	ResponseTooLarge  Kind = "response-too-large"
	TimedOut          Kind = "timed-out"
	Canceled          Kind = "canceled"
)

// A Family groups kinds by who has to do something about them.
type Family string

const (
	Misuse   Family = "misuse"   // the page's call
	Blocked  Family = "blocked"  // a rule of the browser that is not CORS
	CORS     Family = "cors"     // the server's answer, as the CORS protocol reads it
	Redirect Family = "redirect" // where the server redirects to
	Network  Family = "network"  // the way to the server, or what it speaks
)

// Family returns the kind's family.
func (k Kind) Family() Family { return families[k] }

// Kinds returns every kind of a family, in the order in which they can occur.
func (f Family) Kinds() []Kind { return kindsOf[f] }

var kindsOf = map[Family][]Kind{
	Misuse: {
		InvalidOrigin, InvalidOption, InvalidURL, URLCredentials, InvalidReferrer, InvalidMethod, ForbiddenMethod,
		NoCORSMethod, InvalidHeaderName, InvalidHeaderValue, BodyNotAllowed, OnlyIfCached,
	},
	Blocked: {
		BlockedPort, MixedContent, ConnectSrc, SameOriginMode, NoCORSRedirectMode, UnsupportedScheme,
		LocalNetworkAccess, TargetAddressSpace, ProxyAuthentication, CrossOriginPolicy,
	},
	CORS: {
		PreflightRedirect, PreflightStatus, MissingAllowOrigin, MultipleAllowOrigin, InvalidAllowOrigin,
		AllowOriginMismatch, WildcardWithCredentials, InvalidAllowCredentials, InvalidAllowMethods,
		InvalidAllowHeaders, MethodNotAllowed, HeaderNotAllowed, RedirectScheme, RedirectCredentials,
	},
	Redirect: {RedirectModeError, MultipleLocations, InvalidLocation, TooManyRedirects},
	Network: {
		NameNotResolved, ConnectionRefused, ConnectionFailed, TLSFailed, ConnectionClosed, MalformedResponse,
		ResponseTooLarge, TimedOut, Canceled,
	},
}

var families = func() map[Kind]Family {
	families := make(map[Kind]Family)
	for family, kinds := range kindsOf {
		for _, kind := range kinds {
			families[kind] = family
		}
	}
	return families
}()
