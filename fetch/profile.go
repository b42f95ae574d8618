package fetch

import (
	"time"

	"github.com/corsac-cors/corsac/internal/http1"
)

// A Profile is how a browser departs from the Fetch Standard. The zero value
// departs nowhere. Each field has an entry in [Deviations] that says where it
// was seen.
type Profile struct {
	Name    string // "standard", "chrome", "firefox", "safari"
	Version string // of the browser it was seen in

	// What needs a preflight.

	JudgesCombinedValues bool   // D13: lines of one name are joined before they are judged
	SafelistsAnyAmount   bool   // D14: there is no limit for all safelisted values together
	ListsDuplicateNames  bool   // D22: Access-Control-Request-Headers repeats a name set twice
	SafelistsClientHints bool   // D15
	DropsUserAgent       bool   // D16: scripts cannot set it
	UnsafeBeyondASCII    bool   // D11
	RangeUnitFolds       bool   // D64: "BYTES=" is as good as "bytes="
	RangeLimit           string // D25: the highest number in a simple range, in decimal
	ReadsTypeLoosely     bool   // D48: with a comma, a Content-Type is not simple; with parameters, it ends at a blank
	XHRJudgesTypeAsSet   bool   // D57: Content-Type is judged before send() writes its charset
	UploadNeedsBody      bool   // D42: listeners on the upload of nothing need no preflight
	PreflightSticks      bool   // D2, D3: what needed a preflight needs one after a redirect, whatever is left of it

	// The preflight and its answer.

	PreflightListsFirst         bool // D67: the headers that a preflight asks for are those before any redirect
	PreflightKeepsOrigin        bool // D1: never null after redirects
	WildcardCoversAuthorization bool // D26
	UploadNeedsMethods          bool // D49: listeners on an upload do not make up for a missing list of methods
	PreflightsTellMode          bool // D63: Sec-Fetch-Mode goes to whoever it is
	PreflightTrustsPage         bool // D45: that of the page's own origin, to which redirects led back, need not allow the page
	PreflightRedirectFirst      bool // D23: a redirect is named before the CORS check
	PreflightStatusFirst        bool // D27: the status is judged before the CORS check
	MethodBeforeHeaderList      bool // D24: the method is matched before Access-Control-Allow-Headers is parsed

	// The preflight cache.

	CacheKeepsOneResult               bool          // D9: the last answer for each URL, whole
	CacheSplitsByCredentials          bool          // D6: an entry made with credentials serves no request without
	CacheTakesNoWildcard              bool          // D7
	CacheSurvivesFailure              bool          // D8: only a look that finds too little clears it
	CacheSurvivesRedirectError        bool          // D37: a redirect in redirect mode error does not clear it
	NoStoreKeepsNothing               bool          // D38: in cache mode no-store, answers are not kept
	CacheServesUploads                bool          // D44: any cached answer allows the methods GET, HEAD and POST to uploads with listeners
	CacheWantsHEAD                    bool          // D39: HEAD has to be listed to be served
	CacheKeyedByPage                  bool          // D28: the page's origin is the key even after redirects tainted it
	CachesRefusals                    bool          // D66: what does not allow the request is kept, too
	CacheForgetsTainted               bool          // D71: where redirects make the Origin null, preflights are not cached
	CachedWildcardCoversAuthorization bool          // D65
	CacheForgetsNull                  bool          // D33: where the Origin is null, preflights are cached for one fetch at most
	ReloadBypassesCache               bool          // D29: cache modes reload and no-store, and validators, ask again
	XHRIgnoresValidators              bool          // D51: validators of an XMLHttpRequest change no cache mode
	NoCacheBypassesCache              bool          // D17: cache mode no-cache asks again
	MaxAgeCap                         time.Duration // D30: zero for none
	MaxAgeInvalidIsZero               bool          // D10: what is no number is not cached, instead of for 5 s
	MaxAgeNegativeIsZero              bool          // D10: the same for negative numbers
	MaxAgeTakesPlus                   bool          // D10: "+600" is 600

	// Redirects and responses.

	RefusesCredentialsInLocation bool // D4: even in no-cors and same-origin; fetch() only
	IgnoresEmptyLocation         bool // D5
	ExposesAllBeforeFault        bool // D12: "*" in Access-Control-Expose-Headers counts, though what follows is no token; fetch() only
	AddressesAreNoSites          bool // D40: Cross-Origin-Resource-Policy same-site fails for IP addresses
	SuffixesAreOneSite           bool // D54: for that policy, all hosts without a registrable domain and all opaque origins are same site
	RefusesProxyAuthentication   bool // D19: status 407
	DropsClientHints             bool // D41: redirects to other origins than the page's remove them
	RedirectNullsNoCORSOrigin    bool // D72: in no-cors, the first redirect to another origin does
	DropsAuthorizationForGood    bool // D68: but not Authorization
	RestoresHeadersOfGET         bool // D70: and in requests whenever the redirect itself changes no method
	RefusesEmptyLocation         bool // D69: an empty Location cannot be followed
	RestoresHeaders              bool // D20, D36: each redirect begins with the headers that the script has set
	MergesEmptyLines             bool // D46: lines without a value do not count beside others of the name
	ManualNeedsURL               bool // D47: in redirect mode manual, the Location is parsed
	LocationTakesBlanks          bool // D61: and may have blanks in its host
	LocationKeepsControls        bool // D50: control characters at its ends are part of it
	RedirectNeedsLocation        bool // D34: without a Location, redirect mode error finds no redirect
	TakesEqualLocations          bool // D35: several Location lines that say the same are one
	RefusesOtherLocations        bool // D43: several Location lines that do not are a fault of any response

	XHRReplacesCharset   bool // D52: send() replaces the charset and leaves the rest of Content-Type as it is
	ValidatorsRevalidate bool // D58: validators make the cache mode no-cache instead of no-store
	SetsOneByOne         bool // D55: of a header set twice, an empty value unmakes the ones before, and of some headers so does any
	PolicyTellsOrigin    bool // D62: no referrer policy makes an Origin null
	NullNamesItself      bool // D56: in no-cors with credentials, GET and HEAD from a sandbox to the site of its page have an Origin
	RewritesRange        bool // D53: a Range of a GET is sent in the words of the HTTP cache

	// lenience is what a server is forgiven in HTTP/1.1: D18.
	lenience http1.Lenience

	// Beyond Fetch.

	ChecksLocalNetworkAccess bool // D31
	ChecksTargetAddressSpace bool // D21
	CookiesIgnoreScheme      bool // D59: for SameSite, http and https of a host are one site
	CookiesRememberRedirects bool // D60: for SameSite, a redirect through another site counts
	LaxCookiesByDefault      bool // D32: a cookie without SameSite is not sent across sites
}

