package swarm

import (
	"fmt"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
)

// books are kept of a run in the plainest way, from the trace alone, and compared
// with what the product counts.
type books struct {
	plan   *plan.Plan
	broken []failure
	seq    int
	now    time.Duration

	lanes    map[string]*trace.Lane
	numbers  map[*trace.Lane]uint32
	app      map[trace.Name]trace.Name       // of nodes
	group    map[trace.Name]trace.Name       // of clients
	sockets  map[trace.Name]*socket          // by id
	rooms    map[trace.Name]map[*socket]bool // who is there now
	messages map[trace.Msg]*message
	sessions map[trace.Name]trace.Name // to their node

	cells map[[2]trace.Name]*ledger.Counts // by the sender's and the receiver's node
	heard map[trace.Name]*ledger.Counts    // by group
	said  map[trace.Name]*ledger.Counts
	total ledger.Counts

	recovered, replayed int

	affine  bool                               // the requests of a session belong on one node
	changed bool                               // and they may reach another one since then
	fault   string                             // the first thing that failed
	meddled bool                               // something was done that may make something fail
	copies  bool                               // all nodes have said the same
	retried bool                               // a proxy has sent a request to several nodes
	ended   map[string][2]int                  // nodes' sessions and sockets at the end
	loads   map[*trace.Lane]bool               // the proxies that have their configuration
	open    map[trace.Name]map[trace.Name]bool // sessions of nodes
}

// socket is one Socket.IO socket.
type socket struct {
	id, node, client trace.Name
	closed           bool
	closedAt         time.Duration
	rooms            map[trace.Name]bool

	opened    time.Duration
	recovered bool
	before    *socket // that it continues, if it is recovered
}

// message is one that a node has accepted.
type message struct {
	at          time.Duration
	node, group trace.Name
	due         map[*socket]int  // times it was read
	replayed    map[*socket]bool // where it was not due
}

func newBooks(p *plan.Plan) *books {
	return &books{
		plan: p, affine: affine(p),
		loads: map[*trace.Lane]bool{}, open: map[trace.Name]map[trace.Name]bool{},
		lanes: map[string]*trace.Lane{}, numbers: map[*trace.Lane]uint32{}, app: map[trace.Name]trace.Name{}, group: map[trace.Name]trace.Name{},
		sockets: map[trace.Name]*socket{}, rooms: map[trace.Name]map[*socket]bool{}, messages: map[trace.Msg]*message{}, sessions: map[trace.Name]trace.Name{},
		cells: map[[2]trace.Name]*ledger.Counts{}, heard: map[trace.Name]*ledger.Counts{}, said: map[trace.Name]*ledger.Counts{},
	}
}

func (b *books) wrong(kind, format string, args ...any) {
	if len(b.broken) < 10 {
		b.broken = append(b.broken, failure{kind, fmt.Sprintf(format, args...)})
	}
}

func (b *books) add(events []trace.Event) {
	for i := range events {
		if b.order(&events[i]); b.now >= b.plan.File.Duration && b.ended == nil {
			b.end()
		}
		b.enter(&events[i])
		b.follow(&events[i])
	}
}

// order checks that the trace has no gaps, and no effect before its cause.
func (b *books) order(e *trace.Event) {
	if b.seq++; e.Seq != uint64(b.seq) {
		b.wrong("a gap in the trace", "event %d has the number %d", b.seq, e.Seq)
	}
	if e.At < b.now {
		b.wrong("time goes back in the trace", "event %d is at %v, after %v", e.Seq, e.At, b.now)
	}
	b.now = e.At
	name := e.Lane.Name()
	if known := b.lanes[name]; known != nil && known != e.Lane && b.numbers[e.Lane] > 0 {
		b.wrong("two lanes of one name", "%s at %v", name, e.At)
	}
	b.lanes[name] = e.Lane
	if b.numbers[e.Lane]++; e.N != b.numbers[e.Lane] {
		b.wrong("a gap in a lane", "%s: %d follows %d at %v", name, e.N, b.numbers[e.Lane]-1, e.At)
	}
	if c := e.Cause; c.Lane != nil && b.numbers[c.Lane] < c.N {
		b.wrong("an effect before its cause", "event %d is caused by %s#%d, which has not happened", e.Seq, c.Lane.Name(), c.N)
	}
}

