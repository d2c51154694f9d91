package balance

import "math/rand/v2"

// randomly draws a peer by weight; two draws two different ones and takes the
// less loaded, the second on a tie.
func randomly(source *rand.Rand, two bool) selector {
	return func(a *Attempt, now int64) *member {
		g := a.group
		if len(g.members) < 2 {
			return a.fallBack(now)
		}
		var first *member
		for a.misses <= MaxMisses {
			m := g.at(source.IntN(g.total))
			switch {
			case m == first || !a.free(m, now):
				a.misses++
			case two && first == nil:
				first = m
			case two && m.conns*first.Weight > first.conns*m.Weight:
				return first
			default:
				return m
			}
		}
		return a.fallBack(now)
	}
}
