package balance

// sticky puts the sticky directive on top of a method: a request that names a
// peer gets it, draining or not, as long as it can be used.
type sticky struct{ selector }

var _ selector = sticky{}

func (s sticky) choose(a *Attempt, now int64) *member {
	m := a.held(now)
	if m == nil {
		return s.selector.choose(a, now)
	}
	// Only round robin keeps its balance: the peer pays for a step that it
	// wins in any case, unless its balance already is as low as it can be.
	if _, ok := s.selector.(roundRobin); ok && m.current > m.Weight-a.group.total {
		return smooth(a, now, m)
	}
	return m
}

// held returns the peer that the request named, if it can be used.
func (a *Attempt) held(now int64) *member {
	if a.sticky == "" || a.group.single {
		return nil
	}
	for _, m := range a.group.members {
		if m.id == a.sticky {
			if !m.Down && m.alive(now) && !m.full() && !a.tried.has(m.index) {
				return m
			}
			return nil
		}
	}
	return nil
}
