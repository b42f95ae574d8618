package fetch

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// A Jar holds cookies as browsers do, with Secure and SameSite in force. The
// zero value is an empty jar. It can be used by several goroutines.
type Jar struct {
	mu      sync.Mutex
	cookies []*cookie // in the order in which they were made
}

// https://www.rfc-editor.org/rfc/rfc6265#section-5.3
type cookie struct {
	name, value  string
	domain, path string
	hostOnly     bool
	secure       bool
	sameSite     string    // "strict", "lax", "none", or empty
	expires      time.Time // zero for a session cookie
}

// mostCookies bounds a jar, longestCookie a cookie: those are browsers' limits.
const (
	mostCookies   = 3000
	longestCookie = 4096
)

// Add puts a cookie into the jar as a Set-Cookie line of a response from the URL
// to a page of its own site would.
func (j *Jar) Add(rawURL, setCookie string) error {
	u, err := ParseURL(rawURL)
	if err != nil {
		return fmt.Errorf("%q %w", rawURL, err)
	}
	if why := j.add(u, setCookie, false, time.Now()); why != "" {
		return fmt.Errorf("the cookie %q is refused: %s", setCookie, why)
	}
	return nil
}

// add returns why the cookie is refused, or "".
func (j *Jar) add(u *URL, line string, crossSite bool, now time.Time) (refused string) {
	c, refused := parseCookie(u, line, now)
	if refused == "" && crossSite && (c.sameSite == "strict" || c.sameSite == "lax") {
		refused = "SameSite=" + c.sameSite + " in an answer to another site's page"
	}
	if refused != "" {
		return refused
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cookies = slices.DeleteFunc(j.cookies, func(other *cookie) bool {
		return other.name == c.name && other.domain == c.domain && other.path == c.path || other.expired(now)
	})
	if !c.expired(now) {
		j.cookies = append(j.cookies, c)
	}
	if len(j.cookies) > mostCookies {
		j.cookies = slices.Delete(j.cookies, 0, len(j.cookies)-mostCookies)
	}
	return ""
}

func parseCookie(u *URL, line string, now time.Time) (c *cookie, refused string) {
	if len(line) > longestCookie {
		return nil, "it is longer than 4096 bytes"
	}
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, found := strings.Cut(pair, "=")
	if !found {
		name, value = "", pair
	}
	c = &cookie{name: trimTabSpace(name), value: trimTabSpace(value), domain: u.Host, hostOnly: true, path: defaultPath(u)}
	if c.name == "" && c.value == "" {
		return nil, "it has neither name nor value"
	}
	for attribute := range strings.SplitSeq(attributes, ";") {
		key, value, _ := strings.Cut(attribute, "=")
		if refused := c.set(asciiLower(trimTabSpace(key)), trimTabSpace(value), u, now); refused != "" {
			return nil, refused
		}
	}
	return c, c.check(u)
}

func (c *cookie) set(attribute, value string, u *URL, now time.Time) (refused string) {
	switch attribute {
	case "domain":
		return c.setDomain(asciiLower(strings.TrimPrefix(value, ".")), u.Host)
	case "path":
		if strings.HasPrefix(value, "/") {
			c.path = value
		}
	case "secure":
		c.secure = true
	case "samesite":
		if s := asciiLower(value); s == "strict" || s == "lax" || s == "none" {
			c.sameSite = s
		}
	case "max-age":
		if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
			c.expires = now.Add(time.Duration(seconds) * time.Second)
		}
	case "expires":
		if at, err := http.ParseTime(value); err == nil && c.expires.IsZero() {
			c.expires = at
		}
	}
	return ""
}

func (c *cookie) setDomain(domain, host string) (refused string) {
	if domain == "" || domain == host {
		c.hostOnly = c.hostOnly && domain == ""
		return ""
	}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain {
		return "Domain=" + domain + " is a public suffix"
	}
	if !domainMatch(host, domain) {
		return "Domain=" + domain + " is not a parent of the host"
	}
	c.domain, c.hostOnly = domain, false
	return ""
}

