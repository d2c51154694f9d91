package scenario_test

import (
	"regexp"
	"testing"

	"stickylab/sim/scenario"
)

// The starter file names every verb, so that a reader learns what can be done.
func TestStarterNamesVerbs(t *testing.T) {
	for _, v := range scenario.Verbs {
		if !regexp.MustCompile(`\b` + string(v) + `\b`).MatchString(scenario.Starter) {
			t.Errorf("the starter file does not name the verb %s", v)
		}
	}
}
