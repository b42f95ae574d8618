package fetch

// A Deviation is a corner in which browsers depart from the Fetch Standard, on
// purpose or not.
type Deviation struct {
	ID       string   // stable: "D1"
	Fields   []string // of Profile
	Profiles []string // names of those that have it
	Says     string
	Source   string // how it is known
}

const (
	measured    = "measured in Chromium 156.0.8078.79 and Firefox 153.7.0esr"
	ofChromium  = "Chromium's source"
	ofFirefox   = "Firefox's source"
	measuredToo = "measured in Chromium 156.0.8078.79, Firefox 153.7.0esr and WebKitGTK 2.50.6"
)

// Deviations is the whole list: what is not in it, no profile does.
var Deviations = []Deviation{
	{"D1", []string{"PreflightKeepsOrigin"}, []string{"firefox"},
		"the Origin of a preflight is the page's even after redirects that make that of the request null", measured},
	{"D2", []string{"PreflightSticks"}, []string{"firefox"},
		"a request that needed a preflight has one after a redirect that made it a GET", measured},
	{"D3", []string{"PreflightSticks"}, []string{"firefox"},
		"a request that needed a preflight for Authorization has one after a redirect that removed it", measured},
	{"D4", []string{"RefusesCredentialsInLocation"}, []string{"chrome"},
		"a user name in Location is refused in every mode, same origin included", measured},
	{"D5", []string{"IgnoresEmptyLocation"}, []string{"chrome"},
		"an empty Location is no redirect", measured},
	{"D6", []string{"CacheSplitsByCredentials"}, []string{"firefox"},
		"a preflight made with credentials serves no request without them", measured},
	{"D7", []string{"CacheTakesNoWildcard"}, []string{"firefox"},
		"a cached \"*\" serves no other method or header", measured},
	{"D8", []string{"CacheSurvivesFailure"}, []string{"chrome"},
		"a cached preflight stays when the request after it fails", measured},
	{"D9", []string{"CacheKeepsOneResult"}, []string{"chrome", "safari"},
		"a preflight replaces what was cached for the URL instead of adding to it", measured + "; WebKit's source"},
	{"D10", []string{"MaxAgeInvalidIsZero", "MaxAgeNegativeIsZero", "MaxAgeTakesPlus"}, []string{"chrome", "firefox", "safari"},
		"a Max-Age that is no number counts for 0 (Firefox, all when it is negative) or for what WebKit reads in \"+600\", instead of 5",
		measured + "; web-platform-tests expect it of -1; WebKit's source"},
	{"D11", []string{"UnsafeAcceptBeyondASCII"}, []string{"firefox"},
		"an Accept with bytes beyond ASCII needs a preflight", measured},
	{"D12", []string{"ExposesGoodLines"}, []string{"firefox"},
		"of two Access-Control-Expose-Headers lines, one that is no list leaves the other in force", measured},
	{"D13", []string{"JudgesCombinedValues"}, []string{"chrome"},
		"a header set twice is judged by its combined value", measured},
	{"D14", []string{"SafelistsAnyAmount"}, []string{"firefox"},
		"more than 1,024 bytes of safelisted values need no preflight", measured},
	{"D15", []string{"SafelistsClientHints"}, []string{"chrome"},
		"well-formed client hints need no preflight", measured + " and " + ofChromium},
	{"D16", []string{"DropsUserAgent"}, []string{"chrome"},
		"a User-Agent set by a script is ignored", measured},
	{"D17", []string{"NoCacheBypassesCache"}, []string{"chrome"},
		"cache mode no-cache bypasses the preflight cache", measured},
	{"D18", []string{"lenience"}, []string{"chrome", "firefox"},
		"a header line with a space before the colon counts (Chromium) or is passed over (Firefox); other lines that are none are passed over", measured},
	{"D19", []string{"RefusesProxyAuthentication"}, []string{"chrome"},
		"status 407 from a server that is no proxy is a network error", measured},
	{"D20", []string{"RestoresHeaders"}, []string{"firefox"},
		"Content-Type and its like, which a redirect removed with the body, come back with the next redirect", measured},
	{"D20", []string{"RedirectNullsNoCORSOrigin"}, []string{"chrome"},
		"in no-cors, a redirect from the page's origin to another makes the Origin of a POST null", measured},
	{"D21", []string{"ChecksTargetAddressSpace"}, []string{"chrome"},
		"the option targetAddressSpace is enforced", measured},
	{"D22", []string{"ListsDuplicateNames"}, []string{"firefox"},
		"Access-Control-Request-Headers repeats a name that was set twice", measured},
	{"D23", []string{"PreflightRedirectFirst"}, []string{"chrome"},
		"a preflight that is redirected is blamed for that, not for the headers it lacks", measured},
	{"D24", []string{"MethodBeforeHeaderList"}, []string{"firefox"},
		"a method that is not listed is blamed before an Access-Control-Allow-Headers that is no list", measured},
	{"D25", []string{"RangeLimit"}, []string{"chrome", "firefox"},
		"a Range with a number above 2^63-2 (Chromium) or 2^64-1 (Firefox) needs a preflight", measured},
	{"D26", []string{"WildcardCoversAuthorization"}, []string{"chrome", "firefox", "safari"},
		"\"*\" in Access-Control-Allow-Headers covers Authorization", measuredToo + "; https://github.com/whatwg/fetch/issues/1919"},
	{"D27", []string{"PreflightStatusFirst"}, []string{"safari"},
		"a preflight's status is judged before its headers", "measured in WebKitGTK 2.50.6"},
	{"D28", []string{"CacheKeyedByPage"}, []string{"firefox"},
		"cached preflights belong to the page's origin even after redirects that make the request's null", measured},
	{"D29", []string{"ReloadBypassesCache"}, []string{"chrome", "firefox"},
		"cache modes reload and no-store bypass the preflight cache, and so do validators such as If-None-Match", measured},
	{"D30", []string{"MaxAgeCap"}, []string{"chrome", "firefox", "safari"},
		"Max-Age is capped at 7200, 86400 and 600 seconds", ofChromium + "; " + ofFirefox + "; WebKit's source"},
	{"D31", []string{"ChecksLocalNetworkAccess"}, []string{"chrome", "firefox"},
		"a public page needs a permission to reach the local network or this machine", measured + "; https://wicg.github.io/local-network-access/"},
	{"D32", []string{"LaxCookiesByDefault"}, []string{"chrome"},
		"a cookie without SameSite is not sent across sites", measured},
	{"D33", []string{"CacheSkipsTainted"}, []string{"chrome"},
		"after redirects that make the request's origin null, every request has a preflight", measured},
	{"D34", []string{"RedirectNeedsLocation"}, []string{"chrome"},
		"in redirect mode error, a redirect status without a Location is a response like any other", measured},
	{"D35", []string{"TakesEqualLocations"}, []string{"chrome", "firefox"},
		"several Location lines are no fault if they say the same", measured},
	{"D36", []string{"RestoresHeaders"}, []string{"firefox"},
		"Authorization, which a redirect to another origin removed, comes back with the next redirect within that origin", measured},
	{"D37", []string{"CacheSurvivesRedirectError"}, []string{"firefox"},
		"a cached preflight stays when the request after it is redirected in redirect mode error", measured},
	{"D38", []string{"NoStoreKeepsNothing"}, []string{"chrome"},
		"in cache mode no-store, the answer to a preflight is not kept", measured},
	{"D39", []string{"CacheWantsHEAD"}, []string{"firefox"},
		"a cached preflight serves HEAD only if its Access-Control-Allow-Methods lists it", measured},
	{"D40", []string{"AddressesAreNoSites"}, []string{"chrome"},
		"Cross-Origin-Resource-Policy same-site keeps responses of an IP address from its other ports", measured},
	{"D41", []string{"DropsClientHints"}, []string{"chrome"},
		"redirects to other origins than the page's remove client hints that a script has set", measured},
}
