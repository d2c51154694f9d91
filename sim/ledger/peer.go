package ledger

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
)

// PeerState is what the proxy, with its current configuration, keeps of a server
// line's address. Peers that it has not used yet are left out.
type PeerState struct {
	Upstream, Address string
	Fails             int           // failures that count
	Off               time.Duration // they disable it until then; 0 when they do not
	Conns             int           // requests and upgraded connections
}

// peer is a node as a configuration of the proxy knows it. Its lane is its own.
type peer struct {
	lane           *trace.Lane
	upstream, addr trace.Name
	load           int // number of the configuration
	conns, fails   int
	off            time.Duration
}

// peer folds in what the proxy tells of a peer. One that is no node of the run
// is left out.
func (l *Ledger) peer(e *trace.Event) {
	i, ok := l.nodeIndex[e.Node]
	if !ok {
		return
	}
	n := &l.nodes[i]
	at := slices.IndexFunc(n.peers, func(p peer) bool { return p.lane == e.Lane })
	if at < 0 {
		n.peers = slices.DeleteFunc(n.peers, func(p peer) bool { return p.load < l.configured && p.conns == 0 })
		at = len(n.peers)
		n.peers = append(n.peers, peer{lane: e.Lane, upstream: e.Text, addr: e.Peer, load: l.configured})
	}
	p := &n.peers[at]
	if e.Kind == trace.PeerConns {
		p.conns = int(e.Status)
		return
	}
	p.fails, p.off = int(e.Status), 0
	if e.Value > 0 {
		p.off = e.At + e.Value
	}
}

// peerStates returns the peers of the current configuration, and how many
// connections earlier ones still hold.
func (l *Ledger) peerStates(n *node) (now []PeerState, earlier int) {
	for _, p := range n.peers {
		if p.load < l.configured {
			earlier += p.conns
			continue
		}
		s := PeerState{Upstream: p.upstream.String(), Address: p.addr.String(), Fails: p.fails, Conns: p.conns}
		if p.off > l.now {
			s.Off = p.off
		}
		now = append(now, s)
	}
	return now, earlier
}
