package inspect

import (
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario"
)

// Standing is the state of a node in the current configuration of the proxy.
type Standing uint8

// The standings. A node with several server lines has the best of them.
const (
	Removed  Standing = iota // the node is no more
	Unlisted                 // no server line leads to it
	Down                     // its line says down
	Draining                 // its line says drain
	Serving                  // it gets requests, unless failures disable it
)

// Proxy is the proxy's configuration at a moment, and the nodes that
// there are. The zero value is none: clients ask the nodes themselves.
type Proxy struct{ rule }

// ProxyOf returns the proxy at the cursor. It fails when the configuration of that
// moment cannot be read.
func ProxyOf(s *Source) (Proxy, error) {
	r, err := ruleAt(s, s.Now, s.Plan().RouteOf(""))
	return Proxy{r}, err
}

// Direct reports whether clients ask the nodes themselves.
func (p Proxy) Direct() bool { return len(p.all) == 0 }

// Upstream returns the upstream that clients reach, nil when they ask nodes themselves.
func (p Proxy) Upstream() *nginx.Upstream {
	if len(p.all) == 0 {
		return nil
	}
	return p.all[0]
}

// Standing returns what a node is to the proxy.
func (p Proxy) Standing(node string) Standing {
	switch {
	case !slices.ContainsFunc(p.Nodes, func(n scenario.Node) bool { return n.Name == node }):
		return Removed
	case p.Direct():
		return Serving
	}
	best := Unlisted
	for _, l := range p.lines(node) {
		best = max(best, l.standing())
	}
	return best
}

// line is an address of a server line.
type line struct {
	*nginx.UpstreamServer
	upstream string
	address  string
}

func (l line) standing() Standing {
	switch {
	case l.Down:
		return Down
	case l.Drain:
		return Draining
	}
	return Serving
}

// lines returns the server lines that lead to a node.
func (r rule) lines(node string) (out []line) {
	for _, u := range r.all {
		for _, server := range u.Servers {
			for _, addr := range r.addresses(server.Host) {
				address := netip.AddrPortFrom(addr, uint16(server.Port)).String()
				if r.nodeAt(address) == node {
					out = append(out, line{server, u.Name, address})
				}
			}
		}
	}
	return out
}

// names returns the names of the upstreams.
func (r rule) names() string {
	var out []string
	for _, u := range r.all {
		out = append(out, u.Name)
	}
	return strings.Join(out, " and ")
}
