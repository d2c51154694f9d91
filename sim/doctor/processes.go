package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/scenario"
)

// withProcesses returns the text with n processes in the place of each server in
// use. A name gets n addresses, among which nginx balances. An address becomes
// such a name without a method: whoever accepts connections there knows nothing of
// it. It is p when that cannot be simulated.
func (p *prepared) withProcesses(s *site, n int) *prepared {
	out := *p
	out.hosts = slices.Clone(p.hosts)
	many := func() (all []netip.Addr) {
		for range n {
			all = append(all, out.address())
		}
		return all
	}
	var changes []syntax.Change
	for i, u := range s.usable() {
		at := slices.IndexFunc(out.hosts, func(h scenario.Host) bool { return h.Name == u.Host })
		if at >= 0 {
			out.hosts[at].Addresses = many()
			continue
		}
		name := fmt.Sprintf("processes-%d", i+1)
		out.hosts = append(out.hosts, scenario.Host{Name: name, Addresses: many()})
		syntax.Each(p.tree.Directives, func(d *syntax.Directive) {
			if d.Pos.Line == u.Pos.Line && (d.Name == "server" || d.Name == "proxy_pass") && strings.Contains(d.Arg(0), u.Address) {
				changes = append(changes, syntax.Replace(d.Args[0], strings.Replace(d.Arg(0), u.Address, fmt.Sprintf("%s:%d", name, u.Port), 1)))
			}
		})
	}
	if len(changes) > 0 {
		if b := p.tree.Upstream(s.upstream.Name); b != nil && !s.upstream.Implicit {
			for _, d := range b.Block {
				if methods[d.Name] || d.Name == "sticky" {
					changes = append(changes, p.tree.Blank(d))
				}
			}
		}
		out.tree = p.tree.Apply(changes...)
	}
	if len(out.parse()) > 0 {
		return p
	}
	return &out
}

// judgeProcesses: sessions hold with several processes behind each address.
func judgeProcesses(s *site, r results) verdict {
	o := r[processes]
	return verdict{o.affected(polls, true, dropped, unlessStayed), o.seen(0, 2, polls)}
}
