package run

import (
	"time"

	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/inspect"
)

// Watched is a run that can be looked at as it is and as it was, and be steered
// by steps: a sim.Live on virtual time, or a sim.Served.
type Watched interface {
	// Run is what is run, the steps that were done, and the events so far.
	inspect.Run

	// End returns how far it goes, Head how far it has come.
	End() time.Duration
	Head() time.Duration

	// Advance returns when the run has come to the instant t.
	Advance(t time.Duration) error

	// Do applies a step now. Names are those that one in words may use.
	Do(step scenario.Step) (scenario.Step, error)
	Names() *scenario.Names

	// The number of events so far, and the state after the first n of them.
	Len() uint64
	Before(t time.Duration) uint64
	Ledger(n uint64, now time.Duration) *ledger.Ledger
	Expectations(at *ledger.Ledger) ([]report.Expectation, error)

	Close() error
}

var _ Watched = (*sim.Live)(nil)
