package trace

import (
	"errors"
	"sync"
	"testing"
)

func TestALaneThatTwoGoroutinesUseInOneStep(t *testing.T) {
	in := func(f func()) {
		var wg sync.WaitGroup
		wg.Go(f)
		wg.Wait()
	}
	emit := func(l *Lane) func() { return func() { l.Emit(Event{Kind: Read}) } }
	for _, c := range []struct {
		name   string
		id     LaneID
		shared bool
		use    func(*Recorder, *Lane)
	}{
		{"one after the other", LaneID{Host: "a"}, true, func(r *Recorder, l *Lane) { in(emit(l)); in(emit(l)) }},
		{"each in its step", LaneID{Host: "a"}, false, func(r *Recorder, l *Lane) { in(emit(l)); r.CloseStep(); in(emit(l)) }},
		{"passed on", LaneID{Host: "a"}, false, func(r *Recorder, l *Lane) { emit(l)(); in(emit(l)) }},
		{"passed on and back", LaneID{Host: "a"}, true, func(r *Recorder, l *Lane) { emit(l)(); in(emit(l)); emit(l)() }},
		{"two lanes", LaneID{Host: "a"}, false, func(r *Recorder, l *Lane) { in(emit(l)); in(emit(r.Lane(LaneID{Host: "b"}))) }},
		{"a queue's", LaneID{Host: "a", Serial: true}, false, func(r *Recorder, l *Lane) { in(emit(l)); in(emit(l)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRecorder(func([]Event) {})
			var broken error
			r.Strict(func(err error) { broken = err })
			c.use(r, r.Lane(c.id))
			var shared *SharedLaneError
			if got := errors.As(broken, &shared); got != c.shared {
				t.Errorf("%v, want a shared lane: %v", broken, c.shared)
			}
			if shared != nil && (shared.Lane != "a" || shared.What != "read" || shared.At == "") {
				t.Errorf("%+v", shared)
			}
		})
	}
}
