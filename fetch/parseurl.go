package fetch

import (
	"errors"
	"strings"
)

var errNoURL = errors.New("is not a URL a browser can parse")

// ParseURL parses an absolute URL as browsers do: leading and trailing spaces
// and all tabs and line breaks are dropped, "\" is "/" in special schemes, hosts
// are folded, dots in paths resolved, and what may not stand in a URL is
// percent-encoded.
//
// https://url.spec.whatwg.org/#concept-url-parser
func ParseURL(s string) (*URL, error) { return parseURL(s, nil) }

// ParseURL parses a URL that may be relative to u.
func (u *URL) ParseURL(s string) (*URL, error) { return parseURL(s, u) }

func parseURL(input string, base *URL) (*URL, error) {
	var u URL
	if err := u.parse(input, base); err != nil {
		return nil, err
	}
	return &u, nil
}

// parse fills u, which is empty.
func (u *URL) parse(input string, base *URL) error {
	s := cleanURL(input)
	scheme, rest, ok := cutScheme(s)
	if !ok {
		if base == nil {
			return errNoURL
		}
		return u.parseRelative(s, base)
	}
	if isSpecial(scheme) && base != nil && base.Scheme == scheme && !beginsWithSlashes(rest) && scheme != "file" {
		return u.parseRelative(rest, base) // "http:path" and "http:/path" are relative to an http base
	}
	u.Scheme = scheme
	rest = u.cutQueryAndFragment(rest)
	switch {
	case scheme == "file":
		return u.parseFile(rest)
	case isSpecial(scheme):
		return u.parseAuthority(trimSlashes(rest))
	case strings.HasPrefix(rest, "//"):
		return u.parseAuthority(rest[2:])
	case strings.HasPrefix(rest, "/"):
		u.Path = normalizePath(rest, false, "")
		return nil
	}
	u.Opaque = true
	u.Path = percentEncode(rest, inC0Control)
	return nil
}

// trimSlashes is for special schemes: their authority begins after any number of
// slashes.
func trimSlashes(s string) string {
	for s != "" && isSlash(s[0], true) {
		s = s[1:]
	}
	return s
}

func beginsWithSlashes(s string) bool {
	return len(s) > 1 && strings.IndexByte(`/\`, s[0]) >= 0 && strings.IndexByte(`/\`, s[1]) >= 0
}

// cleanURL drops what the parser ignores: C0 controls and spaces around the
// input, tabs and line breaks everywhere.
func cleanURL(s string) string {
	start, end := 0, len(s)
	for start < end && s[start] <= ' ' {
		start++
	}
	for end > start && s[end-1] <= ' ' {
		end--
	}
	s = s[start:end]
	if strings.ContainsAny(s, "\t\n\r") {
		s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	}
	return s
}

func cutScheme(s string) (scheme, rest string, ok bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return asciiLower(s[:i]), s[i+1:], true
		default:
			return "", s, false
		}
	}
	return "", s, false
}

func (u *URL) cutQueryAndFragment(s string) (rest string) {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		u.Fragment, u.HasFragment = percentEncode(s[i+1:], inFragment), true
		s = s[:i]
	}
	if i := strings.IndexByte(s, '?'); i >= 0 {
		set := inQuery
		if isSpecial(u.Scheme) {
			set = inSpecialQuery
		}
		u.Query, u.HasQuery = percentEncode(s[i+1:], set), true
		s = s[:i]
	}
	return s
}

// parseAuthority reads [user[:password]@]host[:port][/path].
func (u *URL) parseAuthority(s string) error {
	special := isSpecial(u.Scheme)
	authority, path := s, ""
	if i := indexSlash(s, special); i >= 0 {
		authority, path = s[:i], s[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		u.Username = percentEncode(user, inUserinfo)
		u.Password = percentEncode(password, inUserinfo)
		if authority = authority[i+1:]; authority == "" {
			return errNoURL
		}
	}
	host, port, ok := cutPort(authority)
	if !ok || host == "" && (special || port != "" || u.IncludesCredentials()) {
		return errNoURL
	}
	if u.Port, ok = normalizePort(u.Scheme, port); !ok {
		return errNoURL
	}
	if u.Host, ok = parseHost(host, special); !ok {
		return errNoURL
	}
	u.HasHost = true
	u.Path = normalizePath(path, special, "")
	return nil
}

// parseFile is enough to know that a URL is a file and how it reads. Drive
// letters are left alone: no file is ever fetched.
func (u *URL) parseFile(s string) error {
	u.HasHost = true
	s = strings.ReplaceAll(s, `\`, "/")
	if rest, found := strings.CutPrefix(s, "//"); found {
		host, path := rest, ""
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			host, path = rest[:i], rest[i:]
		}
		if host != "" {
			parsed, ok := parseHost(host, true)
			if !ok {
				return errNoURL
			}
			if parsed != "localhost" {
				u.Host = parsed
			}
		}
		s = path
	}
	u.Path = normalizePath(s, true, "")
	return nil
}

func (u *URL) parseRelative(s string, base *URL) error {
	u.Scheme = base.Scheme
	rest := u.cutQueryAndFragment(s)
	if base.Opaque {
		if rest != "" || u.HasQuery || !u.HasFragment {
			return errNoURL
		}
		fragment := u.Fragment
		*u = *base
		u.Fragment, u.HasFragment = fragment, true
		return nil
	}
	special := isSpecial(base.Scheme)
	if len(rest) >= 2 && isSlash(rest[0], special) && isSlash(rest[1], special) {
		if base.Scheme == "file" {
			return u.parseFile(rest)
		}
		if special {
			return u.parseAuthority(trimSlashes(rest))
		}
		return u.parseAuthority(rest[2:])
	}
	u.Username, u.Password, u.Host, u.Port, u.HasHost = base.Username, base.Password, base.Host, base.Port, base.HasHost
	switch {
	case rest == "":
		u.Path = base.Path
		if !u.HasQuery {
			u.Query, u.HasQuery = base.Query, base.HasQuery
		}
	case isSlash(rest[0], special):
		u.Path = normalizePath(rest, special, "")
	default:
		dir := base.Path[:strings.LastIndexByte(base.Path, '/')+1]
		u.Path = normalizePath(rest, special, dir)
	}
	return nil
}
