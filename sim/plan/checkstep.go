package plan

import (
	"slices"

	"stickylab/sim/scenario"
)

// CheckStep reports what is wrong with a step that is added to a plan, after
// the steps that the plan has up to that time; nil if nothing is.
func (p *Plan) CheckStep(s scenario.Step) error {
	f := p.File.Bare() // its positions are not the step's
	f.Expect = nil
	f.Steps = append(slices.DeleteFunc(slices.Clone(p.Steps), func(o scenario.Step) bool { return o.At > s.At }), s)
	_, problems := Resolve(f, &p.Seed)
	return problems.Err()
}

// With returns a plan with more steps, such as manual ones: the names
// that they bring are known to ParseStep, CompleteStep and CheckStep.
func (p *Plan) With(steps ...scenario.Step) *Plan {
	if len(steps) == 0 {
		return p
	}
	out := *p
	out.Steps = byTime(slices.Concat(p.Steps, steps))
	out.later = slices.Clone(p.later)
	now := out.Begin()
	for _, s := range out.Steps {
		if !s.Verb.Rewrites() {
			continue
		}
		next, err := out.Rewrite(now, s)
		if err != nil {
			continue // it was not done
		}
		out.comeLater(now.Nodes, next.Nodes)
		now = next
	}
	return &out
}

// comeLater makes nodes known that a step has added.
func (p *Plan) comeLater(before, after []scenario.Node) {
	for _, n := range after {
		if nodeNamed(before, n.Name) == nil && p.Node(n.Name) == nil {
			p.later = append(p.later, n)
		}
	}
}
