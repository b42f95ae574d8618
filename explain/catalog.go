package explain

import "slices"

// A Code names a diagnosis. Codes are stable: what a code means never changes,
// and a code that is given up is not used again.
//
// P preflight, O Allow-Origin, C credentials and cookies, R redirects, S the
// server's status, N network, B other rules of browsers, J the page's call,
// H headers that scripts read, V caches, W what is not CORS at all.
type Code struct {
	Code, Title string
	// problem is the number in a list of real problems that the diagnoses were
	// made for; 0 is none of them.
	problem int
	// Asked says that it cannot be seen from outside: it is asked, unless a HAR,
	// a console's line or the page itself tells it.
	Asked bool
}

// Codes are all diagnoses, each with a page in docs/explain.
var Codes = []Code{
	{Code: "CX-P01", Title: "the server asks the preflight to log in", problem: 5},
	{Code: "CX-P02", Title: "the preflight is refused with an error status", problem: 6},
	{Code: "CX-P03", Title: "nobody answers OPTIONS here", problem: 6},
	{Code: "CX-P04", Title: "the preflight is redirected", problem: 7},
	{Code: "CX-P05", Title: "the method is not allowed", problem: 14},
	{Code: "CX-P06", Title: "a request header is not allowed", problem: 16},
	{Code: "CX-P07", Title: "a library added a header that is not allowed", problem: 17},
	{Code: "CX-P08", Title: "the request works until something makes a preflight necessary", problem: 18},
	{Code: "CX-P09", Title: "\"*\" does not cover Authorization for long", problem: 19},
	{Code: "CX-P10", Title: "a list in the preflight's answer is no list"},

	{Code: "CX-O01", Title: "the server does not take part in CORS here"},
	{Code: "CX-O02", Title: "the allowed origin is not the page's", problem: 10},
	{Code: "CX-O03", Title: "Access-Control-Allow-Origin comes more than once", problem: 11},
	{Code: "CX-O04", Title: "the page's origin is \"null\"", problem: 32},
	{Code: "CX-O05", Title: "the page is a browser extension", problem: 34},
	{Code: "CX-O06", Title: "Access-Control-Allow-Origin is no origin"},

	{Code: "CX-C01", Title: "\"*\" does not count with credentials", problem: 12},
	{Code: "CX-C02", Title: "credentials are not allowed", problem: 13},
	{Code: "CX-C03", Title: "the cookie is not sent", problem: 20},
	{Code: "CX-C04", Title: "third-party cookies may be blocked", problem: 21, Asked: true},

	{Code: "CX-R01", Title: "the redirect itself lacks the header", problem: 8},
	{Code: "CX-R02", Title: "the redirect made the origin \"null\"", problem: 9},
	{Code: "CX-R03", Title: "the redirect leads where no page may follow"},
	{Code: "CX-R04", Title: "the redirects do not end"},

	{Code: "CX-S01", Title: "the server failed, and its error page has no CORS headers", problem: 1},
	{Code: "CX-S02", Title: "there is nothing at this address", problem: 2},
	{Code: "CX-S03", Title: "the body is too large", problem: 3},
	{Code: "CX-S04", Title: "something in front of the server answered", problem: 4},
	{Code: "CX-S05", Title: "the server fails only when Origin is present", problem: 38},

	{Code: "CX-N01", Title: "the certificate is not trusted", problem: 25},
	{Code: "CX-N02", Title: "the name does not resolve", problem: 26},
	{Code: "CX-N03", Title: "nobody listens there", problem: 26},
	{Code: "CX-N04", Title: "the server does not speak TLS, or not HTTP", problem: 26},
	{Code: "CX-N05", Title: "the connection ends without an answer", problem: 26},
	{Code: "CX-N06", Title: "the server takes too long"},

	{Code: "CX-B01", Title: "a page of https may not call http", problem: 22},
	{Code: "CX-B02", Title: "the page's own policy forbids the address", problem: 23},
	{Code: "CX-B03", Title: "the page may not reach the local network", problem: 24},
	{Code: "CX-B04", Title: "browsers fetch nothing from this port", problem: 26},
	{Code: "CX-B05", Title: "a service worker may have answered", problem: 33, Asked: true},
	{Code: "CX-B06", Title: "Cross-Origin-Resource-Policy keeps the response from the page", problem: 39},
	{Code: "CX-B07", Title: "an extension may have blocked the request", problem: 39, Asked: true},

	{Code: "CX-J01", Title: "\"patch\" is not PATCH", problem: 15},
	{Code: "CX-J02", Title: "the call asked for an opaque response", problem: 27},
	{Code: "CX-J03", Title: "this kind of resource needs CORS too", problem: 36, Asked: true},
	{Code: "CX-J04", Title: "the address has no scheme", problem: 37},
	{Code: "CX-J05", Title: "no browser makes this call"},

	{Code: "CX-H01", Title: "the script cannot read a header that is there", problem: 28},

	{Code: "CX-V01", Title: "a cache can give one origin's answer to another", problem: 29},
	{Code: "CX-V02", Title: "the browser can reuse an answer made for no origin", problem: 30},
	{Code: "CX-V03", Title: "the browser remembers an older preflight", problem: 31, Asked: true},

	{Code: "CX-W01", Title: "a WebSocket is no matter of CORS", problem: 35},
}

// CodeNamed finds a code.
func CodeNamed(code string) (Code, bool) {
	n := slices.IndexFunc(Codes, func(c Code) bool { return c.Code == code })
	if n < 0 {
		return Code{}, false
	}
	return Codes[n], true
}

func titleOf(code string) string {
	c, _ := CodeNamed(code)
	return c.Title
}
