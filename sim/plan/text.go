package plan

import (
	"slices"

	"stickylab/sim/scenario"
)

// TextOf is what clients of a group say on their own, in words for people;
// more are steps that may have added it.
func (p *Plan) TextOf(group string, more ...scenario.Step) string {
	for _, g := range p.talkers(more) {
		if g.Name == group && g.Size > 0 {
			return scenario.Words(g.Size)
		}
	}
	return scenario.DefaultText
}

// Sized reports whether clients of any group say texts of a size.
func (p *Plan) Sized(more ...scenario.Step) bool {
	return slices.ContainsFunc(p.talkers(more), func(g scenario.Group) bool { return g.Size > 0 })
}

// talkers are the groups, and what steps add to them.
func (p *Plan) talkers(more []scenario.Step) []scenario.Group {
	out := slices.Clone(p.File.Clients)
	for _, s := range slices.Concat(p.Steps, more) {
		if s.Verb == scenario.Add && s.Group != nil {
			out = append(out, s.Newcomers())
		}
	}
	return out
}
