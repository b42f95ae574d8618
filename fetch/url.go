package fetch

import (
	"cmp"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// A URL is a parsed URL of the URL Standard. net/url is not enough: it keeps
// the case of hosts, knows no numeric IPv4 forms and refuses what browsers
// repair.
//
// https://url.spec.whatwg.org/#concept-url
type URL struct {
	Scheme   string
	Username string
	Password string
	Host     string // serialized: in lower case, IPv6 in brackets
	Port     string // empty for the scheme's default port
	Path     string // begins with "/" unless Opaque
	Query    string // without "?"
	Fragment string // without "#"

	Opaque      bool // the path is no hierarchy: mailto:a@b, data:,x
	HasHost     bool
	HasQuery    bool
	HasFragment bool
}

// IncludesCredentials reports whether the URL has a user name or password.
//
// https://url.spec.whatwg.org/#include-credentials
func (u *URL) IncludesCredentials() bool { return u.Username != "" || u.Password != "" }

// IsHTTP reports whether the URL has an HTTP(S) scheme.
//
// https://fetch.spec.whatwg.org/#http-scheme
func (u *URL) IsHTTP() bool { return u.Scheme == "http" || u.Scheme == "https" }

// String serializes the URL, its fragment included.
//
// https://url.spec.whatwg.org/#concept-url-serializer
func (u *URL) String() string {
	if u.HasFragment {
		return u.WithoutFragment() + "#" + u.Fragment
	}
	return u.WithoutFragment()
}

// WithoutFragment serializes the URL without its fragment, as pages see it in
// Response.url.
func (u *URL) WithoutFragment() string {
	mark, query := "", ""
	if u.HasQuery {
		mark, query = "?", u.Query
	}
	switch {
	case u.HasHost && u.Port != "":
		return u.Scheme + "://" + u.userinfo() + u.Host + ":" + u.Port + u.Path + mark + query
	case u.HasHost:
		return u.Scheme + "://" + u.userinfo() + u.Host + u.Path + mark + query
	case !u.Opaque && strings.HasPrefix(u.Path, "//"):
		return u.Scheme + ":/." + u.Path + mark + query // else the path would read as a host
	}
	return u.Scheme + ":" + u.Path + mark + query
}

// userinfo is what stands before the host, with its "@".
func (u *URL) userinfo() string {
	switch {
	case !u.IncludesCredentials():
		return ""
	case u.Password == "":
		return u.Username + "@"
	}
	return u.Username + ":" + u.Password + "@"
}

// target is the request target of HTTP/1.1 in origin form.
func (u *URL) target() string {
	if !u.HasQuery {
		return u.Path
	}
	return u.Path + "?" + u.Query
}

// hostPort is the value of the Host header.
func (u *URL) hostPort() string {
	if u.Port == "" {
		return u.Host
	}
	return u.Host + ":" + u.Port
}

// dialAddress is host:port as net.Dial wants it.
func (u *URL) dialAddress() string {
	return u.Host + ":" + cmp.Or(u.Port, origins.DefaultPort(u.Scheme))
}

// isSpecial reports whether a scheme is special.
//
// https://url.spec.whatwg.org/#is-special
func isSpecial(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp", "file":
		return true
	}
	return false
}
