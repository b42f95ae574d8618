package pasted

import (
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// fromWire makes a script's request of what was on the wire: the form knows no
// page and no modes.
func (f *Found) fromWire(header fetch.Header) {
	f.sortHeaders(header)
	f.turnPreflight(header)
	if f.Request.Credentials == "" {
		f.assumeCredentials()
	}
	if f.Request.Mode == "" {
		f.note(ModeAssumed, "mode", "the form has no mode: cors is assumed, fetch()'s default")
	}
	f.placePage(nil)
	f.pageOfOrigin()
}

// pageOfOrigin takes the page's address from the referrer, where the origin is
// known already.
func (f *Found) pageOfOrigin() {
	if f.Request.Page != "" {
		return
	}
	for _, r := range f.Removed {
		if !strings.EqualFold(r.Name, "referer") {
			continue
		}
		if u, err := fetch.ParseURL(r.Value); err == nil && u.IsHTTP() && u.Origin().String() == f.Request.Origin {
			f.Request.Page = u.WithoutFragment()
		}
	}
}

// browserOf tells the browser from the headers that it sent.
func browserOf(header fetch.Header) string {
	agent, _ := header.Get("User-Agent")
	brands, _ := header.Get("Sec-CH-UA")
	switch {
	case strings.Contains(brands, "Chromium") || strings.Contains(agent, "Chrome/"):
		return "chrome"
	case strings.Contains(agent, "Firefox/"):
		return "firefox"
	case strings.Contains(agent, "Safari/"):
		return "safari"
	}
	return ""
}

// checkURL completes an address without scheme and refuses what is none.
func (f *Found) checkURL(s *source) error {
	url := f.Request.URL
	if scheme, _, ok := strings.Cut(url, "://"); !ok || !isIdentifier(scheme) {
		f.note(SchemeAdded, url, "the address has no scheme: http:// is assumed, as curl does; a page would take it for a path")
		url = "http://" + url
	}
	u, err := fetch.ParseURL(url)
	switch {
	case err != nil:
		return s.errorf(s.start, "%q is not an address a browser can read", shorten(url, 80))
	case !u.IsHTTP():
		return s.errorf(s.start, "the scheme of %q is not http or https", shorten(url, 80))
	}
	f.Request.URL = url
	return nil
}

func isIdentifier(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}
