package ledger

import (
	"testing"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/trace"
)

func TestKindsAreThoseOfTheTable(t *testing.T) {
	if len(joining) != joiningKinds || joining[0].Kind != adapter.Redis {
		t.Errorf("%d kinds join nodes, the first is %s; the constants of the reasons are for %d, redis first", len(joining), joining[0].Kind, joiningKinds)
	}
}

// uses gives nodes another kind of adapter.
func (s *script) uses(kind adapter.Kind, nodes ...string) {
	for _, n := range nodes {
		s.node(trace.AdapterOff, n)
		s.emit(trace.Event{Kind: trace.AdapterOn, Node: trace.N(n), Text: trace.N(string(kind))})
		s.node(trace.RedisUp, n)
	}
}

// Why a message is missed, and since when that is certain, depends on the kinds of adapter.
func TestReasonsOfKinds(t *testing.T) {
	published := func(s *script, m trace.Msg) { s.of(trace.Published, m, "", "A") }
	for _, c := range []struct {
		name     string
		receiver string // its node
		before   func(s *script)
		after    func(s *script, m trace.Msg)
		want     Reason
		sentence string
		at       time.Duration // after sending
	}{
		{"different kinds", "B", func(s *script) { s.uses(adapter.Sharded, "B") }, published, OtherAdapter(adapter.Redis, adapter.Sharded),
			"receiver is on B, which uses redis-sharded, A publishes with redis", 0},
		{"different kinds, unpublished", "B", func(s *script) { s.uses(adapter.Streams, "A"); s.node(trace.RedisDown, "A") }, nil, OtherAdapter(adapter.Streams, adapter.Redis),
			"receiver is on B, which uses redis, A publishes with redis-streams", 0},
		{"waits on the same node", "A", func(s *script) { s.uses(adapter.Sharded, "A", "B"); s.node(trace.RedisDown, "A") }, nil, WaitsForRedis,
			"A waits for Redis before it serves its own sockets (sent on A)", seconds(2)},
		{"waits on another node", "B", func(s *script) { s.uses(adapter.Sharded, "A", "B"); s.node(trace.RedisDown, "A") }, nil, RedisDownSender,
			"receiver is on B, A has no link to Redis", seconds(2)},
		{"waits, and dies", "B", func(s *script) { s.uses(adapter.Sharded, "A", "B") }, func(s *script, m trace.Msg) { s.node(trace.NodeDown, "A") }, SenderNodeDied,
			"receiver is on B, A went down before it passed the message on", 0},
		{"a sharded receiver without a link", "B", func(s *script) { s.uses(adapter.Sharded, "A", "B"); s.node(trace.RedisDown, "B") }, published, RedisDownReceiver,
			"receiver is on B, which has no link to Redis (sent on A)", 0},
		{"a streams receiver without a link reads it later", "B", func(s *script) { s.uses(adapter.Streams, "A", "B"); s.node(trace.RedisDown, "B") }, published, RedisDownReceiver,
			"receiver is on B, which has no link to Redis (sent on A)", seconds(2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript(t, Config{Settle: seconds(2)})
			s.join("b", c.receiver)
			s.to(seconds(5))
			c.before(s)
			m := s.to(seconds(10)).say("a", "A", 1)
			if c.after != nil {
				c.after(s, m)
			}
			for _, at := range []time.Duration{0, seconds(1), seconds(2)} {
				s.l.Advance(seconds(10) + at)
				p := s.l.SnapshotSince(0)
				if missed := len(p.Missed) == 1; missed != (at >= c.at) {
					t.Errorf("%v after sending: missed %v, which is certain after %v", at, p.Missed, c.at)
				}
				if len(p.Missed) == 1 && (p.Missed[0].Reason != c.want || p.Missed[0].String() != c.sentence) {
					t.Errorf("missed %v, want %v: %s", p.Missed, c.want, c.sentence)
				}
			}
		})
	}
}

// What waited for Redis and comes when it is back has arrived, and is missed no more.
func TestLateArrivalIsNotMissed(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	s.join("b", "B")
	s.uses(adapter.Streams, "A", "B")
	s.node(trace.RedisDown, "A")
	m := s.to(seconds(10)).say("a", "A", 1)
	s.l.Advance(seconds(13))
	if p := s.l.SnapshotSince(0); p.Delivery.Total.Missed != 1 {
		t.Fatalf("%+v", p.Delivery.Total)
	}
	s.to(seconds(20)).node(trace.RedisUp, "A")
	s.of(trace.Published, m, "", "A")
	s.of(trace.Relayed, m, "", "B")
	s.of(trace.Wrote, m, "b", "B")
	s.of(trace.Read, m, "b", "B")
	if p := s.l.SnapshotSince(0); p.Delivery.Total.Missed != 0 || p.Delivery.Total.Arrived != 1 {
		t.Errorf("%+v", p.Delivery.Total)
	}
}
