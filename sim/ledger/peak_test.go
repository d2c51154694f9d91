package ledger

import (
	"math/rand/v2"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// busiest is what the peak of [from, at) must be.
func busiest(asked []time.Duration, from, at time.Duration) (most int) {
	seconds := map[time.Duration]int{}
	for _, t := range asked {
		if t >= from && t < at {
			seconds[(t-from)/time.Second]++
			most = max(most, seconds[(t-from)/time.Second])
		}
	}
	return most
}

// The seconds of a window are counted from where it begins, wherever that is
// and whenever it is watched; a copy made on the way comes to the same.
func TestPeakOfRequests(t *testing.T) {
	for _, every := range []time.Duration{0, 100 * time.Millisecond, 500 * time.Millisecond} {
		r := rand.New(rand.NewPCG(3, uint64(every)))
		end := 20 * time.Second
		l := New(Config{Settle: 2 * time.Second, Every: every, End: end})
		var windows []*Window
		watch := func(from, at time.Duration) { windows = append(windows, l.Watch(from, at)) }
		watch(0, end)
		watch(1234*time.Millisecond, 17*time.Second)
		watch(17*time.Second, end+time.Second)
		watch(4*time.Second, 4200*time.Millisecond)
		var asked []time.Duration
		var copied *Ledger
		for at := time.Duration(0); at < end+5*time.Second; at += time.Duration(r.Int64N(int64(400 * time.Millisecond))) {
			for range 1 + r.IntN(4) {
				if at < end {
					asked = append(asked, at)
				}
				l.Apply(&trace.Event{At: at, Kind: trace.Asked, Client: trace.N("a")})
				if copied != nil {
					copied.Apply(&trace.Event{At: at, Kind: trace.Asked, Client: trace.N("a")})
				}
			}
			if at > 9*time.Second && copied == nil {
				if every > 0 {
					watch(3*time.Second, 12*time.Second) // late, at a cut
				}
				copied = l.Clone()
			}
			if got, want := l.View(windows[0]).Requests.Peak, busiest(asked, 0, end); got != want {
				t.Fatalf("every %v, at %v: %d so far, want %d", every, at, got, want)
			}
			if from := max(at-3*time.Second, 0); every > 0 && at < end {
				p := l.SnapshotSince(from)
				if want := busiest(asked, p.From, end); p.Requests.Peak != want {
					t.Fatalf("every %v, at %v: look from %v: %d, want %d", every, at, p.From, p.Requests.Peak, want)
				}
			}
		}
		for _, one := range []*Ledger{l, copied} {
			one.Advance(end + time.Minute)
			for _, w := range windows {
				if got, want := one.View(w).Requests.Peak, busiest(asked, w.From, w.At); got != want {
					t.Errorf("every %v: from %v to %v: %d, want %d", every, w.From, w.At, got, want)
				}
			}
		}
	}
}
