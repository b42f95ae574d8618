package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/corsac-cors/corsac/policyfile"
)

// routes finds the route of a request as a policy finds its rule: by host
// first, then by the longest path.
type routes struct {
	byHost  map[string]paths
	anyHost paths
	all     []*route
}

// paths has the routes of trees by their paths without the slash at the end,
// and those of single resources by theirs.
type paths struct{ trees, resources map[string]*route }

// A route is one way to an upstream.
type route struct {
	policyfile.Route
	pattern   string // for logs and metrics: host and path as configured
	segments  int    // of path, to be stripped
	upstream  *url.URL
	transport *http.Transport
	// upgrades is for requests to change to another protocol, such as WebSocket:
	// they are HTTP/1.1.
	upgrades *http.Transport
}

func newRoutes(g policyfile.Gateway, ts *transports) routes {
	rs := routes{byHost: make(map[string]paths), anyHost: newPaths()}
	for _, r := range g.AllRoutes() {
		made := newRoute(r, g.Timeouts, ts)
		rs.all = append(rs.all, made)
		at := rs.anyHost
		if r.Host != "" {
			name := hostName(r.Host)
			if _, ok := rs.byHost[name]; !ok {
				rs.byHost[name] = newPaths()
			}
			at = rs.byHost[name]
		}
		at.add(made)
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

func newPaths() paths {
	return paths{trees: make(map[string]*route), resources: make(map[string]*route)}
}

func (ps paths) add(r *route) {
	if path, ok := strings.CutSuffix(r.Path, "/"); ok {
		ps.trees[path] = r
	} else {
		ps.resources[r.Path] = r
	}
}

// find returns the route for a clean path of a host, or nil.
func (rs *routes) find(host, path string) *route {
	if len(rs.byHost) > 0 {
		if r := rs.byHost[hostName(host)].find(path); r != nil {
			return r
		}
	}
	return rs.anyHost.find(path)
}

func (ps paths) find(path string) *route {
	if r := ps.resources[path]; r != nil {
		return r
	}
	for at := strings.TrimSuffix(path, "/"); ; at = at[:strings.LastIndexByte(at, '/')] {
		if r := ps.trees[at]; r != nil || at == "" {
			return r
		}
	}
}

// hostName is a host in lower case, without port, brackets and the dot of a
// fully qualified name.
func hostName(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') && strings.IndexByte(host, ':') == i {
		host = host[:i]
	} else if j := strings.LastIndexByte(host, ']'); j >= 0 {
		host = host[:j+1]
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
