package scenario

import (
	"fmt"
	"net/netip"
	"strings"
)

// String is the entry as a file has it.
func (r Range) String() string {
	if r.Shared {
		return r.Prefix.Addr().String()
	}
	return r.Prefix.String()
}

const AnIP = "a range such as 203.0.113.0/24, an address, or a list of these"

// parseRange reads one entry of `ip`; problem is "" when it is fine.
func parseRange(text string) (r Range, problem, hint string) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return r, fmt.Sprintf("%q is not a range of addresses", text), ""
		case p != p.Masked():
			return r, fmt.Sprintf("%q is an address inside of a range", text), fmt.Sprintf("the range is %s", p.Masked())
		case p.Addr().Is4In6():
			return r, fmt.Sprintf("%q is an IPv4 range in IPv6 form", text), ""
		}
		return Range{Prefix: p}, strange(p.Addr()), ""
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" || a.Is4In6() {
		return r, fmt.Sprintf("%q is not an address", text), ""
	}
	return Range{Prefix: netip.PrefixFrom(a, a.BitLen()), Shared: true}, strange(a), ""
}

// strange says why an address cannot be a client's; "" when it can.
func strange(a netip.Addr) string {
	switch {
	case a.IsMulticast():
		return fmt.Sprintf("%s is a multicast address", a)
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "255.255.255.255 is the broadcast address"
	case a.IsUnspecified():
		return fmt.Sprintf("%s stands for any address", a)
	}
	return ""
}
