package gateway

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/policyfile"
)

// prefixes are the addresses of trusted proxies.
type prefixes []netip.Prefix

func newPrefixes(texts []string) prefixes {
	var ps prefixes
	for _, t := range texts {
		if p, err := policyfile.ParsePrefix(t); err == nil { // checked already
			ps = append(ps, p)
		}
	}
	return ps
}

func (ps prefixes) contain(address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Contains(a) })
}

// admit takes from a request what only a trusted proxy may say, unless one says
// it, and returns the client's address. It comes before the decision, which
// looks at what a proxy says of scheme and host.
func (ps prefixes) admit(r *http.Request) (client string) {
	client = peer(r)
	if !ps.contain(client) {
		for name := range r.Header {
			if isForwarded(name) {
				delete(r.Header, name)
			}
		}
		return client
	}
	return ps.nearestStranger(client, r.Header["X-Forwarded-For"])
}

// nearestStranger walks back along the proxies as long as each can be believed.
func (ps prefixes) nearestStranger(client string, lines []string) string {
	said := strings.Split(strings.Join(lines, ","), ",")
	for _, address := range slices.Backward(said) {
		address = strings.TrimSpace(address)
		if !ps.contain(client) || address == "" {
			break
		}
		client = address
	}
	return client
}

func isForwarded(name string) bool {
	name = withHyphens(name)
	return strings.HasPrefix(name, "X-Forwarded-") || name == "Forwarded" || name == "X-Real-Ip"
}

func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// forward tells the upstream where the request comes from. What is left in the
// request's header comes from a trusted proxy: it is added to, or stays.
func (x *exchange) forward(pr *httputil.ProxyRequest) {
	in, out := pr.In.Header, pr.Out.Header
	said := in["X-Forwarded-For"]
	if len(said) > 0 {
		out["X-Forwarded-For"] = said
	}
	pr.SetXForwarded()
	for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto"} {
		if v := in[name]; len(v) > 0 {
			out[name] = v
		}
	}
	if x.route.StripPath && x.route.segments > 0 {
		out.Set("X-Forwarded-Prefix", strings.Join(in["X-Forwarded-Prefix"], "")+strings.TrimSuffix(x.route.Path, "/"))
	}
}
