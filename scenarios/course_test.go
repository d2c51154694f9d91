package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"stickylab/scenarios"
	"stickylab/sim"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

// read returns a built-in scenario.
func read(t *testing.T, name string) *scenario.File {
	t.Helper()
	text, err := scenarios.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	f, problems := scenario.Parse(name+".yaml", text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return f
}

// run runs a file; with expect, that is judged in place of its own.
func run(t *testing.T, name string, f *scenario.File, expect []scenario.Expectation) *report.Result {
	t.Helper()
	plan, problems := scenario.Resolve(f, nil)
	if expect != nil {
		with := *f
		with.Expect = expect
		plan, problems = scenario.Resolve(&with, nil)
	}
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r, err := sim.Run(name, plan, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text is a result as people read it.
func text(r *report.Result) string {
	var b strings.Builder
	if err := report.WriteText(&b, r, report.TextOptions{}); err != nil {
		return err.Error()
	}
	return b.String()
}

// A lesson shows its fault, and its fix; that the fix matters, since what is
// true of the fault is not of the fix; and that each question has one answer.
func TestEveryLessonTellsTheTruth(t *testing.T) {
	for _, name := range scenarios.Names() {
		f := read(t, name)
		if f.Lesson == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := run(t, name, f, nil)
			if fault.Verdict != report.Pass {
				t.Errorf("the fault does not show:\n%s", text(fault))
			}
			if len(f.Lesson.Predictions) == 0 {
				t.Error("it asks nothing")
			}
			for _, p := range fault.Predictions {
				if p.Right() < 0 {
					var b strings.Builder
					for _, c := range p.Choices {
						fmt.Fprintf(&b, "\n  %-12s %s  (%s)", c.Verdict, c.Say, c.Actual)
					}
					t.Errorf("not exactly one answer to %q:%s", p.Ask, b.String())
				}
			}
			fixed, ok := f.Variant(f.Lesson.Fix)
			if !ok || f.Lesson.Fix == "" {
				t.Fatal("there is no fix")
			}
			if r := run(t, name, fixed, nil); r.Verdict != report.Pass {
				t.Errorf("the fix does not mend it:\n%s", text(r))
			}
			if r := run(t, name, fixed, f.Expect); r.Verdict != report.Fail {
				t.Errorf("what is expected of the fault is not refuted by the fix: %s", r.Verdict)
			}
		})
	}
}
