package ledger

import (
	"testing"

	"stickylab/cluster/trace"
)

// A window keeps the clients as they were at its end, with what they had lost by
// then, whatever happens later.
func TestClientsAtTheEndOfAWindow(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	one, other := s.l.WatchClients(0, seconds(2)), s.l.WatchClients(seconds(2), seconds(4))
	plain := s.l.Watch(0, seconds(2))
	s.join("bob", "A")
	if got := s.l.ClientsAt(one); got != nil {
		t.Errorf("before the end: %+v", got)
	}
	s.to(seconds(1))
	for _, status := range []int32{200, 400, 502, 0} {
		s.emit(trace.Event{Kind: trace.Answered, Client: trace.N("bob"), Status: status})
	}
	s.emit(trace.Event{Kind: trace.Disconnected, Client: trace.N("bob"), Text: trace.TransportClose.Name()})
	s.to(seconds(3))
	s.join("bob", "B")
	s.to(seconds(5))
	s.emit(trace.Event{Kind: trace.Disconnected, Client: trace.N("bob"), Text: trace.ClientDisconnect.Name()})

	first, second := s.l.ClientsAt(one), s.l.ClientsAt(other)
	if len(first) != 1 || first[0].Presence != Away || first[0].Lost != 1 || first[0].Unserved != 2 {
		t.Errorf("at 2 s: %+v", first)
	}
	if len(second) != 1 || second[0].Presence != Connected || second[0].Node != "B" || second[0].Lost != 1 {
		t.Errorf("at 4 s: %+v", second)
	}
	if now := s.l.Clients()[0]; now.Presence != Gone || now.Lost != 1 {
		t.Errorf("a client that closes its connection has lost it: %+v", now)
	}
	if got := s.l.ClientsAt(plain); got != nil {
		t.Errorf("a window that is only watched: %+v", got)
	}
}
