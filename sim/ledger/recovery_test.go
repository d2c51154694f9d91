package ledger

import (
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// recoveryRun is one node with a client b that says, and a client a that is lost and
// comes back.
func recoveryRun() *recoveryScript {
	s := newRecoveryScript()
	s.do(trace.Event{Kind: trace.NodeUp, Node: n("A")}, trace.Event{Kind: trace.NodeUp, Node: n("B")})
	s.comes("a", "A", "a-1", trace.NoPID)
	s.comes("b", "A", "b-1", trace.NoPID)
	return s
}

// recoveryScript is a trace that is written event by event.
type recoveryScript struct {
	l  *Ledger
	at time.Duration
	k  uint32
}

func n(s string) trace.Name { return trace.N(s) }

func newRecoveryScript() *recoveryScript {
	return &recoveryScript{l: New(Config{Settle: 2 * time.Second, Keep: 10 * time.Minute})}
}

func (s *recoveryScript) do(events ...trace.Event) {
	for _, e := range events {
		s.at += 100 * time.Millisecond
		e.At = s.at
		s.l.Apply(&e)
	}
}

// comes connects a client on a node with a socket; why is "" when it is recovered.
func (s *recoveryScript) comes(client, node, socket string, why trace.Text) {
	s.k++
	session := n("s" + string(rune('0'+s.k)))
	if _, ok := s.l.clientAt[n(client)]; !ok {
		s.do(trace.Event{Kind: trace.ClientAdded, Client: n(client), Room: n("lobby"), Text: n("all")})
	}
	result := trace.Event{Kind: trace.NotRecovered, Node: n(node), Socket: n(socket), Client: n(client), Text: why.Name()}
	if why == "" {
		result = trace.Event{Kind: trace.Recovered, Node: n(node), Socket: n(socket), Client: n(client), Status: 1}
	}
	s.do(
		trace.Event{Kind: trace.SessionOpened, Node: n(node), Session: session, Text: trace.WebSocket.Name()},
		trace.Event{Kind: trace.SocketOpened, Node: n(node), Session: session, Socket: n(socket), Client: n(client)},
		result,
		trace.Event{Kind: trace.Joined, Node: n(node), Socket: n(socket), Client: n(client), Room: n("lobby")},
		trace.Event{Kind: trace.Connected, Client: n(client), Session: session, Socket: n(socket), Text: trace.WebSocket.Name()},
	)
}

// says sends a message of b, which those read that have it at once.
func (s *recoveryScript) says(number uint32, readers ...string) {
	m := trace.Msg{From: n("b"), N: number}
	s.do(
		trace.Event{Kind: trace.Said, Client: n("b"), Msg: m, Room: n("lobby")},
		trace.Event{Kind: trace.Sent, Node: n("A"), Client: n("b"), Socket: n("b-1"), Msg: m, Room: n("lobby")},
	)
	for _, r := range readers {
		s.reads(r, r+"-1", number)
	}
}

func (s *recoveryScript) reads(client, socket string, number uint32) {
	s.do(trace.Event{Kind: trace.Read, Client: n(client), Socket: n(socket), Msg: trace.Msg{From: n("b"), N: number}})
}

// streams gives both nodes an adapter by which each finds all sessions.
func (s *recoveryScript) streams() {
	for _, node := range []string{"A", "B"} {
		s.do(trace.Event{Kind: trace.AdapterOn, Node: n(node), Text: n("redis-streams")})
	}
}

// lost has client a know that it lost its connection.
func (s *recoveryScript) lost() {
	s.do(trace.Event{Kind: trace.Disconnected, Client: n("a"), Socket: n("a-1"), Text: trace.TransportClose.Name()})
}

// noticed has node A notice it.
func (s *recoveryScript) noticed(reason trace.Text) {
	s.do(trace.Event{Kind: trace.SocketClosed, Node: n("A"), Socket: n("a-1"), Client: n("a"), Text: reason.Name()})
}

func (s *recoveryScript) view() *Snapshot {
	s.at += time.Minute
	s.l.Advance(s.at)
	return s.l.SnapshotSince(0)
}

// What is sent again has arrived where it was due to the socket before, and is no longer
// missed while away; twice is a duplicate.
func TestReplayed(t *testing.T) {
	s := recoveryRun()
	s.says(1, "a", "b")
	s.lost()
	s.says(2, "b") // due to the socket of which the node has not noticed that it is gone
	s.noticed(trace.PingTimeout)
	s.says(3, "b") // due to no socket of a: it is away
	before := s.view()
	if m := before.Delivery.Total; m.Missed != 1 || before.Messages.Away != 1 || before.Recovery != (Recovery{}) {
		t.Errorf("before: %+v, away %d, %+v", m, before.Messages.Away, before.Recovery)
	}
	s.comes("a", "A", "a-1", "")
	s.reads("a", "a-1", 2)
	s.reads("a", "a-1", 3)
	s.says(4, "a", "b")
	after := s.view()
	if d := after.Delivery.Total; d.Due != 7 || d.Arrived != 7 || d.Missed != 0 || d.Extra != 0 || d.Duplicates != 0 || after.Messages.Away != 0 {
		t.Errorf("after: %+v, away %d", d, after.Messages.Away)
	}
	if after.Recovery != (Recovery{Recovered: 1, Replayed: 2}) || len(after.Failures) != 0 {
		t.Errorf("after: %+v, %v", after.Recovery, after.Failures)
	}
	if after.Latency.P99 > 1000 {
		t.Errorf("a latency of %v ms", after.Latency.P99)
	}
	c, _ := s.l.Client("a")
	if c.Recovery != (Recovery{Recovered: 1, Replayed: 2}) || c.Missed != 0 || c.Received != 4 {
		t.Errorf("the client: %+v", c)
	}

	clone := s.l.Clone()
	s.reads("a", "a-1", 2)
	s.reads("a", "a-1", 3)
	if d := s.view().Delivery.Total; d.Duplicates != 2 || d.Arrived != 7 || d.Extra != 0 {
		t.Errorf("read twice: %+v", d)
	}
	clone.Advance(s.at)
	if d := clone.SnapshotSince(0).Delivery.Total; d.Duplicates != 0 {
		t.Errorf("the clone: %+v", d)
	}
}

// Why a connection was not recovered: what the node reports, and what it cannot know.
func TestNotRecovered(t *testing.T) {
	for _, tt := range []struct {
		text trace.Text
		want RecoveryFailure
		do   func(s *recoveryScript) (node string)
	}{
		{trace.NoPID, NoPID, nil}, {trace.NoOffset, NoOffset, nil}, {trace.NoSessions, NoSessions, nil},
		{trace.StillConnected, StillConnected, nil}, {trace.TooLate, TooLate, nil}, {trace.UnknownOffset, UnknownOffset, nil},
		{trace.UnknownSession, OtherNode, func(s *recoveryScript) string { s.noticed(trace.TransportClose); return "B" }},
		{trace.UnknownSession, EndedOnPurpose, func(s *recoveryScript) string { s.noticed(trace.ServerNamespaceDisconnect); return "B" }},
		{trace.UnknownSession, TooLate, func(s *recoveryScript) string { s.noticed(trace.TransportClose); return "A" }},
		{trace.UnknownSession, SessionUnknown, func(*recoveryScript) string { return "A" }},
		{trace.UnknownSession, NodeRestarted, func(s *recoveryScript) string {
			s.do(trace.Event{Kind: trace.NodeDown, Node: n("A"), Text: trace.Killed.Name()}, trace.Event{Kind: trace.NodeUp, Node: n("A")})
			return "A"
		}},
		{trace.UnknownSession, NodeKilled, func(s *recoveryScript) string {
			s.streams()
			s.do(trace.Event{Kind: trace.NodeDown, Node: n("A"), Text: trace.Killed.Name()})
			return "B"
		}},
		{trace.UnknownSession, TooLate, func(s *recoveryScript) string {
			s.streams()
			s.do(trace.Event{Kind: trace.NodeDown, Node: n("A"), Text: trace.Stopped.Name()})
			return "B"
		}},
		{trace.UnknownSession, StillConnected, func(s *recoveryScript) string { s.streams(); return "B" }},
	} {
		s := recoveryRun()
		s.lost()
		node := "A"
		if tt.do != nil {
			node = tt.do(s)
		}
		s.comes("a", node, "a-2", tt.text)
		got := s.view()
		if got.Recovery != (Recovery{Failed: 1}) || len(got.Failures) != 1 || got.Failures[0] != (FailureCount{tt.want, 1}) {
			t.Errorf("%s: %+v %v, want %v", tt.text, got.Recovery, got.Failures, tt.want)
		}
		if c, _ := s.l.Client("a"); c.NotRecovered != tt.want || c.Recovery.Failed != 1 {
			t.Errorf("%s: client %+v", tt.text, c)
		}
	}
	for f := range recoveryFailures {
		if f.String() == "" || f.Because() == "" {
			t.Errorf("failure %d has no text", f)
		}
	}
}
