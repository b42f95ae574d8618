package origins

import (
	"cmp"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// faultOfShape says what is wrong with an entry that has no "://".
func faultOfShape(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "is empty"
	case schemeWithoutOrigin(schemeOf(s)):
		return faultOfScheme(schemeOf(s))
	case holdsVariable(s):
		return faultOfVariable
	case looksLikeRegexp(s):
		return "looks like a regular expression"
	case looksLikeList(s):
		return "holds several origins"
	case strings.EqualFold(s, "null"):
		return "is not null, which browsers send in lower case"
	}
	return "has no scheme"
}

// worst prefers the fault that explains the others: a regular expression also
// has strange characters in its host, a path also ends the port badly.
func worst(s, fault string) string {
	_, rest, _ := strings.Cut(s, "://")
	switch {
	case schemeWithoutOrigin(schemeOf(s)):
		return faultOfScheme(schemeOf(s))
	case holdsVariable(s):
		return faultOfVariable
	case looksLikeRegexp(s):
		return "looks like a regular expression"
	case looksLikeList(s):
		return "holds several origins"
	case strings.Contains(rest, "@"):
		return "has a user name, which is not part of an origin"
	case strings.HasSuffix(rest, "/") && strings.Count(rest, "/") == 1:
		return "ends in a slash, which no origin does"
	case strings.ContainsAny(rest, "/?#\\"):
		return "has a path, which is not part of an origin"
	}
	return fault
}

const faultOfVariable = "holds a variable that nothing has filled in"

func holdsVariable(s string) bool {
	return strings.Contains(s, "${") || strings.Contains(s, "$(") || strings.Contains(s, "{{")
}

func looksLikeRegexp(s string) bool {
	return strings.HasPrefix(s, "^") || strings.HasSuffix(s, "$") || strings.ContainsAny(s, `(){}|+`) ||
		strings.Contains(s, "://.*") || strings.Contains(s, `\.`) || strings.Contains(s, `\/`) || strings.Contains(s, "s?:")
}

func looksLikeList(s string) bool {
	return strings.ContainsAny(strings.TrimSpace(s), ", ;\t\n") || strings.Count(s, "://") > 1
}

// advise says what to write instead of s, and the pattern alone where that is
// one. What it proposes has been parsed, so it is never refused in turn.
func advise(s string) (hint, meant string) {
	s = strings.Trim(s, " \t\r\n\"'`<>“”„‘’«»\u00a0\u200b")
	switch {
	case schemeWithoutOrigin(schemeOf(s)):
		return `write "null", and know that every sandboxed frame of every site has that origin too`, "null"
	case s == "":
		return "remove the entry, or write an origin such as \"https://app.example.com\"", ""
	case holdsVariable(s):
		return "write the origin itself, or have it filled in before", ""
	case looksLikeList(s):
		return "write one entry for each origin", ""
	case looksLikeRegexp(s):
		if p, ok := repair(loosely(fromRegexp(s))); ok {
			return "patterns are not regular expressions: write " + strconv.Quote(p.String()), p.String()
		}
		return `patterns are not regular expressions: "https://*.example.com" stands for every subdomain, "http://localhost:*" for every port`, ""
	case strings.EqualFold(s, "null"):
		return `write "null"`, "null"
	}
	scheme, rest := loosely(s)
	host, _, _ := splitPort(rest)
	if host == "*" {
		return `name the domain, as in "` + scheme + `://*.example.com", or write "*" for every origin`, ""
	}
	word := rest == s && !strings.ContainsAny(s, ".:") && s != "localhost"
	if p, ok := repair(scheme, rest); ok && !word {
		return "write " + strconv.Quote(p.String()), p.String()
	}
	if strings.Contains(strings.TrimPrefix(host, "*."), "*") {
		return `list each origin: a star stands in front and for whole labels, as in "https://*.example.com"`, ""
	}
	return `write it as a browser does, scheme://host[:port], for example "https://app.example.com"`, ""
}

func schemeOf(s string) string {
	scheme, _, _ := strings.Cut(s, ":")
	return strings.ToLower(strings.TrimSpace(scheme))
}

func faultOfScheme(scheme string) string {
	return "is no origin: pages of the scheme " + scheme + " have the origin null"
}

// slips are what is written for "://".
var slips = regexp.MustCompile(`^(?i)(https?)?(?:://|:/|//|:)`)

// loosely splits what was meant for an origin. What is said without a scheme is
// taken for https, but for the hosts of local development.
func loosely(s string) (scheme, rest string) {
	if scheme, rest, found := strings.Cut(s, "://"); found {
		return meantScheme(strings.ToLower(scheme)), rest
	}
	if slip := slips.FindStringSubmatch(s); slip != nil && !strings.HasPrefix(s, "::") {
		return cmp.Or(strings.ToLower(slip[1]), "https"), s[len(slip[0]):]
	}
	if strings.HasPrefix(s, "localhost") || strings.HasPrefix(s, "127.") || strings.HasPrefix(s, "[::1]") {
		return "http", s
	}
	return "https", s
}

func meantScheme(s string) string {
	switch {
	case s == "ws" || nearlyHTTP(s) && !strings.Contains(s, "s"):
		return "http"
	case s == "wss" || nearlyHTTP(s) || strings.Contains(s, "*"):
		return "https"
	}
	return s
}

// repair undoes what people add to origins. It reports false if that makes no
// pattern.
func repair(scheme, rest string) (p Pattern, ok bool) {
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if addr, err := netip.ParseAddr(rest); err == nil && addr.Is6() {
		rest = "[" + rest + "]"
	}
	host, port, _ := splitPort(rest)
	fault := p.parseTuple(scheme + "://" + repairHost(host) + repairPort(scheme, port))
	return p, fault == ""
}

// MeantHost returns the host that was meant by something that may have a scheme,
// a port and a path, in the form in which browsers send it.
func MeantHost(s string) (host string, ok bool) {
	_, rest := loosely(strings.TrimSpace(s))
	p, ok := repair("http", rest)
	return strings.TrimSuffix(p.Host, "."), ok && !p.Subdomains
}

func repairHost(host string) string {
	if strings.HasPrefix(host, "[") {
		if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
			return string(appendIPv6(nil, addr))
		}
	}
	star := ""
	if named := strings.TrimLeft(host, "*."); strings.HasPrefix(host, "*") {
		star, host = "*.", named
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	return star + strings.ToLower(host)
}

func repairPort(scheme, port string) string {
	if strings.ContainsAny(port, "*-") {
		return ":*"
	}
	n, err := strconv.Atoi(port)
	if port = strconv.Itoa(n); err != nil || n == 0 || port == DefaultPort(scheme) {
		return ""
	}
	return ":" + port
}

var regexps = []struct {
	seen  *regexp.Regexp
	meant string
}{
	{regexp.MustCompile(`^/?\^?|\$?/?i?$`), ""},
	{regexp.MustCompile(`\\/`), "/"},
	{regexp.MustCompile(`https\?:`), "https:"},
	{regexp.MustCompile(`\(:(\\d|\[0-9\])[+*]\)\?$|:(\\d|\[0-9\])[+*]$`), ":*"},
	{regexp.MustCompile(`(\(\.\*\\?\.\)\??|\(?(\.[*+]|\[[^\]]*\][*+])\)?\\?\.)`), "*."},
	{regexp.MustCompile(`\\([.-])`), "$1"},
}

// fromRegexp guesses the pattern that a regular expression was meant to be.
func fromRegexp(s string) string {
	for _, r := range regexps {
		s = r.seen.ReplaceAllString(s, r.meant)
	}
	return s
}