// The profiles.
var (
	Standard = Profile{Name: "standard"}

	Chrome = Profile{
		Name: "chrome", Version: "Chromium 156.0.8078.79",
		JudgesCombinedValues: true, XHRReplacesCharset: true, RewritesRange: true, ValidatorsRevalidate: true, SafelistsClientHints: true, DropsUserAgent: true, RangeLimit: "9223372036854775806", UploadNeedsBody: true,
		WildcardCoversAuthorization: true, PreflightRedirectFirst: true, UploadNeedsMethods: true,
		CacheKeepsOneResult: true, CacheSurvivesFailure: true, CacheServesUploads: true, NoStoreKeepsNothing: true, CacheForgetsNull: true,
		ReloadBypassesCache: true, NoCacheBypassesCache: true,
		MaxAgeCap: 2 * time.Hour, MaxAgeNegativeIsZero: true,
		RefusesCredentialsInLocation: true, IgnoresEmptyLocation: true, RefusesProxyAuthentication: true,
		DropsClientHints: true, RedirectNullsNoCORSOrigin: true, RedirectNeedsLocation: true, ManualNeedsURL: true, LocationTakesBlanks: true, PolicyTellsOrigin: true, PreflightsTellMode: true, AddressesAreNoSites: true, SuffixesAreOneSite: true, TakesEqualLocations: true, RefusesOtherLocations: true, lenience: http1.Chromium,
		ChecksLocalNetworkAccess: true, ChecksTargetAddressSpace: true, LaxCookiesByDefault: true,
	}

	Firefox = Profile{
		Name: "firefox", Version: "Firefox 153.7.0esr",
		SafelistsAnyAmount: true, ListsDuplicateNames: true, UnsafeBeyondASCII: true, ReadsTypeLoosely: true, XHRJudgesTypeAsSet: true, RangeLimit: "18446744073709551615", PreflightSticks: true,
		PreflightKeepsOrigin: true, PreflightTrustsPage: true, UploadNeedsMethods: true, WildcardCoversAuthorization: true, MethodBeforeHeaderList: true,
		CacheSplitsByCredentials: true, CacheTakesNoWildcard: true, CacheKeyedByPage: true, CacheSurvivesRedirectError: true, CacheWantsHEAD: true, CacheServesUploads: true, ReloadBypassesCache: true, XHRIgnoresValidators: true,
		MaxAgeCap: 24 * time.Hour, MaxAgeInvalidIsZero: true, MaxAgeNegativeIsZero: true,
		RestoresHeaders: true, SetsOneByOne: true, NullNamesItself: true, MergesEmptyLines: true, LocationKeepsControls: true, ExposesAllBeforeFault: true, TakesEqualLocations: true, RefusesOtherLocations: true, lenience: http1.Firefox,
		ChecksLocalNetworkAccess: true, CookiesIgnoreScheme: true, CookiesRememberRedirects: true,
	}

	Safari = Profile{
		Name: "safari", Version: "WebKitGTK 2.50.6",
		JudgesCombinedValues: true, RangeUnitFolds: true, RangeLimit: "18446744073709551615", PreflightSticks: true, PreflightListsFirst: true,
		WildcardCoversAuthorization: true, PreflightStatusFirst: true, UploadNeedsMethods: true,
		CacheKeepsOneResult: true, CacheSurvivesFailure: true, CachesRefusals: true, CachedWildcardCoversAuthorization: true, CacheForgetsTainted: true,
		MaxAgeCap: 10 * time.Minute, MaxAgeNegativeIsZero: true, MaxAgeTakesPlus: true,
		RestoresHeaders: true, DropsAuthorizationForGood: true, RestoresHeadersOfGET: true, RefusesEmptyLocation: true, RedirectNeedsLocation: true,
	}
)

// Profiles returns the profiles, the standard first.
func Profiles() []Profile { return []Profile{Standard, Chrome, Firefox, Safari} }

// ProfileNamed finds a profile by its name.
func ProfileNamed(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// forgives returns what the reader of responses forgives: without a browser to
// follow, what RFC 9112 lets a client take.
func (p *Profile) forgives() http1.Lenience {
	if p.lenience == (http1.Lenience{}) {
		return http1.Lenience{BareLF: true, ObsFold: true, RepeatedLength: true, LengthWithChunked: true}
	}
	return p.lenience
}
