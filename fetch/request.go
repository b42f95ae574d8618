package fetch

// A Request is a call of fetch() or of XMLHttpRequest's send() by a page's
// script. Fields left empty are what they would be in a browser.
type Request struct {
	// Origin is the page's origin, serialized; "null" for a sandboxed frame.
	// Empty is that of Page.
	Origin string
	// Page is the page's URL. Empty is the root of Origin.
	Page string
	// URL may be relative to Page.
	URL    string
	Method string // GET if empty
	// Header is what the script sets, in its order and case, with duplicates.
	Header Header
	// Body is nil for none; an empty body is none that a server could tell from
	// it, but Content-Type is set.
	Body []byte
	// BodyType is the Content-Type that comes with the kind of body, such as
	// "text/plain;charset=UTF-8" for a string, used unless Header has one.
	BodyType string

	Mode        Mode
	Credentials Credentials
	Redirect    RedirectMode
	Cache       CacheMode
	// Referrer is "no-referrer", a URL, or empty for the page's.
	Referrer       string
	ReferrerPolicy ReferrerPolicy

	// XHR says that XMLHttpRequest makes the request. Header is what
	// setRequestHeader was called with, Credentials include or nothing; it has
	// none of the other modes.
	XHR bool
	// UploadListener says that an XMLHttpRequest has listeners on its upload:
	// that alone makes a preflight necessary.
	UploadListener bool
	// TargetAddressSpace is the option of that name.
	TargetAddressSpace AddressSpace

	// What is known of the page.

	// ConnectSrc is the list of sources in the directive connect-src of the
	// page's Content-Security-Policy, or in its default-src. Empty is no policy.
	ConnectSrc string
	// EmbedderPolicy is the page's Cross-Origin-Embedder-Policy.
	EmbedderPolicy EmbedderPolicy
	// AddressSpace is where the page came from. Empty is what its host tells: an
	// address, localhost, or nothing.
	AddressSpace AddressSpace
	// LocalNetwork says that the user has permitted the page to reach the local
	// network and this machine.
	LocalNetwork bool
}

// A Mode is a request's mode.
//
// https://fetch.spec.whatwg.org/#concept-request-mode
type Mode string

const (
	ModeCORS       Mode = "cors" // also the empty Mode
	ModeNoCORS     Mode = "no-cors"
	ModeSameOrigin Mode = "same-origin"
)

// Credentials is a request's credentials mode.
//
// https://fetch.spec.whatwg.org/#concept-request-credentials-mode
type Credentials string

const (
	CredentialsOmit       Credentials = "omit"
	CredentialsSameOrigin Credentials = "same-origin" // also the empty Credentials
	CredentialsInclude    Credentials = "include"
)

// A RedirectMode says what becomes of redirects.
//
// https://fetch.spec.whatwg.org/#concept-request-redirect-mode
type RedirectMode string

const (
	RedirectFollow RedirectMode = "follow" // also the empty RedirectMode
	RedirectError  RedirectMode = "error"
	RedirectManual RedirectMode = "manual"
)

// A CacheMode counts here only as far as it touches preflights and the headers
// that are sent: there is no HTTP cache.
//
// https://fetch.spec.whatwg.org/#concept-request-cache-mode
type CacheMode string

const (
	CacheDefault      CacheMode = "default" // also the empty CacheMode
	CacheNoStore      CacheMode = "no-store"
	CacheReload       CacheMode = "reload"
	CacheNoCache      CacheMode = "no-cache"
	CacheForce        CacheMode = "force-cache"
	CacheOnlyIfCached CacheMode = "only-if-cached"
)
