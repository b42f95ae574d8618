package fetch

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/corsac-cors/corsac/internal/origins"
)

// parseHost returns the serialized host.
//
// https://url.spec.whatwg.org/#concept-host-parser
func parseHost(s string, special bool) (host string, ok bool) {
	switch {
	case strings.HasPrefix(s, "["):
		if !strings.HasSuffix(s, "]") {
			return "", false
		}
		return parseIPv6(s[1 : len(s)-1])
	case !special:
		if strings.ContainsAny(s, forbiddenInHost) {
			return "", false
		}
		return percentEncode(s, inC0Control), true
	}
	domain, ok := domainToASCII(percentDecode(s))
	if !ok || domain == "" || hasForbiddenInDomain(domain) {
		return "", false
	}
	if endsInNumber(domain) {
		return parseIPv4(domain)
	}
	return domain, true
}

// https://url.spec.whatwg.org/#forbidden-host-code-point
const forbiddenInHost = "\x00\t\n\r #/:<>?@[\\]^|"

// https://url.spec.whatwg.org/#forbidden-domain-code-point
var forbiddenInDomain = func() (forbidden [256]bool) {
	for c := range 256 {
		forbidden[c] = c <= 0x20 || c == 0x7F || c == '%' || strings.IndexByte(forbiddenInHost, byte(c)) >= 0
	}
	return forbidden
}()

func hasForbiddenInDomain(s string) bool {
	for i := range len(s) {
		if forbiddenInDomain[s[i]] {
			return true
		}
	}
	return false
}

var lookup = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false),
	idna.CheckHyphens(false), idna.CheckJoiners(true), idna.BidiRule(), idna.VerifyDNSLength(false))

// https://url.spec.whatwg.org/#concept-domain-to-ascii
func domainToASCII(s string) (ascii string, ok bool) {
	if isASCII(s) {
		lower := asciiLower(s)
		if !strings.Contains(lower, "xn--") {
			return lower, true
		}
	}
	if !utf8.ValidString(s) {
		return "", false
	}
	for label := range strings.SplitSeq(dots.Replace(asciiLower(s)), ".") {
		if label == "xn--" {
			return "", false // punycode of nothing, which the library takes for nothing
		}
	}
	ascii, err := lookup.ToASCII(s)
	return ascii, err == nil
}

// dots are what else separates labels.
//
// https://www.unicode.org/reports/tr46/#Notation
var dots = strings.NewReplacer("．", ".", "。", ".", "｡", ".")

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// https://url.spec.whatwg.org/#ends-in-a-number-checker
func endsInNumber(s string) bool {
	s = strings.TrimSuffix(s, ".")
	last := s[strings.LastIndexByte(s, '.')+1:]
	if last == "" {
		return false
	}
	if isDigits(last) {
		return true
	}
	return strings.HasPrefix(last, "0x") && strings.Trim(last[2:], "0123456789abcdef") == ""
}

// https://url.spec.whatwg.org/#concept-ipv4-parser
func parseIPv4(s string) (host string, ok bool) {
	parts := strings.Split(strings.TrimSuffix(s, "."), ".")
	if len(parts) > 4 {
		return "", false
	}
	var addr uint64
	for i, part := range parts {
		n, ok := parseIPv4Number(part)
		if !ok {
			return "", false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return "", false
			}
			addr |= n << (8 * (3 - i))
			continue
		}
		if n >= 1<<(8*(5-len(parts))) {
			return "", false
		}
		addr |= n
	}
	return netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}).String(), true
}

// https://url.spec.whatwg.org/#ipv4-number-parser
func parseIPv4Number(s string) (n uint64, ok bool) {
	base := 10
	switch {
	case s == "":
		return 0, false
	case strings.HasPrefix(s, "0x"):
		if s, base = s[2:], 16; s == "" {
			return 0, true
		}
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	if strings.ContainsAny(s, "+-_") {
		return 0, false
	}
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil
}

// https://url.spec.whatwg.org/#concept-ipv6-parser
func parseIPv6(s string) (host string, ok bool) {
	addr, err := netip.ParseAddr(s)
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return "", false
	}
	return serializeIPv6(addr), true
}

// serializeIPv6 differs from netip's form where that has an IPv4 part.
//
// https://url.spec.whatwg.org/#concept-ipv6-serializer
func serializeIPv6(a netip.Addr) string {
	if !a.Is4In6() {
		return "[" + a.String() + "]"
	}
	b := a.As16()
	high, low := uint64(b[12])<<8|uint64(b[13]), uint64(b[14])<<8|uint64(b[15])
	return "[::ffff:" + strconv.FormatUint(high, 16) + ":" + strconv.FormatUint(low, 16) + "]"
}

// cutPort splits host[:port], leaving the brackets on an IPv6 address.
func cutPort(s string) (host, port string, ok bool) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", "", false
		}
		host, s = s[:end+1], s[end+1:]
		if s == "" {
			return host, "", true
		}
		return host, s[1:], s[0] == ':'
	}
	host, port, _ = strings.Cut(s, ":")
	return host, port, true
}

// normalizePort drops leading zeros and the scheme's default port.
func normalizePort(scheme, s string) (port string, ok bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || '9' < s[i] {
			return "", false
		}
		if n = n*10 + int(s[i]-'0'); n > 65535 {
			return "", false
		}
	}
	if s == "" {
		return "", true
	}
	if s[0] == '0' {
		s = strconv.Itoa(n)
	}
	if s == origins.DefaultPort(scheme) {
		return "", true
	}
	return s, true
}

// addrOf returns the address that a host is, if it is one.
func addrOf(host string) (netip.Addr, bool) {
	if host == "" || !strings.HasSuffix(host, "]") && !isDigits(host[len(host)-1:]) {
		return netip.Addr{}, false // a name: no last label is a number
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return addr, err == nil
}
