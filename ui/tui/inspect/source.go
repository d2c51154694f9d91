package inspect

import (
	"slices"
	"sort"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// Source is a run as it was at a cursor in its trace.
type Source interface {
	// Ledger returns the state at the cursor. It is not changed.
	Ledger() *ledger.Ledger

	// Events returns the events from..to, both included and counted from 1, as
	// far as they are kept. They are not changed.
	Events(from, to uint64) []trace.Event

	Cursor() uint64     // how many events have happened
	Oldest() uint64     // the oldest event that is kept
	Now() time.Duration // at or after the last event of the cursor

	Plan() *plan.Plan
	Steps() []scenario.Step // that have been done: of the file and by hand, in the order of time
}

// Run is what a moment is looked at in: a sim.Live or a sim.Served.
type Run interface {
	Plan() *plan.Plan
	Hand() []scenario.Step
	Oldest() uint64
	Events(from, to uint64) []trace.Event
}

// At returns a run as it was after its first n events, at the instant now, with
// the ledger of then.
func At(live Run, n uint64, now time.Duration, then *ledger.Ledger) Source {
	return &moment{live, n, now, then}
}

type moment struct {
	live   Run
	cursor uint64
	now    time.Duration
	ledger *ledger.Ledger
}

var _ Source = (*moment)(nil)

func (m *moment) Ledger() *ledger.Ledger { return m.ledger }
func (m *moment) Cursor() uint64         { return m.cursor }
func (m *moment) Oldest() uint64         { return m.live.Oldest() }
func (m *moment) Now() time.Duration     { return m.now }
func (m *moment) Plan() *plan.Plan       { return m.live.Plan() }

func (m *moment) Events(from, to uint64) []trace.Event {
	return m.live.Events(from, min(to, m.cursor))
}

func (m *moment) Steps() []scenario.Step {
	steps := slices.Concat(m.live.Plan().Steps, m.live.Hand())
	slices.SortStableFunc(steps, func(a, b scenario.Step) int { return int(a.At - b.At) })
	n := sort.Search(len(steps), func(i int) bool { return steps[i].At > m.now })
	return steps[:n]
}
