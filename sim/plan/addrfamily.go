package plan

import (
	"fmt"
	"net/netip"
	"slices"

	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// proxyAddress6 stands in for any IPv6 address in a listen directive.
var proxyAddress6 = netip.MustParseAddr("fd00::10")

// sockets are the proxy's on one port, by address family.
type sockets struct {
	v4   bool
	v6   netip.AddrPort // zero: none
	dual bool           // an IPv6 one takes IPv4 too
}

// listener finds them.
func (p *Plan) listener(port uint16) (out sockets) {
	for _, s := range p.Config.Servers {
		for _, l := range s.Listen {
			a, err := netip.ParseAddr(l.Address)
			switch {
			case l.Port != int(port):
			case err != nil || a.Is4():
				out.v4 = true
			case !a.IsUnspecified():
				out.v6 = netip.AddrPortFrom(a, uint16(l.Port))
			default:
				out.dual = out.dual || l.Dual
				if !out.v6.IsValid() {
					out.v6 = netip.AddrPortFrom(proxyAddress6, uint16(l.Port))
				}
			}
		}
	}
	return out
}

// families finds which of the proxy's sockets clients of each address family
// reach, and notes where a real client would reach none.
func (r *resolver) families() {
	p := r.plan
	if p.Config == nil || !p.Entry.Address.IsValid() {
		return
	}
	entryAt := p.Entry.Address
	sockets := p.listener(entryAt.Port())
	v4, v6 := sockets.v4 || sockets.dual, sockets.v6
	if slices.ContainsFunc(p.Nodes, func(n scenario.Node) bool { return n.Listen == entryAt }) {
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
		if g.URL != "" {
			continue
		}
		for e, one := range g.IP {
			only, fix := "", ""
			switch is4 := one.Prefix.Addr().Is4(); {
			case is4 && !v4:
				only, fix = "IPv6", "listen [::]:80 ipv6only=off; takes both"
			case !is4 && !v6.IsValid():
				only, fix = "IPv4", "add listen [::]:80;"
			default:
				continue
			}
			r.note(entry("clients."+g.Name+".ip", g.IP, e), fmt.Sprintf("the proxy listens on port %d for %s alone: a real client of %s could not connect", entryAt.Port(), only, one), fix)
		}
	}
}

// note adds a note about the value at a path.
func (r *resolver) note(path, text, hint string) {
	r.annotator().Value(path, text, "", hint)
}

// annotator collects the notes of the plan.
func (r *resolver) annotator() *yamltree.Reporter {
	if r.notesOn == nil {
		r.notesOn = &yamltree.Reporter{Name: r.Name, Source: r.Source, Origin: r.Origin}
	}
	return r.notesOn
}
