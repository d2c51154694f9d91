package plan

import (
	"fmt"
	"slices"

	"stickylab/sim/scenario"
)

// groupAttributes checks what decoding makes sure of, for groups built by hand, also of
// steps; zero fields are fine there.
func (r *resolver) groupAttributes(path string, g *scenario.Group) {
	if g.Size < 0 || g.Size > scenario.MaxText {
		r.Value(path+".size", fmt.Sprintf("size is %d", g.Size), "from 1 to "+scenario.FormatBytes(scenario.MaxText), "")
	}
	if !slices.Contains([]int{0, scenario.Protocol3, scenario.Protocol4}, g.Protocol) {
		r.Value(path+".protocol", fmt.Sprintf("protocol is %d", g.Protocol), "4 or 3", "")
	}
	for i, h := range g.Headers {
		if wrong, _ := scenario.CheckHeader(h, g.Headers[:i]); wrong != nil {
			r.Value(path+".headers", wrong.Text, wrong.Expected, wrong.Hint)
		}
	}
	if g.URL != "" && !r.IsBad(path+".url") {
		if _, wrong := r.plan.route(g.URL); wrong != nil && r.plan.Config != nil && !r.IsBad("nodes") && !r.IsBad("hosts") {
			r.Value(path+".url", wrong.Text, wrong.Expected, wrong.Hint)
		}
	}
}
