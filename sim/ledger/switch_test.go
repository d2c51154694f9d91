package ledger

import (
	"testing"

	"stickylab/cluster/trace"
)

// Each switch begins a new span, in which nothing counts that was sent before; what belongs to one switch
// begins one span.
func TestSwitches(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), Every: seconds(0.5)})
	if got, ok := s.l.LastSwitch(); ok {
		t.Errorf("before the first message: %+v", got)
	}
	s.join("a", "A")
	s.join("b", "B")
	check := func(want Switch, due int) {
		t.Helper()
		got, ok := s.l.LastSwitch()
		if !ok || got != want {
			t.Errorf("switched %+v, want %+v", got, want)
		}
		if p := s.l.SnapshotSince(got.From); p.From != want.From || p.Delivery.Total.Due != due {
			t.Errorf("from %v %d were due, want %d from %v", p.From, p.Delivery.Total.Due, due, want.From)
		}
	}
	s.to(seconds(1.2)).say("a", "A", 1)
	s.to(seconds(1.3)).node(trace.AdapterOff, "A")
	check(Switch{Kind: trace.AdapterOff, Node: "A", At: seconds(1.3), From: seconds(1.3)}, 0)
	s.to(seconds(1.31)).say("a", "A", 2)
	s.to(seconds(1.4)).node(trace.AdapterOff, "B")
	check(Switch{Kind: trace.AdapterOff, At: seconds(1.3), From: seconds(1.4)}, 0)
	s.to(seconds(3)).node(trace.AdapterOn, "A")
	s.say("a", "A", 3)
	s.to(seconds(3.05)).node(trace.RedisUp, "A")
	s.say("a", "A", 4)
	check(Switch{Kind: trace.AdapterOn, Node: "A", At: seconds(3), From: seconds(3.05)}, 2)
	s.to(seconds(4)).node(trace.NodeDown, "B")
	s.say("a", "A", 5)
	check(Switch{Kind: trace.NodeDown, Node: "B", At: seconds(4), From: seconds(4)}, 1)
	s.to(seconds(5)).emit(trace.Event{Kind: trace.ConfigLoaded, Text: trace.N("ip_hash")})
	check(Switch{Kind: trace.ConfigLoaded, At: seconds(5), From: seconds(5)}, 0)
}
