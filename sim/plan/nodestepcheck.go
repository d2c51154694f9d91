package plan

import (
	"fmt"
	"math"
	"time"

	"stickylab/sim/scenario"
)

// runsAgain notes that a frozen node runs again.
func (c *stepChecker) runsAgain(_, _ string, s scenario.Step) { delete(c.frozenUntil, s.Node) }

// stops notes until when a node is frozen or blocked.
func (c *stepChecker) stops(_, _ string, s scenario.Step) {
	if c.frozenUntil == nil {
		c.frozenUntil = make(map[string]time.Duration)
	}
	if c.frozenUntil[s.Node] = s.At + s.Delay; s.Verb == scenario.Freeze {
		c.frozenUntil[s.Node] = math.MaxInt64
	}
}

// closes checks that a node that shall close is not frozen.
func (c *stepChecker) closes(_, verb string, s scenario.Step) {
	if c.frozenUntil[s.Node] > s.At {
		c.Value(verb, fmt.Sprintf("%s is frozen then: it cannot close", s.Node), "", "resume it before, or kill it")
	}
	delete(c.frozenUntil, s.Node)
}
