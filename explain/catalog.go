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
	// Problem is the number in the list of real problems that the diagnoses were
	// made for; 0 is none of them.
	Problem int
	// Asked says that it cannot be seen from outside: it is asked, unless a HAR,
	// a console's line or the page itself tells it.
	Asked bool
}

// Codes are all diagnoses, each with a page in docs/explain.
var Codes = []Code{
	{Code: "CX-P01", Title: "the server asks the preflight to log in", Problem: 5},
	{Code: "CX-P02", Title: "the preflight is refused with an error status", Problem: 6},
	{Code: "CX-P03", Title: "nobody answers OPTIONS here", Problem: 6},
	{Code: "CX-P04", Title: "the preflight is redirected", Problem: 7},
	{Code: "CX-P05", Title: "the method is not allowed", Problem: 14},
	{Code: "CX-P06", Title: "a request header is not allowed", Problem: 16},
	{Code: "CX-P07", Title: "a library added a header that is not allowed", Problem: 17},
	{Code: "CX-P08", Title: "the request works until something makes a preflight necessary", Problem: 18},
	{Code: "CX-P09", Title: "\"*\" does not cover Authorization for long", Problem: 19},
	{Code: "CX-P10", Title: "a list in the preflight's answer is no list"},

	{Code: "CX-O01", Title: "the server does not take part in CORS here"},
	{Code: "CX-O02", Title: "the allowed origin is not the page's", Problem: 10},
	{Code: "CX-O03", Title: "Access-Control-Allow-Origin comes more than once", Problem: 11},
	{Code: "CX-O04", Title: "the page's origin is \"null\"", Problem: 32},
	{Code: "CX-O05", Title: "the page is a browser extension", Problem: 34},
	{Code: "CX-O06", Title: "Access-Control-Allow-Origin is no origin"},

	{Code: "CX-C01", Title: "\"*\" does not count with credentials", Problem: 12},
	{Code: "CX-C02", Title: "credentials are not allowed", Problem: 13},
	{Code: "CX-C03", Title: "the cookie is not sent", Problem: 20},
	{Code: "CX-C04", Title: "third-party cookies may be blocked", Problem: 21, Asked: true},

	{Code: "CX-R01", Title: "the redirect itself lacks the header", Problem: 8},
	{Code: "CX-R02", Title: "the redirect made the origin \"null\"", Problem: 9},
	{Code: "CX-R03", Title: "the redirect leads where no page may follow"},
	{Code: "CX-R04", Title: "the redirects do not end"},

	{Code: "CX-S01", Title: "the server failed, and its error page has no CORS headers", Problem: 1},
	{Code: "CX-S02", Title: "there is nothing at this address", Problem: 2},
	{Code: "CX-S03", Title: "the body is too large", Problem: 3},
	{Code: "CX-S04", Title: "something in front of the server answered", Problem: 4},
	{Code: "CX-S05", Title: "the server fails only when Origin is present", Problem: 38},

	{Code: "CX-N01", Title: "the certificate is not trusted", Problem: 25},
	{Code: "CX-N02", Title: "the name does not resolve", Problem: 26},
	{Code: "CX-N03", Title: "nobody listens there", Problem: 26},
	{Code: "CX-N04", Title: "the server does not speak TLS, or not HTTP", Problem: 26},
	{Code: "CX-N05", Title: "the connection ends without an answer", Problem: 26},
	{Code: "CX-N06", Title: "the server takes too long"},

	{Code: "CX-B01", Title: "a page of https may not call http", Problem: 22},
	{Code: "CX-B02", Title: "the page's own policy forbids the address", Problem: 23},
	{Code: "CX-B03", Title: "the page may not reach the local network", Problem: 24},
	{Code: "CX-B04", Title: "browsers fetch nothing from this port", Problem: 26},
	{Code: "CX-B05", Title: "a service worker may have answered", Problem: 33, Asked: true},
	{Code: "CX-B06", Title: "Cross-Origin-Resource-Policy keeps the response from the page", Problem: 39},
	{Code: "CX-B07", Title: "an extension may have blocked the request", Problem: 39, Asked: true},

	{Code: "CX-J01", Title: "\"patch\" is not PATCH", Problem: 15},
	{Code: "CX-J02", Title: "the call asked for an opaque response", Problem: 27},
	{Code: "CX-J03", Title: "this kind of resource needs CORS too", Problem: 36, Asked: true},
	{Code: "CX-J04", Title: "the address has no scheme", Problem: 37},
	{Code: "CX-J05", Title: "no browser makes this call"},

	{Code: "CX-H01", Title: "the script cannot read a header that is there", Problem: 28},

	{Code: "CX-V01", Title: "a cache can give one origin's answer to another", Problem: 29},
	{Code: "CX-V02", Title: "the browser can reuse an answer made for no origin", Problem: 30},
	{Code: "CX-V03", Title: "the browser remembers an older preflight", Problem: 31, Asked: true},

	{Code: "CX-W01", Title: "a WebSocket is no matter of CORS", Problem: 35},
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
