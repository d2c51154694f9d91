package plan

import (
	"slices"

	"stickylab/sim/scenario"
)

// TextOf describes what clients of a group say on their own;
// more are steps that may have added it.
func (p *Plan) TextOf(group string, more ...scenario.Step) string {
	groups := slices.Clone(p.File.Clients)
	for _, s := range slices.Concat(p.Steps, more) {
		if s.Verb == scenario.Add && s.Group != nil {
			groups = append(groups, s.Newcomers())
		}
	}
	for _, g := range groups {
		if g.Name == group && g.Size > 0 {
			return scenario.Words(g.Size)
		}
	}
	return scenario.DefaultText
}
