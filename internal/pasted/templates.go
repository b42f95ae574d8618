package pasted

import (
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// What Chromium 156, Firefox 153 and WebKitGTK 2.50 print was recorded from
// them; older sentences are those of their sources and of reports. The bounds of
// the versions are as narrow as is known, and no narrower. Quotes are plain here,
// whatever the browser prints.

// heads name the address, and mostly the page, before a reason.
var heads = compiled([]template{
	{Browser: "chrome", Since: 70, Text: "Access to {initiator} at '{url}' (redirected from '{first}') from origin '{origin}' has been blocked by CORS policy: {reason}"},
	{Browser: "chrome", Text: "Access to {initiator} at '{url}' from origin '{origin}' has been blocked by CORS policy: {reason}"},
	{Browser: "chrome", Since: 60, Until: 69, Text: "Failed to load {url}: {reason}"},
	{Browser: "chrome", Until: 44, Text: " from origin '{url}' has been blocked from loading by Cross-Origin Resource Sharing policy: {reason}"},
	{Browser: "firefox", Text: "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url} (Reason: {reason}"},
	{Browser: "firefox", Until: 42, Text: "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url} (reason: {reason}"},
	{Browser: "safari", Leads: true, Text: "Cross-origin redirection to {url} denied by Cross-Origin Resource Sharing policy: {reason}"},
	{Text: "Fetch API cannot load {url}. {reason}"}, // Safari, and Chrome until 59
	{Text: "Beacon API cannot load {url}. {reason}"},
	{Text: "{initiator} cannot load {url}. {reason}"},
	{Browser: "firefox", Text: "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at {url} soon. (Reason: {reason}", Warning: true},
})

// redirectHead stands behind a head of Chrome's when the answer to a redirect
// was at fault.
var redirectHead = template{Browser: "chrome", Until: 69, Text: "Redirect from '{first}' to '{url}' has been blocked by CORS policy: {reason}"}.compile()

const preflightPrefix = "Response to preflight request doesn't pass access control check: "

// reasons say what was wrong. The longer of two that begin alike comes first.
var reasons = compiled([]template{
	// Chrome.
	{Browser: "chrome", Kind: fetch.MissingAllowOrigin, Text: "No 'Access-Control-Allow-Origin' header is present on the requested resource"},
	{Browser: "chrome", Kind: fetch.AllowOriginMismatch, Text: "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin"},
	{Browser: "chrome", Kind: fetch.MultipleAllowOrigin, Text: "The 'Access-Control-Allow-Origin' header contains multiple values '{value}', but only one is allowed"},
	{Browser: "chrome", Kind: fetch.InvalidAllowOrigin, Text: "The 'Access-Control-Allow-Origin' header contains the invalid value '{value}'."},
	{Browser: "chrome", Kind: fetch.WildcardWithCredentials, Text: "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'"},
	{Browser: "chrome", Kind: fetch.WildcardWithCredentials, Until: 54, Text: "A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true"},
	{Browser: "chrome", Kind: fetch.InvalidAllowCredentials, Text: "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true'"},
	{Browser: "chrome", Kind: fetch.InvalidAllowCredentials, Until: 54, Text: "Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is '{value}'. It must be 'true'"},
	{Browser: "chrome", Kind: fetch.PreflightStatus, Preflight: true, Text: "It does not have HTTP ok status"},
	{Browser: "chrome", Kind: fetch.PreflightStatus, Preflight: true, Until: 69, Text: "Response for preflight does not have HTTP ok status"},
	{Browser: "chrome", Kind: fetch.PreflightStatus, Preflight: true, Until: 67, Text: "Response for preflight has invalid HTTP status code {status}"},
	{Browser: "chrome", Kind: fetch.PreflightStatus, Preflight: true, Until: 42, Text: "Invalid HTTP status code {status}"},
	{Browser: "chrome", Kind: fetch.PreflightRedirect, Preflight: true, Text: "Redirect is not allowed for a preflight request"},
	{Browser: "chrome", Kind: fetch.PreflightRedirect, Preflight: true, Until: 69, Text: "Response for preflight is invalid (redirect)"},
	{Browser: "chrome", Kind: fetch.PreflightRedirect, Until: 56, Text: "The request was redirected to '{value}', which is disallowed for cross-origin requests that require preflight"},
	{Browser: "chrome", Kind: fetch.MethodNotAllowed, Preflight: true, Text: "Method {name} is not allowed by Access-Control-Allow-Methods in preflight response"},
	{Browser: "chrome", Kind: fetch.HeaderNotAllowed, Preflight: true, Text: "Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response"},
	{Browser: "chrome", Kind: fetch.InvalidAllowMethods, Preflight: true, Text: "Cannot parse Access-Control-Allow-Methods response header field in preflight response"},
	{Browser: "chrome", Kind: fetch.InvalidAllowHeaders, Preflight: true, Text: "Cannot parse Access-Control-Allow-Headers response header field in preflight response"},
	{Browser: "chrome", Kind: fetch.RedirectCredentials, Text: "Redirect location '{value}' contains a username and password"},
	{Browser: "chrome", Kind: fetch.RedirectScheme, Until: 69, Text: "Redirect location '{value}' has a disallowed scheme for cross-origin requests"},
	{Browser: "chrome", Kind: fetch.RedirectScheme, Text: "Cross origin requests are only supported for protocol schemes: "},
	{Browser: "chrome", Kind: fetch.SameOriginMode, Text: "Cross origin requests are not allowed by request mode"},
	{Browser: "chrome", Kind: fetch.LocalNetworkAccess, Text: "Permission was denied for this request to access the `{space}` address space"},
	{Browser: "chrome", Kind: fetch.LocalNetworkAccess, Since: 90, Text: "The request client is not a secure context and the resource is in more-private address space `{space}`"},
	{Browser: "chrome", Kind: fetch.TargetAddressSpace, Since: 90, Text: "Request had a target IP address space of `{value}` yet the resource is in address space `{space}`"},
	{Browser: "chrome", Kind: fetch.LocalNetworkAccess, Preflight: true, Since: 98, Until: 141, Text: "No 'Access-Control-Allow-Private-Network' header was present in the preflight response"},
	{Browser: "chrome", Kind: fetch.LocalNetworkAccess, Preflight: true, Since: 98, Until: 141, Text: "The 'Access-Control-Allow-Private-Network' header in the preflight response for this private network request had a value of '{value}'"},
	{Browser: "chrome", Text: "The response is invalid."},

	// Firefox. What preflights lack is named by sentences of its own, but for
	// Allow-Origin and Allow-Credentials, which leave it open.
	{Browser: "firefox", Kind: fetch.MissingAllowOrigin, Text: "CORS header 'Access-Control-Allow-Origin' missing). Status code: {status}"},
	{Browser: "firefox", Kind: fetch.MissingAllowOrigin, Until: 94, Text: "CORS header 'Access-Control-Allow-Origin' missing"},
	{Browser: "firefox", Kind: fetch.AllowOriginMismatch, Also: kinds(fetch.MultipleAllowOrigin, fetch.InvalidAllowOrigin), Text: "CORS header 'Access-Control-Allow-Origin' does not match '{value}')"},
	{Browser: "firefox", Kind: fetch.MultipleAllowOrigin, Text: "Multiple CORS header 'Access-Control-Allow-Origin' not allowed"},
	{Browser: "firefox", Kind: fetch.WildcardWithCredentials, Text: "Credential is not supported if the CORS header 'Access-Control-Allow-Origin' is '*'"},
	{Browser: "firefox", Kind: fetch.InvalidAllowCredentials, Text: "expected 'true' in CORS header 'Access-Control-Allow-Credentials'"},
	{Browser: "firefox", Kind: fetch.PreflightStatus, Preflight: true, Text: "CORS preflight response did not succeed). Status code: {status}"},
	{Browser: "firefox", Kind: fetch.PreflightStatus, Preflight: true, Until: 94, Text: "CORS preflight response did not succeed"},
	{Browser: "firefox", Kind: fetch.PreflightStatus, Preflight: true, Until: 78, Text: "CORS preflight channel did not succeed"},
	{Browser: "firefox", Kind: fetch.PreflightRedirect, Preflight: true, Text: "CORS request external redirect not allowed"},
	{Browser: "firefox", Kind: fetch.MethodNotAllowed, Preflight: true, Text: "Did not find method in CORS header 'Access-Control-Allow-Methods'"},
	{Browser: "firefox", Kind: fetch.HeaderNotAllowed, Preflight: true, Text: "header '{name}' is not allowed according to header 'Access-Control-Allow-Headers' from CORS preflight response"},
	{Browser: "firefox", Kind: fetch.HeaderNotAllowed, Preflight: true, Until: 78, Text: "missing token '{name}' in CORS header 'Access-Control-Allow-Headers' from CORS preflight channel"},
	{Browser: "firefox", Kind: fetch.InvalidAllowMethods, Preflight: true, Text: "invalid token '{value}' in CORS header 'Access-Control-Allow-Methods'"},
	{Browser: "firefox", Kind: fetch.InvalidAllowHeaders, Preflight: true, Text: "invalid token '{value}' in CORS header 'Access-Control-Allow-Headers'"},
	{Browser: "firefox", Kind: fetch.HeaderNotAllowed, Preflight: true, Warning: true, Text: "is `*`, the `{name}` header is not covered"},
	{Browser: "firefox", Kind: fetch.UnsupportedScheme, Also: kinds(fetch.RedirectScheme), Text: "CORS request not http"},
	{Browser: "firefox", Follows: true, Text: "CORS request did not succeed"},
	{Browser: "firefox", Follows: true, Until: 42, Text: "CORS request failed"},
	{Browser: "firefox", Text: "CORS header 'Origin' cannot be added"},
	{Browser: "firefox", Text: "CORS disabled"},

	// Safari, and all of WebKit.
	{Browser: "safari", Kind: fetch.WildcardWithCredentials, Text: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true"},
	{Browser: "safari", Kind: fetch.MultipleAllowOrigin, Text: "Access-Control-Allow-Origin cannot contain more than one origin"},
	{Browser: "safari", Kind: fetch.InvalidAllowCredentials, Text: `Credentials flag is true, but Access-Control-Allow-Credentials is not "true"`},
	{Browser: "safari", Kind: fetch.PreflightStatus, Also: kinds(fetch.PreflightRedirect), Preflight: true, Text: "Preflight response is not successful. Status code: {status}"},
	{Browser: "safari", Kind: fetch.PreflightStatus, Also: kinds(fetch.PreflightRedirect), Preflight: true, Until: 14, Text: "Preflight response is not successful"},
	{Browser: "safari", Kind: fetch.MethodNotAllowed, Preflight: true, Text: "Method {name} is not allowed by Access-Control-Allow-Methods"},
	{Browser: "safari", Kind: fetch.HeaderNotAllowed, Preflight: true, Text: "Request header field {name} is not allowed by Access-Control-Allow-Headers"},
	{Browser: "safari", Kind: fetch.InvalidAllowMethods, Preflight: true, Text: "Header Access-Control-Allow-Methods has an invalid value: {rest}"},
	{Browser: "safari", Kind: fetch.InvalidAllowHeaders, Preflight: true, Text: "Header Access-Control-Allow-Headers has an invalid value: {rest}"},
	{Browser: "safari", Kind: fetch.MissingAllowOrigin, Also: kinds(fetch.AllowOriginMismatch, fetch.InvalidAllowOrigin), Text: "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{Browser: "safari", Kind: fetch.MissingAllowOrigin, Also: kinds(fetch.AllowOriginMismatch, fetch.InvalidAllowOrigin), Until: 14, Text: "Origin {origin} is not allowed by Access-Control-Allow-Origin"},
	{Browser: "safari", Kind: fetch.RedirectCredentials, Text: "redirection URL {value} has credentials"},
	{Browser: "safari", Kind: fetch.RedirectScheme, Text: "not allowed to follow a cross-origin CORS redirection with non CORS scheme"},
})

// remarks stand behind a reason.
var remarks = compiled([]template{
	{Until: 69, Text: "Origin '{origin}' is therefore not allowed access"},
	{Until: 69, Text: "The response had HTTP status code {status}"},
	{Until: 155, Text: "If an opaque response serves your needs, set the request's mode to 'no-cors'"},
	{Until: 155, Text: "or, if an opaque response serves your needs, set the request's mode to 'no-cors'"},
})

// sentences are whole: they have no head.
var sentences = compiled([]template{
	// Chrome.
	{Browser: "chrome", Kind: fetch.ConnectSrc, Text: "Fetch API cannot load {url}. Refused to connect because it violates the document's Content Security Policy"},
	{Browser: "chrome", Kind: fetch.ConnectSrc, Text: "Connecting to '{url}' violates the following Content Security Policy directive: \"{value}\""},
	{Browser: "chrome", Kind: fetch.ConnectSrc, Text: "Refused to connect to '{url}' because it violates the following Content Security Policy directive: \"{value}\""},
	{Browser: "chrome", Kind: fetch.SameOriginMode, Text: "Fetch API cannot load {url}. Request mode is \"same-origin\" but the URL's origin is not same as the request origin {origin}"},
	{Browser: "chrome", Kind: fetch.NoCORSRedirectMode, Text: "Fetch API cannot load {url}. Request mode is \"no-cors\" but the redirect mode is not \"follow\""},
	{Browser: "chrome", Kind: fetch.UnsupportedScheme, Text: "Fetch API cannot load {url}. URL scheme \"{value}\" is not supported"},
	{Browser: "chrome", Kind: fetch.MixedContent, Text: "Mixed Content: The page at '{page}' was loaded over HTTPS, but requested an insecure {initiator} '{url}'. This request has been blocked"},
	{Browser: "chrome", Kind: fetch.MixedContent, Text: "Mixed Content: The page at '{page}' was loaded over HTTPS, but requested an insecure XMLHttpRequest endpoint '{url}'. This request has been blocked"},
	{Browser: "chrome", Kind: fetch.MixedContent, Text: "Mixed Content: The page at '{page}' was loaded over HTTPS, but attempted to connect to the insecure WebSocket endpoint '{url}'."},
	{Browser: "chrome", Kind: fetch.UnsupportedScheme, Text: "Not allowed to load local resource: {url}"},
	{Browser: "chrome", Kind: fetch.SameOriginMode, Text: "Unsafe attempt to load URL {url} from frame with URL {page}. Domains, protocols and ports must match"},
	{Browser: "chrome", About: SocketRefused, Text: "WebSocket connection to '{url}' failed: Error during WebSocket handshake: Unexpected response code: {status}"},
	{Browser: "chrome", About: SocketRefused, Text: "WebSocket connection to '{url}' failed: Error in connection establishment: net::{neterror}"},
	{Browser: "chrome", About: WorkerAnswered, Text: "The FetchEvent for \"{url}\" resulted in a network error response: an \"opaque\" response was used for a request whose type is not no-cors"},
	{Browser: "chrome", About: PreloadUnused, Text: "A preload for '{url}' is found, but is not used because the request credentials mode does not match"},
	{Browser: "chrome", About: ResourceTainted, Text: "on 'HTMLCanvasElement': Tainted canvases may not be exported"},
	{Browser: "chrome", About: ResourceTainted, Text: "on 'CanvasRenderingContext2D': The canvas has been tainted by cross-origin data"},
	{Browser: "chrome", About: ResourceTainted, Text: "Failed to read the 'cssRules' property from 'CSSStyleSheet': Cannot access rules"},
	{Browser: "chrome", Follows: true, Text: "Failed to load resource: net::{neterror}"},
	{Browser: "chrome", Follows: true, Text: "Failed to load resource: the server responded with a status of {status} "},
	{Browser: "chrome", Follows: true, Text: "TypeError: Failed to fetch"},
	// Firefox.
	{Browser: "firefox", Text: "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. This can be fixed by moving the resource to the same domain or enabling CORS", Until: 34},
	{Browser: "firefox", Kind: fetch.MixedContent, Text: "Blocked loading mixed active content \"{url}\""},
	{Browser: "firefox", Kind: fetch.ConnectSrc, Text: "blocked the loading of a resource (connect-src) at {url} because it violates the following directive: \"{value}\""},
	{Browser: "firefox", Kind: fetch.ConnectSrc, Text: "blocked the loading of a resource at {url} (\"connect-src"},
	{Browser: "firefox", Kind: fetch.SameOriginMode, Also: kinds(fetch.RedirectScheme), Text: "Security Error: Content at {page} may not load data from {url}"},
	{Browser: "firefox", Kind: fetch.UnsupportedScheme, Also: kinds(fetch.RedirectScheme), Text: "Security Error: Content at {page} may not load or link to {url}"},
	{Browser: "firefox", Kind: fetch.CrossOriginPolicy, Text: "The resource at \"{url}\" was blocked due to its Cross-Origin-Resource-Policy header"},
	{Browser: "firefox", About: WorkerAnswered, Text: "Failed to load '{url}'. A ServiceWorker passed an opaque Response to FetchEvent.respondWith()"},
	{Browser: "firefox", Kind: fetch.RedirectScheme, Text: "Redirecting to data: URI not allowed (Blocked loading of: \"{value}\")"},
	{Browser: "firefox", Follows: true, Text: "Firefox can't establish a connection to the server at {url}"},
	{Browser: "firefox", Follows: true, Text: "Module source URI is not allowed in this document: \"{url}\""},
	{Browser: "firefox", Follows: true, Text: "<script> source URI is not allowed in this document: \"{url}\""},
	{Browser: "firefox", Follows: true, Text: "bad URI or cross-site access not allowed source: {url}"},
	{Browser: "firefox", About: CookiePartitioned, Warning: true, Text: "Cookie \"{name}\" will soon be rejected because it is foreign and does not have the \"Partitioned\" attribute"},
	{Browser: "firefox", About: CookieRefused, Text: "Cookie \"{name}\" rejected because it has the \"SameSite=None\" attribute but is missing the \"secure\" attribute"},
	{Browser: "firefox", About: CookieRefused, Text: "Cookie \"{name}\" has been rejected because a non-HTTPS cookie can't be set as \"secure\""},
	{Browser: "firefox", About: CookieRefused, Text: "Cookie \"{name}\" has been rejected because it is in a cross-site context and its \"SameSite\" is \"{value}\""},
	{Browser: "firefox", About: ResourceTainted, Text: "CSSStyleSheet.cssRules getter: Not allowed to access cross-origin stylesheet"},
	{Browser: "firefox", Follows: true, Text: "NetworkError when attempting to fetch resource"},
	// Safari.
	{Browser: "safari", Follows: true, Text: "Fetch API cannot load {url} due to access control checks"},
	{Browser: "safari", Follows: true, Text: "{initiator} cannot load {url} due to access control checks"},
	{Browser: "safari", Follows: true, Text: "Cannot load image {url} due to access control checks"},
	{Browser: "safari", Follows: true, Text: "Cross-origin script load denied by Cross-Origin Resource Sharing policy"},
	{Browser: "safari", Kind: fetch.BlockedPort, Text: "Not allowed to use restricted network port {value}: {url}"},
	{Browser: "safari", Kind: fetch.CrossOriginPolicy, Text: "Cancelled load to {url} because it violates the resource's Cross-Origin-Resource-Policy response header"},
	{Browser: "safari", Kind: fetch.RedirectModeError, Text: "Not allowed to follow a redirection while loading {url}"},
	{Browser: "safari", Kind: fetch.ConnectionClosed, Text: "Connection terminated unexpectedly"},
	{Browser: "safari", Kind: fetch.MixedContent, Text: "The page at {page} was not allowed to display insecure content from {url}"},
	{Browser: "safari", Kind: fetch.MixedContent, Text: "The page at {page} requested insecure content from {url}"},
	{Browser: "safari", Kind: fetch.UnsupportedScheme, Text: "Cross origin requests are only supported for HTTP."},
	{Browser: "safari", About: ResourceTainted, Text: "SecurityError: Not allowed to access cross-origin stylesheet"},
	{Browser: "safari", Kind: fetch.SameOriginMode, Ends: true, Text: "Fetch API cannot load {url}"},
	{Browser: "safari", Follows: true, Text: "TypeError: Load failed"},
	// Axios, in all of them.
	{Follows: true, Text: "AxiosError: Network Error"},
	{Follows: true, Text: "Error: Network Error"},
})

// network is Chrome's line of the network: method, address and what became of
// it. It is about the line before it or behind it.
var network = func() (templates []template) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} {
		for _, tail := range []string{"net::{neterror} {status} (", "net::{neterror}", "{status} ("} {
			templates = append(templates, template{Browser: "chrome", Follows: true, Preflight: method == "OPTIONS", Text: method + " {url} " + tail, method: method})
		}
	}
	return compiled(templates)
}()

func kinds(kinds ...fetch.Kind) []fetch.Kind { return kinds }

func compiled(templates []template) []template {
	for i := range templates {
		templates[i] = templates[i].compile()
	}
	return templates
}

// netErrors are Chrome's names for failures that are not CORS's.
var netErrors = map[string]fetch.Kind{
	"NAME_NOT_RESOLVED": fetch.NameNotResolved, "CONNECTION_REFUSED": fetch.ConnectionRefused,
	"EMPTY_RESPONSE": fetch.ConnectionClosed, "CONNECTION_RESET": fetch.ConnectionClosed, "CONNECTION_CLOSED": fetch.ConnectionClosed,
	"CONNECTION_FAILED": fetch.ConnectionFailed, "ADDRESS_UNREACHABLE": fetch.ConnectionFailed, "INTERNET_DISCONNECTED": fetch.ConnectionFailed, "NETWORK_CHANGED": fetch.ConnectionFailed,
	"TIMED_OUT": fetch.TimedOut, "CONNECTION_TIMED_OUT": fetch.TimedOut,
	"SSL_PROTOCOL_ERROR": fetch.TLSFailed, "UNSAFE_PORT": fetch.BlockedPort,
	"TOO_MANY_REDIRECTS": fetch.TooManyRedirects, "UNSAFE_REDIRECT": fetch.RedirectScheme,
	"RESPONSE_HEADERS_MULTIPLE_LOCATION": fetch.MultipleLocations, "INVALID_HTTP_RESPONSE": fetch.MalformedResponse,
	"INCOMPLETE_CHUNKED_ENCODING": fetch.ConnectionClosed, "HTTP2_PROTOCOL_ERROR": fetch.MalformedResponse,
	"UNEXPECTED_PROXY_AUTH": fetch.ProxyAuthentication, "UNKNOWN_URL_SCHEME": fetch.UnsupportedScheme,
	"BLOCKED_BY_CSP": fetch.ConnectSrc, "BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS": fetch.LocalNetworkAccess,
	"BLOCKED_BY_PRIVATE_NETWORK_ACCESS_CHECKS": fetch.LocalNetworkAccess,
}

// kindOfNetError names an error such as net::ERR_CONNECTION_REFUSED, empty for
// those that say nothing: net::ERR_FAILED and the blocking of extensions.
// ERR_INVALID_REDIRECT is left out: preflights that are redirected have it too.
func kindOfNetError(name string) fetch.Kind {
	name, ok := strings.CutPrefix(name, "net::ERR_")
	switch kind := netErrors[name]; {
	case !ok, kind != "":
		return kind
	case strings.HasPrefix(name, "CERT_"), strings.HasPrefix(name, "SSL_"):
		return fetch.TLSFailed
	case strings.HasPrefix(name, "BLOCKED_BY_RESPONSE"):
		return fetch.CrossOriginPolicy
	}
	return ""
}
