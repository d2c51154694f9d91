package balance

// leastConn takes the peer with the fewest attempts in flight for its weight;
// among equals it makes a smooth step.
func leastConn(a *Attempt, now int64) *member {
	if a.group.single {
		return roundRobin(a, now)
	}
	for {
		if m := least(a, now); m != nil || a.group.next == nil {
			return m
		}
		a.backUp()
	}
}

func least(a *Attempt, now int64) *member {
	var best *member
	many := false
	for _, m := range a.group.members {
		if !a.free(m, now) {
			continue
		}
		if best == nil || m.conns*best.Weight < best.conns*m.Weight {
			best, many = m, false
		} else if m.conns*best.Weight == best.conns*m.Weight {
			many = true
		}
	}
	if !many {
		return best
	}
	sum := 0
	for _, m := range a.group.members[best.index:] {
		// best moves, and its load is the measure for those after it.
		if !a.free(m, now) || m.conns*best.Weight != best.conns*m.Weight {
			continue
		}
		sum += m.grow()
		if m.current > best.current {
			best = m
		}
	}
	best.current -= sum
	return best
}
