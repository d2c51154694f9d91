package balance

// roundRobin is the smooth weighted round robin, nginx's default: a smooth step
// over the attempt's group; when that has no peer, over the backups, with an empty
// set of tried ones.
func roundRobin(a *Attempt, now int64) *member {
	for {
		if a.group.single {
			if m := a.group.members[0]; !m.Down && !m.Drain && !m.full() {
				return m // its failures are not looked at
			}
		} else if m := smooth(a, now, nil); m != nil {
			return m
		}
		if a.group.next == nil {
			return nil
		}
		a.backUp()
	}
}

// backUp moves the attempt on to the backups.
func (a *Attempt) backUp() {
	a.group = a.group.next
	a.tried = a.tried[:0]
}

// smooth gives each peer its effective weight and takes the richest, who pays
// the sum. Ties go to the earlier. A chosen peer, if given, wins in any case.
func smooth(a *Attempt, now int64, chosen *member) *member {
	var best *member
	sum := 0
	for _, m := range a.group.members {
		if m != chosen && !a.free(m, now) {
			continue
		}
		sum += m.grow()
		if best == nil || m.current > best.current {
			best = m
		}
	}
	if chosen != nil {
		best = chosen
	}
	if best != nil {
		best.current -= sum
	}
	return best
}

// grow adds the effective weight, which itself recovers afterwards, and
// returns what was added.
func (m *member) grow() int {
	added := m.effective
	m.current += added
	if m.effective < m.Weight {
		m.effective++
	}
	return added
}
