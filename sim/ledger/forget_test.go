package ledger

import (
	"fmt"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// comeSayAndGo is what n users do who come one after the other, at a rate a second:
// each joins the lobby, says a word and goes when 50 others have come.
func (s *script) comeSayAndGo(n, rate int) {
	const stay = 50
	began := s.at
	sid := func(k int) string { return fmt.Sprintf("socket-%d-%d", began, k) }
	for k := range n + stay {
		s.to(s.at + time.Second/time.Duration(rate))
		if k >= stay {
			s.emit(trace.Event{Kind: trace.SocketClosed, Node: trace.N("A"), Socket: trace.N(sid(k - stay)), Text: trace.TransportClose.Name()})
			s.emit(trace.Event{Kind: trace.SessionClosed, Node: trace.N("A"), Session: trace.N(sid(k - stay)), Text: trace.TransportClose.Name()})
		}
		if k < n {
			user := fmt.Sprintf("user-%d-%d", began, k)
			s.real(user, sid(k), "A")
			var to []string
			for other := max(0, k-stay+1); other <= k; other++ {
				to = append(to, sid(other))
			}
			s.says(user, sid(k), "A", 1, to...)
		}
	}
}

// However many come and go, a ledger takes the memory that it may; when all have
// gone for a while, none. Nothing is counted wrong for that.
func TestMemoryOfThoseWhoComeAndGo(t *testing.T) {
	const most, users = 4 << 20, 10_000
	s := newScript(t, Config{Settle: 2 * time.Second, RealClients: true, MaxBytes: most})
	before := s.l.Size()
	s.comeSayAndGo(users/2, 1000)
	half := s.l.Clone()
	s.comeSayAndGo(users/2, 1000)
	if n := s.l.Size(); n > 2*most {
		t.Errorf("%d bytes, of which %d may be remembered", n, most)
	}
	if n := len(s.l.sockets); n > 4096 {
		t.Errorf("%d numbers of sockets for 50 at a time", n)
	}
	due := users*50 - 2*50*49/2 // the first ones of each half found fewer
	if got := s.total(); got != (Counts{Due: due, Arrived: due, Ratio: 1}) {
		t.Errorf("%+v, want %d due and arrived", got, due)
	}
	s.l.Advance(s.at + 2*time.Minute)
	if n := s.l.Size() - before; n > 600*endedSockets || len(s.l.messages.queue) > 0 || len(s.l.sockets) > endedSockets {
		t.Errorf("%d bytes, %d messages and %d sockets are left", n, len(s.l.messages.queue), len(s.l.sockets))
	}
	if got := half.SnapshotSince(0).Delivery.Total.Due; got != due/2 {
		t.Errorf("the state half way has %d due, want %d", got, due/2)
	}
}

// What is forgotten is not asked for by a session or a user that outlives it.
func TestWhoOutlivesASocket(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), Keep: seconds(10), RealClients: true})
	s.real("ada", "ada1", "A")
	s.real("ada", "ada2", "A")
	for _, sid := range []string{"ada2", "ada1"} {
		if sid == "ada1" {
			s.to(s.at + seconds(5)).emit(trace.Event{Kind: trace.Proxied, Node: trace.N("B"), Session: trace.N("ada1"), Status: 400, Text: trace.GetPolling.Name()})
			m := s.says("bob", "bob1", "A", 1)
			s.to(s.at + seconds(3))
			s.l.Advance(s.at)
			if state, _ := s.l.Message(m); state.Missed != 1 { // on the old socket; the new one had gone
				t.Errorf("%+v", state)
			}
		}
		s.to(s.at + seconds(1)).emit(trace.Event{Kind: trace.SocketClosed, Node: trace.N("A"), Socket: trace.N(sid), Text: trace.ClientNamespaceDisconnect.Name()})
		s.to(s.at + seconds(20))
		s.l.Advance(s.at)
		s.emit(trace.Event{Kind: trace.Proxied, Node: trace.N("B"), Session: trace.N(sid), Status: 400, Text: trace.GetPolling.Name()})
	}
	if n := len(s.l.sockets); n != 0 {
		t.Errorf("%d sockets are left", n)
	}
}

// Messages in flight alone can be too many: then some are not followed, and that is
// said.
func TestMessagesThatAreNotFollowed(t *testing.T) {
	s := newScript(t, Config{Settle: time.Hour, RealClients: true, MaxBytes: 100_000})
	s.comeSayAndGo(1000, 1000)
	p := s.l.SnapshotSince(0)
	if p.Untracked == 0 || p.Untracked+p.Messages.Sent != 1000 || p.Delivery.Total.Missed > 0 {
		t.Errorf("%d are not followed, %d sent, %+v", p.Untracked, p.Messages.Sent, p.Delivery.Total)
	}
}
