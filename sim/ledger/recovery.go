package ledger

import (
	"cmp"
	"slices"

	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// Connection state recovery: a socket that continues one that had ended has its name,
// and what was sent meanwhile is sent to it again. Such a message counts as replayed.
// Where it was due to the socket before, of which the node had not noticed that it was
// gone, it has arrived there. Where its client was away it is no longer missed while
// away.

// Recovery counts what became of the clients that came back, in the window.
type Recovery struct {
	Recovered int `expr:"recovered" json:"recovered"` // connections that continue the one before
	Failed    int `expr:"failed" json:"failed"`       // connections that do not, of a client that had one before
	Replayed  int `expr:"replayed" json:"replayed"`   // messages that reached a client because it was recovered, by the instant of sending
}

// RecoveryFailure is why a connection was not recovered.
type RecoveryFailure uint8

// The failures. The node reports the first ones; the others are what it cannot
// tell from a session that it never had.
const (
	NoPID RecoveryFailure = iota
	NoOffset
	NoSessions
	StillConnected
	TooLate
	UnknownOffset
	SessionUnknown
	EndedOnPurpose // the server or the client ended the socket before
	OtherNode
	NodeRestarted
	NodeKilled

	recoveryFailures // keep last
)

var failureTexts = [recoveryFailures]struct {
	of              trace.Text // as the node reports it, "" if it does not
	short, sentence string
}{
	NoPID:          {trace.NoPID, "no pid sent", "the client sent no pid: a new page, or its connection before had none"},
	NoOffset:       {trace.NoOffset, "no offset yet", "the client had received no event, so it has no offset to send"},
	NoSessions:     {trace.NoSessions, "adapter keeps no sessions", "the adapter of the node keeps no sessions: recovery works in memory and with Redis Streams, not with Redis pub/sub"},
	StillConnected: {trace.StillConnected, "old connection not noticed as gone", "the node had not noticed that the connection before was gone, so it had kept nothing of it"},
	TooLate:        {trace.TooLate, "too late", "the client came back after max_disconnection_duration"},
	UnknownOffset:  {trace.UnknownOffset, "offset unknown", "the node does not keep the last event of the client any more: nothing was emitted for max_disconnection_duration, or the offset is no offset"},
	SessionUnknown: {trace.UnknownSession, "session unknown", "the node knows no session with that pid"},
	EndedOnPurpose: {"", "ended on purpose", "the connection before was ended by the server's or the client's own disconnect, after which nothing is kept"},
	OtherNode:      {"", "other node", "the connection before was on another node, which alone has the session"},
	NodeRestarted:  {"", "node restarted", "the node has been restarted, and sessions are in its memory"},
	NodeKilled:     {"", "node killed", "the node of the connection before was killed, and had no time to keep the session"},
}

// String returns the failure in a few words.
func (f RecoveryFailure) String() string { return failureTexts[f].short }

// Because returns the failure as a sentence.
func (f RecoveryFailure) Because() string { return failureTexts[f].sentence }

// FailureCount is how often connections were not recovered for one reason.
type FailureCount struct {
	Failure RecoveryFailure
	Count   int
}

// recoveries counts recovery in a segment.
type recoveries struct {
	recovered, replayed int
	failed              [recoveryFailures]int
}

func (r *recoveries) add(o *recoveries) {
	r.recovered += o.recovered
	r.replayed += o.replayed
	for f, n := range o.failed {
		r.failed[f] += n
	}
}

func (r *recoveries) view() Recovery {
	v := Recovery{Recovered: r.recovered, Replayed: r.replayed}
	for _, n := range r.failed {
		v.Failed += n
	}
	return v
}

// failures returns the reasons, the most frequent first.
func (r *recoveries) failures() []FailureCount {
	var out []FailureCount
	for f, n := range r.failed {
		if n > 0 {
			out = append(out, FailureCount{RecoveryFailure(f), n})
		}
	}
	slices.SortStableFunc(out, func(a, b FailureCount) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// recovery notes that a socket was recovered or, when its user had one before, was
// not.
func (l *Ledger) recovery(e *trace.Event) {
	l.recovers = true
	i, ok := l.socketAt[e.Socket]
	if !ok {
		return
	}
	s := l.ownSocket(i)
	seg := l.segments.last(l.owner)
	if e.Kind == trace.Recovered {
		s.recovered = true
		seg.recovery.recovered++
		if s.client >= 0 {
			c := &l.clients[s.client]
			c.recovery.Recovered++
		}
		return
	}
	before := l.before(s)
	if s.client >= 0 && !l.clients[s.client].ever || s.client < 0 && before == nil {
		return // its first connection
	}
	why := l.whyNot(e.Text, s, before)
	seg.recovery.failed[why]++
	if s.client >= 0 {
		c := &l.clients[s.client]
		c.recovery.Failed++
		c.notRecovered = why
	}
}

// before returns the user's socket before s, or nil when there was none or it is
// forgotten.
func (l *Ledger) before(s *socket) *socket {
	at := int(s.older) - 1
	if at < 0 || at >= len(l.sockets) {
		return nil
	}
	if x := l.sockets[at]; x != nil && x != s && x.user == s.user && x.opened <= s.opened {
		return x
	}
	return nil
}

// whyNot returns why s does not continue the socket before it, nil if none is known.
func (l *Ledger) whyNot(text trace.Name, s, before *socket) RecoveryFailure {
	for f, t := range failureTexts {
		if t.of == "" || !text.Is(t.of) {
			continue
		}
		if RecoveryFailure(f) != SessionUnknown || before == nil {
			return RecoveryFailure(f)
		}
	}
	switch {
	case before == nil:
		return SessionUnknown
	case !before.open && !before.died && !socketio.Recoverable(before.closeText.String()):
		return EndedOnPurpose
	case l.nodes[s.node].adapter && l.nodes[s.node].kind.spec().Sessions: // all nodes have them
		switch {
		case before.died && before.closedAt == l.nodes[before.node].killedAt:
			return NodeKilled
		case before.open:
			return StillConnected
		}
		return TooLate
	case before.node != s.node:
		return OtherNode
	case l.nodes[s.node].upAt > before.opened:
		return NodeRestarted
	case !before.open:
		return TooLate
	}
	return SessionUnknown
}

// replay enters that a message reached socket i, which is recovered and where it was
// not due. It reports false when that was no replay.
func (l *Ledger) replay(m *message, i int32) bool {
	s := l.sockets[i]
	if !s.recovered {
		return false
	}
	twice := m.replayed.has(i)
	for x := l.before(s); x != nil && x.name == s.name; x = l.before(x) {
		at := s.older - 1
		if p, due := m.due.find(at); due {
			if !m.arrived.has(p) {
				l.countReplay(m, i)
			}
			l.arrive(m, at, p, true, true)
			return true
		}
		twice = twice || m.replayed.has(at)
		s = x
	}
	switch {
	case twice:
		seg := l.segments.at(m.segment, l.owner)
		cell := seg.cell(m.node, l.sockets[i].node)
		said, received := seg.bothEnds(m.group, l.sockets[i].group)
		m.twice++
		for _, c := range [...]*Counts{&cell.Counts, said, received} {
			c.Duplicates++
		}
		return true
	case m.at > l.sockets[i].opened:
		return false
	}
	l.countReplay(m, i)
	if c := l.sockets[i].client; c >= 0 {
		l.clients[c].received++
		if m.away.has(c) {
			m.away.drop(c)
			l.segments.at(m.segment, l.owner).group(l.clients[c].number).away--
		}
	}
	return true
}

func (l *Ledger) countReplay(m *message, i int32) {
	before := m.size()
	m.replayed = m.replayed.with(i)
	l.messages.size += m.size() - before
	l.segments.at(m.segment, l.owner).recovery.replayed++
	if c := l.sockets[i].client; c >= 0 {
		l.clients[c].recovery.Replayed++
	}
}
