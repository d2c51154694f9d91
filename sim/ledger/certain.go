package ledger

import (
	"time"

	"stickylab/cluster/trace"
)

// What can no longer arrive is missed at once: from the event on that makes it certain, not
// only when the message settles. Should it arrive nevertheless, as what a proxy
// repeated to another node does, it is taken back. What is certain is found again from the state each
// time, so the order in which events make it so does not matter.

// publishGrace is how long after accepting a message a node may report that it published
// it. In virtual time both have one instant.
const publishGrace = 50 * time.Millisecond

// grace returns how long it is in doubt whether a message is published.
func (c *Config) grace() time.Duration {
	if c.RealClients {
		return publishGrace
	}
	return 0
}

// doubt notes that it is not known yet whether a message, the newest, will be published.
func (l *Ledger) doubt(number uint64) {
	if len(l.doubted) == 0 {
		l.doubtUntil = l.now + l.config.grace()
	}
	l.doubted = append(l.doubted, number)
}

// resolve decides about the messages that were not published, when that is certain.
func (l *Ledger) resolve(now time.Duration) {
	q, n := &l.messages, 0
	for ; n < len(l.doubted); n++ {
		number := l.doubted[n]
		if number < q.base {
			continue // forgotten
		}
		if m := q.queue[number-q.base]; m.at+l.config.grace() >= now {
			l.doubtUntil = m.at + l.config.grace()
			break
		}
		m := q.own(number, l.owner)
		m.unpublished = !m.published && !m.waits()
		if m.unpublished {
			l.decide(m)
		}
	}
	if l.doubted = append(l.doubted[:0], l.doubted[n:]...); len(l.doubted) == 0 {
		l.doubtUntil = forever
	}
}

// decideSent decides what is certain about a message, the newest, at the instant at which it is sent.
func (l *Ledger) decideSent(m *message, number uint64) {
	if !m.era.adapter.has(m.node) {
		m.unpublished = true
		if m.due.n > int(m.dueAt(m.node)) {
			l.decide(m)
		}
	} else {
		l.doubt(number)
		if m.era.mixed {
			l.decide(m)
		}
	}
	l.zombies.each(func(i int32) {
		if p, due := m.due.find(i); due {
			l.decideAbout(m, p, i)
		}
	})
}

// decidePublished decides what is certain about a message once its node has published it.
func (l *Ledger) decidePublished(m *message) {
	if m.settled {
		return
	}
	if m.unpublished = false; len(m.missed) > 0 {
		l.reconsider(m)
	}
	for n := range l.nodes {
		if int32(n) != m.node && m.dueAt(int32(n)) > 0 && l.cutOff(m, int32(n)) {
			l.decide(m)
			return
		}
	}
}

// dueAt returns at how many sockets of a node the message is due.
func (m *message) dueAt(n int32) int32 {
	if int(n) < len(m.due.nodes) {
		return m.due.nodes[n]
	}
	return 0
}

// cutOff reports whether a message that was published cannot get to a node: it was not
// subscribed at that instant, or lost its subscription since. What a node publishes whose own link
// is not up may wait for it, and come late.
func (l *Ledger) cutOff(m *message, n int32) bool {
	to := &l.nodes[n]
	switch {
	case m.strangers(n):
		return true
	case m.keeps(n): // it reads later what it has missed
		return to.adapterOffAt >= m.at
	}
	return m.era.redis.has(m.node) && (!m.era.adapter.has(n) || !m.era.redis.has(n) || to.adapterOffAt >= m.at || to.redisDownAt >= m.at)
}

// hopeless reports whether the message can no longer arrive at socket i, which has that position in its
// roster. While the user may receive it on a newer socket that is not decided: the old one is left over
// then.
func (l *Ledger) hopeless(m *message, position, i int32) bool {
	s := l.sockets[i]
	gone := s.client >= 0 && s.goneAt != never
	switch {
	case l.mayBeLeftOver(m, s):
		return false
	case m.wrote.has(position):
		return gone
	case !s.open || gone:
		return true
	case s.node == m.node || m.relayed.has(s.node):
		return false
	case m.strangers(s.node):
		return true
	case !m.published && m.waits(): // it may come late, unless the node or its adapter has ended
		from := &l.nodes[m.node]
		return from.downAt >= m.at || from.adapterOffAt >= m.at
	case !m.published:
		return m.unpublished
	}
	return l.cutOff(m, s.node)
}

