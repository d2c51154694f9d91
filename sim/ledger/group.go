package ledger

import (
	"maps"

	"stickylab/cluster/trace"
)

// Groups are numbered from 1 in order of appearance. Number 0 is for clients of no
// group: real clients, and unknown ones.
const noGroup = int32(0)

// groupCounts counts what concerns one group of clients.
type groupCounts struct {
	received Counts // to its sockets
	said     Counts // of what its clients sent
	away     int    // pairs of a message and a client that was away when it was sent

	lost, reconnects, asked, unanswered int
}

func (b *groupCounts) add(o *groupCounts) {
	b.received.add(&o.received)
	b.said.add(&o.said)
	b.away += o.away
	b.lost += o.lost
	b.reconnects += o.reconnects
	b.asked += o.asked
	b.unanswered += o.unanswered
}

// total returns the sum of all groups, clients of no group included.
func (s *segment) total() (sum groupCounts) {
	for i := range s.groups {
		sum.add(&s.groups[i])
	}
	return sum
}

// group returns the counts of a group, to be changed at once.
func (s *segment) group(n int32) *groupCounts {
	if more := int(n) + 1 - len(s.groups); more > 0 {
		s.groups = append(s.groups, make([]groupCounts, more)...)
	}
	return &s.groups[n]
}

// bothEnds returns the counts of the sender's and of the receiver's group, to be
// changed at once.
func (s *segment) bothEnds(sender, receiver int32) (said, received *Counts) {
	s.group(max(sender, receiver))
	return &s.groups[sender].said, &s.groups[receiver].received
}

// numberOf returns the number of a group, which it gives at first sight.
func (l *Ledger) numberOf(group trace.Name) int32 {
	i, ok := l.groupAt[group]
	if !ok {
		i = int32(len(l.groups))
		l.groupAt[group] = i
		l.groups = append(l.groups, group)
		l.members = append(l.members, nil)
	}
	return i + 1
}

// groupOf returns the number of a client's group.
func (l *Ledger) groupOf(client trace.Name) int32 {
	if i, ok := l.clientAt[client]; ok {
		return l.clients[i].number
	}
	return noGroup
}

// addDue enters a message as due to the groups in the room, and as the words of
// the sender's.
func (l *Ledger) addDue(m *message, seg *segment) {
	for g, d := range m.due.groups {
		if d > 0 {
			seg.group(int32(g)).received.Due += int(d)
		}
	}
	seg.group(m.group).said.Due += m.due.n
}

// claim notes that a session is a client's: the one that it names in its
// requests, or the one in which it has a socket.
func (l *Ledger) claim(sid trace.Name, client int32) {
	c := &l.clients[client]
	if sid == c.claimed || sid == (trace.Name{}) {
		return
	}
	if l.lent {
		l.holders, l.lent = maps.Clone(l.holders), false
	}
	delete(l.holders, c.claimed)
	c.claimed = sid
	l.holders[sid] = client
	if s, ok := l.sessions[sid]; ok {
		s.group = c.number
		l.sessions[sid] = s
	}
}

// lost counts a session that ended though nothing asked for it.
func (l *Ledger) lost(s session) {
	l.segments.last(l.owner).group(s.group).lost++
}

// count adds a client to the state of its group.
func (g *Group) count(c *client, nodes []string) {
	g.Count++
	switch p := c.presence(); {
	case p == Never:
		g.Never++
	case p == Away:
		g.Away++
	case p == Gone && !c.trying:
		g.Gone++
	case p == Connected:
		g.Connected++
		if c.transport.Is(trace.WebSocket) {
			g.Websocket++
		} else {
			g.Polling++
		}
		if c.node >= 0 {
			g.Nodes[nodes[c.node]]++
			if c.node != c.first {
				g.Moved++
			}
		}
	}
}

// groupViews adds what a span counted to the state of the groups at its end. A
// group that came later is left out.
func (l *Ledger) groupViews(s *state, sum *segment) map[string]Group {
	out := make(map[string]Group, len(s.groups))
	for i, name := range l.groups {
		g, ok := s.groups[name.String()]
		if !ok {
			continue
		}
		b := sum.group(int32(i) + 1)
		g.Lost, g.Reconnects, g.MissedAway = b.lost, b.reconnects, b.away
		g.Requests = GroupRequests{Total: b.asked, Failed: b.unanswered}
		g.Received, g.Said = b.received.derived(), b.said.derived()
		g.Errors = make(map[string]int)
		out[name.String()] = g
	}
	for m, n := range sum.groupErrors {
		if g, ok := out[l.groups[m.group-1].String()]; ok {
			g.Errors[m.text.String()] = n
		}
	}
	return out
}
