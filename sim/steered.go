package sim

import (
	"slices"
	"sync"

	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

// steered is a run that takes manual steps.
type steered struct {
	plan *plan.Plan // as it was given
	sim  *simulation

	handMu sync.Mutex
	hand   []scenario.Step
	most   int // manual steps that are remembered; zero means all
}

// Plan returns the plan of the run, as it was given.
func (x *steered) Plan() *plan.Plan { return x.plan }

// Hand returns the manual steps, in the order of time.
func (x *steered) Hand() []scenario.Step {
	x.handMu.Lock()
	defer x.handMu.Unlock()
	return slices.Clone(x.hand)
}

// did remembers a manual step.
func (x *steered) did(step scenario.Step) {
	x.handMu.Lock()
	defer x.handMu.Unlock()
	if x.hand = append(x.hand, step); x.most > 0 && len(x.hand) > x.most {
		x.hand = slices.Delete(x.hand, 0, x.most/2)
	}
}

// Expectations judges what can be judged in a state that Ledger returned; the
// others have no verdict yet.
func (x *steered) Expectations(at *ledger.Ledger) ([]report.Expectation, error) {
	return x.sim.judge(at)
}
