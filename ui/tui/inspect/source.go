package inspect

import (
	"slices"
	"sort"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Run is the run of a Source: a sim.Live or a sim.Served.
type Run interface {
	Plan() *plan.Plan
	Hand() []scenario.Step
	Oldest() uint64
	Events(from, to uint64) []trace.Event
}

// Source is a run as it was at a cursor in its trace. It is not changed.
type Source struct {
	Run
	Cursor uint64         // how many events have happened
	Now    time.Duration  // at or after the last of them
	Ledger *ledger.Ledger // the state at the cursor
}

// Events returns the events from..to, both included and counted from 1, as far
// as they are kept and have happened.
func (s *Source) Events(from, to uint64) []trace.Event { return s.Run.Events(from, min(to, s.Cursor)) }

// TextOf returns the text that a client says on its own.
func (s *Source) TextOf(client string) string {
	c, _ := s.Ledger.Client(client)
	return s.Plan().TextOf(c.Group, s.Steps()...)
}

// Said returns who says what by a step; both are "" when it lets no one speak.
func Said(step scenario.Step) (who, text string) {
	switch {
	case step.Verb == scenario.Emit:
		return cluster.Server, step.Text
	case step.Verb == scenario.Say && step.Size > 0:
		return step.Who, scenario.Words(step.Size)
	case step.Verb == scenario.Say:
		return step.Who, step.Text
	}
	return "", ""
}

// Steps returns the steps that have been done, of the file and done here, in the
// order of time.
func (s *Source) Steps() []scenario.Step {
	steps := slices.Concat(s.Plan().Steps, s.Hand())
	slices.SortStableFunc(steps, func(a, b scenario.Step) int { return int(a.At - b.At) })
	n := sort.Search(len(steps), func(i int) bool { return steps[i].At > s.Now })
	return steps[:n]
}
