package scenario

import (
	"fmt"
	"net/netip"
	"slices"
)

// proxyAddress6 stands in for any IPv6 address in a listen directive.
var proxyAddress6 = netip.MustParseAddr("fd00::10")

// families finds which of the proxy's sockets clients of each address family
// reach, and notes where a real client would reach none.
func (r *resolver) families() {
	p := r.plan
	if p.Config == nil || !p.Entry.Address.IsValid() {
		return
	}
	entry := p.Entry.Address
	v4, v6, dual := false, netip.AddrPort{}, false
	for _, s := range p.Config.Servers {
		for _, l := range s.Listen {
			a, err := netip.ParseAddr(l.Address)
			switch {
			case l.Port != int(entry.Port()):
			case err != nil || a.Is4():
				v4 = true
			case !a.IsUnspecified():
				v6 = netip.AddrPortFrom(a, uint16(l.Port))
			default:
				dual = dual || l.Dual
				if !v6.IsValid() {
					v6 = netip.AddrPortFrom(proxyAddress6, uint16(l.Port))
				}
			}
		}
	}
	if slices.ContainsFunc(p.Nodes, func(n Node) bool { return n.Listen == entry }) {
		return // clients go to a node
	}
	if v6.IsValid() {
		p.ProxyAddress6 = v6.Addr()
		p.taken[v6.Addr()] = true
		p.Entry.Address6 = v6
		if len(p.Fronts) == 0 {
			p.Target.Address6 = v6
		}
	}
	if len(p.Fronts) > 0 {
		return
	}
	for _, g := range r.f.Clients {
		for e, one := range g.IP {
			is4 := one.Prefix.Addr().Is4()
			switch {
			case is4 && !v4 && !dual:
				r.note(entryOf(g, e), fmt.Sprintf("the proxy listens on port %d for IPv6 alone: a real client of %s could not connect", entry.Port(), one), "listen [::]:80 ipv6only=off; takes both")
			case !is4 && !v6.IsValid():
				r.note(entryOf(g, e), fmt.Sprintf("the proxy listens on port %d for IPv4 alone: a real client of %s could not connect", entry.Port(), one), "add listen [::]:80;")
			}
		}
	}
}

func entryOf(g Group, e int) string { return entry("clients."+g.Name+".ip", g.IP, e) }

// note adds a note about the value at a path.
func (r *resolver) note(path, text, hint string) {
	notes := &reporter{name: r.name, source: r.source, origin: r.origin}
	notes.value(path, text, "", hint)
	r.plan.Notes = append(r.plan.Notes, notes.problems...)
}