// mayBeLeftOver reports whether the socket's user is known to have left it, and has a newer one at which the message is due
// and neither arrived nor is missed.
func (l *Ledger) mayBeLeftOver(m *message, s *socket) bool {
	if s.goneAt == never && !s.closeText.Is(trace.PingTimeout) {
		return false
	}
	for old, n := s, l.newer(s); n != nil; old, n = n, l.newer(n) {
		p, due := m.due.find(old.newer - 1)
		if !due || m.arrived.has(p) {
			continue
		}
		if _, missed := m.missedFor(p); !missed {
			return true
		}
	}
	return false
}

// decide enters as missed what can no longer arrive of a message, which the caller owns.
func (l *Ledger) decide(m *message) {
	m.due.each(func(p, i int32) { l.decideAbout(m, p, i) })
}

func (l *Ledger) decideAbout(m *message, position, i int32) {
	if m.arrived.has(position) || !l.hopeless(m, position, i) {
		return
	}
	if _, already := m.missedFor(position); !already {
		l.enterMiss(m, position, i, l.why(m, position, i))
	}
}

// reconsider takes back what is not certain any more of a message, which the caller owns: an event
// has shown that it is on its way there after all.
func (l *Ledger) reconsider(m *message) {
	m.due.each(func(p, i int32) { l.reconsiderAbout(m, p, i) })
}

func (l *Ledger) reconsiderAbout(m *message, position, i int32) {
	if _, missed := m.missedFor(position); missed && !m.settled && !l.hopeless(m, position, i) {
		l.unmiss(m, position, i)
	}
}

// decideAll decides again about all messages that have not settled and concern a node.
func (l *Ledger) decideAll(n int32) {
	q := &l.messages
	for number := max(q.settled, q.base); number < q.base+uint64(len(q.queue)); number++ {
		m := q.queue[number-q.base]
		if m.arrivals < m.due.n && (m.node == n || m.dueAt(n) > 0) {
			l.decide(q.own(number, l.owner))
		}
	}
}

// decideSocket decides again about what was due to a socket and has not settled.
func (l *Ledger) decideSocket(i int32) {
	q := &l.messages
	for number := max(q.settled, q.base); number < q.base+uint64(len(q.queue)); number++ {
		m := q.queue[number-q.base]
		if p, due := m.due.find(i); due && !m.arrived.has(p) && l.hopeless(m, p, i) {
			l.decideAbout(q.own(number, l.owner), p, i)
		}
	}
}

// clientGone notes that the client of a socket knows itself disconnected.
func (l *Ledger) clientGone(i int32) {
	s := l.ownSocket(i)
	s.goneAt = l.now
	if s.client >= 0 {
		l.decideSocket(i)
		if s.open {
			l.zombies = l.zombies.with(i)
		}
	}
}

// missedFor returns for what reason the receiver at a position has missed the message.
func (m *message) missedFor(position int32) (Reason, bool) {
	for _, x := range m.missed {
		if x.receivers.has(position) {
			return x.reason, true
		}
	}
	return 0, false
}

// enterMiss enters that socket i, at that position, misses a message, which the caller owns.
func (l *Ledger) enterMiss(m *message, position, i int32, r Reason) {
	l.countMiss(m, i, r, 1)
	m.miss(r, position)
}

// unmiss takes back that socket i, at that position, misses a message; false means that it does not.
func (l *Ledger) unmiss(m *message, position, i int32) bool {
	r, missed := m.missedFor(position)
	if missed {
		l.countMiss(m, i, r, -1)
		m.unmiss(r, position)
	}
	return missed
}

// countMiss counts that socket i misses a message, or with -1 that it does not.
func (l *Ledger) countMiss(m *message, i int32, r Reason, by int) {
	s, seg := l.sockets[i], l.segments.at(m.segment, l.owner)
	cell := seg.cell(m.node, s.node)
	cell.Missed += by
	cell.why[r] += by
	said, received := seg.bothEnds(m.group, s.group)
	said.Missed += by
	received.Missed += by
	if s.client >= 0 && r != LeftOver {
		l.clients[s.client].missed[r] += uint32(by)
	}
}
