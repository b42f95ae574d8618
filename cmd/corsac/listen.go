package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"

	"github.com/corsac-cors/corsac/internal/origins"
	"github.com/corsac-cors/corsac/policyfile"
)

// listen listens at the address of a flag, or says what to do about it.
func listen(flag, address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("something listens on %s already: end it, or choose another port with %s", address, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine: choose another with %s, such as 127.0.0.1:8080, or :8080 for all that it has", address, flag)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("listening on %s is not permitted: choose a port above 1023 with %s, or give the program the right to it", address, flag)
	}
	return ln, err
}

// checkCircle finds upstreams that are the gateway itself: each request would
// go around until there are too many of them.
func checkCircle(g policyfile.Gateway, problem func(path, hint, format string, args ...any)) {
	const hint = "name the address of the API, or choose another port to listen on"
	if isSelf(g.Upstream, g.Listen) {
		problem("gateway.upstream", hint, "%q is where the gateway itself listens", g.Upstream)
	}
	for i, r := range g.Routes {
		if isSelf(r.Upstream, g.Listen) {
			problem("gateway.routes["+strconv.Itoa(i)+"].upstream", hint, "%q is where the gateway itself listens", r.Upstream)
		}
	}
}

// isSelf reports whether a listener is what an upstream's address leads to, as
// far as that can be told without asking for names.
func isSelf(upstream, listen string) bool {
	u, err := url.Parse(upstream)
	host, port, listenErr := net.SplitHostPort(listen)
	if err != nil || listenErr != nil || u.Hostname() == "" || port == "0" {
		return false
	}
	if cmp.Or(u.Port(), origins.DefaultPort(u.Scheme), origins.DefaultPort("http")) != port {
		return false
	}
	at, to := addressOf(host), addressOf(u.Hostname())
	return u.Hostname() == host || at == to && to.IsValid() || at.IsUnspecified() && to.IsLoopback()
}

// addressOf is the address that a host is, "" being every one of them.
func addressOf(host string) netip.Addr {
	switch host {
	case "":
		return netip.IPv6Unspecified()
	case "localhost":
		return netip.MustParseAddr("127.0.0.1")
	}
	a, _ := netip.ParseAddr(host)
	return a.Unmap()
}
