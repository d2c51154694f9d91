package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
)

// MessageState is all about one message at this moment.
type MessageState struct {
	ID        trace.Msg
	Sent      time.Duration
	Room      string
	Node      string // the sender's
	Published bool   // the sender's node handed it to Redis
	Settled   bool
	Counts    // Ratio is 0 until something has arrived or was missed
	Nodes     []Reception
}

// Reception is how a message fared on one node.
type Reception struct {
	Node         string
	Relayed      bool // the node had it from Redis
	Due, Arrived int
	First, Last  time.Duration // of the arrivals; 0 when there is none
	Missed       []MissedBy    // by reason
}

// Pending returns how many deliveries to the node are in flight.
func (r *Reception) Pending() int {
	n := r.Due - r.Arrived
	for _, by := range r.Missed {
		n -= len(by.Clients)
	}
	return n
}

// MissedBy is the receivers on one node that missed a message for one reason.
type MissedBy struct {
	Reason  Reason
	Clients []string // their names, of a user without a name the socket's; of LeftOver with when they reconnected
}

// Message returns the message, as long as it is remembered (Config.Keep).
func (l *Ledger) Message(id trace.Msg) (MessageState, bool) {
	m := l.messages.find(id)
	if m == nil {
		return MessageState{}, false
	}
	return l.messageState(m), true
}

// Heard calls f with the name of each user at whom the message has arrived, as long as it is remembered.
func (l *Ledger) Heard(id trace.Msg, f func(user string)) {
	m := l.messages.find(id)
	if m == nil {
		return
	}
	m.due.each(func(p, i int32) {
		if m.arrived.has(p) {
			f(l.sockets[i].user.String())
		}
	})
}

// Recent returns up to n of the last messages, the newest first.
func (l *Ledger) Recent(n int) []MessageState {
	var out []MessageState
	for _, m := range slices.Backward(l.messages.queue) {
		if len(out) >= n {
			break
		}
		out = append(out, l.messageState(m))
	}
	return out
}

// Unsent returns when a message was said that no node has accepted yet.
func (l *Ledger) Unsent(id trace.Msg) (said time.Duration, ok bool) {
	said, ok = l.unsent[id]
	return said, ok
}

func (l *Ledger) messageState(m *message) MessageState {
	s := MessageState{ID: m.id, Sent: m.at, Room: m.room.String(), Node: l.nodes[m.node].name.String(), Published: m.published, Settled: m.settled}
	s.Due, s.Arrived, s.Duplicates, s.Extra = m.due.n, m.arrivals, m.twice, m.extra
	byNode := make([]Reception, len(l.nodes))
	m.due.each(func(p, i int32) {
		r := &byNode[l.sockets[i].node]
		r.Due++
		if m.arrived.has(p) {
			r.Arrived++
		}
	})
	for n := range byNode {
		r := &byNode[n]
		r.Node, r.Relayed = l.nodes[n].name.String(), m.relayed.has(int32(n))
		if r.Arrived > 0 {
			r.First, r.Last = m.first[n], m.last[n]
		}
		for _, x := range m.missed {
			by := MissedBy{Reason: x.reason}
			m.due.each(func(p, i int32) {
				s := l.sockets[i]
				if !x.receivers.has(p) || s.node != int32(n) {
					return
				}
				name := s.user.String()
				if x.reason == LeftOver {
					if by, ok := l.replaced(m, s); ok {
						name += fmt.Sprintf(" (reconnected at %s)", format.Clock(by.opened.Truncate(time.Second)))
					}
				}
				by.Clients = append(by.Clients, name)
			})
			if len(by.Clients) > 0 {
				r.Missed = append(r.Missed, by)
				s.Missed += len(by.Clients)
			}
		}
		if r.Due > 0 || r.Relayed {
			s.Nodes = append(s.Nodes, *r)
		}
	}
	s.Counts = s.Counts.derived()
	return s
}

// Outcome tells in words how many deliveries arrived, "20 of 40 arrived", and why
// the others did not: "20 missed: receiver is on im-5080, adapter is off on
// im-3030", or "" when none was missed. name returns what to call a node.
func (s MessageState) Outcome(name func(node string) string) (arrived, missed string) {
	arrived = fmt.Sprintf("%d of %d arrived", s.Arrived, s.Due)
	if s.Pending > 0 {
		arrived += fmt.Sprintf(", %d in flight", s.Pending)
	}
	var all []string
	for _, r := range s.Nodes {
		for _, by := range r.Missed {
			all = append(all, fmt.Sprintf("%d missed: %s", len(by.Clients), by.Reason.Because(name(s.Node), name(r.Node))))
		}
	}
	return arrived, strings.Join(all, "; ")
}

// String returns the outcome in a line.
func (s MessageState) String() string {
	text, missed := s.Outcome(func(node string) string { return node })
	if missed != "" {
		text += "; " + missed
	}
	return text
}
