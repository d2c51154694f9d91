package plan

import (
	"sync"
	"testing"

	"stickylab/scenarios"
	"stickylab/sim/scenario"
)

// A step is checked by reading alone: the plan is in use meanwhile.
func TestCheckStepOnlyReads(t *testing.T) {
	text, err := scenarios.Read("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	f, problems := Parse("two-regions.yaml", text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := p.CheckStep(scenario.Step{Verb: scenario.Kill, Node: "im-5080"}); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
}
