package fetch

import "strings"

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
	var b strings.Builder
	b.Grow(len(u.Scheme) + len(u.Host) + len(u.Port) + len(u.Path) + len(u.Query) + len(u.Fragment) + 6)
	u.write(&b)
	if u.HasFragment {
		b.WriteByte('#')
		b.WriteString(u.Fragment)
	}
	return b.String()
}

// WithoutFragment serializes the URL without its fragment, as pages see it in
// Response.url.
func (u *URL) WithoutFragment() string {
	var b strings.Builder
	u.write(&b)
	return b.String()
}

func (u *URL) write(b *strings.Builder) {
	b.WriteString(u.Scheme)
	b.WriteByte(':')
	if u.HasHost {
		b.WriteString("//")
		if u.IncludesCredentials() {
			b.WriteString(u.Username)
			if u.Password != "" {
				b.WriteByte(':')
				b.WriteString(u.Password)
			}
			b.WriteByte('@')
		}
		b.WriteString(u.Host)
		if u.Port != "" {
			b.WriteByte(':')
			b.WriteString(u.Port)
		}
	} else if !u.Opaque && strings.HasPrefix(u.Path, "//") {
		b.WriteString("/.") // else the path would read as a host
	}
	b.WriteString(u.Path)
	if u.HasQuery {
		b.WriteByte('?')
		b.WriteString(u.Query)
	}
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
	port := u.Port
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	return u.Host + ":" + port
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

func defaultPort(scheme string) string {
	switch scheme {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	case "ftp":
		return "21"
	}
	return ""
}