// enter follows where the sockets are, and what is due and arrives.
func (b *books) enter(e *trace.Event) {
	switch e.Kind {
	case trace.NodeUp:
		b.app[e.Node] = e.Text
	case trace.NodeDown:
		for _, s := range b.sockets {
			if s.node == e.Node {
				b.closeSocket(s)
			}
		}
	case trace.ClientAdded:
		b.group[e.Client] = e.Text
	case trace.SocketOpened:
		b.sockets[e.Socket] = &socket{id: e.Socket, node: e.Node, client: e.Client, rooms: map[trace.Name]bool{}, opened: e.At, before: b.sockets[e.Socket]}
	case trace.Recovered:
		b.sockets[e.Socket].recovered = true
		if e.At < b.plan.File.Duration {
			b.recovered++
		}
	case trace.SocketClosed:
		if s := b.sockets[e.Socket]; s != nil {
			b.closeSocket(s)
		}
	case trace.Joined:
		if s := b.sockets[e.Socket]; s != nil && !s.closed {
			if b.rooms[e.Room] == nil {
				b.rooms[e.Room] = map[*socket]bool{}
			}
			b.rooms[e.Room][s], s.rooms[e.Room] = true, true
		}
	case trace.Left:
		if s := b.sockets[e.Socket]; s != nil {
			delete(b.rooms[e.Room], s)
			delete(s.rooms, e.Room)
		}
	case trace.Sent:
		b.sent(e)
	case trace.Read:
		b.read(e)
	}
}

func (b *books) closeSocket(s *socket) {
	if s.closed {
		return
	}
	s.closed, s.closedAt = true, b.now
	for room := range s.rooms {
		delete(b.rooms[room], s)
	}
}

// keep is how long after its time a message counts what arrives late.
func (b *books) keep() time.Duration {
	if r := b.plan.File.SocketIO.Recovery; r.On() {
		return r.MaxDisconnectionDuration + 2*time.Minute
	}
	return time.Minute
}

func (b *books) sent(e *trace.Event) {
	if m := b.messages[e.Msg]; m != nil && e.At < m.at+b.plan.File.Settle+b.keep() {
		return // a proxy has repeated the request
	}
	m := &message{at: e.At, node: e.Node, group: b.group[e.Client], due: map[*socket]int{}, replayed: map[*socket]bool{}}
	b.messages[e.Msg] = m
	if !b.counts(m) {
		return
	}
	for s := range b.rooms[e.Room] {
		if b.app[s.node] == b.app[m.node] {
			m.due[s] = 0
			for _, c := range b.places(m, s) {
				c.Due++
			}
		}
	}
}

// counts reports whether a message was sent in the run's window.
func (b *books) counts(m *message) bool { return m.at < b.plan.File.Duration }

// places are where a delivery counts.
func (b *books) places(m *message, s *socket) []*ledger.Counts {
	one := func(in map[trace.Name]*ledger.Counts, group trace.Name) *ledger.Counts {
		if in[group] == nil {
			in[group] = &ledger.Counts{}
		}
		return in[group]
	}
	out := []*ledger.Counts{&b.total, one(b.heard, b.group[s.client]), one(b.said, m.group)}
	if s.node != (trace.Name{}) {
		at := [2]trace.Name{m.node, s.node}
		if b.cells[at] == nil {
			b.cells[at] = &ledger.Counts{}
		}
		out = append(out, b.cells[at])
	}
	return out
}

