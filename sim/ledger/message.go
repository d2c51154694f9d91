package ledger

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
)

// message is one that a node has accepted. Sets of its receivers hold their
// positions in due.
type message struct {
	owner     *owner
	id        trace.Msg
	older     uint64        // the number of the message before it with the same id; 0 for none
	at        time.Duration // when it was sent
	segment   uint64
	room      trace.Name
	node      int32 // the sender's
	group     int32 // the sender's
	era       *era  // of the instant of sending
	virtual   bool  // said by a virtual client
	published bool
	settled   bool
	// unpublished says that its node does not publish it: that is certain.
	unpublished bool
	arrivals    int

	due            *roster
	arrived, wrote set
	relayed        set             // nodes that have it from Redis
	first, last    []time.Duration // by the receiver's node: the first and the last arrival
	extra, twice   int
	replayed       set // sockets that got it because they were recovered
	away           set // clients that missed it while away, where connections are recovered
	missed         []miss
}

// miss is the receivers that missed a message for one reason.
type miss struct {
	reason    Reason
	receivers set
}

// messages are those remembered, in the order in which they were sent. Each
// has a number, its place in the run's, from 1.
type messages struct {
	queue   []*message
	base    uint64 // the number of queue[0]
	settled uint64 // the number of the first that has not settled
	at      map[trace.Msg]uint64
	size    int // bytes of all
}

// size returns about how many bytes a message takes.
func (m *message) size() int {
	const itself = 500 // with its places in the queue and the index
	return itself + 8*(len(m.arrived)+len(m.wrote)+len(m.replayed)+2*len(m.first)) + 16*len(m.due.blocks) + 4*(len(m.due.nodes)+len(m.due.groups))
}

func (m *messages) oldest() *message {
	if len(m.queue) == 0 {
		return nil
	}
	return m.queue[0]
}

// next returns when the next message settles.
func (m *messages) next(c Config) time.Duration {
	if i := int(m.settled - m.base); i < len(m.queue) {
		return m.queue[i].at + c.Settle
	}
	return forever
}

// find returns the message to be read only, or nil.
func (m *messages) find(id trace.Msg) *message {
	if n, ok := m.at[id]; ok {
		return m.queue[n-m.base]
	}
	return nil
}

// change returns the message to be changed, or nil. Of several with the same id
// it is the oldest that has not settled and lacks what happened: their copies
// come in the order in which they were sent. Otherwise it is the newest.
func (m *messages) change(id trace.Msg, by *owner, lacks func(*message) bool) *message {
	n, ok := m.at[id]
	if !ok {
		return nil
	}
	for older := m.queue[n-m.base].older; older >= max(m.base, m.settled, 1); {
		x := m.queue[older-m.base]
		if lacks(x) {
			n = older
		}
		older = x.older
	}
	return m.own(n, by)
}

// own returns the message of that number, copied first if a clone shares it.
func (m *messages) own(n uint64, by *owner) *message {
	slot := &m.queue[n-m.base]
	if (*slot).owner != by {
		*slot = (*slot).clone(by)
	}
	return *slot
}

func (m *message) clone(by *owner) *message {
	c := *m
	c.owner = by
	c.arrived, c.wrote, c.relayed = slices.Clone(m.arrived), slices.Clone(m.wrote), slices.Clone(m.relayed)
	c.replayed, c.away = slices.Clone(m.replayed), slices.Clone(m.away)
	c.first, c.last = slices.Clone(m.first), slices.Clone(m.last)
	c.missed = make([]miss, len(m.missed))
	for i, x := range m.missed {
		c.missed[i] = miss{x.reason, slices.Clone(x.receivers)}
	}
	return &c
}

func (l *Ledger) said(e *trace.Event) {
	l.segments.last(l.owner).said++
	l.unsent[e.Msg] = l.now
}

// sent enters a message: it is due to every socket that is in the room now. A
// second node that accepts the same message, because a proxy repeated the
// request, makes nothing more due. That is so of virtual clients, whose ids are
// their own; real ones may use an id again for another message.
func (l *Ledger) sent(e *trace.Event) {
	older, known := l.messages.at[e.Msg]
	_, virtual := l.clientAt[e.Client]
	if virtual = virtual && e.Msg.From == e.Client; virtual && known && l.messages.queue[older-l.messages.base].virtual {
		return
	}
	seg := l.segments.last(l.owner)
	if l.full() { // of what is in flight: sent has forgotten the rest
		seg.untracked++
		return
	}
	n := l.nodeOf(e.Node)
	l.nodes[n].tally.sent++
	seg.sent++
	seg.node(n).sent++
	if at, ok := l.unsent[e.Msg]; ok && e.Msg.From == e.Client {
		delete(l.unsent, e.Msg)
		l.segments.around(at, l.owner).accepted++
	}

	due := l.dueTo(e.Room, n)
	words, nodes := (due.n+63)/64, len(l.nodes)/64+1
	sets := make(set, 2*words+nodes)
	times := make([]time.Duration, 2*len(l.nodes))
	m := &message{
		owner: l.owner, id: e.Msg, older: older, virtual: virtual, at: l.now, segment: l.segments.latest(), room: e.Room, node: n, era: l.era, group: l.groupOf(e.Client),
		due: due, arrived: sets[:words:words], wrote: sets[words : 2*words : 2*words], relayed: sets[2*words:],
		first: times[:len(l.nodes)], last: times[len(l.nodes):],
	}
	for to := range times {
		times[to] = never
	}
	for to, d := range due.nodes {
		if d > 0 {
			seg.cell(n, int32(to)).Due += int(d)
		}
	}
	l.addDue(m, seg)
	l.missedAway(m, seg)
	l.missedOutside(m, seg)
	number := l.messages.base + uint64(len(l.messages.queue))
	l.messages.at[m.id] = number
	l.messages.queue = append(l.messages.queue, m)
	l.messages.size += m.size()
	l.next = min(l.next, m.at+l.config.Settle)
	l.decideSent(m, number)
	l.forget(l.now)
}

