package trace

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// told records what a recorder's sink gets, a line for each event.
func told(events *strings.Builder) func([]Event) {
	return func(step []Event) {
		for _, e := range step {
			fmt.Fprintf(events, "%d %s#%d %s\n", e.Seq, e.Lane.Name(), e.N, e.Text)
		}
	}
}

func TestAStepIsOrderedByCauseThenLaneThenNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got strings.Builder
		r := NewRecorder(told(&got))
		a, b, c := r.Lane(LaneID{Host: "a"}), r.Lane(LaneID{Host: "b"}), r.Lane(LaneID{Host: "c"})
		said := c.Emit(Event{Text: N("said")})
		a.Emit(Event{Text: N("heard"), Cause: said}) // an effect, in an earlier lane
		b.Emit(Event{Text: N("other")})
		a.Emit(Event{Text: N("after")}) // never before its predecessor in the lane
		if got.Len() != 0 {
			t.Error("events were told before the step was closed")
		}
		r.CloseStep()
		a.Emit(Event{Text: N("later"), Cause: said}) // a cause of an earlier step
		r.CloseStep()
		r.CloseStep() // nothing happened
		want := "1 b#1 other\n2 c#1 said\n3 a#1 heard\n4 a#2 after\n5 a#3 later\n"
		if got.String() != want {
			t.Errorf("got\n%swant\n%s", &got, want)
		}
	})
}

// However the goroutines of a step are scheduled, the trace is the same.
func TestOrderDoesNotDependOnScheduling(t *testing.T) {
	run := func() string {
		var got strings.Builder
		synctest.Test(t, func(t *testing.T) {
			r := NewRecorder(told(&got))
			source := r.Lane(LaneID{Host: "source"})
			lanes := make([]*Lane, 20)
			for i := range lanes {
				lanes[i] = r.Lane(LaneID{Host: fmt.Sprintf("lane-%02d", i)})
			}
			for range 5 {
				cause := source.Emit(Event{Text: N("go")})
				var wg sync.WaitGroup
				for _, i := range rand.Perm(len(lanes)) {
					wg.Go(func() {
						first := lanes[i].Emit(Event{Text: N("first"), Cause: cause})
						lanes[i].Emit(Event{Text: N("second"), Cause: first})
					})
				}
				wg.Wait()
				r.CloseStep()
				time.Sleep(time.Second)
			}
		})
		return got.String()
	}
	want := run()
	for range 10 {
		if got := run(); got != want {
			t.Fatalf("got\n%swant\n%s", got, want)
		}
	}
}

func TestTimesAreSinceTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		r := NewRecorder(func(step []Event) {
			for _, e := range step {
				at = append(at, e.At)
			}
		})
		l := r.Lane(LaneID{Host: "l"})
		l.Emit(Event{})
		r.CloseStep()
		time.Sleep(1500 * time.Millisecond)
		l.Emit(Event{})
		r.CloseStep()
		if len(at) != 2 || at[0] != 0 || at[1] != 1500*time.Millisecond {
			t.Errorf("at %v", at)
		}
	})
}

func TestNames(t *testing.T) {
	if N("im-3030") != N("im-"+strings.Repeat("30", 2)) || N("a") == N("b") || N("") != (Name{}) {
		t.Error("names are not equal when, and only when, their texts are")
	}
	if N("a").String() != "a" || (Name{}).String() != "" {
		t.Error("a name does not return its text")
	}
	for k := range kinds {
		if k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	r := NewRecorder(func([]Event) {})
	l := r.Lane(LaneID{Host: "lane"})
	b.ReportAllocs()
	for b.Loop() {
		l.Emit(Event{Kind: Read})
		r.CloseStep()
	}
}
