package ledger

import (
	"slices"

	"stickylab/cluster/trace"
)

// A client that lost its connection is still meant to receive what is said in its
// rooms. Until it is back such messages are due to no socket: they are counted
// separately, as missed while away. Where a node has not noticed and keeps the
// client's socket in the room, the message is due to that socket instead.

// enteredRoom notes that a client has joined a room.
func (l *Ledger) enteredRoom(client int32, room trace.Name) {
	c := &l.clients[client]
	c.joined = true
	if !slices.Contains(c.rooms, room) {
		c.rooms = append(slices.Clip(c.rooms), room)
	}
	l.updateAway(client)
	l.updateOutside(client)
}

// updateOutside updates the set of clients that are connected, and not in each room that
// they had joined.
func (l *Ledger) updateOutside(client int32) {
	c := &l.clients[client]
	out := false
	if at, ok := l.socketAt[c.socket]; ok && c.connected && l.sockets[at].open {
		out = slices.ContainsFunc(c.rooms, func(room trace.Name) bool { return !slices.Contains(l.sockets[at].rooms, room) })
	}
	if out {
		l.outside = l.outside.with(client)
	} else {
		l.outside.drop(client)
	}
}

// isOutside reports whether a client of the set outside has been connected for long
// enough to have joined again.
func (l *Ledger) isOutside(c *client) bool { return l.now-c.since > l.config.Settle }

// missedOutside enters a message that was just sent for the clients that are connected,
// and not in its room.
func (l *Ledger) missedOutside(m *message, seg *segment) {
	due := l.dueClients(m)
	l.outside.each(func(i int32) {
		if c := &l.clients[i]; l.isOutside(c) && slices.Contains(c.rooms, m.room) && l.appAt(c.node) == l.appAt(m.node) && !due(i) {
			seg.code.outside++
		}
	})
}

// dueClients returns what reports whether a message is due to a socket of a client.
func (l *Ledger) dueClients(m *message) func(client int32) bool {
	var due set
	return func(client int32) bool {
		if due == nil {
			due = make(set, len(l.clients)/64+1)
			m.due.each(func(_, s int32) {
				if of := l.sockets[s].client; of >= 0 {
					due.put(of)
				}
			})
		}
		return due.has(client)
	}
}

// leftRoom notes that a client has left a room.
func (l *Ledger) leftRoom(client int32, room trace.Name) {
	c := &l.clients[client]
	if at := slices.Index(c.rooms, room); at >= 0 {
		c.rooms = slices.Delete(slices.Clone(c.rooms), at, at+1)
		l.updateOutside(client)
	}
}

// updateAway updates the set of clients that are away.
func (l *Ledger) updateAway(client int32) {
	if l.clients[client].away() {
		l.away = l.away.with(client)
	} else {
		l.away.drop(client)
	}
}

// missedAway enters a message that was just sent for the clients that are away.
func (l *Ledger) missedAway(m *message, seg *segment) {
	due := l.dueClients(m)
	l.away.each(func(i int32) {
		c := &l.clients[i]
		if !slices.Contains(c.rooms, m.room) || l.appAt(c.node) != l.appAt(m.node) {
			return
		}
		if !due(i) {
			seg.group(c.number).away++
			if l.recovers {
				m.away = m.away.with(i)
			}
		}
	})
}
