package policyfile

import (
	"net"
	"net/url"
	"strconv"
)

func checkListen(place, addr string, problem problemFunc) {
	if _, port, err := net.SplitHostPort(addr); err == nil && !isPort(port) {
		problem(place, "write a number up to 65535", "%q is no port", port)
	} else if err != nil {
		problem(place, adviseListen(addr), "%q is no address to listen on", addr)
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
	if u, err := url.Parse(addr); err == nil && u.Host != "" && isPort(u.Port()) {
		return "write " + strconv.Quote(u.Host)
	}
	return "write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine"
}
