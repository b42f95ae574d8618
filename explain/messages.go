package explain

import "github.com/corsac-cors/corsac/fetch"

// A message is what a browser prints for a failure. Placeholders are in braces:
// {url}, {redirected}, {origin}, {value}, {name},
// {Name} (as the script wrote it), {status}.
//
// The texts are data because they change. These are what the versions in fetch's
// profiles print; package pasted knows older ones.
type message struct {
	kind  fetch.Kind
	place place
	text  string
}

// A place says in which answer a failure has to be for a message to fit.
type place string

const (
	anywhere place = ""
	afterHop place = "redirect" // in an answer that redirects
)

const (
	chromePrefix    = "Access to fetch at '{url}'{redirected} from origin '{origin}' has been blocked by CORS policy: "
	chromePreflight = chromePrefix + "Response to preflight request doesn't pass access control check: "
	firefoxPrefix   = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. (Reason: "
	firefoxGeneric  = firefoxPrefix + "CORS request did not succeed). Status code: (null)."
	safariEnd       = "Fetch API cannot load {url} due to access control checks."
)

// chromeChecks are the texts of the CORS check, which a prefix tells apart for
// preflights.
var chromeChecks = []message{
	{fetch.MissingAllowOrigin, anywhere, "No 'Access-Control-Allow-Origin' header is present on the requested resource."},
	{fetch.MultipleAllowOrigin, anywhere, "The 'Access-Control-Allow-Origin' header contains multiple values '{value}', but only one is allowed. Have the server send the header with a valid value."},
	{fetch.InvalidAllowOrigin, anywhere, "The 'Access-Control-Allow-Origin' header contains the invalid value '{value}'. Have the server send the header with a valid value."},
	{fetch.AllowOriginMismatch, anywhere, "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin. Have the server send the header with a valid value."},
	{fetch.WildcardWithCredentials, anywhere, "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."},
	{fetch.InvalidAllowCredentials, anywhere, "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include'."},
	{fetch.PreflightStatus, anywhere, "It does not have HTTP ok status."},
	{fetch.PreflightRedirect, anywhere, "Redirect is not allowed for a preflight request."},
}

var chromeMessages = []message{
	{fetch.MethodNotAllowed, anywhere, chromePrefix + "Method {name} is not allowed by Access-Control-Allow-Methods in preflight response."},
	{fetch.HeaderNotAllowed, anywhere, chromePrefix + "Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."},
	{fetch.InvalidAllowMethods, anywhere, chromePrefix + "Cannot parse Access-Control-Allow-Methods response header field in preflight response."},
	{fetch.InvalidAllowHeaders, anywhere, chromePrefix + "Cannot parse Access-Control-Allow-Headers response header field in preflight response."},
	{fetch.RedirectCredentials, anywhere, chromePrefix + "Redirect location '' contains a username and password, which is disallowed for cross-origin requests."},
	{fetch.RedirectScheme, anywhere, "Failed to load resource: net::ERR_UNSAFE_REDIRECT"},
	{fetch.InvalidLocation, anywhere, "Failed to load resource: net::ERR_INVALID_REDIRECT"},
	{fetch.TooManyRedirects, anywhere, "Failed to load resource: net::ERR_TOO_MANY_REDIRECTS"},
	{fetch.RedirectModeError, anywhere, ""},
	{fetch.LocalNetworkAccess, anywhere, chromePrefix + "Permission was denied for this request to access the `{value}` address space."},
	{fetch.TargetAddressSpace, anywhere, chromePrefix + "Request had a target IP address space of `{want}` yet the resource is in address space `{value}`."},
	{fetch.MixedContent, anywhere, "Mixed Content: The page at '{page}' was loaded over HTTPS, but requested an insecure resource '{url}'. This request has been blocked; the content must be served over HTTPS."},
	{fetch.ConnectSrc, anywhere, "Connecting to '{url}' violates the following Content Security Policy directive: \"connect-src {value}\". The action has been blocked."},
	{fetch.SameOriginMode, anywhere, "Fetch API cannot load {url}. Request mode is \"same-origin\" but the URL's origin is not same as the request origin {origin}."},
	{fetch.NoCORSRedirectMode, anywhere, "Fetch API cannot load {url}. Request mode is \"no-cors\" but the redirect mode is not \"follow\"."},
	{fetch.UnsupportedScheme, anywhere, "Fetch API cannot load {url}. URL scheme \"{scheme}\" is not supported."},
	{fetch.CrossOriginPolicy, anywhere, "Failed to load resource: net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin"},
	{fetch.BlockedPort, anywhere, "Failed to load resource: net::ERR_UNSAFE_PORT"},
	{fetch.NameNotResolved, anywhere, "Failed to load resource: net::ERR_NAME_NOT_RESOLVED"},
	{fetch.ConnectionRefused, anywhere, "Failed to load resource: net::ERR_CONNECTION_REFUSED"},
	{fetch.ConnectionFailed, anywhere, "Failed to load resource: net::ERR_CONNECTION_FAILED"},
	{fetch.ConnectionClosed, anywhere, "Failed to load resource: net::ERR_EMPTY_RESPONSE"},
	{fetch.TLSFailed, anywhere, "Failed to load resource: {tls}"},
	{fetch.MalformedResponse, anywhere, "Failed to load resource: net::ERR_INVALID_HTTP_RESPONSE"},
}

// firefoxReasons come after firefoxPrefix. A reason without its status ends
// with ")."; one with it has it written out.
var firefoxReasons = []message{
	{fetch.MissingAllowOrigin, anywhere, "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: {status}."},
	{fetch.MultipleAllowOrigin, anywhere, "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."},
	{fetch.InvalidAllowOrigin, anywhere, "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."},
	{fetch.AllowOriginMismatch, anywhere, "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."},
	{fetch.InvalidAllowCredentials, anywhere, "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’)."},
	{fetch.PreflightStatus, anywhere, "CORS preflight response did not succeed). Status code: {status}."},
	{fetch.MethodNotAllowed, anywhere, "Did not find method in CORS header ‘Access-Control-Allow-Methods’)."},
	{fetch.HeaderNotAllowed, anywhere, "header ‘{name}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response)."},
	{fetch.InvalidAllowMethods, anywhere, "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Methods’)."},
	{fetch.InvalidAllowHeaders, anywhere, "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Headers’)."},
	{fetch.UnsupportedScheme, anywhere, "CORS request not http)."},
}

var firefoxMessages = []message{
	{fetch.WildcardWithCredentials, anywhere, "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at ‘{url}’. (Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’)."},
	{fetch.PreflightRedirect, anywhere, firefoxPrefix + "CORS request external redirect not allowed)."},
	{fetch.SameOriginMode, anywhere, "Security Error: Content at {page} may not load data from {url}."},
	{fetch.CrossOriginPolicy, anywhere, "The resource at “{url}” was blocked due to its Cross-Origin-Resource-Policy header (or lack thereof). See https://developer.mozilla.org/docs/Web/HTTP/Cross-Origin_Resource_Policy_(CORP)#"},
	{fetch.MixedContent, anywhere, "Blocked loading mixed active content “{url}”"},
	{fetch.RedirectScheme, anywhere, "Redirecting to data: URI not allowed (Blocked loading of: “{location}”)"},
	{fetch.RedirectModeError, anywhere, ""},
	{fetch.NoCORSRedirectMode, anywhere, ""},
	{fetch.BlockedPort, anywhere, ""},
}

var safariMessages = []message{
	{fetch.PreflightStatus, anywhere, "Preflight response is not successful. Status code: {status}"},
	{fetch.PreflightRedirect, anywhere, "Preflight response is not successful. Status code: {status}"},
	{fetch.MissingAllowOrigin, afterHop, "Cross-origin redirection to {location} denied by Cross-Origin Resource Sharing policy: Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{fetch.MissingAllowOrigin, anywhere, "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{fetch.AllowOriginMismatch, anywhere, "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{fetch.InvalidAllowOrigin, anywhere, "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"},
	{fetch.MultipleAllowOrigin, anywhere, "Access-Control-Allow-Origin cannot contain more than one origin."},
	{fetch.WildcardWithCredentials, anywhere, "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."},
	{fetch.InvalidAllowCredentials, anywhere, "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."},
	{fetch.MethodNotAllowed, anywhere, "Method {name} is not allowed by Access-Control-Allow-Methods."},
	{fetch.HeaderNotAllowed, anywhere, "Request header field {Name} is not allowed by Access-Control-Allow-Headers."},
	{fetch.InvalidAllowMethods, anywhere, "Header Access-Control-Allow-Methods has an invalid value: {whole}"},
	{fetch.InvalidAllowHeaders, anywhere, "Header Access-Control-Allow-Headers has an invalid value: {whole}"},
	{fetch.RedirectCredentials, anywhere, "Cross-origin redirection to {bare} denied by Cross-Origin Resource Sharing policy: redirection URL {location} has credentials"},
	{fetch.RedirectScheme, anywhere, "Cross-origin redirection to {location} denied by Cross-Origin Resource Sharing policy: not allowed to follow a cross-origin CORS redirection with non CORS scheme"},
	{fetch.RedirectModeError, anywhere, "Not allowed to follow a redirection while loading {url}"},
	{fetch.SameOriginMode, anywhere, "Fetch API cannot load {url}."},
	{fetch.UnsupportedScheme, anywhere, "Cross origin requests are only supported for HTTP."},
	{fetch.CrossOriginPolicy, anywhere, "Cancelled load to {url} because it violates the resource's Cross-Origin-Resource-Policy response header."},
	{fetch.BlockedPort, anywhere, "Not allowed to use restricted network port {value}: {url}"},
}

// What scripts get, whatever the reason.
var scriptErrors = map[string]string{
	"chrome":  "TypeError: Failed to fetch",
	"firefox": "TypeError: NetworkError when attempting to fetch resource.",
	"safari":  "TypeError: Load failed",
}
