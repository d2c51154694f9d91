package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/sim/explain"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// addresses reads the addresses and ranges of a command line, all mistakes at
// once.
func addresses(args []string, seed uint64, q *explain.Question) error {
	var wrong []error
	for _, arg := range args {
		p, err := parseAddresses(arg)
		switch {
		case err != nil:
			wrong = append(wrong, err)
		case p.IsSingleIP():
			q.Addresses = append(q.Addresses, p.Addr())
		default:
			q.Populations = append(q.Populations, explain.Range(p, seed))
		}
	}
	return errors.Join(wrong...)
}

// parseAddresses reads an address, as a range of one, or a range.
func parseAddresses(arg string) (netip.Prefix, error) {
	if strings.Contains(arg, "/") {
		p, err := netip.ParsePrefix(arg)
		switch {
		case err != nil:
			return p, fmt.Errorf("%q is not a range of addresses, such as 203.0.113.0/24", arg)
		case p != p.Masked():
			return p, fmt.Errorf("%q is an address inside of a range; the range is %s", arg, p.Masked())
		}
		return p, nil
	}
	a, err := netip.ParseAddr(arg)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q is not an address, such as 203.0.113.77, or a range, such as 203.0.113.0/24", arg)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// populations returns the clients of a scenario by group: of the groups that reach an
// upstream, or of all when none does.
func populations(p *plan.Plan, upstream string) []explain.Population {
	var list []explain.Population
	elsewhere := func(g scenario.Group) bool { return p.RouteOf(g.Name).Upstream != upstream }
	groups := slices.DeleteFunc(slices.Clone(p.File.Clients), elsewhere)
	if len(groups) == 0 {
		groups = p.File.Clients
	}
	for _, g := range groups {
		c := explain.Population{Label: g.Name}
		var from []string
		for _, r := range g.IP {
			from = append(from, r.String())
		}
		c.Of = strings.Join(from, ", ")
		for _, client := range p.Clients {
			if client.Group == g.Name {
				c.Addresses = append(c.Addresses, client.IP)
			}
		}
		list = append(list, c)
	}
	return list
}
