package sim

import (
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// A served run keeps a minute of its past in any case, and what is older as long as
// that is little: of a burst only the end stays.
func TestThePastOfABurstGoes(t *testing.T) {
	for _, c := range []struct {
		name   string
		events int
		all    bool // is kept
	}{{"a little", 2_000, true}, {"a burst", 150_000, false}} {
		h := history{limit: servedHistory}
		state := ledger.New(ledger.Config{})
		h.begin(state)
		seq := uint64(0)
		for seq < uint64(c.events) {
			step := make([]trace.Event, 1000)
			for i := range step {
				seq++
				step[i] = trace.Event{Seq: seq, At: time.Duration(seq) * time.Millisecond / 10, Kind: trace.Step}
				state.Apply(&step[i])
			}
			h.record(step, state)
		}
		if n := uint64(c.events) - h.Oldest(); n > servedHistory*5/4 {
			t.Errorf("%s: %d events are kept", c.name, n)
		}
		end, oldest := state.Now(), h.Oldest()
		for quiet := time.Duration(0); quiet <= 2*oldAge; quiet += time.Second {
			state.Advance(end + quiet)
			h.age(state)
			if gone := h.Oldest() > oldest; gone && quiet < oldAge-15*time.Second { // the burst took as long
				t.Fatalf("%s: gone after %v", c.name, quiet)
			}
		}
		if all := h.Oldest() == 1; all != c.all || h.size() > oldMemory {
			t.Errorf("%s: from event %d on after two quiet minutes, %d bytes", c.name, h.Oldest(), h.size())
		}
		if got := h.Ledger(h.Len(), state.Now()).Now(); got != state.Now() {
			t.Errorf("%s: the state is that at %v, want %v", c.name, got, state.Now())
		}
	}
}
