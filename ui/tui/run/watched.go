package run

import (
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

// Watched is a run that can be looked at as it is and as it was, and be steered
// by steps: a sim.Live on virtual time, or a sim.Served.
type Watched interface {
	// Plan returns what is run, End how far it goes, Head how far it has come.
	Plan() *plan.Plan
	End() time.Duration
	Head() time.Duration

	// Advance returns when the run has come to the instant t.
	Advance(t time.Duration) error

	// Do applies a step now; Hand returns the steps that were.
	Do(step scenario.Step) (scenario.Step, error)
	Hand() []scenario.Step

	// The events so far, and the state after the first n of them.
	Len() uint64
	Oldest() uint64
	Before(t time.Duration) uint64
	Events(from, to uint64) []trace.Event
	Ledger(n uint64, now time.Duration) *ledger.Ledger
	Expectations(at *ledger.Ledger) ([]report.Expectation, error)

	Close() error
}

var _ Watched = (*sim.Live)(nil)
