package inspect

import (
	"net/netip"
	"slices"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/explain"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// rule is the configuration by which the proxy chose a server at an instant.
type rule struct {
	plan     *plan.Plan
	Config   *nginx.Config
	Nodes    []scenario.Node
	upstream *nginx.Upstream   // that the clients reach; nil means that they ask a node themselves
	all      []*nginx.Upstream // that any clients reach
	changed  time.Duration     // when the proxy last got another text; 0 means never
}

// ruleAt returns the rule at an instant for clients of a route: the
// plan's configuration, as the steps up to then have changed it.
func ruleAt(s *Source, at time.Duration, route plan.Route) (rule, error) {
	plan := s.Plan()
	r := rule{plan: plan, Config: plan.Config, Nodes: plan.Nodes}
	used := plan.UsedBy(plan.Config)
	if r.Config == nil || route.Upstream == "" && len(used) == 0 {
		return r, nil
	}
	running := plan.Begin()
	for _, step := range s.Steps() {
		if step.At > at {
			break
		}
		if !step.Verb.Rewrites() {
			continue
		}
		next, err := plan.Rewrite(running, step)
		if err != nil {
			return r, err
		}
		running, r.Config, r.changed = next, next.Config, step.At
	}
	r.Nodes = running.Nodes
	for _, name := range plan.UsedBy(r.Config) {
		if u := r.Config.Upstream(name); u != nil {
			r.all = append(r.all, u)
		}
	}
	if route.Upstream == "" {
		return r, nil
	}
	_, location := r.Config.Select(route.Entry.Address, route.Entry.Host, route.Entry.Location())
	if location != nil && location.Proxy != nil {
		r.upstream = r.Config.Upstream(location.Proxy.Upstream)
	}
	return r, nil
}

// routeOf returns the route of a client's requests.
func routeOf(s *Source, client string) plan.Route {
	c, _ := s.Ledger.Client(client)
	return s.Plan().RouteOf(c.Group, s.Steps()...)
}

// nodeAt returns the name of the node that listens on an address, "" without
// one.
func (r rule) nodeAt(address string) string {
	for _, n := range r.Nodes {
		if n.Listen.String() == address {
			return n.Name
		}
	}
	return r.plan.NodeAt(address)
}

// addresses returns what a host name in the text stands for.
func (r rule) addresses(host string) []netip.Addr {
	if i := slices.IndexFunc(r.Nodes, func(n scenario.Node) bool { return n.Name == host }); i >= 0 {
		return []netip.Addr{r.Nodes[i].Listen.Addr()}
	}
	addrs, _ := r.plan.LookupHost(host)
	return addrs
}

// explain returns the upstream with some of its servers, given by address,
// taken as down.
func (r rule) explain(down []string) (*explain.Upstream, error) {
	return explain.New(r.Config, explain.Options{
		Upstream: r.upstream.Name, Down: down, NodeAt: r.nodeAt, Addresses: r.addresses, Seed: r.plan.Seed,
	})
}

// method is the balancing method in nginx's words, "" without an upstream.
func (r rule) method() string {
	if r.upstream == nil {
		return ""
	}
	return r.upstream.Method.String()
}
