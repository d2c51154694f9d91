package ledger

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
)

// node is the state of a chat node. A node that comes up has no adapter until
// AdapterOn says so, and an adapter no link until RedisUp does.
type node struct {
	name, addr, app    trace.Name
	up, adapter, redis bool
	kind               adapterKind // of the adapter
	frozen             bool        // its event loop is paused
	resumedAt          time.Duration
	counted            RoomCount
	upAt               time.Duration

	downAt, killedAt, adapterOffAt, redisDownAt time.Duration // the last time, or never

	open                          set // its sockets
	sockets                       int
	sessions, polling, websockets int

	tally // of the whole run

	peers []peer // the proxy's entries for it, in order of appearance
}

// An era is a span of time in which no adapter and no link to Redis changed.
// It is never modified.
type era struct {
	adapter, redis set           // nodes that have them
	kinds          []adapterKind // of the adapters, by node
	mixed          bool          // nodes with adapters have different kinds
}

// nodeOf returns the number of a node, which it gives at first sight.
func (l *Ledger) nodeOf(name trace.Name) int32 {
	i, ok := l.nodeIndex[name]
	if !ok {
		i = int32(len(l.nodes))
		l.nodes = append(l.nodes, node{name: name, counted: notCounted, resumedAt: never, upAt: never, downAt: never, killedAt: never, adapterOffAt: never, redisDownAt: never})
		l.nodeIndex[name] = i
	}
	return i
}

func (l *Ledger) node(e *trace.Event) {
	i := l.nodeOf(e.Node)
	n := &l.nodes[i]
	switch e.Kind {
	case trace.NodeUp:
		n.up, n.addr, n.app, n.upAt = true, e.Peer, e.Text, l.now
	case trace.NodeDown:
		if e.Text.Is(trace.Killed) {
			n.killedAt = l.now
		}
		l.nodeDown(i)
	case trace.AdapterOn:
		n.adapter, n.kind = true, kindOf(e.Text)
	case trace.AdapterOff:
		l.lose(n, true)
	case trace.RedisUp:
		n.redis = true
	case trace.RedisDown:
		l.lose(n, false)
	}
	l.newEra()
	switch e.Kind {
	case trace.NodeDown, trace.AdapterOff, trace.RedisDown:
		l.decideAll(i)
	}
}

// freezeNode notes that the node froze or resumed.
func (l *Ledger) freezeNode(e *trace.Event) {
	n := &l.nodes[l.nodeOf(e.Node)]
	if n.frozen = e.Kind == trace.NodeFroze; !n.frozen {
		n.resumedAt = l.now
	}
}

// frozenSince reports whether the node was frozen at an instant or since.
func (n *node) frozenSince(since time.Duration) bool { return n.frozen || n.resumedAt >= since }

// lose takes the link to Redis from a node, and the adapter as well if so.
func (l *Ledger) lose(n *node, adapter bool) {
	if adapter && n.adapter {
		n.adapter, n.adapterOffAt = false, l.now
	}
	if n.redis {
		n.redis, n.redisDownAt = false, l.now
	}
}

// nodeDown ends all that lived on the node. What the node, if it was stopped
// and not killed, still reports about it is ignored.
func (l *Ledger) nodeDown(i int32) {
	n := &l.nodes[i]
	if n.frozen {
		n.frozen, n.resumedAt = false, l.now
	}
	n.up, n.downAt = false, l.now
	l.lose(n, true)
	slices.Clone(n.open).each(func(s int32) { l.closeSocket(s, trace.Name{}, true) })
	for sid, s := range l.sessions {
		if s.node != i {
			continue
		}
		if !s.wished {
			l.lost(s)
		}
		delete(l.sessions, sid)
	}
	n.sessions, n.polling, n.websockets = 0, 0, 0
}

func (l *Ledger) newEra() {
	next := &era{adapter: make(set, len(l.nodes)/64+1), redis: make(set, len(l.nodes)/64+1), kinds: make([]adapterKind, len(l.nodes))}
	for i := range l.nodes {
		next.kinds[i] = l.nodes[i].kind
		if l.nodes[i].adapter {
			next.adapter.put(int32(i))
		}
		if l.nodes[i].redis {
			next.redis.put(int32(i))
		}
	}
	first := -1
	for i := range l.nodes {
		if !l.nodes[i].adapter {
			continue
		}
		if first < 0 {
			first = i
		}
		next.mixed = next.mixed || next.kinds[i] != next.kinds[first]
	}
	l.era = next
}
