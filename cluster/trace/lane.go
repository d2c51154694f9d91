package trace

// A Lane is the stream of events of one goroutine, or of one activity that
// never runs in two goroutines at once. Its name must not depend on how
// goroutines were scheduled.
type Lane struct {
	name string
	to   *Recorder

	// Guarded by the recorder's lock.
	n     uint32
	step  uint32
	depth uint16

	counters map[string]uint32
}

// Name returns the lane's name.
func (l *Lane) Name() string { return l.name }

// Emit records e on the lane and returns a reference to it, for the events
// that it causes. Lane, N and At are set; it is safe from any goroutine, but
// the order within a step is the same in every run only when the lane belongs
// to one.
func (l *Lane) Emit(e Event) Ref { return l.to.add(l, &e) }

// Next counts, from 1, the things of a kind that this lane has made: dials,
// sessions, messages. It is for the goroutine that owns the lane.
func (l *Lane) Next(kind string) uint32 {
	if l.counters == nil {
		l.counters = make(map[string]uint32, 1)
	}
	l.counters[kind]++
	return l.counters[kind]
}
