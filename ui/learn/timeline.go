package learn

import (
	"cmp"
	"slices"
	"time"

	"stickylab/sim/plan"
)

// Kind is a kind of moment.
type Kind uint8

// The kinds. Of those of one instant the first comes first: what was asked is
// answered before something new is told, and that before it is asked about.
const (
	Answered Kind = iota // the outcome of a prediction
	Told                 // narration
	Asked                // a prediction
	Ended                // the run is over
)

// Moment is an instant of a run at which the lesson has something to say.
type Moment struct {
	Kind Kind
	At   time.Duration
	N    int // which narration, or which prediction
}

// Timeline returns the moments of a lesson in the order of time. An answer is
// known once its window has settled.
func Timeline(plan *plan.Plan) []Moment {
	f := plan.File
	end := f.Duration + f.Settle
	out := []Moment{{Ended, end, 0}}
	for i, n := range f.Lesson.Narration {
		out = append(out, Moment{Told, n.At, i})
	}
	for i, p := range plan.Asked {
		out = append(out, Moment{Asked, p.At, i}, Moment{Answered, min(p.Until+f.Settle, end), i})
	}
	slices.SortStableFunc(out, func(a, b Moment) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.N, b.N))
	})
	return out
}
