package sim

import (
	"testing"

	"stickylab/sim/expect"
)

// The same cluster, clients and judgement on TCP and by the wall clock.
func TestTheSameByTheWallClock(t *testing.T) {
	t.Parallel()
	const text = `title: Two regions over TCP
seed: 7
duration: 4s
settle: 3s
nodes: 2
adapter: none
proxy: {policy: ip_hash}
clients:
  beijing: {count: 4, ip: 203.0.113.0/24, connect: 0s..100ms, say: every 200ms}
  shanghai: {count: 4, ip: 192.0.2.0/25, connect: 0s..100ms, say: every 200ms, transports: [websocket]}
steps:
  - {at: 2s, adapter: redis}
expect:
  - {at: end, that: "nodes['im-1'].clients == 4 && nodes['im-2'].clients == 4"}
  - {at: 1900ms, that: "delivery.same.ratio == 1 && delivery.cross.ratio == 0"}
  - {from: 3s, at: end, that: "delivery.total.ratio == 1"}
  - {at: end, that: "delivery.total.duplicates == 0 && sessions.lost == 0"}
`
	r, _ := run(t, parse(t, "real.yaml", text, nil), Options{Real: true})
	if r == nil {
		return
	}
	for _, x := range r.Expectations {
		if x.Verdict != expect.Pass {
			t.Errorf("%s: %s: %s", x.Verdict, x.That, x.Actual)
		}
	}
}
