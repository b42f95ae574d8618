package origins

import (
	"net/netip"
	"strconv"
	"strings"
)

// Limits of DNS. Browsers would serialize longer names but cannot resolve them.
//
// https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
const (
	longestHost  = 253
	longestLabel = 63
)

func checkHost(p *Pattern) (fault string) {
	switch {
	case p.Host == "":
		return "has no host"
	case p.Host[0] == '[':
		return checkIPv6(p)
	case len(p.Host) > longestHost:
		return "has a host of more than 253 characters"
	}
	last, fault := checkLabels(p.Host, isHTTP(p.Scheme))
	if fault != "" {
		return fault
	}
	if isHTTP(p.Scheme) && endsInNumber(last) {
		return checkIPv4(p)
	}
	return ""
}

// checkLabels returns the last label that is not empty. A final dot is part of
// a name: browsers keep it. What stands behind xn-- is not decoded: the URL
// Standard and Firefox refuse hosts of which it is no punycode, but Chromium
// takes a host of ASCII letters as it is, and sends "https://xn--a.example".
func checkLabels(host string, http bool) (last, fault string) {
	for rest, more := host, true; more; {
		label, plain := cutPlain(rest)
		if !plain {
			label, _, _ = strings.Cut(rest, ".")
		}
		if more = len(label) < len(rest); more {
			rest = rest[len(label)+len("."):]
		}
		switch {
		case label == "" && (more || last == ""):
			return "", "has an empty label in its host"
		case len(label) > longestLabel:
			return "", "has a label of more than 63 characters in its host"
		case !plain:
			if fault := checkLetters(label, http); fault != "" {
				return "", fault
			}
		}
		if label != "" {
			last = label
		}
	}
	return last, ""
}

// cutPlain returns the first label of a host if all of it is plain.
func cutPlain(host string) (label string, plain bool) {
	for i := range len(host) {
		if !isPlain[host[i]] {
			return host[:i], host[i] == '.'
		}
	}
	return host, true
}

// isPlain says which bytes hosts are made of. A table, because letters and
// digits in turn have the processor guess wrong what comparisons would yield.
var isPlain = func() (plain [256]bool) {
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789-_" {
		plain[c] = true
	}
	return plain
}()

// faultOfLetter leaves it to newError to name the letter: origins that browsers
// do not send are checked too, and there nothing is to be allocated.
const faultOfLetter = "has a host with %q in it"

// checkLetters allows upper-case letters outside http and https, whose hosts
// browsers do not fold: Safari's extensions have them.
func checkLetters(label string, http bool) (fault string) {
	for i := range len(label) {
		if isPlain[label[i]] {
			continue
		}
		switch c := label[i]; {
		case 'A' <= c && c <= 'Z':
			if !http {
				continue
			}
			return "has upper-case letters, which no browser sends in an origin"
		case c >= 0x80:
			return "has characters outside ASCII, which browsers send as punycode"
		case c == '*':
			return "has a star elsewhere than in front, where it stands for whole labels"
		default:
			return faultOfLetter
		}
	}
	return ""
}

// endsInNumber reports whether browsers take a host with this last label for
// an IPv4 address.
//
// https://url.spec.whatwg.org/#ends-in-a-number-checker
func endsInNumber(last string) bool {
	if last[0] < '0' || '9' < last[0] {
		return false
	}
	if strings.HasPrefix(last, "0x") {
		return strings.Trim(last[2:], "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

func checkIPv4(p *Pattern) (fault string) {
	if p.Subdomains {
		return "has a star before an IP address, which has no subdomains"
	}
	if addr, err := netip.ParseAddr(p.Host); err != nil || addr.String() != p.Host {
		return "has an IPv4 address in a form that no browser sends"
	}
	return ""
}

func checkIPv6(p *Pattern) (fault string) {
	addr, err := netip.ParseAddr(strings.Trim(p.Host, "[]"))
	var room [64]byte // more than an address needs
	switch {
	case err != nil:
		return "has an IPv6 address that is none"
	case addr.Zone() != "":
		return "has an IPv6 zone, which no browser sends"
	case string(appendIPv6(room[:0], addr)) != p.Host:
		return "has an IPv6 address in a form that no browser sends"
	}
	return ""
}

// appendIPv6 differs from netip's form where that has an IPv4 part: browsers
// write two groups there.
//
// https://url.spec.whatwg.org/#concept-ipv6-serializer
func appendIPv6(to []byte, a netip.Addr) []byte {
	if !a.Is4In6() {
		return append(a.WithZone("").AppendTo(append(to, '[')), ']')
	}
	b := a.As16()
	to = append(to, "[::ffff:"...)
	to = strconv.AppendUint(to, uint64(b[12])<<8|uint64(b[13]), 16)
	to = append(to, ':')
	to = strconv.AppendUint(to, uint64(b[14])<<8|uint64(b[15]), 16)
	return append(to, ']')
}

// IsLoopback reports whether a host, as URLs and origins spell it, is the
// visitor's own machine wherever the visitor is.
//
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func IsLoopback(host string) bool {
	name := strings.TrimSuffix(host, ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	if strings.TrimRight(host, "0123456789]") == host {
		return false // a name, of which ParseAddr would make an error
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}
