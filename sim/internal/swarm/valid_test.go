package swarm

import (
	"math/rand/v2"
	"slices"

	"stickylab/sim/plan"
	"stickylab/sim/scenario/yamltree"
)

// What a scenario may cost, so that many can be run.
const (
	mostDeliveries = 1_000
	mostBytes      = 20 << 20
	mostEvents     = 15_000 // of a run: a longer one is cut there, and compared up to there
)

// valid draws the file of a seed until it is valid and not too large. It returns how
// many were not.
func (s *spec) valid(seed uint64) (d *drawing, text string, refused int) {
	for try := uint64(0); ; try++ {
		d = s.draw(rand.New(rand.NewPCG(seed, try)))
		var p *plan.Plan
		if text, p = d.repair(); p != nil {
			if load := plan.Estimate(p); load.Deliveries <= mostDeliveries && load.Bytes <= mostBytes {
				return d, text, int(try)
			}
		}
	}
}

// parse reads a file; the plan is nil for one with mistakes.
func parse(text string) (*plan.Plan, yamltree.Errors) {
	f, errs := plan.Parse("swarm.yaml", []byte(text))
	if len(errs) > 0 {
		return nil, errs
	}
	return plan.Resolve(f, nil)
}

// repair takes out the steps and expectations that are not possible at their time,
// such as one about a node that is gone. The plan is nil when that does not help.
func (d *drawing) repair() (string, *plan.Plan) {
	for {
		text := d.top.String()
		p, errs := parse(text)
		if p != nil {
			return text, p
		}
		wrong := d.wrong(text, errs)
		if len(wrong) == 0 {
			return "", nil
		}
		for key, entries := range wrong {
			at := slices.Index(d.top.keys, key)
			left := d.top.list[at]
			for i := range left.list {
				if n := len(left.list) - 1 - i; entries[n] {
					left = left.without(n, n+1)
				}
			}
			if d.top.list[at] = left; len(left.list) == 0 {
				*d.top = *d.top.without(at, at+1)
			}
		}
	}
}

// wrong finds the entries of lists that the problems are about; none when one is
// about something else.
func (d *drawing) wrong(text string, errs yamltree.Errors) map[string]map[int]bool {
	root := yamltree.Read(&yamltree.Reporter{}, []byte(text))
	out := map[string]map[int]bool{}
	for _, e := range errs {
		found := false
		for k, p := range root.Pairs {
			end := 1 << 30
			if k+1 < len(root.Pairs) {
				end = root.Pairs[k+1].Place.Line
			}
			if p.Key != "steps" && p.Key != "expect" || e.Line < p.Value.Place.Line || e.Line >= end {
				continue
			}
			for i, item := range slices.Backward(p.Value.Items) {
				if item.Place.Line <= e.Line {
					if out[p.Key] == nil {
						out[p.Key] = map[int]bool{}
					}
					out[p.Key][i], found = true, true
					break
				}
			}
		}
		if !found {
			return nil
		}
	}
	return out
}
