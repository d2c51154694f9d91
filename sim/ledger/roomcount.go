package ledger

import "stickylab/cluster/trace"

// RoomCount is what a node last answered when it was asked how many sockets
// are in a room. -1: it was not asked, or could not tell.
type RoomCount struct {
	Local   int `expr:"local" json:"local"`     // its own: rooms.get(room).size
	Cluster int `expr:"cluster" json:"cluster"` // of all nodes: fetchSockets().length
}

var notCounted = RoomCount{-1, -1}

func (l *Ledger) roomCounted(e *trace.Event) {
	c := &l.nodes[l.nodeOf(e.Node)].counted
	if e.Text.Is(trace.CountLocal) {
		*c = RoomCount{int(e.Status), -1}
	} else {
		c.Cluster = int(e.Status)
	}
}
