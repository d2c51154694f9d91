package ledger

import (
	"strings"
	"testing"

	"stickylab/cluster/trace"
)

// real connects a user who is no virtual client, in the lobby.
func (s *script) real(user, socket, node string) {
	name, sid := trace.N(user), trace.N(socket)
	s.emit(trace.Event{Kind: trace.SessionOpened, Node: trace.N(node), Session: sid, Text: trace.N("polling")})
	s.emit(trace.Event{Kind: trace.SocketOpened, Node: trace.N(node), Session: sid, Socket: sid, Client: name})
	s.emit(trace.Event{Kind: trace.Joined, Node: trace.N(node), Socket: sid, Client: name, Room: trace.N("lobby")})
}

// says is what a user says on a socket, written at once to others.
func (s *script) says(user, socket, node string, n uint32, to ...string) trace.Msg {
	msg := trace.Msg{From: trace.N(user), N: n}
	s.emit(trace.Event{Kind: trace.Sent, Node: trace.N(node), Client: msg.From, Socket: trace.N(socket), Msg: msg, Room: trace.N("lobby")})
	for _, sid := range to {
		s.emit(trace.Event{Kind: trace.Wrote, Node: trace.N(node), Socket: trace.N(sid), Msg: msg})
	}
	return msg
}

func (s *script) total() Counts { return s.l.SnapshotSince(0).Delivery.Total }

// A page that is loaded again may number its messages anew; two pages of one user
// may use the same numbers at the same time.
func TestIDsThatClientsUseAgain(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), RealClients: true})
	s.real("ada", "ada1", "A")
	s.real("bob", "bob1", "A")
	for n := range 5 {
		s.to(seconds(float64(n))).says("ada", "ada1", "A", uint32(n+1), "ada1", "bob1")
	}
	s.to(seconds(6)).text(trace.SocketClosed, "", "A", "transport close")
	s.emit(trace.Event{Kind: trace.SocketClosed, Node: trace.N("A"), Socket: trace.N("ada1"), Text: trace.N("transport close")})
	s.real("ada", "ada2", "A")
	for n := range 5 {
		s.to(seconds(float64(n+7))).says("ada", "ada2", "A", uint32(n+1), "ada2", "bob1")
	}
	s.real("ada", "ada3", "A")
	a := s.to(seconds(20)).says("ada", "ada2", "A", 1)
	s.says("ada", "ada3", "A", 1)
	for range 2 { // the copies of both, in the order in which they were said
		for _, sid := range []string{"ada2", "ada3", "bob1"} {
			s.emit(trace.Event{Kind: trace.Wrote, Node: trace.N("A"), Socket: trace.N(sid), Msg: a})
		}
	}
	s.l.Advance(seconds(30))
	if got := s.total(); got != (Counts{Due: 26, Arrived: 26, Ratio: 1}) {
		t.Errorf("%+v, want 26 due and arrived", got)
	}
	if p := s.l.SnapshotSince(0); p.Messages.Sent != 12 {
		t.Errorf("%d sent, want 12", p.Messages.Sent)
	}
}

// A real user who joins too late for a message and receives it is extra.
func TestLateJoinersAreExtra(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), RealClients: true})
	s.real("ada", "ada1", "A")
	m := s.says("ada", "ada1", "A", 1, "ada1")
	s.real("bob", "bob1", "B")
	s.emit(trace.Event{Kind: trace.Wrote, Node: trace.N("B"), Socket: trace.N("bob1"), Msg: m})
	s.l.Advance(seconds(3))
	if got := s.total(); got != (Counts{Due: 1, Arrived: 1, Extra: 1, Ratio: 1}) {
		t.Errorf("%+v, want one extra", got)
	}
}

