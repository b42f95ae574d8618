package gateway

import (
	"strings"

	"github.com/corsac-cors/corsac/internal/paths"
)

// hosts are the host names that are served; nil serves all. A page whose own
// name was made to resolve to this machine (DNS rebinding) is on the same origin
// as the gateway, so that no policy for other origins keeps it out; but it
// cannot change the Host header that its browser sends.
type hosts map[string]bool

func newHosts(names []string) hosts {
	if len(names) == 0 {
		return nil
	}
	hs := make(hosts, len(names))
	for _, n := range names {
		hs[hostName(n)] = true
	}
	return hs
}

func (hs hosts) serve(host string) bool {
	name := hostName(host)
	if hs == nil || hs[name] {
		return true
	}
	for {
		_, parent, ok := strings.Cut(name, ".")
		if !ok {
			return false
		}
		if hs["*."+parent] {
			return true
		}
		name = parent
	}
}

// hostName is the name of a host in lower case, as a Host header has it: a
// configuration may leave the brackets of an IPv6 address away.
func hostName(host string) string {
	if strings.Count(host, ":") > 1 && host[0] != '[' {
		return "[" + strings.ToLower(host) + "]"
	}
	return strings.ToLower(paths.HostName(host))
}
