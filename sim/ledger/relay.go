package ledger

import "stickylab/cluster/trace"

// Redis counts, in the window, what went through Redis.
type Redis struct {
	Published int `expr:"published" json:"published"` // messages that nodes handed to it
	Relayed   int `expr:"relayed" json:"relayed"`     // copies of them that other nodes got
	Idle      int `expr:"idle" json:"idle"`           // of those, copies at a node that had no socket in the room
}

// redis sums up what the nodes did.
func (s *segment) redis() Redis {
	var r Redis
	for i := range s.nodes {
		t := &s.nodes[i]
		r.Published += t.published
		r.Relayed += t.relayed
		r.Idle += t.idle
	}
	return r
}

// appAt returns the application of a node, the one without a name for none.
func (l *Ledger) appAt(n int32) trace.Name {
	if n < 0 {
		return trace.Name{}
	}
	return l.nodes[n].app
}

// sameApp returns the sockets that are on nodes of the same application as node
// n, nil when all nodes are.
func (l *Ledger) sameApp(n int32) set {
	app, several := l.nodes[n].app, false
	for i := range l.nodes {
		several = several || l.nodes[i].app != app
	}
	if !several {
		return nil
	}
	out := make(set, len(l.sockets)/64+1)
	for i := range l.nodes {
		if l.nodes[i].app == app {
			for w, bits := range l.nodes[i].open {
				out[w] |= bits
			}
		}
	}
	return out
}