// passed notes that a message was published to Redis or relayed from it.
func (l *Ledger) passed(e *trace.Event) {
	n := l.nodeOf(e.Node)
	idle := e.Kind == trace.Relayed && e.Text.Is(trace.NoSocketHere)
	for _, t := range [...]*tally{l.segments.last(l.owner).node(n), &l.nodes[n].tally} {
		if e.Kind == trace.Published {
			t.published++
		} else {
			t.relayed++
		}
		if idle {
			t.idle++
		}
	}
	if idle {
		return
	}
	m := l.messages.change(e.Msg, l.owner, func(m *message) bool {
		if e.Kind == trace.Published {
			return n == m.node && !m.published
		}
		return !m.relayed.has(n)
	})
	switch {
	case m == nil:
	case e.Kind == trace.Published:
		if n == m.node {
			m.published = true
			l.decidePublished(m)
		}
	default:
		m.relayed = m.relayed.with(n)
		if len(m.missed) > 0 {
			l.reconsider(m)
		}
	}
}

func (l *Ledger) wrote(e *trace.Event) {
	if n, ok := l.nodeIndex[e.Node]; ok {
		l.nodes[n].wrote++
		l.segments.last(l.owner).node(n).wrote++
	}
	i, ok := l.socketAt[e.Socket]
	if !ok {
		return
	}
	m := l.messages.change(e.Msg, l.owner, func(m *message) bool {
		p, ok := m.due.find(i)
		return ok && !m.wrote.has(p)
	})
	if m == nil {
		return
	}
	p, due := m.due.find(i)
	if due {
		m.wrote.put(p)
		l.reconsiderAbout(m, p, i)
	}
	// What goes to a poll of a client that is known to be gone nobody reads.
	if s := l.sockets[i]; l.config.RealClients && s.client < 0 && s.goneAt == never {
		if due || !l.replay(m, i) {
			l.arrive(m, i, p, due, false)
		}
	}
}

// read enters an arrival: the first at a socket that was due counts, a second
// is a duplicate, and at a socket that was not due it is extra.
func (l *Ledger) read(e *trace.Event) {
	i, ok := l.socketAt[e.Socket]
	m := l.messages.change(e.Msg, l.owner, func(m *message) bool {
		p, due := m.due.find(i)
		return ok && due && !m.arrived.has(p)
	})
	switch {
	case m == nil:
	case ok && !l.sockets[i].endedBefore(m.at):
		if p, due := m.due.find(i); due || !l.replay(m, i) {
			l.arrive(m, i, p, due, false)
		}
	default:
		seg := l.segments.at(m.segment, l.owner)
		m.extra++
		seg.strangers++
		said, received := seg.bothEnds(m.group, l.groupOf(e.Client))
		said.Extra++
		received.Extra++
	}
}

// arrive enters the arrival of a message at socket i, which has a position in its
// roster if it was due there. replayed says that the socket was recovered first.
func (l *Ledger) arrive(m *message, i, position int32, due, replayed bool) {
	seg := l.segments.at(m.segment, l.owner)
	s := l.sockets[i]
	cell := seg.cell(m.node, s.node)
	said, received := seg.bothEnds(m.group, s.group)
	counts := [...]*Counts{&cell.Counts, said, received}
	switch {
	case !due:
		m.extra++
		for _, c := range counts {
			c.Extra++
		}
		return
	case m.arrived.has(position):
		m.twice++
		for _, c := range counts {
			c.Duplicates++
		}
		return
	case len(m.missed) > 0:
		l.unmiss(m, position, i)
	}
	m.arrived.put(position)
	m.arrivals++
	for _, c := range counts {
		c.Arrived++
	}
	if !replayed { // else how long its user was away would count
		seg.latency.add(l.now - m.at)
		if m.first[s.node] == never {
			m.first[s.node] = l.now
		}
		m.last[s.node] = l.now
	}
	if s.client >= 0 {
		l.clients[s.client].received++
	}
}

// settle decides what the messages whose time is over have missed.
func (l *Ledger) settle(now time.Duration) {
	q := &l.messages
	for int(q.settled-q.base) < len(q.queue) && q.queue[q.settled-q.base].at+l.config.Settle <= now {
		m := q.own(q.settled, l.owner)
		q.settled++
		m.settled = true
		if m.arrivals == m.due.n {
			continue
		}
		m.due.each(func(p, i int32) {
			if m.arrived.has(p) {
				return
			}
			r := l.why(m, p, i)
			before, early := m.missedFor(p)
			if early && before == r {
				return
			}
			l.unmiss(m, p, i)
			l.enterMiss(m, p, i, r)
		})
	}
}

func (m *message) miss(r Reason, position int32) {
	for at := range m.missed {
		if m.missed[at].reason == r {
			m.missed[at].receivers.put(position)
			return
		}
	}
	x := miss{r, make(set, len(m.arrived))}
	x.receivers.put(position)
	m.missed = append(m.missed, x)
}

func (m *message) unmiss(r Reason, position int32) {
	for _, x := range m.missed {
		if x.reason == r {
			x.receivers.drop(position)
		}
	}
}
