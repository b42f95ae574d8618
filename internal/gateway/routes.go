package gateway

import (
	"net/url"
	"strings"

	"github.com/corsac-cors/corsac/internal/paths"
	"github.com/corsac-cors/corsac/policyfile"
)

// routes finds the route of a request as a policy finds its rule: by host
// first, then by the longest path.
type routes struct {
	tree paths.Tree[route]
	all  []*route
}

// A route is one way to an upstream.
type route struct {
	policyfile.Route
	pattern   string // for logs and metrics: host and path as configured
	segments  int    // of path, to be stripped
	upstream  *url.URL
	transport *carrier
	// upgrades is for requests to change to another protocol, such as WebSocket:
	// they are HTTP/1.1.
	upgrades *carrier
}

func newRoutes(g policyfile.Gateway, ts *transports) routes {
	var rs routes
	for _, r := range g.AllRoutes() {
		made := newRoute(r, g.Timeouts, ts)
		rs.all = append(rs.all, made)
		rs.tree.Add(hostName(r.Host), made.Path, made)
	}
	return rs
}

// newRoute is called with what policyfile has checked.
func newRoute(r policyfile.Route, wait policyfile.Timeouts, ts *transports) *route {
	r.Path = policyfile.CleanPath(r.Path)
	made := &route{Route: r, pattern: r.Host + r.Path}
	for range strings.FieldsFuncSeq(r.Path, func(c rune) bool { return c == '/' }) {
		made.segments++
	}
	made.upstream, _ = url.Parse(r.Upstream)
	key := transportKey{
		h2c:      made.upstream.Scheme == "h2c",
		insecure: r.InsecureUpstream,
		connect:  wait.Connect,
		response: wait.Response,
	}
	if key.h2c {
		made.upstream.Scheme = "http"
	}
	made.transport = ts.get(key)
	key.h2c = false
	made.upgrades = ts.get(key)
	return made
}

// find returns the route for a clean path of a host, or nil.
func (rs *routes) find(host, path string) *route { return rs.tree.Find(host, path) }