// A poll of ada's fails, and ada comes back on another node; her first node has not
// noticed and keeps the old socket in the room.
func TestSocketsThatAReconnectLeavesOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int32
		to     []string
		want   string
	}{
		{"heard on the new one", 400, []string{"bob1", "ada2"}, "1 missed: left over on A from before a reconnect, the user received it on the new socket"},
		{"heard on neither", 400, []string{"bob1"}, "1 missed: receiver is on A, adapter is off on B; 1 missed: receiver is on B, which never wrote it"},
		{"two pages of a user", 200, []string{"bob1", "ada2"}, "1 missed: receiver is on A, adapter is off on B"},
		{"written to nobody", 400, []string{"bob1", "ada2", "ada1"}, "1 missed: left over on A from before a reconnect, the user received it on the new socket"},
		{"the client did not wait", 499, []string{"bob1", "ada2"}, "1 missed: receiver is on A, adapter is off on B"},
	} {
		s := newScript(t, Config{Settle: seconds(2), RealClients: true})
		s.real("ada", "ada1", "A")
		s.real("bob", "bob1", "B")
		s.node(trace.AdapterOff, "B")
		s.to(seconds(40.5)).emit(trace.Event{Kind: trace.Proxied, Node: trace.N("B"), Session: trace.N("ada1"), Status: c.status, Text: trace.GetPolling.Name()})
		// A poll that waited is answered all the same.
		s.emit(trace.Event{Kind: trace.Proxied, Node: trace.N("A"), Session: trace.N("ada1"), Status: 200, Text: trace.GetPolling.Name(), Value: seconds(20)})
		s.to(seconds(41.2)).real("ada", "ada2", "B")
		m := s.to(seconds(42)).says("bob", "bob1", "B", 1, c.to...)
		s.l.Advance(seconds(50))
		state, _ := s.l.Message(m)
		if _, missed := state.Outcome(func(node string) string { return node }); missed != c.want {
			t.Errorf("%s: %s, want %s", c.name, missed, c.want)
		}
		if old, _ := s.l.RealClient("ada1"); (old.LeftOver == seconds(41.2)) != (c.status == 400) {
			t.Errorf("%s: the old socket is %+v", c.name, old)
		}
		var who []string
		for _, r := range state.Nodes {
			for _, by := range r.Missed {
				who = append(who, by.Clients...)
			}
		}
		if named := strings.Join(who, ", "); strings.Contains(named, "(reconnected at 0:41)") != (c.status == 400 && len(c.to) > 1) {
			t.Errorf("%s: missed by %s", c.name, named)
		}
	}
}

// What a virtual client heard on its new socket it has not missed on the old one.
func TestNoMissForWhoeverReconnected(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	s.join("b", "B")
	s.to(seconds(1)).text(trace.Disconnected, "b", "B", "transport error")
	s.to(seconds(2)).join("b", "A")
	m := s.to(seconds(3)).say("a", "A", 1)
	s.of(trace.Read, m, "b", "A")
	s.l.Advance(seconds(6))
	p := s.l.SnapshotSince(0)
	if b, _ := s.l.Client("b"); b.Received != 1 || b.Missed != 0 {
		t.Errorf("received %d, missed %d", b.Received, b.Missed)
	}
	if len(p.Missed) != 1 || p.Missed[0].Reason != LeftOver || p.Delivery.Total != (Counts{Due: 2, Arrived: 1, Missed: 1, Ratio: 0.5}) {
		t.Errorf("%+v: %v", p.Delivery.Total, p.Missed)
	}
}

// A request that fails counts in the window in which it was made.
func TestNoMoreRequestsFailThanWereMade(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	early, late := s.l.Watch(0, seconds(10)), s.l.Watch(seconds(10), seconds(20))
	s.join("a", "A")
	s.to(seconds(9)).emit(trace.Event{Kind: trace.Asked, Client: trace.N("a")})
	s.to(seconds(11)).emit(trace.Event{Kind: trace.Answered, Client: trace.N("a"), Status: 502, Value: seconds(2)})
	s.l.Advance(seconds(30))
	for w, want := range map[*Window]Requests{early: {Total: 1, Failed: 1, Peak: 1}, late: {}} {
		if got := s.l.View(w).Requests; got != want {
			t.Errorf("from %v: %+v, want %+v", w.From, got, want)
		}
	}
}
