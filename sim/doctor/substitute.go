package doctor

import (
	"net/netip"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/scenario"
)

// substitutes replace addresses. Proxies in front often run on the same machine
// as nginx or a node; in the simulation each has its own address. In
// set_real_ip_from another address replaces one that is taken or not IPv4.
type substitutes struct {
	taken map[netip.Addr]bool       // by servers, or nginx itself
	stand map[netip.Addr]netip.Addr // address to its substitute
	spare netip.Addr
	v6    bool // only IPv6 addresses are trusted
}

func newSubstitutes(list []*syntax.Directive) *substitutes {
	s := &substitutes{taken: map[netip.Addr]bool{}, stand: map[netip.Addr]netip.Addr{}, spare: netip.AddrFrom4([4]byte{192, 0, 2, 101}), v6: true}
	s.take(netip.MustParseAddrPort(scenario.DefaultListen).Addr().String())
	syntax.Each(list, func(d *syntax.Directive) {
		switch d.Name {
		case "server", "listen":
			s.take(d.Arg(0))
		case "proxy_pass":
			_, host, _ := strings.Cut(d.Arg(0), "://")
			host, _, _ = strings.Cut(host, "/")
			s.take(host)
		case "set_real_ip_from":
			s.v6 = s.v6 && strings.Contains(d.Arg(0), ":") && !strings.HasPrefix(d.Arg(0), "unix:")
		}
	})
	return s
}

// take marks an address, with or without a port, as one that is in use.
func (s *substitutes) take(text string) {
	if a, err := netip.ParseAddrPort(text); err == nil {
		s.taken[a.Addr()] = true
	} else if a, err := netip.ParseAddr(text); err == nil {
		s.taken[a] = true
	}
}

// free reports whether a machine separate from the others can have the address.
func (s *substitutes) free(a netip.Addr) bool {
	return a.Is4() && !a.IsLoopback() && !a.IsUnspecified() && !s.taken[a]
}

// in finds a free address in a range.
func (s *substitutes) in(p netip.Prefix) (netip.Addr, bool) {
	a := p.Masked().Addr()
	if p.Bits() < 29 { // skips the network's address and those that nodes are likely to have
		for range 7 {
			a = a.Next()
		}
	}
	for range 512 {
		if !p.Contains(a) {
			break
		}
		if s.free(a) {
			return a, true
		}
		a = a.Next()
	}
	return netip.Addr{}, false
}

// trust puts a substitute for an address that no machine can have here into a
// set_real_ip_from.
func (b *sanitizer) trust(d *syntax.Directive) {
	name := d.Arg(0)
	for _, h := range b.given {
		if h.Name == name && len(h.Addresses) > 0 {
			b.replace(d, h.Addresses[0].String())
			return
		}
	}
	if name == localhost {
		name = "127.0.0.1"
	}
	p, err := netip.ParsePrefix(name)
	if a, wrong := netip.ParseAddr(name); wrong == nil {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	switch {
	case err != nil && name != "unix:" && !strings.ContainsAny(name, "/:$"):
		b.replace(d, b.spare.String())
		b.note(d.Pos.Line, "the proxy called %s is simulated at %s", name, b.spare)
		b.spare = b.spare.Next()
		return
	case err != nil || p.Addr().Is6() && !b.v6:
		return
	case p.Bits() == 0:
		if p.Addr().Is6() {
			b.replace(d, "0.0.0.0/0")
		}
		return
	}
	if _, ok := b.in(p); ok {
		return
	}
	first := p.Masked().Addr()
	if !b.stand[first].IsValid() {
		b.stand[first] = b.spare
		b.spare = b.spare.Next()
	}
	b.replace(d, b.stand[first].String())
	b.note(d.Pos.Line, "a proxy at %s is simulated at %s", d.Arg(0), b.stand[first])
}
