package ledger

import (
	"time"

	"stickylab/cluster/trace"
)

// NodeState is everything known about one node at this moment. The counts of
// messages are those of the whole run.
type NodeState struct {
	Name string
	Node
	Traffic Traffic
	Poll    int           // of its clients, those whose session is on polling
	Listen  string        // its address
	Redis   bool          // its adapter has a link to Redis
	Since   time.Duration // when it last came up or went down
	Peers   []PeerState   // its state in the proxy, with the current configuration
	Earlier int           // connections that it holds with configurations before that
}

// Nodes returns the nodes in the order of Config.Nodes, then of appearance.
func (l *Ledger) Nodes() []NodeState {
	out := make([]NodeState, len(l.nodes))
	clients := l.connected()
	for i := range l.nodes {
		n := &l.nodes[i]
		out[i] = NodeState{
			Name: n.name.String(), Node: n.view(clients), Listen: n.addr.String(), Redis: n.redis, Since: max(n.upAt, n.downAt, 0),
			Traffic: n.traffic(n.name.String()),
		}
		n.open.each(func(k int32) {
			if !l.sessions[l.sockets[k].session].websocket {
				out[i].Poll++
			}
		})
		out[i].Peers, out[i].Earlier = l.peerStates(n)
	}
	return out
}

// Presence is whether a client is there.
type Presence uint8

// A client is Never before it first connects, Away while it tries to come back
// to where it had joined, and Gone when it is not connected otherwise.
const (
	Never Presence = iota
	Connected
	Away
	Gone
)

// String returns the word for it.
func (p Presence) String() string { return [...]string{"never", "connected", "away", "gone"}[p] }

// ClientState is everything known about one client at this moment.
type ClientState struct {
	Name, Group, IP, Room string
	Presence              Presence
	Node                  string // of its connection, or of the last one
	Transport             string // "polling" or "websocket"
	Session, Socket       string
	Since                 time.Duration // of being connected, or of not being so
	Trying                bool          // it lost its connection and means to come back
	Failure               string        // of its last attempt to connect; "" once it is connected
	Reconnects            int           // attempts
	Lost                  int           // connections, without those that the client closed itself
	Unserved              int           // requests answered 5xx, or not at all
	Received              int           // messages that arrived
	Missed                int           // messages that did not
	Why                   []ReasonCount // of what was missed
	Recovery              Recovery
	NotRecovered          RecoveryFailure // the last time, if Recovery.Failed is not 0
}

// ReasonCount is how often a reason held.
type ReasonCount struct {
	Reason Reason
	Count  int
}

// Clients returns the clients in order of appearance. With thousands of them
// ask for one by name.
func (l *Ledger) Clients() []ClientState {
	out := make([]ClientState, len(l.clients))
	for i := range l.clients {
		out[i] = l.clientState(&l.clients[i])
	}
	return out
}

// Client returns the client of that name.
func (l *Ledger) Client(name string) (ClientState, bool) {
	i, ok := l.clientAt[trace.N(name)]
	if !ok {
		return ClientState{}, false
	}
	return l.clientState(&l.clients[i]), true
}

func (l *Ledger) clientState(c *client) ClientState {
	s := ClientState{
		Name: c.name.String(), Group: c.group.String(), IP: c.ip.String(), Room: c.room.String(), Presence: c.presence(),
		Transport: c.transport.String(), Session: c.session.String(), Socket: c.socket.String(),
		Since: c.since, Trying: c.trying, Failure: c.failure.String(), Reconnects: c.reconnects, Received: c.received, Lost: c.lost, Unserved: c.unserved,
		Recovery: c.recovery, NotRecovered: c.notRecovered,
	}
	if c.node >= 0 {
		s.Node = l.nodes[c.node].name.String()
	}
	for r, n := range c.missed {
		if n > 0 {
			s.Missed += int(n)
			s.Why = append(s.Why, ReasonCount{Reason(r), int(n)})
		}
	}
	return s
}

func (c *client) presence() Presence {
	switch {
	case c.connected:
		return Connected
	case !c.ever:
		return Never
	case c.away():
		return Away
	}
	return Gone
}

// Slice counts what was sent, and what happened, in one slice of the time.
type Slice struct {
	From                               time.Duration
	Sent, Due, Arrived, Missed, Failed int // Failed: errors of any text
	Opened, Lost                       int // sessions
	Reconnects                         int // attempts
}

// Series returns the slices that begin at or after an instant, oldest first.
// They are Config.Every long; where a window begins or ends, and where there is a Switch, a
// slice is cut in two.
func (l *Ledger) Series(from time.Duration) []Slice {
	var out []Slice
	for s := range l.segments.all() {
		if s.from < from {
			continue
		}
		total := s.total()
		x := Slice{From: s.from, Sent: s.sent, Opened: s.opened, Lost: total.lost, Reconnects: total.reconnects}
		for i := range s.cells {
			x.Due += s.cells[i].Due
			x.Arrived += s.cells[i].Arrived
			x.Missed += s.cells[i].Missed
		}
		for _, n := range s.errors {
			x.Failed += n
		}
		out = append(out, x)
	}
	return out
}
