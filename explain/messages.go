package explain

import "github.com/corsac-cors/corsac/fetch"

// A message is what a browser prints for a failure. Placeholders are in braces,
// and filled in by filler: {url}, {redirected}, {origin}, {value}, {name},
// {Name} (as the script wrote it), {status}, {noun} and so on.
//
// The texts are data because they change from version to version. What has no
// bounds was seen in the version of fetch's profile, and is taken to be what
// others print too. Package pasted reads older sentences still.
type message struct {
	kind         fetch.Kind
	place        place
	schemes      string // of the address at fault, with blanks between; empty for any
	text         string
	since, until int // the first and last versions known to print it; 0 is no bound
}

// speaks reports whether a version prints the message; 0 is the version of the
// profile, in which nothing is out of date.
func (m *message) speaks(version int) bool {
	return version == 0 && m.until == 0 || version != 0 && m.since <= version && (m.until == 0 || version <= m.until)
}

// A place says in which answer a failure has to be for a message to fit.
type place string

const (
	anywhere     place = ""
	afterHop     place = "redirect"   // in an answer that redirects
	beyondHop    place = "redirected" // in what a redirect has led to, before it was asked
	betweenSites place = "cors"       // in an answer that redirects, and CORS has to do with it
)

const (
	chromePrefix    = "Access to {noun} at '{url}'{redirected} from origin '{asker}' has been blocked by CORS policy: "
	chromeLed       = "Access to {noun} at '{location}' (redirected from '{first}') from origin '{asker}' has been blocked by CORS policy: "
	chromePreflight = "Response to preflight request doesn't pass access control check: "
	chromeOpaque    = " If an opaque response serves your needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled."
	chromeSchemes   = "Cross origin requests are only supported for protocol schemes: chrome, chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app."
	firefoxPrefix   = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. (Reason: "
	firefoxGeneric  = firefoxPrefix + "CORS request did not succeed). Status code: (null)."
)

// chromeChecks are the texts of the CORS check, which a prefix tells apart for
// preflights.
var chromeChecks = []message{
	{kind: fetch.MissingAllowOrigin, text: "No 'Access-Control-Allow-Origin' header is present on the requested resource."},
	{kind: fetch.MultipleAllowOrigin, text: "The 'Access-Control-Allow-Origin' header contains multiple values '{value}', but only one is allowed. Have the server send the header with a valid value."},
	{kind: fetch.InvalidAllowOrigin, text: "The 'Access-Control-Allow-Origin' header contains the invalid value '{value}'. Have the server send the header with a valid value."},
	{kind: fetch.AllowOriginMismatch, text: "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin. Have the server send the header with a valid value."},
	{kind: fetch.WildcardWithCredentials, text: "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."},
	{kind: fetch.InvalidAllowCredentials, text: "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include'."},
	{kind: fetch.PreflightStatus, text: "It does not have HTTP ok status."},
	{kind: fetch.PreflightRedirect, text: "Redirect is not allowed for a preflight request."},
}

// chromeRemarks stood behind some of the checks. In which version they went is
// not known; 156 has none.
var chromeRemarks = []message{
	{kind: fetch.MissingAllowOrigin, until: 155, text: chromeOpaque},
	{kind: fetch.MultipleAllowOrigin, until: 155, text: chromeOpaque},
	{kind: fetch.InvalidAllowOrigin, until: 155, text: chromeOpaque},
	{kind: fetch.AllowOriginMismatch, until: 155, text: chromeOpaque},
}

var chromeMessages = []message{
	{kind: fetch.MethodNotAllowed, text: chromePrefix + "Method {name} is not allowed by Access-Control-Allow-Methods in preflight response."},
	{kind: fetch.HeaderNotAllowed, text: chromePrefix + "Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."},
	{kind: fetch.InvalidAllowMethods, text: chromePrefix + "Cannot parse Access-Control-Allow-Methods response header field in preflight response."},
	{kind: fetch.InvalidAllowHeaders, text: chromePrefix + "Cannot parse Access-Control-Allow-Headers response header field in preflight response."},
	{kind: fetch.RedirectCredentials, place: betweenSites, text: chromePrefix + "Redirect location '' contains a username and password, which is disallowed for cross-origin requests."},
	{kind: fetch.RedirectScheme, schemes: "data file blob", text: "Failed to load resource: net::ERR_UNSAFE_REDIRECT"},
	{kind: fetch.RedirectScheme, text: chromeLed + chromeSchemes},
	{kind: fetch.MultipleLocations, text: "Failed to load resource: net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION"},
	{kind: fetch.InvalidLocation, text: "Failed to load resource: net::ERR_INVALID_REDIRECT"},
	{kind: fetch.TooManyRedirects, text: "Failed to load resource: net::ERR_TOO_MANY_REDIRECTS"},
	{kind: fetch.RedirectModeError, text: ""},
	{kind: fetch.LocalNetworkAccess, text: chromePrefix + "Permission was denied for this request to access the `{value}` address space."},
	{kind: fetch.TargetAddressSpace, text: chromePrefix + "Request had a target IP address space of `{want}` yet the resource is in address space `{value}`."},
	{kind: fetch.MixedContent, text: "Mixed Content: The page at '{page}' was loaded over HTTPS, but requested an insecure resource '{value}'. This request has been blocked; the content must be served over HTTPS."},
	{kind: fetch.ConnectSrc, text: "Connecting to '{url}' violates the following Content Security Policy directive: \"connect-src {value}\". The action has been blocked."},
	{kind: fetch.SameOriginMode, place: beyondHop, text: "Unsafe attempt to load URL {value} from frame with URL {page}. Domains, protocols and ports must match."},
	{kind: fetch.SameOriginMode, text: "Fetch API cannot load {url}. Request mode is \"same-origin\" but the URL's origin is not same as the request origin {origin}."},
	{kind: fetch.NoCORSRedirectMode, text: "Fetch API cannot load {url}. Request mode is \"no-cors\" but the redirect mode is not \"follow\"."},
	{kind: fetch.UnsupportedScheme, schemes: "file", text: "Not allowed to load local resource: {url}"},
	{kind: fetch.UnsupportedScheme, text: "Fetch API cannot load {url}. URL scheme \"{scheme}\" is not supported."},
	{kind: fetch.CrossOriginPolicy, text: "Failed to load resource: net::ERR_BLOCKED_BY_RESPONSE.{corp}"},
	{kind: fetch.ProxyAuthentication, text: "Failed to load resource: net::ERR_UNEXPECTED_PROXY_AUTH"},
	{kind: fetch.BlockedPort, text: "Failed to load resource: net::ERR_UNSAFE_PORT"},
	{kind: fetch.NameNotResolved, text: "Failed to load resource: net::ERR_NAME_NOT_RESOLVED"},
	{kind: fetch.ConnectionRefused, text: "Failed to load resource: net::ERR_CONNECTION_REFUSED"},
	{kind: fetch.ConnectionFailed, text: "Failed to load resource: net::ERR_CONNECTION_FAILED"},
	{kind: fetch.ConnectionClosed, text: "Failed to load resource: net::ERR_EMPTY_RESPONSE"},
	{kind: fetch.TLSFailed, text: "Failed to load resource: {tls}"},
	{kind: fetch.MalformedResponse, text: "Failed to load resource: net::ERR_INVALID_HTTP_RESPONSE"},
}

// firefoxReasons come after firefoxPrefix. A reason without its status ends
// with ")."; one with it has it written out.
var firefoxReasons = []message{
	{kind: fetch.MissingAllowOrigin, text: "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: {status}."},
	{kind: fetch.MultipleAllowOrigin, text: "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."},
	{kind: fetch.InvalidAllowOrigin, text: "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."},
	{kind: fetch.AllowOriginMismatch, text: "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."},
	{kind: fetch.InvalidAllowCredentials, text: "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’)."},
	{kind: fetch.PreflightStatus, text: "CORS preflight response did not succeed). Status code: {status}."},
	{kind: fetch.MethodNotAllowed, text: "Did not find method in CORS header ‘Access-Control-Allow-Methods’)."},
	{kind: fetch.HeaderNotAllowed, text: "header ‘{name}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response)."},
	{kind: fetch.InvalidAllowMethods, text: "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Methods’)."},
	{kind: fetch.InvalidAllowHeaders, text: "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Headers’)."},
}

var firefoxMessages = []message{
	{kind: fetch.WildcardWithCredentials, text: "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at ‘{url}’. (Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’)."},
	{kind: fetch.PreflightRedirect, text: firefoxPrefix + "CORS request external redirect not allowed)."},
	{kind: fetch.ConnectSrc, text: "Content-Security-Policy: The page’s settings blocked the loading of a resource (connect-src) at {url} because it violates the following directive: “connect-src {value}”"},
	{kind: fetch.SameOriginMode, text: "Security Error: Content at {page} may not load data from {value}."},
	{kind: fetch.UnsupportedScheme, schemes: "file", text: "Security Error: Content at {page} may not load or link to {url}."},
	{kind: fetch.UnsupportedScheme, text: firefoxPrefix + "CORS request not http)."},
	{kind: fetch.CrossOriginPolicy, text: "The resource at “{url}” was blocked due to its Cross-Origin-Resource-Policy header (or lack thereof). See https://developer.mozilla.org/docs/Web/HTTP/Cross-Origin_Resource_Policy_(CORP)#"},
	{kind: fetch.MixedContent, text: "Blocked loading mixed active content “{value}”"},
	{kind: fetch.RedirectScheme, schemes: "data", text: "Redirecting to data: URI not allowed (Blocked loading of: “{location}”)"},
	{kind: fetch.RedirectScheme, schemes: "file", text: "Security Error: Content at {url} may not load or link to {location}."},
	{kind: fetch.RedirectScheme, schemes: "blob", text: "Security Error: Content at {url} may not load data from {location}."},
	{kind: fetch.RedirectScheme, schemes: "javascript", text: ""},
	{kind: fetch.RedirectScheme, text: "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {location}. (Reason: CORS request not http)."},
	{kind: fetch.RedirectModeError, text: ""},
	{kind: fetch.NoCORSRedirectMode, text: ""},
	{kind: fetch.BlockedPort, text: ""},
}

var safariMessages = []message{
	{kind: fetch.PreflightStatus, text: "Preflight response is not successful. Status code: {status}"},
	{kind: fetch.PreflightRedirect, text: "Preflight response is not successful. Status code: {status}"},
	{kind: fetch.MissingAllowOrigin, place: afterHop, text: "Cross-origin redirection to {location} denied by Cross-Origin Resource Sharing policy: Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{kind: fetch.MissingAllowOrigin, text: "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{kind: fetch.AllowOriginMismatch, text: "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{kind: fetch.InvalidAllowOrigin, text: "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{kind: fetch.MultipleAllowOrigin, text: "Access-Control-Allow-Origin cannot contain more than one origin."},
	{kind: fetch.WildcardWithCredentials, text: "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."},
	{kind: fetch.InvalidAllowCredentials, text: "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."},
	{kind: fetch.MethodNotAllowed, text: "Method {name} is not allowed by Access-Control-Allow-Methods."},
	{kind: fetch.HeaderNotAllowed, text: "Request header field {Name} is not allowed by Access-Control-Allow-Headers."},
	{kind: fetch.InvalidAllowMethods, text: "Header Access-Control-Allow-Methods has an invalid value: {whole}"},
	{kind: fetch.InvalidAllowHeaders, text: "Header Access-Control-Allow-Headers has an invalid value: {whole}"},
	{kind: fetch.RedirectCredentials, text: "Cross-origin redirection to {bare} denied by Cross-Origin Resource Sharing policy: redirection URL {location} has credentials"},
	{kind: fetch.RedirectScheme, text: "Cross-origin redirection to {location} denied by Cross-Origin Resource Sharing policy: not allowed to follow a cross-origin CORS redirection with non CORS scheme"},
	{kind: fetch.RedirectModeError, text: "Not allowed to follow a redirection while loading {url}"},
	{kind: fetch.SameOriginMode, text: "Fetch API cannot load {url}."},
	{kind: fetch.UnsupportedScheme, text: "Cross origin requests are only supported for HTTP."},
	{kind: fetch.CrossOriginPolicy, text: "Cancelled load to {url} because it violates the resource's Cross-Origin-Resource-Policy response header."},
	{kind: fetch.BlockedPort, text: "Not allowed to use restricted network port {value}: {url}"},
}
