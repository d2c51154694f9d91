package ledger

import (
	"maps"
	"slices"
)

// Weight returns about how many bytes Clone copies.
func (l *Ledger) Weight() int {
	const client, entry = 300, 32 // of a table
	return client*len(l.clients) + entry*(len(l.sessions)+len(l.socketAt)+len(l.latest)+len(l.rooms)+len(l.messages.queue)+len(l.unsent)) + 8*(len(l.sockets)+len(l.segments.list))
}

// Size returns about how many bytes the ledger takes, what it shares with clones
// included.
func (l *Ledger) Size() int { return l.Weight() + l.messages.size + socketSize*len(l.socketAt) }

// Clone returns an exact copy that changes independently of l: folding
// the same events into both gives the same ledger. Messages, sockets, rooms and
// finished counts are shared until one of the two changes them, so that a copy
// costs memory for what changed only, and the tables that refer to them.
func (l *Ledger) Clone() *Ledger {
	c := *l
	l.owner, c.owner = new(owner), new(owner)

	c.nodes = slices.Clone(l.nodes)
	for i := range c.nodes {
		c.nodes[i].open = slices.Clone(l.nodes[i].open)
		c.nodes[i].peers = slices.Clone(l.nodes[i].peers)
	}
	c.nodeIndex = maps.Clone(l.nodeIndex)
	c.sessions = maps.Clone(l.sessions)
	c.sockets = slices.Clone(l.sockets)
	c.socketAt = maps.Clone(l.socketAt)
	c.closed = slices.Clone(l.closed)
	c.free = slices.Clone(l.free)
	c.latest = maps.Clone(l.latest)
	c.rooms = maps.Clone(l.rooms)
	c.clients = slices.Clone(l.clients)
	c.clientAt = maps.Clone(l.clientAt)
	c.groups = slices.Clone(l.groups)
	c.groupAt = maps.Clone(l.groupAt)
	c.members = slices.Clone(l.members)
	for g, in := range c.members {
		c.members[g] = slices.Clone(in)
	}
	l.lent, c.lent = true, true
	c.away = slices.Clone(l.away)
	c.outside = slices.Clone(l.outside)
	c.zombies = slices.Clone(l.zombies)
	c.doubted = slices.Clone(l.doubted)
	c.refusals = slices.Clone(l.refusals)

	c.messages.queue = slices.Clone(l.messages.queue)
	c.messages.at = maps.Clone(l.messages.at)
	c.unsent = maps.Clone(l.unsent)
	c.segments.past = slices.Clone(l.segments.past)
	c.segments.list = slices.Clone(l.segments.list)
	c.segments.bounds = slices.Clone(l.segments.bounds)
	c.windows = slices.Clone(l.windows)
	c.peaks = slices.Clone(l.peaks)
	c.texts = maps.Clone(l.texts)
	return &c
}
