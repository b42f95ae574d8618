package policyfile

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

func checkListen(place, addr string, problem problemFunc) {
	_, port, err := net.SplitHostPort(addr)
	switch isURL := strings.HasPrefix(port, "//"); {
	case err != nil || isURL:
		problem(place, adviseListen(addr), "%q is no address to listen on", addr)
	case !isPort(port):
		problem(place, "write a number up to 65535", "%q is no port", port)
	}
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && 0 <= n && n <= 65535
}

// adviseListen says what to write for a port, a host or a URL alone.
func adviseListen(addr string) string {
	if isPort(addr) {
		return "write \"127.0.0.1:" + addr + "\", or \":" + addr + "\" for every address of the machine"
	}
	if u, err := url.Parse(addr); err == nil && isPort(u.Port()) {
		return "write " + strconv.Quote(u.Host)
	}
	return "write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine"
}
