package fetch

import "net/netip"

// An AddressSpace is how public an address is.
//
// https://wicg.github.io/local-network-access/#ip-address-space
type AddressSpace string

const (
	Public   AddressSpace = "public"
	Local    AddressSpace = "local"
	Loopback AddressSpace = "loopback"
)

// rank orders spaces from private to public; 0 is unknown.
func (s AddressSpace) rank() int {
	switch s {
	case Loopback:
		return 1
	case Local:
		return 2
	case Public:
		return 3
	}
	return 0
}

var (
	loopbackPrefixes = prefixes("127.0.0.0/8", "::1/128", "0.0.0.0/32", "198.18.0.0/15")
	localPrefixes    = prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "0.0.0.0/8",
		"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "fc00::/7", "fe80::/10", "2001:db8::/32", "3fff::/20", "::/128")
)

func prefixes(texts ...string) (parsed []netip.Prefix) {
	for _, text := range texts {
		parsed = append(parsed, netip.MustParsePrefix(text))
	}
	return parsed
}

// addressSpaceOf returns "" for no address: a handler in this process has none.
func addressSpaceOf(addr netip.Addr) AddressSpace {
	if !addr.IsValid() {
		return ""
	}
	addr = addr.Unmap()
	for _, p := range loopbackPrefixes {
		if p.Contains(addr) {
			return Loopback
		}
	}
	for _, p := range localPrefixes {
		if p.Contains(addr) {
			return Local
		}
	}
	return Public
}

// pageSpace is what is known of where the page came from.
func (f *fetching) pageSpace() AddressSpace {
	if f.in.AddressSpace != "" {
		return f.in.AddressSpace
	}
	host := f.request.origin.Host
	if addr, ok := addrOf(host); ok {
		return addressSpaceOf(addr)
	}
	if host != "" && isPotentiallyTrustworthy(Origin{Scheme: "http", Host: host}) {
		return Loopback // localhost
	}
	return ""
}

// admit decides about the address that a connection has reached, before
// anything is sent. A page of which nothing is known is let through.
//
// https://wicg.github.io/local-network-access/#local-network-access-check
func (f *fetching) admit(server netip.AddrPort) error {
	f.verdict.Exchanges[f.judged].RemoteAddr = server
	r := &f.request
	space := addressSpaceOf(server.Addr())
	target := f.in.TargetAddressSpace
	switch {
	case space == "", SameOrigin(r.origin, r.url().Origin()) && isPotentiallyTrustworthy(r.origin):
		return nil
	case target != "" && f.profile.ChecksTargetAddressSpace && target != space:
		return TargetAddressSpace
	case !f.profile.ChecksLocalNetworkAccess, f.pageSpace().rank() <= space.rank():
		return nil
	case f.in.LocalNetwork && isPotentiallyTrustworthy(r.origin):
		f.pass(localNetworkAccess, "the user has permitted it", fact("address", server.Addr().String()))
		return nil
	}
	return LocalNetworkAccess
}

func (f *fetching) wantedSpace(kind Kind) AddressSpace {
	if kind == TargetAddressSpace {
		return f.in.TargetAddressSpace
	}
	return f.pageSpace()
}
