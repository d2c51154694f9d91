package ledger

import (
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// What can no longer arrive is missed, with its reason, from the instant at which that is
// certain, and what may still arrive is in flight.
func TestMissedAtOnce(t *testing.T) {
	published := func(s *script, m trace.Msg) { s.of(trace.Published, m, "", "A") }
	for _, c := range []struct {
		name   string
		before func(s *script)
		after  func(s *script, m trace.Msg) // at the instant of sending
		later  func(s *script, m trace.Msg) // 0.1 s later
		want   Reason
		at     time.Duration // after sending; 0 means with the event itself
	}{
		{"adapter off", func(s *script) { s.node(trace.AdapterOff, "A") }, nil, nil, AdapterOffSender, 0},
		{"not published", func(s *script) { s.node(trace.RedisDown, "A") }, nil, nil, RedisDownSender, 1},
		{"adapter off at the receiver's node", func(s *script) { s.node(trace.AdapterOff, "B") }, published, nil, AdapterOffReceiver, 0},
		{"no link there", func(s *script) { s.node(trace.RedisDown, "B") }, published, nil, RedisDownReceiver, 0},
		{"sender's node dies first", nil, func(s *script, m trace.Msg) { s.node(trace.NodeDown, "A") }, nil, SenderNodeDied, 1},
		{"receiver was gone", func(s *script) { s.text(trace.Disconnected, "b", "B", "ping timeout") }, published, nil, ReceiverGone, 0},
		{"receiver's node dies", nil, published, func(s *script, m trace.Msg) { s.node(trace.NodeDown, "B") }, ReceiverNodeDied, seconds(0.1)},
		{"link is lost on the way", nil, published, func(s *script, m trace.Msg) { s.node(trace.RedisDown, "B") }, RedisDownReceiver, seconds(0.1)},
		{"adapter goes off on the way", nil, published, func(s *script, m trace.Msg) { s.node(trace.AdapterOff, "B") }, AdapterOffReceiver, seconds(0.1)},
		{"socket ends", nil, published, func(s *script, m trace.Msg) {
			s.of(trace.Relayed, m, "", "B")
			s.text(trace.SocketClosed, "b", "B", "transport close")
		}, ConnectionBroke, seconds(0.1)},
		{"client is disconnected", nil, published, func(s *script, m trace.Msg) {
			s.of(trace.Relayed, m, "", "B")
			s.of(trace.Wrote, m, "b", "B")
			s.text(trace.Disconnected, "b", "B", "transport close")
		}, ConnectionBroke, seconds(0.1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript(t, Config{Settle: seconds(2)})
			s.join("b", "B")
			s.to(seconds(5))
			if c.before != nil {
				c.before(s)
			}
			m := s.to(seconds(10)).say("a", "A", 1)
			if c.after != nil {
				c.after(s, m)
			}
			check := func(when time.Duration, missed bool) {
				t.Helper()
				state, _ := s.l.Message(m)
				client, _ := s.l.Client("b")
				total := s.l.SnapshotSince(0).Delivery.Total
				want := Counts{Due: 1, Pending: 1}
				if missed {
					want = Counts{Due: 1, Missed: 1}
				}
				if state.Counts != want || total != want || client.Missed != want.Missed {
					t.Errorf("%v after sending: message %+v, all %+v, client missed %d; want %+v", when, state.Counts, total, client.Missed, want)
				}
				if missed && (len(state.Nodes[0].Missed) != 1 || state.Nodes[0].Missed[0].Reason != c.want) {
					t.Errorf("%v after sending it is missed by %v, want %v", when, state.Nodes[0].Missed, c.want)
				}
			}
			check(0, c.at == 0)
			s.l.Advance(seconds(10) + 1)
			check(1, c.at <= 1)
			if s.to(seconds(10.1)); c.later != nil {
				c.later(s, m)
			}
			s.l.Advance(seconds(10.1))
			check(seconds(0.1), true)
			s.l.Advance(seconds(12))
			check(seconds(2), true)
		})
	}
}

// What is on its way, or may be, is in flight until it settles.
func TestInFlightUntilItSettles(t *testing.T) {
	for name, after := range map[string]func(s *script, m trace.Msg){
		"to Redis":                func(s *script, m trace.Msg) {},
		"to the receiver's node":  func(s *script, m trace.Msg) { s.node(trace.RedisDown, "A") },
		"in the receiver's node":  func(s *script, m trace.Msg) { s.of(trace.Relayed, m, "", "B") },
		"in a frozen node":        func(s *script, m trace.Msg) { s.node(trace.NodeFroze, "B") },
		"to the receiver":         func(s *script, m trace.Msg) { s.of(trace.Wrote, m, "b", "B") },
		"from a node that closed": func(s *script, m trace.Msg) { s.of(trace.Wrote, m, "b", "B"); s.node(trace.NodeDown, "B") },
	} {
		s := newScript(t, Config{Settle: seconds(2)})
		s.join("b", "B")
		m := s.to(seconds(10)).say("a", "A", 1)
		s.of(trace.Published, m, "", "A")
		after(s, m)
		s.l.Advance(seconds(12) - 1)
		if state, _ := s.l.Message(m); state.Pending != 1 {
			t.Errorf("%s: %v, want it in flight", name, state)
		}
	}
}

// What arrives though it was thought to be lost has arrived: a proxy had repeated it to another
// node, or by the wall clock the event that it was published came late.
func TestMissIsTakenBack(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), RealClients: true})
	s.join("b", "B")
	state := func(m trace.Msg) Counts { state, _ := s.l.Message(m); return state.Counts }
	m := s.to(seconds(10)).say("a", "A", 1)
	if s.l.Advance(seconds(10) + publishGrace); state(m).Pending != 1 {
		t.Errorf("while it may still be published: %+v", state(m))
	}
	if s.l.Advance(seconds(10) + publishGrace + 1); state(m).Missed != 1 {
		t.Errorf("not published: %+v", state(m))
	}
	s.to(seconds(10.2)).of(trace.Published, m, "", "A")
	if state(m).Pending != 1 {
		t.Errorf("published after all: %+v", state(m))
	}

	m = s.to(seconds(11)).say("a", "A", 2)
	s.l.Advance(seconds(11.5))
	s.to(seconds(11.5)).of(trace.Relayed, m, "", "B")
	if state(m).Pending != 1 {
		t.Errorf("published by another node: %+v", state(m))
	}
	s.of(trace.Read, m, "b", "B")
	if got := state(m); got.Arrived != 1 || got.Missed != 0 {
		t.Errorf("read after all: %+v", got)
	}
	if b, _ := s.l.Client("b"); b.Missed != 0 {
		t.Errorf("its client missed %d", b.Missed)
	}
}
