package sim

import (
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// What the ledger calls missed before its message has settled is certain: it does not arrive afterwards.
func TestMissedStaysMissed(t *testing.T) {
	for _, name := range []string{"toggle-live", "node-dies", "redis-down", "frozen-node"} {
		p := planOf(t, name, nil)
		state := ledger.New(ledger.Config{Settle: p.File.Settle, End: p.File.Duration})
		missed := make(map[trace.Msg]int)
		early, next := 0, time.Duration(0)
		look := func(at time.Duration) {
			state.Advance(at)
			for _, m := range state.Recent(40) {
				if m.Missed < missed[m.ID] {
					t.Errorf("%s: at %v %v has %d missed, which were %d", name, at, m.ID, m.Missed, missed[m.ID])
				}
				if missed[m.ID] = m.Missed; m.Missed > 0 && !m.Settled {
					early++
				}
			}
		}
		_, err := Run(t.Context(), p, Options{Trace: func(events []trace.Event) {
			for i := range events {
				if e := &events[i]; e.At >= next {
					look(e.At)
					next = e.At + 20*time.Millisecond
				}
				state.Apply(&events[i])
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if early == 0 {
			t.Errorf("%s: nothing was missed before it settled", name)
		}
	}
}
