package balance

import "slices"

// choose puts the sticky directive on top of the method: a request that names a
// peer gets it, draining or not, as long as it can be used.
func (a *Attempt) choose(now int64) *member {
	m := a.held(now)
	if m == nil {
		return a.u.method(a, now)
	}
	// Only round robin keeps its balance: the peer pays for a step that it
	// wins in any case, unless its balance already is as low as it can be.
	if a.u.roundRobin && m.current > m.Weight-a.group.total {
		return smooth(a, now, m)
	}
	return m
}

// held returns the peer that the request named, if it can be used.
func (a *Attempt) held(now int64) *member {
	if a.request.Sticky == "" || a.group.single {
		return nil
	}
	for _, m := range a.group.members {
		if m.id == a.request.Sticky {
			if !m.Down && m.alive(now) && !m.full() && !slices.Contains(a.tried, m) {
				return m
			}
			return nil
		}
	}
	return nil
}
