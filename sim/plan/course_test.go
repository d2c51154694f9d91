package plan

import (
	"fmt"
	"testing"
	"time"

	"stickylab/sim/scenario"
)

const courseText = `title: A long course
duration: 60s
nodes: 2
proxy: {policy: ip_hash}
clients:
  beijing: {count: 2, ip: 203.0.113.0/24}
steps:
  - {at: 50s, scale: {remove: im-2}}
`

// courseOf returns the course of a text, and how to do a step in words on it.
func courseOf(t *testing.T, text string) (*Course, func(at time.Duration, words string) error) {
	t.Helper()
	f, problems := Parse("course.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := Resolve(f, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c := p.Course()
	return c, func(at time.Duration, words string) error {
		s, err := scenario.ParseStep(c.Names(), words)
		if err != nil {
			return err
		}
		s.At = at
		done, err := c.Check(s)
		if err == nil {
			done()
		}
		return err
	}
}

// A step is checked in the state that all before it have left, those of the plan
// included, also long after the plan's end.
func TestACourseKnowsWhatStepsHaveLeft(t *testing.T) {
	_, do := courseOf(t, courseText)
	for _, c := range []struct {
		at    time.Duration
		words string
		want  bool
	}{
		{time.Second, "kill im-9", false},
		{2 * time.Second, "scale add im-9", true},
		{3 * time.Second, "kill im-9", true},
		{4 * time.Second, "add tokyo 2 198.51.100.0/24", true},
		{5 * time.Second, "move beijing-01 198.51.100.0/25", false}, // where tokyo is
		{6 * time.Second, "move tokyo 192.0.2.0/24", true},
		{7 * time.Second, "move beijing-01 198.51.100.0/25", true},
		{8 * time.Second, "restart im-2", true},
		{51 * time.Second, "restart im-2", false}, // the plan has removed it
		{61 * time.Second, "block im-9 3s", true},
		{63 * time.Second, "close im-9", false}, // frozen
		{64 * time.Second, "close im-9", true},
		{1000 * time.Hour, "scale remove im-9", true},
		{1001 * time.Hour, "kill im-9", false},
	} {
		if err := do(c.at, c.words); (err == nil) != c.want {
			t.Errorf("%s at %v: %v", c.words, c.at, err)
		}
	}
}

// Thousands of steps make the next one no dearer.
func TestACourseCostsTheSameHoweverLong(t *testing.T) {
	c, do := courseOf(t, courseText)
	next := 0
	steps := func() {
		next++
		at := time.Duration(next) * time.Second
		for _, words := range []string{
			"emit lobby im-1", fmt.Sprintf("move beijing-01 198.18.%d.0/24", next%256), "slow im-1 20ms", "policy least_conn", "policy ip_hash", "kill im-1", "restart im-1",
		} {
			if err := do(at, words); err != nil {
				t.Fatalf("%s: %v", words, err)
			}
		}
	}
	steps()
	first := testing.AllocsPerRun(10, steps)
	for next < 3_000/7 {
		steps()
	}
	if last := testing.AllocsPerRun(10, steps); last > 1.1*first {
		t.Errorf("%v allocations for the first steps, %v for later ones", first, last)
	}
	if n := len(c.plan.later); n != 0 {
		t.Errorf("%d nodes were added", n)
	}
}
