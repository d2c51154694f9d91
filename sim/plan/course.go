package plan

import (
	"maps"
	"slices"

	"stickylab/sim/scenario"
)

// A Course is a plan that is served, without an end, with steps that are added to it
// as it runs. It knows the state that they have left, not the steps: a check costs
// the same however many there were. It belongs to one goroutine.
type Course struct {
	plan   *Plan // with the nodes that steps have brought
	next   int   // of the plan's steps, the first that was not done
	now    stepState
	groups scenario.Timeline // now
	names  scenario.Timeline // with those that steps of the plan will bring
}

// Course returns the course of a plan at its beginning.
func (p *Plan) Course() *Course {
	own := *p
	return &Course{
		plan: &own, now: p.beginning(), groups: scenario.NewTimeline(p.File.Clients, nil), names: scenario.NewTimeline(p.File.Clients, p.Steps),
	}
}

// Check reports what is wrong with a step, after the steps of the plan up to its
// time and those that were done; nil if nothing is. Once the step was done, done
// must be called.
func (c *Course) Check(s scenario.Step) (done func(), err error) {
	for ; c.next < len(c.plan.Steps) && c.plan.Steps[c.next].At <= s.At; c.next++ {
		if after, err := c.after(c.plan.Steps[c.next]); err == nil {
			c.become(after)
		}
	}
	after, err := c.after(s)
	if err != nil {
		return nil, err
	}
	return func() {
		c.become(after)
		if s.Verb == scenario.Add && s.Group != nil {
			c.names.Add(s)
		}
	}, nil
}

// Names returns the names that a step in words may use.
func (c *Course) Names() *scenario.Names {
	v := c.plan.Names()
	v.Groups = c.names.Clone()
	return v
}

// after returns the course after a step, or what is wrong with it.
func (c *Course) after(s scenario.Step) (*stepChecker, error) {
	f := c.plan.File.Bare() // its positions are not the step's
	timeless := s
	timeless.At = 0 // the run has no end
	f.Expect, f.Steps = nil, []scenario.Step{timeless}
	own := *c.plan
	own.later = slices.Clone(own.later)
	r := &resolver{Reporter: f.Report(), f: f, plan: &own, groupsNow: c.groups.Clone()}
	x := &stepChecker{resolver: r, stepState: c.now.clone()}
	f.Check(r.Reporter)
	x.step("steps[0]", s)
	if err := r.Errors().Err(); err != nil {
		return nil, err
	}
	return x, nil
}

func (c *Course) become(x *stepChecker) { c.plan, c.now, c.groups = x.plan, x.stepState, x.groupsNow }

func (s stepState) clone() stepState {
	s.frozenUntil = maps.Clone(s.frozenUntil)
	return s
}
