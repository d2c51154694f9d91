package ledger

import (
	"time"

	"stickylab/cluster/trace"
)

// groupError is an error text as one group of clients met it.
type groupError struct {
	group int32
	text  trace.Name
}

func (s *segment) addGroupError(m groupError, n int) {
	if s.groupErrors == nil {
		s.groupErrors = make(map[groupError]int)
	}
	s.groupErrors[m] += n
}

// A refusal is a node's answer to a request whose client is not known yet: in a
// session of no client, or at a handshake.
type refusal struct {
	node, session, text trace.Name
	status              int32
	at                  time.Duration
	segment             uint64
}

// Bounds of the refusals that wait for the proxy to pass them on: how many, and how
// long, unless messages may be in flight longer.
const (
	maxRefusals  = 256
	refusalWaits = 2 * time.Second
)

// stale reports whether a refusal has waited too long.
func (l *Ledger) stale(r refusal) bool { return r.at+max(l.config.Settle, refusalWaits) <= l.now }

// attribute enters an error text for the group of the client that met it, as far
// as the client is known.
func (l *Ledger) attribute(e *trace.Event, text trace.Name) {
	switch g := l.affectedGroup(e); {
	case g != noGroup:
		l.segments.last(l.owner).addGroupError(groupError{g, text}, 1)
	case e.Kind == trace.Refused:
		if n := len(l.refusals); n > 0 && (n == maxRefusals || l.stale(l.refusals[0])) {
			l.refusals = l.refusals[1:]
		}
		l.refusals = append(l.refusals, refusal{e.Node, e.Session, text, e.Status, l.now, l.segments.latest()})
	}
}

// attributeRefusal finds whose request a node has refused: the proxy, whose
// connections to a node serve all, passes the answers of a node on in the
// order in which they were given.
func (l *Ledger) attributeRefusal(e *trace.Event) {
	for i, r := range l.refusals {
		if r.node != e.Node || r.session != e.Session || r.status != e.Status || l.stale(r) {
			continue
		}
		if g := l.affectedGroup(e); g != noGroup && r.segment >= l.segments.base {
			l.segments.at(r.segment, l.owner).addGroupError(groupError{g, r.text}, 1)
		}
		l.refusals = append(l.refusals[:i:i], l.refusals[i+1:]...)
		return
	}
}

// affectedGroup returns the number of the group of the client that met an error.
func (l *Ledger) affectedGroup(e *trace.Event) int32 {
	if e.Client != (trace.Name{}) {
		return l.groupOf(e.Client)
	}
	if e.Kind == trace.Refused {
		if i, ok := l.holders[e.Session]; ok {
			return l.clients[i].number
		}
		if !e.Lane.Direct() {
			return noGroup
		}
	}
	return l.groupOf(e.Lane.Client())
}