func (b *books) read(e *trace.Event) {
	m := b.messages[e.Msg]
	if m == nil || e.At >= m.at+b.plan.File.Settle+b.keep() || !b.counts(m) {
		return
	}
	s := b.sockets[e.Socket]
	if s == nil || s.closed && s.closedAt < m.at {
		s = &socket{client: e.Client} // on no node
	}
	times, due := m.due[s]
	if !due && s.recovered {
		twice, heir := m.replayed[s], s
		for x := s.before; x != nil && !due; x = x.before {
			times, due = m.due[x]
			twice = twice || m.replayed[x]
			s = x
		}
		switch {
		case due && times == 0:
			b.replayed++
		case due:
		case twice:
			s = heir
			for _, c := range b.places(m, s) {
				c.Duplicates++
			}
			return
		case m.at <= heir.opened:
			m.replayed[heir] = true
			b.replayed++
			return
		default:
			s = heir
		}
	}
	for _, c := range b.places(m, s) {
		switch {
		case !due:
			c.Extra++
		case times > 0:
			c.Duplicates++
		default:
			c.Arrived++
		}
	}
	if due {
		m.due[s]++
	}
}

// close compares the books with what the product has counted.
func (b *books) close(final *ledger.Snapshot) []failure {
	same := func(where string, mine, theirs ledger.Counts) {
		mine.Ratio, theirs.Ratio = 0, 0
		missed := theirs.Missed
		theirs.Missed = 0
		if mine.Missed = 0; theirs.Pending == 0 && mine != theirs {
			b.wrong("the counts are not those of the trace", "%s: counted %+v, the trace has %+v", where, theirs, mine)
		}
		if theirs.Due != theirs.Arrived+missed+theirs.Pending {
			b.wrong("due is not arrived, missed and in flight", "%s: due %d, arrived %d, missed %d, in flight %d", where, theirs.Due, theirs.Arrived, missed, theirs.Pending)
		}
		if theirs.Pending != 0 {
			b.wrong("in flight after the end", "%s: %d", where, theirs.Pending)
		}
	}
	if r := final.Recovery; r.Recovered != b.recovered || r.Replayed != b.replayed {
		b.wrong("recovery is not that of the trace", "counted %d recovered, %d replayed, the trace has %d, %d", r.Recovered, r.Replayed, b.recovered, b.replayed)
	}
	d := final.Delivery
	same("in total", b.total, d.Total)
	sum := func(x, y ledger.Counts) ledger.Counts {
		return ledger.Counts{Due: x.Due + y.Due, Arrived: x.Arrived + y.Arrived, Missed: x.Missed + y.Missed, Pending: x.Pending + y.Pending, Duplicates: x.Duplicates + y.Duplicates, Extra: x.Extra + y.Extra}
	}
	var inside, across ledger.Counts
	for i, from := range final.Matrix.Nodes {
		for j, to := range final.Matrix.Nodes {
			cell := final.Matrix.Cells[i][j]
			mine := b.cells[[2]trace.Name{trace.N(from), trace.N(to)}]
			if mine == nil {
				mine = &ledger.Counts{}
			}
			same("from "+from+" to "+to, *mine, cell)
			if from == to {
				inside = sum(inside, cell)
			} else {
				across = sum(across, cell)
			}
		}
	}
	for _, part := range []struct {
		name        string
		sum, theirs ledger.Counts
	}{{"same", inside, d.Same}, {"cross", across, d.Cross}} {
		if part.theirs.Ratio = 0; part.sum != part.theirs {
			b.wrong("cells do not add up", "delivery.%s is %+v, its cells %+v", part.name, part.theirs, part.sum)
		}
	}
	total := sum(inside, across)
	if all := d.Total; all.Due != total.Due || all.Arrived != total.Arrived || all.Missed != total.Missed || all.Duplicates != total.Duplicates || all.Extra < total.Extra {
		b.wrong("cells do not add up", "delivery.total is %+v, its cells %+v", all, total)
	}
	for name, g := range final.Groups {
		for _, x := range []struct {
			what   string
			mine   *ledger.Counts
			theirs ledger.Counts
		}{{"heard", b.heard[trace.N(name)], g.Received}, {"said", b.said[trace.N(name)], g.Said}} {
			if x.mine == nil {
				x.mine = &ledger.Counts{}
			}
			same(x.what+" by "+name, *x.mine, x.theirs)
		}
	}
	b.atTheEnd(final.Nodes)
	b.exactlyOnce()
	b.comesBack(final)
	return b.broken
}
