package scenario

import (
	"fmt"
	"net/netip"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// String is the entry as a file has it.
func (r Range) String() string {
	if r.Shared {
		return r.Prefix.Addr().String()
	}
	return r.Prefix.String()
}

const AnIP = "a range such as 203.0.113.0/24, an address, or a list of these"

// parseRange reads one entry of `ip`.
func parseRange(text string) (Range, *yamltree.Problem) {
	wrong := func(form, hint string) (Range, *yamltree.Problem) {
		return Range{}, &yamltree.Problem{Text: fmt.Sprintf("%q is "+form, text), Hint: hint}
	}
	r := Range{Shared: !strings.Contains(text, "/")}
	if r.Shared {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" || a.Is4In6() {
			return wrong("not an address", "")
		}
		r.Prefix = netip.PrefixFrom(a, a.BitLen())
	} else {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return wrong("not a range of addresses", "")
		case p != p.Masked():
			return wrong("an address inside of a range", fmt.Sprintf("the range is %s", p.Masked()))
		case p.Addr().Is4In6():
			return wrong("an IPv4 range in IPv6 form", "")
		}
		r.Prefix = p
	}
	if text := strange(r.Prefix.Addr()); text != "" {
		return r, &yamltree.Problem{Text: text}
	}
	return r, nil
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
