package doctor

import (
	"stickylab/sim/format"
)

// interrupted reports whether a client lost its connection between the first two
// marks.
func interrupted(c *client) bool { return c.lost(1, 2) > 0 }

// judgeIdle: idle clients stay connected.
func judgeIdle(s *site, r results) verdict {
	o := r[idle]
	if o == nil {
		return verdict{}
	}
	v := verdict{judged: o.affected(kinds, true, []string{"lost their connection"}, when(interrupted))}
	losses := 0
	for _, c := range o.clients {
		losses += c.lost(1, 2)
	}
	if losses > 0 {
		v.seen = append([]string{format.Plural(losses, "connection") + " lost in " + format.Seconds(o.duration)}, o.reasons(1, 2)...)
	}
	return v
}

// restless reports whether clients lose their connections even when nothing
// happens, so that no fault can be blamed for it.
func restless(s *site, r results) bool { return judgeIdle(s, r).failed() }

// The failures of clients when a node dies.
const (
	notBack = iota
	disconnectedToo
	got502Later
)

var deathFailures = []string{
	notBack:         "%s on the dead node not back after 14 s",
	disconnectedToo: "%s on other nodes disconnected too",
	got502Later:     "%s got 502 later, when nginx tried the dead node again",
}

// judgeDeath: the clients of a dead node come back on another, the others notice
// nothing.
func judgeDeath(s *site, r results) verdict {
	o := r[death]
	if restless(s, r) {
		return verdict{}
	}
	dead, long, until := s.victim(o.plan), o.duration > deathLasts, 2
	if long {
		until = 3
	}
	failure := func(c *client) int {
		switch onIt := c.at[0].Node == dead; {
		case onIt && !c.connected(1):
			return notBack
		case !onIt && interrupted(c):
			return disconnectedToo
		case long && o.got502(c, 2):
			return got502Later
		}
		return passes
	}
	return verdict{o.affected(kinds, false, deathFailures, failure), o.seen(1, until, kinds)}
}

// judgeRestart: clients are back soon after all nodes were down for two seconds.
func judgeRestart(s *site, r results) verdict {
	o := r[death]
	if restless(s, r) {
		return verdict{}
	}
	first := len(o.marks) - 3 // the last mark before
	before, away := 0, 0
	for _, c := range o.clients {
		if c.connected(first) {
			before++
			if !c.connected(first + 1) {
				away++
			}
		}
	}
	failure := func(c *client) int {
		if away*2 > before && c.connected(first) && !c.connected(first+1) {
			return 0
		}
		return passes
	}
	return verdict{judged: o.affected(kinds, false, []string{"away five seconds after all nodes were back"}, failure)}
}

// judgeReload: no client notices a reload.
func judgeReload(s *site, r results) verdict {
	o := r[reload]
	if o == nil || restless(s, r) {
		return verdict{}
	}
	return verdict{o.affected(kinds, true, []string{"lost their connection"}, when(interrupted)), o.reasons(1, 2)}
}

// judgeScale: an added server takes its share of the sessions, not most.
func judgeScale(s *site, r results) verdict {
	o := r[scale]
	if restless(s, r) || judgeReload(s, r).failed() || judgeKey(s, r).failed() {
		return verdict{}
	}
	moved, of := 0, 0
	for _, c := range o.clients {
		if c.connected(0) {
			of++
			if c.moved() {
				moved++
			}
		}
	}
	return verdict{
		o.affected(kinds, false, []string{"moved, and lost their sessions"}, when(func(c *client) bool { return moved*2 > of && c.moved() })),
		[]string{format.Number(moved) + " of " + format.Number(of) + " sessions moved; the share of the new server is 1 in " + format.Number(len(o.plan.Nodes)+1)},
	}
}

// judgeLarge: large messages do not cost the session.
func judgeLarge(s *site, r results) verdict {
	o := r[large]
	return verdict{
		o.affected(kinds, true, []string{"lost their session"}, when(func(c *client) bool { return c.lost(0, 2) > 0 })),
		o.seen(0, 2, kinds),
	}
}
