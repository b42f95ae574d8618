package pasted

import (
	"strings"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/headers"
)

// Removed is a header that was on the wire and that the page's script had not
// set.
type Removed struct {
	Name, Value string
	Why         Why
}

// Why says whose a header is.
type Why string

const (
	Wire      Why = "wire"      // HTTP's own: pseudo headers, Host, Content-Length
	Forbidden Why = "forbidden" // no script can set it
	Browser   Why = "browser"   // scripts could set it, but browsers do
	DevTools  Why = "devtools"  // set while DevTools disable the cache
)

// sortHeaders keeps those of the pasted headers that a script may have set, and
// reads the others: they tell of the page, the mode and the cookies.
func (f *Found) sortHeaders(pasted fetch.Header) {
	f.Request.Header = nil
	cacheDisabled := pasted.Has("cache-control") && pasted.Has("pragma")
	for _, h := range pasted {
		why := whose(h.Name, h.Value, cacheDisabled)
		if why == "" {
			f.Request.Header = append(f.Request.Header, h)
			continue
		}
		f.Removed = append(f.Removed, Removed{h.Name, h.Value, why})
		f.learn(strings.ToLower(h.Name), h.Value)
	}
	f.tellRemoved()
}

// whose returns who set a header, or "" if a script may have.
func whose(name, value string, cacheDisabled bool) Why {
	lower := strings.ToLower(name)
	switch lower {
	case "host", "content-length", "connection", "transfer-encoding", "te", "keep-alive":
		return Wire
	case "user-agent", "priority", "upgrade-insecure-requests", "x-client-data", "alt-used", "purpose",
		"save-data", "device-memory", "dpr", "viewport-width", "downlink", "ect", "rtt",
		"if-none-match", "if-modified-since", "referrer-policy":
		return Browser
	case "cache-control", "pragma":
		if cacheDisabled && value == "no-cache" {
			return DevTools
		}
	}
	switch {
	case strings.HasPrefix(name, ":"):
		return Wire
	case fetch.IsForbiddenRequestHeader(name, value):
		return Forbidden
	}
	return ""
}

// learn reads what the browser says of the request in its own headers.
func (f *Found) learn(lower, value string) {
	r := &f.Request
	switch lower {
	case "origin":
		r.Origin = value
	case "cookie":
		if f.Cookie != "" {
			f.Cookie += "; "
		}
		f.Cookie += value
	case "sec-fetch-mode":
		f.takeMode(value)
	case "referrer-policy":
		r.ReferrerPolicy = fetch.ReferrerPolicy(value)
	}
}

// tellRemoved says it in one note for each reason.
func (f *Found) tellRemoved() {
	texts := map[Why]string{
		Wire:      "they belong to HTTP, not to the page",
		Forbidden: "no script can set them, browsers do",
		Browser:   "browsers set them",
		DevTools:  "DevTools set both when they disable the cache; set by a script they need a preflight",
	}
	for _, why := range []Why{Wire, Forbidden, Browser, DevTools} {
		var names []string
		for _, r := range f.Removed {
			if r.Why == why {
				names = append(names, strings.ToLower(r.Name))
			}
		}
		if len(names) > 0 {
			f.note(HeadersRemoved, string(why), "left out: %s; %s", shorten(strings.Join(names, ", "), 400), texts[why])
		}
	}
	if f.Cookie != "" {
		f.note(CookiePasted, "cookie", "the cookies were taken out: whether they are sent is for the browser's jar to say")
	}
}

// assumeCredentials chooses a credentials mode where the form has none: cookies
// reach another origin only with include.
func (f *Found) assumeCredentials() {
	if f.Cookie != "" {
		f.Request.Credentials = fetch.CredentialsInclude
		f.note(CredentialsUnknown, "credentials", "the form has no credentials mode: include is assumed, because there are cookies")
		return
	}
	f.note(CredentialsUnknown, "credentials", "the form has no credentials mode: same-origin is assumed, fetch()'s default")
}

// turnPreflight makes of a preflight the request that it asks for, as far as
// that can be known.
func (f *Found) turnPreflight(pasted fetch.Header) {
	method, ok := pasted.Get(headers.RequestMethod)
	if !ok || !strings.EqualFold(f.Request.Method, "OPTIONS") {
		return
	}
	f.note(PreflightTurned, "", "a preflight was pasted: browsers send it themselves, so the request is the %s that it asks for", shorten(method, 32))
	f.Request.Method = method
	f.Request.Body, f.Request.BodyType = nil, ""
	f.restoreHeaders(pasted)
}

// restoreHeaders adds the headers that a preflight names and the paste has not.
func (f *Found) restoreHeaders(preflight fetch.Header) {
	for _, name := range requestedNames(preflight) {
		if !headers.IsName(name) || f.Request.Header.Has(name) {
			continue
		}
		f.Request.Header.Add(name, placeholder(name))
		f.note(HeaderRestored, name, "the preflight asks for %q, so the script sets it; its value is not in the paste", name)
	}
}

// requestedNames are the headers that a preflight asks for, as they are written.
func requestedNames(preflight fetch.Header) []string {
	list, _ := preflight.Get(headers.RequestHeaders)
	names := strings.SplitN(list, ",", maxList+1)
	names = names[:min(len(names), maxList)]
	for i := range names {
		names[i] = strings.Trim(names[i], " \t")
	}
	return names
}

// placeholder is a value for a header of which only the name is known. It is
// none that would be safelisted: else the name would not be known.
func placeholder(name string) string {
	if strings.EqualFold(name, "content-type") {
		return "application/json"
	}
	return Unknown
}

// Unknown is the value of a header of which only the name is known.
const Unknown = `"unknown"`
