// Package report writes the result of a run: as text, as JSON and JUnit XML for
// machines, and as the trace itself.
package report

import (
	"slices"
	"strconv"
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/scenario"
)

// Worst returns the worst of the expectations' verdicts. Without any it is a pass.
func Worst(all []Expectation) expect.Verdict {
	var verdicts []expect.Verdict
	for _, x := range all {
		verdicts = append(verdicts, x.Verdict)
	}
	return expect.Worst(verdicts...)
}

// Expectation is one judged expectation of a scenario.
type Expectation struct {
	That     string // the expression
	From, At time.Duration
	Verdict  expect.Verdict
	Actual   string // what was measured: "delivery.cross.ratio = 0.775 (31/40)"
	Measured string // the same in brief, "31/40"; "" when there is more than one value, or none
	Words    string // the same for people: "31 of 40 deliveries across nodes arrived"
	Why      string // the scenario's own reason, or what explains the verdict

	Values expect.Actual // what was measured, by name; empty unless it was
}

// Prediction is a question of a lesson with its judged choices. The one that
// holds is right.
type Prediction struct {
	Ask             string
	At, From, Until time.Duration
	Choices         []Choice
}

// Choice is one answer to a Prediction.
type Choice struct {
	Say     string
	That    string // the expression
	Verdict expect.Verdict
	Actual  string // what was measured, as in Expectation
	Words   string // and for people
}

// Right returns the number of the choice that holds, -1 when it is not exactly
// one, or when one was not judged.
func (p Prediction) Right() int {
	right := -1
	for i, c := range p.Choices {
		switch {
		case c.Verdict == expect.NotJudged, c.Verdict == expect.Pass && right >= 0:
			return -1
		case c.Verdict == expect.Pass:
			right = i
		}
	}
	return right
}

// Judged reports whether all choices have a verdict.
func (p Prediction) Judged() bool {
	return !slices.ContainsFunc(p.Choices, func(c Choice) bool { return c.Verdict == expect.NotJudged })
}

// Result is one finished run of a scenario.
type Result struct {
	Scenario     string             // as it is given to stickylab run: a built-in's name or a file
	Variant      string             // of the scenario; "" when it has none
	Set          []scenario.Setting // values in the place of the file's
	Title        string
	Seed         uint64
	Virtual      time.Duration // how long the scenario lasts
	Wall         time.Duration // how long the run took
	Verdict      expect.Verdict
	Err          error            // why the run did not come to its end; nil means that it did
	Final        *ledger.Snapshot // of the window from 0 to the end; nil unless it came there
	Expectations []Expectation
	Predictions  []Prediction // of its lesson

	Flags    []string // of stickylab run, that made the scenario what it is
	Unjudged string   // why nothing is judged, in a sentence; "" means that it is
}

// Name is the scenario with its variant: "two-regions, fixed".
func (r *Result) Name() string {
	if r.Variant == "" {
		return r.Scenario
	}
	return r.Scenario + ", " + r.Variant
}

// Replay returns the command that runs the scenario again in the same way.
func (r *Result) Replay() string {
	variant := ""
	if r.Variant != "" {
		variant = " --variant " + format.ShellWord(r.Variant)
	}
	flags := ""
	for _, f := range r.Flags {
		flags += " " + format.ShellWord(f)
	}
	for _, s := range r.Set {
		flags += " --set " + format.ShellWord(s.String())
	}
	return "stickylab run " + format.ShellWord(r.Scenario) + variant + flags + " --seed " + strconv.FormatUint(r.Seed, 10)
}

// span returns the window of an expectation in words.
func (r *Result) span(x Expectation) string {
	at := format.Clock(x.At)
	if x.At == r.Virtual {
		at = "the end"
	}
	if x.From == 0 {
		return "at " + at
	}
	return "from " + format.Clock(x.From) + " to " + at
}
