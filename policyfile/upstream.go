package policyfile

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func checkUpstream(place, address string, problem problemFunc) {
	if fault, hint := faultOfUpstream(address); fault != "" {
		problem(place, hint, "%s", fault)
	}
}

const exampleUpstream = "write an address such as http://localhost:8081"

// faultOfUpstream says what is wrong with the address of a server, and what to
// write instead.
func faultOfUpstream(address string) (fault, hint string) {
	u, err := url.Parse(address)
	shown := withoutUser(address)
	switch {
	case !strings.Contains(address, "://"):
		return fmt.Sprintf("the address %q has no scheme", shown), adviseUpstream(address)
	case err != nil || u.Hostname() == "" || strings.ContainsAny(u.Hostname(), "*{}$"):
		return fmt.Sprintf("%q is no address of a server", shown), exampleUpstream
	case u.Port() != "" && !isPort(u.Port()):
		return fmt.Sprintf("%q is no port", u.Port()), "write a number up to 65535"
	case !slices.Contains([]string{"http", "https", "h2c"}, u.Scheme):
		return fmt.Sprintf("%q has the scheme %q", shown, u.Scheme), "write http://, https:// or h2c:// before the host; WebSockets need http:// or https:// too"
	case u.User != nil:
		return fmt.Sprintf("%q holds a user's name", u.Redacted()), "remove what is before the @"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Sprintf("%q has more than a path", address), "end it before the ? or #"
	}
	return "", ""
}

// withoutUser keeps names and passwords out of messages, also where nobody can
// tell what else is what.
func withoutUser(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	scheme, _, ok := strings.Cut(address[:at], "://")
	if ok {
		scheme += "://"
	} else {
		scheme = ""
	}
	return scheme + "…" + address[at:]
}

// schemeSlip is what is written for the scheme and "://".
var schemeSlip = regexp.MustCompile(`^(?:(https?|h2c)(?::/?|//)|//)`)

// adviseUpstream says what to write instead of an address without a scheme. What
// it proposes has no fault.
func adviseUpstream(address string) string {
	scheme := "http"
	if slip := schemeSlip.FindStringSubmatch(address); slip != nil {
		scheme, address = cmp.Or(slip[1], scheme), address[len(slip[0]):]
	}
	if a, err := netip.ParseAddr(address); err == nil && a.Is6() {
		address = "[" + address + "]"
	}
	if fault, _ := faultOfUpstream(scheme + "://" + address); fault != "" {
		return exampleUpstream
	}
	return "write " + strconv.Quote(scheme+"://"+address)
}
