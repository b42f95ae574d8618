package corsac

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/corsac-cors/corsac/internal/methods"
	"github.com/corsac-cors/corsac/internal/origins"
	"github.com/corsac-cors/corsac/internal/paths"
)

func checkPath(i int, path string, problems *Problems) string {
	if path == "" {
		return "/"
	}
	if fault := faultOfPath(path); fault != "" {
		problems.add(place(i, "path"), advisePath(path), "%q %s", path, fault)
	}
	return path
}

// faultOfPath says what is wrong with a path. What routers take for a pattern
// is wrong, though it could be a path: such a rule would speak for nothing.
func faultOfPath(path string) string {
	switch {
	case path[0] != '/':
		return "does not begin with a slash"
	case strings.ContainsFunc(path, unicode.IsControl):
		return "has a control character in it"
	case indexWildcard(path) >= 0:
		return "has a wildcard in it"
	case strings.ContainsAny(path, "?#"):
		return "has a query or a fragment, and a rule speaks for paths"
	case strings.Contains(path, "%"):
		return "is percent-encoded"
	case paths.Clean(path) != path:
		return "is not clean"
	}
	return ""
}

// indexWildcard finds the first star, {name} or :name.
func indexWildcard(path string) int {
	i, named := strings.IndexAny(path, "*{}"), strings.Index(path, "/:")
	if i < 0 || 0 <= named && named < i {
		return named
	}
	return i
}

// advisePath says what to write instead. What it proposes has no fault.
func advisePath(path string) string {
	meant, why := path, ""
	if method, rest, ok := strings.Cut(path, " "); ok && methods.IsMethod(method) {
		meant, why = rest, ": a rule speaks for every method of its path"
	}
	if _, rest, ok := strings.Cut(meant, "://"); ok {
		_, meant, _ = strings.Cut(rest, "/")
	}
	meant = strings.Trim(meant, "^$~ \t\r\n")
	if i := strings.IndexAny(meant, "?#"); i >= 0 {
		meant = meant[:i]
	}
	if i := indexWildcard(meant); i >= 0 {
		meant, why = meant[:strings.LastIndexByte(meant[:i+1], '/')+1], ", which covers all that is below it"
	}
	if decoded, err := url.PathUnescape(meant); err == nil {
		meant = decoded
	}
	if meant = paths.Clean(meant); faultOfPath(meant) != "" {
		return "write a path such as \"/users/\", decoded"
	}
	return "write " + quote(meant) + why
}

func checkHost(i int, host string, problems *Problems) string {
	if host == "" || isHostName(host) {
		return host
	}
	at := place(i, "host")
	switch meant, ok := origins.MeantHost(host); {
	case strings.Contains(host, "*"):
		problems.add(at, "write one rule for each host, or leave the host away", "%q has a star in it", host)
	case ok:
		problems.add(at, "write "+quote(meant), "%q is not a host name alone, as browsers write it", host)
	default:
		problems.add(at, "write a name such as \"api.example.com\"", "%q is no host name", host)
	}
	return host
}

// isHostName reports whether a host is what stands in an origin, and nothing
// beside it: requests are looked up by that.
func isHostName(host string) bool {
	return paths.HostName(host) == host && origins.IsOrigin("http://"+host)
}
