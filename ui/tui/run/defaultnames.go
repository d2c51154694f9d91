package run

import (
	"fmt"
	"net/netip"
	"slices"

	"stickylab/sim/scenario"
)

// freshGroup is a name that no group has yet.
func (p *Player) freshGroup() string {
	taken := func(name string) bool {
		return slices.ContainsFunc(p.Frame.groups, func(g group) bool { return g.name == name })
	}
	names := []string{"more", "others", "extra", "late", "guests"}
	for n := 2; ; n++ {
		if i := slices.IndexFunc(names, func(name string) bool { return !taken(name) }); i >= 0 {
			return names[i]
		}
		names = append(names, fmt.Sprintf("more%d", n))
	}
}

// freshRange is a range in which no group is, was or will be: one of those for
// documentation (RFC 5737) or else for benchmarks (RFC 2544).
func (p *Player) freshRange() string {
	var taken []scenario.Range
	plan := p.vocabulary()
	for _, g := range plan.File.Clients {
		taken = append(taken, g.IP...)
	}
	for _, step := range slices.Concat(plan.Steps, p.current.live.Hand()) {
		taken = append(taken, step.IP...)
		if step.Group != nil {
			taken = append(taken, step.Group.IP...)
		}
	}
	free := func(p netip.Prefix) bool {
		return !slices.ContainsFunc(taken, func(r scenario.Range) bool { return r.Prefix.Overlaps(p) })
	}
	for _, text := range []string{"198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24"} {
		if free(netip.MustParsePrefix(text)) {
			return text
		}
	}
	for i := range 512 {
		if p := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, byte(18 + i/256), byte(i), 0}), 24); free(p) {
			return p.String()
		}
	}
	return ""
}
