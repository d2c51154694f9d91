package proxy

import (
	"fmt"

	"stickylab/cluster/balance"
	"stickylab/cluster/trace"
)

// watch reports what becomes of the peers of an upstream. Each peer has its
// own lane for each configuration that was loaded: its numbers are in the order
// in which they came about, whoever's request it was.
func (p *Proxy) watch(name string, u *balance.Upstream, peers []balance.Peer) {
	if p.c.Front {
		return
	}
	upstream := trace.N(name)
	seen := make([]reportedPeer, len(peers))
	for i, peer := range peers {
		seen[i] = reportedPeer{
			lane: p.c.Env.Lane(trace.LaneID{Host: p.c.Host, Purpose: fmt.Sprintf("%s/%d/%d", name, p.loads, i+1)}),
			addr: trace.N(peer.Address), address: peer.Address,
		}
	}
	u.Watch(func(c balance.Change) {
		w := &seen[c.Peer]
		if w.node == (trace.Name{}) { // a configuration may be there before its nodes
			w.node = trace.N(p.c.NodeAt(w.address))
		}
		e := trace.Event{Kind: trace.PeerConns, Node: w.node, Peer: w.addr, Text: upstream, Status: int32(c.Conns)}
		w.lane.Emit(e)
		if c.Failed {
			e.Kind, e.Status, e.Value = trace.PeerFails, int32(c.Fails), c.Off
			w.lane.Emit(e)
		}
	})
}

// A reportedPeer is a peer whose changes go to the trace.
type reportedPeer struct {
	lane    *trace.Lane
	node    trace.Name // once it is known
	addr    trace.Name
	address string
}
