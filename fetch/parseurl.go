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
	s := cleanURL(input)
	scheme, rest, ok := cutScheme(s)
	if !ok {
		if base == nil {
			return nil, errNoURL
		}
		return parseRelative(s, base)
	}
	if isSpecial(scheme) && base != nil && base.Scheme == scheme && !beginsWithSlashes(rest) && scheme != "file" {
		return parseRelative(rest, base) // "http:path" and "http:/path" are relative to an http base
	}
	u := &URL{Scheme: scheme}
	rest = u.cutQueryAndFragment(rest)
	switch {
	case scheme == "file":
		return parseFile(u, rest)
	case isSpecial(scheme):
		return parseAuthority(u, strings.TrimLeft(rest, `/\`))
	case strings.HasPrefix(rest, "//"):
		return parseAuthority(u, rest[2:])
	case strings.HasPrefix(rest, "/"):
		u.Path = normalizePath(rest, false, "")
		return u, nil
	}
	u.Opaque = true
	u.Path = percentEncode(rest, inC0Control)
	return u, nil
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
func parseAuthority(u *URL, s string) (*URL, error) {
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
			return nil, errNoURL
		}
	}
	host, port, ok := cutPort(authority)
	if !ok || host == "" && (special || port != "" || u.IncludesCredentials()) {
		return nil, errNoURL
	}
	if u.Port, ok = normalizePort(u.Scheme, port); !ok {
		return nil, errNoURL
	}
	if u.Host, ok = parseHost(host, special); !ok {
		return nil, errNoURL
	}
	u.HasHost = true
	u.Path = normalizePath(path, special, "")
	return u, nil
}

// parseFile is enough to know that a URL is a file and how it reads. Drive
// letters are left alone: no file is ever fetched.
func parseFile(u *URL, s string) (*URL, error) {
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
				return nil, errNoURL
			}
			if parsed != "localhost" {
				u.Host = parsed
			}
		}
		s = path
	}
	u.Path = normalizePath(s, true, "")
	return u, nil
}

func parseRelative(s string, base *URL) (*URL, error) {
	u := &URL{Scheme: base.Scheme}
	rest := u.cutQueryAndFragment(s)
	if base.Opaque {
		if rest != "" || u.HasQuery || !u.HasFragment {
			return nil, errNoURL
		}
		copied := *base
		copied.Fragment, copied.HasFragment = u.Fragment, true
		return &copied, nil
	}
	special := isSpecial(base.Scheme)
	if len(rest) >= 2 && isSlash(rest[0], special) && isSlash(rest[1], special) {
		if base.Scheme == "file" {
			return parseFile(u, rest)
		}
		if special {
			return parseAuthority(u, strings.TrimLeft(rest, `/\`))
		}
		return parseAuthority(u, rest[2:])
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
	return u, nil
}
