package inspect

import (
	"fmt"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// nodePeers tells what the proxy makes of the node: each server line of the
// upstreams that leads to it, and the state that the proxy keeps of it.
func (p *page) nodePeers(s *Source, n ledger.NodeState) {
	if p.direct {
		return
	}
	r, err := ruleAt(s, s.Now, s.Plan().RouteOf(""))
	if err != nil || len(r.all) == 0 {
		return
	}
	label := "proxy"
	tell := func(parts ...string) {
		p.field(label, rows(p.room(), "", parts)...)
		label = ""
	}
	for _, l := range r.lines(n.Name) {
		state := ledger.PeerState{}
		for _, x := range n.Peers {
			if x.Upstream == l.upstream && x.Address == l.address {
				state = x
			}
		}
		tell(peerParts(l, state)...)
	}
	if label != "" {
		tell(loss("no server line") + " of " + r.names() + " leads here")
	}
	if n.Earlier > 0 {
		tell("connections " + format.Number(n.Earlier) + " left from before the last reload")
	}
}

// peerParts is a server line in words, with its state.
func peerParts(server line, state ledger.PeerState) []string {
	fails := "fails " + format.Number(state.Fails)
	if server.MaxFails > 0 {
		fails += fmt.Sprintf(" (max_fails %d)", server.MaxFails)
	}
	parts := []string{"weight " + format.Number(server.Weight), fails, "connections " + format.Number(state.Conns)}
	switch {
	case server.Down:
		parts = append(parts, loss("down"))
	case server.Drain:
		parts = append(parts, loss("draining"))
	case state.Off > 0:
		parts = append(parts, loss("disabled until "+style.Instant(state.Off)))
	}
	if server.Backup {
		parts = append(parts, "backup")
	}
	return parts
}
