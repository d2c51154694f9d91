package scenarios_test

import (
	"fmt"
	"slices"
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
			t.Errorf("%s teaches nothing", name)
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
			for _, v := range f.Variants {
				if r := run(t, name, v.File, nil); r.Verdict != report.Pass {
					t.Errorf("the variant %s does not do what it says:\n%s", v.Name, text(r))
				}
			}
			if r := run(t, name, fixed, f.Expect); r.Verdict != report.Fail {
				t.Errorf("what is expected of the fault is not refuted by the fix: %s", r.Verdict)
			}
		})
	}
}

// Names are in the order that the lessons themselves ask for.
func TestTheCourseIsInOrder(t *testing.T) {
	type place struct{ topic, order int }
	var before place
	for _, name := range scenarios.Names() {
		l := read(t, name).Lesson
		at := place{slices.Index(scenario.Topics, l.Topic), l.Order}
		if at.topic < 0 {
			t.Errorf("%s is of no topic: %q", name, l.Topic)
		}
		if at.topic < before.topic || at.topic == before.topic && at.order <= before.order {
			t.Errorf("%s is out of order: %v after %v", name, at, before)
		}
		before = at
	}
}
