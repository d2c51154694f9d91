package trace

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Recorder collects the events of all lanes. They become visible when
// CloseStep is called at the end of a step.
type Recorder struct {
	start time.Time
	sink  func([]Event)

	strictly atomic.Bool // strict is set

	mu      sync.Mutex
	strict  func(error) // see Strict; may be nil
	step    uint32
	pending []Event
	spare   []Event
	seq     uint64
}

// NewRecorder returns a recorder whose clock starts now. At the end of each
// step sink gets the step's events in their final order; the slice is reused
// after sink returns.
func NewRecorder(sink func([]Event)) *Recorder {
	return &Recorder{start: time.Now(), sink: sink, step: 1}
}

// Lane returns a new lane. Its name must be unique in the run for as long as the
// lane is used.
func (r *Recorder) Lane(id LaneID) *Lane {
	if id.Client == (Name{}) {
		id.Client = id.Origin.Lane.Client()
	}
	return &Lane{id: id, name: id.String(), to: r}
}

// Strict checks that in a step a lane emits, and counts, in one goroutine, which may
// pass it on to one that it starts: otherwise the order of its events is up to the
// machine. broken is called with a *SharedLaneError for each use by another one; nil
// ends the check. It is for tests, since it takes a microsecond an event.
func (r *Recorder) Strict(broken func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.strict = broken
	r.strictly.Store(broken != nil)
}

// Start returns the instant from which At is counted.
func (r *Recorder) Start() time.Time { return r.start }

func (r *Recorder) add(l *Lane, e *Event) Ref {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.At = time.Since(r.start) // under the lock: never before an event of a closed step
	r.enter(l)
	if r.strict != nil {
		r.check(l, e.Kind.String())
	}
	depth := l.depth // never before its predecessor in the lane
	if e.Cause.step == r.step {
		depth = max(depth, e.Cause.depth+1)
	}
	l.depth = depth
	l.n++
	e.Lane, e.N, e.depth = l, l.n, depth
	r.pending = append(r.pending, *e)
	return Ref{Lane: l, N: l.n, step: r.step, depth: depth}
}

// enter notes that the lane is used in this step. It needs r.mu.
func (r *Recorder) enter(l *Lane) {
	if l.step != r.step {
		l.step, l.depth, l.owner = r.step, 0, 0
	}
}

// CloseStep ends the step: its events are sorted (cause before effect, then
// lane, then number in the lane), numbered and handed to the sink. It must be
// called by one goroutine, when all others of the run are idle.
func (r *Recorder) CloseStep() {
	r.mu.Lock()
	events := r.pending
	if len(events) == 0 {
		if r.strict != nil {
			r.step++ // what was counted in it is of no other
		}
		r.mu.Unlock()
		return
	}
	r.pending, r.spare = r.spare[:0], nil
	r.step++
	r.mu.Unlock()

	if len(events) > 1 {
		slices.SortFunc(events, before)
	}
	for i := range events {
		r.seq++
		events[i].Seq = r.seq
	}
	r.sink(events)
	clear(events) // lanes and names can go
	r.spare = events[:0]
}

// before orders a step. Under virtual time all its events have one At.
func before(a, b Event) int {
	if a.At != b.At {
		return cmp.Compare(a.At, b.At)
	}
	if a.depth != b.depth {
		return cmp.Compare(a.depth, b.depth)
	}
	if a.Lane != b.Lane {
		if c := cmp.Compare(a.Lane.name, b.Lane.name); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.N, b.N)
}
