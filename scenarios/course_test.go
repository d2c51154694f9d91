package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"stickylab/scenarios"
	"stickylab/sim"
	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/plan"
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
	f, problems := plan.Parse(name+".yaml", text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return f
}

// run runs a file, and judges by more expectations than its own.
func run(t *testing.T, name string, f *scenario.File, more ...scenario.Expectation) *report.Result {
	t.Helper()
	with := *f
	with.Expect = slices.Concat(f.Expect, more)
	plan, problems := plan.Resolve(&with, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r, err := sim.Run(t.Context(), plan, sim.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text is a result as people read it.
func text(r *report.Result) string {
	var b strings.Builder
	if err := report.WriteText(&b, r, format.Screen{}); err != nil {
		return err.Error()
	}
	return b.String()
}

var raced bool // the race detector is on

// A lesson shows its fault, and its fix; that the fix matters, since what is
// true of the fault is not of the fix; and that each question has one answer.
func TestEveryLessonTellsTheTruth(t *testing.T) {
	said := sentences{by: make(map[string]string)}
	places := positions{right: make(map[int][]int)}
	t.Run("lessons", func(t *testing.T) { everyLesson(t, &said, &places) })
	said.compare(t)
	places.compare(t)
}

func everyLesson(t *testing.T, said *sentences, places *positions) {
	for _, name := range scenarios.Names() {
		f := read(t, name)
		if f.Lesson == nil {
			t.Errorf("%s teaches nothing", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := run(t, name, f)
			said.add(t, fault)
			if fault.Verdict != expect.Pass {
				t.Errorf("the fault does not show:\n%s", text(fault))
			}
			places.add(t, name, f, fault.Predictions)
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
			if _, err := f.Variant(f.Lesson.Fix); err != nil || f.Lesson.Fix == "" {
				t.Error("there is no fix")
			}
			if raced {
				return
			}
			for _, v := range f.Variants {
				var more []scenario.Expectation
				if v.Name == f.Lesson.Fix {
					more = f.Expect
				}
				r := run(t, name, v.File, more...)
				said.add(t, r)
				own, faults := r.Expectations[:len(v.File.Expect)], r.Expectations[len(v.File.Expect):]
				if report.Worst(own) != expect.Pass {
					t.Errorf("the variant %s does not do what it says:\n%s", v.Name, text(r))
				}
				if more != nil && report.Worst(faults) != expect.Fail {
					t.Errorf("what is expected of the fault is not refuted by the fix:\n%s", text(r))
				}
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
