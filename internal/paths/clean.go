package paths

import (
	"path"
	"strings"
)

// Clean is a path without empty and dot segments, and with the slash at the end
// that makes it a tree.
func Clean(p string) string {
	clean := path.Clean("/" + p)
	if clean != "/" && (strings.HasSuffix(p, "/") || strings.HasSuffix(p, "/.") || strings.HasSuffix(p, "/..")) {
		clean += "/"
	}
	return clean
}

// HostName is a host without its port, and without the dot of a fully qualified
// name. An IPv6 address keeps its brackets.
func HostName(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return strings.TrimSuffix(host, ".")
}
