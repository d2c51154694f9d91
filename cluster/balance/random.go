package balance

import "math/rand/v2"

// randomly draws a peer by weight; two draws two different ones and takes the
// less loaded, the second on a tie.
type randomly struct {
	source *rand.Rand
	two    bool
}

var _ selector = randomly{}

func (randomly) start(*Attempt) {}

func (r randomly) choose(a *Attempt, now int64) *member {
	g := a.group
	if a.n > MaxMisses || len(g.members) < 2 {
		return a.fallBack(now)
	}
	var first *member
	for {
		m := g.at(r.source.IntN(g.total))
		switch {
		case m == first || !a.free(m, now):
			if a.n++; a.n > MaxMisses {
				return a.fallBack(now)
			}
		case !r.two:
			return m
		case first == nil:
			first = m
		case m.conns*first.Weight > first.conns*m.Weight:
			return first
		default:
			return m
		}
	}
}