// check refuses what only a secure connection may set.
func (c *cookie) check(u *URL) (refused string) {
	secure := isPotentiallyTrustworthy(u.Origin())
	switch {
	case c.secure && !secure:
		return "Secure over a connection that is not"
	case c.sameSite == "none" && !c.secure:
		return "SameSite=None without Secure"
	case strings.HasPrefix(asciiLower(c.name), "__secure-") && !c.secure,
		strings.HasPrefix(asciiLower(c.name), "__host-") && !(c.secure && c.hostOnly && c.path == "/"):
		return "its prefix asks for more attributes"
	}
	return ""
}

func (c *cookie) expired(now time.Time) bool { return !c.expires.IsZero() && !now.Before(c.expires) }

// sent tells whether the cookie goes to the URL.
//
// https://www.rfc-editor.org/rfc/rfc6265#section-5.4
func (c *cookie) sent(u *URL, crossSite, laxByDefault bool, now time.Time) bool {
	switch {
	case c.expired(now), c.hostOnly && u.Host != c.domain, !c.hostOnly && !domainMatch(u.Host, c.domain), !pathMatch(u.Path, c.path):
		return false
	case c.secure && !isPotentiallyTrustworthy(u.Origin()):
		return false
	case !crossSite:
		return true
	}
	return c.sameSite == "none" || c.sameSite == "" && !laxByDefault
}

// header returns what the Cookie header says.
func (j *Jar) header(u *URL, crossSite, laxByDefault bool, now time.Time) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var sent []*cookie
	for _, c := range j.cookies {
		if c.sent(u, crossSite, laxByDefault, now) {
			sent = append(sent, c)
		}
	}
	slices.SortStableFunc(sent, func(a, b *cookie) int { return len(b.path) - len(a.path) })
	pairs := make([]string, len(sent))
	for i, c := range sent {
		if pairs[i] = c.name + "=" + c.value; c.name == "" {
			pairs[i] = c.value
		}
	}
	return strings.Join(pairs, "; ")
}

// https://www.rfc-editor.org/rfc/rfc6265#section-5.1.3
func domainMatch(host, domain string) bool {
	if host == domain {
		return true
	}
	_, isAddr := addrOf(host)
	return !isAddr && strings.HasSuffix(host, "."+domain)
}

// https://www.rfc-editor.org/rfc/rfc6265#section-5.1.4
func pathMatch(path, of string) bool {
	return path == of || strings.HasPrefix(path, of) && (strings.HasSuffix(of, "/") || path[len(of)] == '/')
}

func defaultPath(u *URL) string {
	if i := strings.LastIndexByte(u.Path, '/'); i > 0 {
		return u.Path[:i]
	}
	return "/"
}

// cookies is what goes along with the request, credentials being included.
func (f *fetching) cookies() string {
	crossSite := f.isCrossSite()
	if crossSite && f.agent.BlockThirdPartyCookies {
		f.note(cookieSelection, "cookies of other sites than the page's are blocked")
		return ""
	}
	return f.agent.jar.header(f.request.url(), crossSite, f.profile.LaxCookiesByDefault, f.agent.now())
}

// keepCookies happens before the CORS check, and whatever it says.
func (f *fetching) keepCookies(from *response) {
	crossSite := f.isCrossSite()
	for line := range from.header.Lines("Set-Cookie") {
		refused := "cookies of other sites than the page's are blocked"
		if !crossSite || !f.agent.BlockThirdPartyCookies {
			refused = f.agent.jar.add(from.url, line, crossSite, f.agent.now())
		}
		if refused != "" {
			name, _, _ := strings.Cut(line, "=")
			f.note(cookieSelection, "a cookie is refused", fact("cookie", name), fact("why", refused))
		}
	}
}

// isCrossSite is about SameSite: whether the cookies are those of another site.
func (f *fetching) isCrossSite() bool {
	r := &f.request
	if f.profile.CookiesRememberRedirects {
		return slices.ContainsFunc(r.urls, f.isOfOtherSite)
	}
	return f.isOfOtherSite(r.url())
}

func (f *fetching) isOfOtherSite(u *URL) bool {
	if f.profile.CookiesIgnoreScheme {
		return !schemelesslySameSite(f.request.origin, u.Origin())
	}
	return !SameSite(f.request.origin, u.Origin())
}
