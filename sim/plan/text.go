package plan

import (
	"slices"

	"stickylab/sim/scenario"
)

// TextOf describes what clients of a group say on their own;
// more are steps that may have added it.
func (p *Plan) TextOf(group string, more ...scenario.Step) string {
	for _, g := range groupsOf(p.File.Clients, p.Steps, more) {
		if g.Name == group && g.Size > 0 {
			return scenario.Words(g.Size)
		}
	}
	return scenario.DefaultText
}

// groupsOf are groups, and what steps add to them: a group that grows comes again.
func groupsOf(groups []scenario.Group, steps ...[]scenario.Step) []scenario.Group {
	out := slices.Clone(groups)
	for _, s := range slices.Concat(steps...) {
		if s.Verb == scenario.Add {
			out = append(out, s.Newcomers())
		}
	}
	return out
}
