package board

import (
	"bytes"
	"net/netip"
	"strings"

	"stickylab/sim/explain"
	"stickylab/sim/ledger"
	"stickylab/sim/scenario"
)

// placing explains to which server the address of a client leads, with the arithmetic, by the configuration at
// the instant. It fails when that configuration cannot be had, or the address is none.
func (v *view) placing(c *ledger.ClientState) ([]string, error) {
	route := v.plan.RouteOf(c.Group, v.steps...)
	if v.plan.Config == nil || route.Upstream == "" {
		return []string{"Clients ask this node themselves: no proxy chooses."}, nil
	}
	running := v.plan.Begin()
	config := v.plan.Config
	for _, step := range v.steps {
		if !step.Verb.Rewrites() {
			continue
		}
		next, err := v.plan.Rewrite(running, step)
		if err != nil {
			return nil, err
		}
		running, config = next, next.Config
	}
	u, err := explain.New(config, explain.Options{
		Upstream: route.Upstream, Seed: v.plan.Seed,
		NodeAt: func(address string) string {
			for _, n := range running.Nodes {
				if n.Listen.String() == address {
					return n.Name
				}
			}
			return v.plan.NodeAt(address)
		},
		Addresses: func(host string) []netip.Addr { return addresses(v, running.Nodes, host) },
	})
	if err != nil {
		return nil, err
	}
	ip, err := netip.ParseAddr(c.IP)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := u.Answer(explain.Question{Source: v.name, Addresses: []netip.Addr{ip}}).WriteText(&text); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimRight(text.String(), "\n"), "\n"), nil
}

// addresses returns what a host name in the configuration stands for.
func addresses(v *view, nodes []scenario.Node, host string) []netip.Addr {
	for _, n := range nodes {
		if n.Name == host {
			return []netip.Addr{n.Listen.Addr()}
		}
	}
	found, _ := v.plan.LookupHost(host)
	return found
}
