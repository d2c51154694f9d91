package plan

import (
	"slices"
	"strings"

	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Names returns the names that steps in words may use, for scenario.ParseStep and
// scenario.CompleteStep; nil for a nil plan.
func (p *Plan) Names() *scenario.Names {
	if p == nil {
		return nil
	}
	v := &scenario.Names{
		Nodes: nodeNames(slices.Concat(p.Nodes, p.later)), Groups: scenario.NewTimeline(p.File.Clients, p.Steps),
		Upstreams: p.Config.Blocks(), Reserved: p.reserved(), URLs: slices.Clone(p.urls),
	}
	for _, name := range p.serverNames() {
		if !strings.ContainsAny(name, "*_") && !strings.HasPrefix(name, ".") {
			v.URLs = append(v.URLs, "http://"+name+"/")
		}
	}
	v.CheckURL = func(to string) *yamltree.Problem {
		_, wrong := p.route(to)
		return wrong
	}
	return v
}
