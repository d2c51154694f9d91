package ledger

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
)

// message is one that a node has accepted. Its receivers are sets of sockets.
type message struct {
	owner     *owner
	id        trace.Msg
	at        time.Duration // when it was sent
	segment   uint64
	room      trace.Name
	node      int32 // the sender's
	group     int32 // the sender's
	era       *era  // of the instant of sending
	published bool
	settled   bool
	arrivals  int

	due, arrived, wrote set             // sockets
	relayed             set             // nodes that have it from Redis
	first, last         []time.Duration // by the receiver's node: the first and the last arrival
	extra, twice        int
	missed              []miss // once settled
}

// miss is the sockets that a message missed for one reason.
type miss struct {
	reason  Reason
	sockets set
}

// messages are those remembered, in the order in which they were sent. Each
// has a number, its place in the run's.
type messages struct {
	queue   []*message
	base    uint64 // the number of queue[0]
	settled uint64 // the number of the first that has not settled
	at      map[trace.Msg]uint64
}

func (m *messages) oldest() *message {
	if len(m.queue) == 0 {
		return nil
	}
	return m.queue[0]
}

// next returns when a message settles or can be forgotten.
func (m *messages) next(c Config) time.Duration {
	next := forever
	if i := int(m.settled - m.base); i < len(m.queue) {
		next = m.queue[i].at + c.Settle
	}
	if m.settled > m.base {
		next = min(next, m.queue[0].at+c.Settle+c.Keep)
	}
	return next
}

// find returns the message to be read only, or nil.
func (m *messages) find(id trace.Msg) *message {
	if n, ok := m.at[id]; ok {
		return m.queue[n-m.base]
	}
	return nil
}

