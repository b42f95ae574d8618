package differential

// What cases are made of. The odd ones are those that browsers.md and the standard's algorithms treat
// specially, and their neighbours.

var safelistedNames = []string{
	"Accept", "accept", "Accept-Language", "Content-Language", "Content-Type", "content-type", "Content-Type", "Range", "range",
	"DPR", "Downlink", "Width", "Save-Data", "User-Agent",
}

var clientHintValues = []string{"1", "0", "2.5", "-1", "x", "", "1e3", ".5"}

var safelistedValues = map[string][]string{
	"accept":           {"*/*", "text/html, application/json;q=0.9", "application/vnd.api+json", "", "a\tb", "a;b=\"c\""},
	"accept-language":  {"en", "de-AT, de;q=0.8, *;q=.5", "", "en_US"},
	"content-language": {"en", "de, en", "", "x/y"},
	"content-type": {
		"text/plain", "text/plain;charset=utf-8", "text/plain; charset=UTF-8", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
		"TEXT/Plain", "application/json", "text/html", "", "text/plain;", "text/plain ;x", "text/plain, text/plain", "text /plain", "text/plain;a=\"b\"", "text", "text/", "/",
		"text/plain;charset=latin1", "text/plain; a=b ; charset=utf-16;c=d", "text/plain;charset=\"utf-8\"", "text/plain;charset=UTF-8;charset=latin1", "text/plain;CHARSET=x",
	},
	"dpr": clientHintValues, "downlink": clientHintValues, "width": clientHintValues, "save-data": {"on", "1", ""}, "user-agent": {"x", "", "a(b)"},
	"range": {
		"bytes=0-10", "bytes=5-", "bytes=-5", "bytes=0-", "bytes=00-01", "bytes=10-5", "bytes=0-1,3-4", "Bytes=0-1", "bytes = 0-1", "bytes=0 - 1",
		"items=0-1", "bytes=", "", "bytes=18446744073709551616-", "bytes=9223372036854775807-", "bytes=9223372036854775808-",
	},
}

var unsafeNames = []string{
	"X-Foo", "X-Foo", "x-bar", "X-A", "Authorization", "authorization", "X-Requested-With", "If-None-Match", "Cache-Control", "*", "X-HTTP-Method",
}

var forbiddenHeaders = [][2]string{
	{"Sec-Fetch-Mode", "x"}, {"sec-x", "1"}, {"Proxy-X", "1"}, {"Cookie", "a=b"}, {"Origin", "http://x"}, {"Date", "x"}, {"DNT", "1"}, {"Via", "x"},
	{"Access-Control-Request-Method", "PUT"}, {"Set-Cookie", "a=b"}, {"X-HTTP-Method-Override", "TRACE"}, {"X-Method-Override", "PUT, connect"},
	{"X-HTTP-Method-Override", "PUT"}, {"x y", "1"}, {"X-Foo", "a\nb"}, {"X-Foo", " a "}, {"", "1"}, {"X-\u00e9", "1"}, {"X-Foo", "a\x00b"},
}

var unsafeMethods = []string{"PUT", "PUT", "DELETE", "put", "PATCH", "patch", "FOO", "*"}

var oddMethods = []string{
	"get", "Head", "post", "PUT", "put", "delete", "OPTIONS", "options", "PATCH", "patch", "Patch", "QUERY", "CONNECT", "trace", "TRACK", "FOO", "foo", "*",
	"!#$%&'*+-.^_`|~", "", "A B", "G\u00c9T",
}

var cacheModes = []string{"no-store", "reload", "no-cache", "force-cache", "default"}

var referrerPolicies = []string{
	"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url",
}

var statuses = []int{200, 201, 202, 203, 204, 206, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 403, 404, 500, 503, 599}

var oddBytes = []string{
	" ", "\t", ",", ";", "\"", "'", "(", ")", ":", "<", "=", ">", "?", "@", "[", "\\", "]", "{", "}", "/", "*", "_", "-", ".", "\x01", "\x0b", "\x0c", "\x1f",
	"\x7f", "\u0080", "\u00a0", "\u00e9", "\u00ff", ",,", "\r\n ", "\x00",
}

const blockedPort = "http://127.0.0.1:1/"

// leavesPage is followed by Firefox, in mode no-cors, by leaving the page for it.
const leavesPage = "mailto:a@b"

var oddLocations = []string{
	"", "#", "?", "ftp://127.0.0.1/", "data:,x", "about:blank", "javascript:0", "file:///etc/hosts", "blob:http://127.0.0.1/x", "x:y",
	"http://", "http://[", "http:///", "//", blockedPort, "http://127.0.0.1:99999/", "0", "http://a b/", leavesPage,
}

var oddValues = map[string][]string{
	"Access-Control-Allow-Origin": {
		"{origin}", "{origin}", "*", "null", "NULL", "{page}", "{page}/", "{o1}", "http://127.0.0.1", "HTTP://127.0.0.1", "\"{page}\"", "{page}, {page}", "*, {page}", "{page} {page}",
		"", " ", "true", "**", "http://example.com", "{origin};", "none",
	},
	"Access-Control-Allow-Credentials": {"true", "True", "TRUE", "false", "", "1", "true, true", "true;", "\"true\"", " true ", "*"},
	"Access-Control-Allow-Methods": {
		"{acrm}", "*", "GET", "PUT", "put", "PUT, PATCH", "PUT,,PATCH,", " , PUT", "PUT PATCH", "PUT;", "\"PUT\"", "", ",", "GET\t,\tPUT", "patch,FOO", "*, PUT", "a/b", "P\u00dcT",
	},
	"Access-Control-Allow-Headers": {
		"{acrh}", "*", "x-foo", "X-FOO, x-bar", "x-foo,,x-bar", "x foo", "x-foo;", "\"x-foo\"", "", ",", "authorization", "*, authorization", "x-foo, a@b", "x-a,X-Bar,X-Foo,Authorization",
		"{acrh}, ", "\t{acrh}", "content-type, range", "x-foo\u00e9",
	},
	"Access-Control-Max-Age": {
		"600", "600", "600", "0", "-1", "-600", "+600", "abc", "5.5", "", " 600 ", "600, 600", "600;x", "\"600\"", "0600", "99999999999999999999", "1e3", "0x10", "600 s", "-0",
	},
	"Access-Control-Expose-Headers": {
		"*", "X-A", "x-a, x-b", "X-A,,X-B", "x a", "X-A, b@d", "\"X-A\"", "*, X-A", "Set-Cookie", "X-A;", "Authorization", "", ",", "ETag", "X-A\t, X-B", "x-a,cache-control",
	},
	"Location": {"", "0", "1", "2", "/c/{id}/1", "{o1}/c/{id}/1", "{o2}/c/{id}/2"},
}

func valuesOf(name string) []string {
	if values := oddValues[name]; values != nil {
		return values
	}
	return []string{"", "x", "*", "true"}
}