// change returns the message to be changed, or nil.
func (m *messages) change(id trace.Msg, by *owner) *message {
	n, ok := m.at[id]
	if !ok {
		return nil
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
	c.due, c.arrived, c.wrote, c.relayed = slices.Clone(m.due), slices.Clone(m.arrived), slices.Clone(m.wrote), slices.Clone(m.relayed)
	c.first, c.last = slices.Clone(m.first), slices.Clone(m.last)
	c.missed = make([]miss, len(m.missed))
	for i, x := range m.missed {
		c.missed[i] = miss{x.reason, slices.Clone(x.sockets)}
	}
	return &c
}

func (l *Ledger) said(e *trace.Event) {
	l.segments.last(l.owner).said++
	l.unsent[e.Msg] = l.now
}

// sent enters a message: it is due to every socket that is in the room now. A
// second node that accepts the same message, because a proxy repeated the
// request, makes nothing more due.
func (l *Ledger) sent(e *trace.Event) {
	if l.messages.find(e.Msg) != nil || l.config.MaxMessages > 0 && len(l.messages.queue) >= l.config.MaxMessages {
		return
	}
	n := l.nodeOf(e.Node)
	l.nodes[n].tally.sent++
	seg := l.segments.last(l.owner)
	seg.sent++
	seg.node(n).sent++
	if at, ok := l.unsent[e.Msg]; ok {
		delete(l.unsent, e.Msg)
		l.segments.around(at, l.owner).accepted++
	}

	due := l.sameApp(l.rooms[e.Room], n)
	words, nodes := len(due), len(l.nodes)/64+1
	sets := make(set, 3*words+nodes)
	times := make([]time.Duration, 2*len(l.nodes))
	m := &message{
		owner: l.owner, id: e.Msg, at: l.now, segment: l.segments.latest(), room: e.Room, node: n, era: l.era, group: l.groupOf(e.Client),
		due: sets[:words], arrived: sets[words : 2*words], wrote: sets[2*words : 3*words], relayed: sets[3*words:],
		first: times[:len(l.nodes)], last: times[len(l.nodes):],
	}
	copy(m.due, due)
	for to := range l.nodes {
		m.first[to], m.last[to] = never, never
		if d := common(m.due, l.nodes[to].open); d > 0 {
			seg.cell(n, int32(to)).Due += d
		}
	}
	l.addDue(m, seg)
	l.missedAway(m, seg)
	l.messages.at[m.id] = l.messages.base + uint64(len(l.messages.queue))
	l.messages.queue = append(l.messages.queue, m)
	l.next = min(l.next, m.at+l.config.Settle)
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
	m := l.messages.change(e.Msg, l.owner)
	switch {
	case m == nil:
	case e.Kind == trace.Published:
		m.published = m.published || n == m.node
	default:
		m.relayed = m.relayed.with(n)
	}
}

func (l *Ledger) wrote(e *trace.Event) {
	if n, ok := l.nodeIndex[e.Node]; ok {
		l.nodes[n].wrote++
		l.segments.last(l.owner).node(n).wrote++
	}
	m := l.messages.change(e.Msg, l.owner)
	if m == nil {
		return
	}
	if i, ok := l.socketAt[e.Socket]; ok && m.due.has(i) {
		m.wrote.put(i)
		if l.config.RealClients && l.sockets[i].client < 0 {
			l.read(e)
		}
	}
}

// read enters an arrival: the first at a socket that was due counts, a second
// is a duplicate, and at a socket that was not due it is extra.
func (l *Ledger) read(e *trace.Event) {
	m := l.messages.change(e.Msg, l.owner)
	if m == nil {
		return
	}
	seg := l.segments.at(m.segment, l.owner)
	i, ok := l.socketAt[e.Socket]
	if !ok || l.sockets[i].endedBefore(m.at) {
		m.extra++
		seg.strangers++
		said, received := seg.bothEnds(m.group, l.groupOf(e.Client))
		said.Extra++
		received.Extra++
		return
	}
	s := &l.sockets[i]
	cell := seg.cell(m.node, s.node)
	said, received := seg.bothEnds(m.group, s.group)
	counts := [...]*Counts{&cell.Counts, said, received}
	switch {
	case !m.due.has(i):
		m.extra++
		for _, c := range counts {
			c.Extra++
		}
		return
	case m.arrived.has(i):
		m.twice++
		for _, c := range counts {
			c.Duplicates++
		}
		return
	case m.settled:
		l.unmiss(m, i, cell)
		said.Missed--
		received.Missed--
	}
	m.arrived.put(i)
	m.arrivals++
	for _, c := range counts {
		c.Arrived++
	}
	seg.latency.add(l.now - m.at)
	if m.first[s.node] == never {
		m.first[s.node] = l.now
	}
	m.last[s.node] = l.now
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
		seg := l.segments.at(m.segment, l.owner)
		out := without(m.due, m.arrived)
		out.each(func(i int32) {
			r := l.why(m, i)
			s := &l.sockets[i]
			cell := seg.cell(m.node, s.node)
			cell.Missed++
			cell.why[r]++
			said, received := seg.bothEnds(m.group, s.group)
			said.Missed++
			received.Missed++
			m.miss(r, i)
			if s.client >= 0 {
				l.clients[s.client].missed[r]++
			}
		})
	}
}

func (m *message) miss(r Reason, i int32) {
	for at := range m.missed {
		if m.missed[at].reason == r {
			m.missed[at].sockets.put(i)
			return
		}
	}
	x := miss{r, make(set, len(m.due))}
	x.sockets.put(i)
	m.missed = append(m.missed, x)
}

// unmiss takes back a miss: the message came after all.
func (l *Ledger) unmiss(m *message, i int32, cell *cell) {
	for _, x := range m.missed {
		if !x.sockets.has(i) {
			continue
		}
		x.sockets.drop(i)
		cell.Missed--
		cell.why[x.reason]--
		if c := l.sockets[i].client; c >= 0 {
			l.clients[c].missed[x.reason]--
		}
		return
	}
}

// forget drops the messages that have been settled for long enough.
func (l *Ledger) forget(now time.Duration) {
	q := &l.messages
	n := 0
	for n < int(q.settled-q.base) && q.queue[n].at+l.config.Settle+l.config.Keep <= now {
		delete(q.at, q.queue[n].id)
		q.queue[n] = nil
		n++
	}
	q.queue = q.queue[n:]
	q.base += uint64(n)
}
