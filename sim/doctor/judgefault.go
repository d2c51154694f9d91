package doctor

import (
	"strings"

	"stickylab/sim/format"
)

// judgeIdle: idle clients stay connected.
func judgeIdle(s *site, r results) verdict {
	o := r[idle]
	if o == nil {
		return verdict{}
	}
	losses := 0
	v := verdict{judged: kindsOf(o, kinds, func(p *client) bool {
		losses += p.lost(1, 2)
		return p.lost(1, 2) > 0
	}, func([]*client) string { return "lost their connection" })}
	if losses > 0 {
		v.seen = append([]string{format.Plural(losses, "connection") + " lost in " + format.Seconds(o.duration)}, o.reasons(1, 2)...)
	}
	return v
}

// restless reports whether clients lose their connections even when nothing
// happens, so that no fault can be blamed for it.
func restless(s *site, r results) bool {
	_, bad := judgeIdle(s, r).state()
	return bad
}

// judgeDeath: the clients of a dead node come back on another, the others notice
// nothing.
func judgeDeath(s *site, r results) verdict {
	o := r[death]
	if o == nil || restless(s, r) {
		return verdict{}
	}
	dead := s.victim(o.plan)
	onIt := func(p *client) bool { return p.at[0].Node == dead }
	v := verdict{}
	for _, kind := range kinds {
		out, missing, thrown, again := Affected{Kind: kind}, 0, 0, 0
		for _, p := range o.of(kind, "") {
			if !p.connected(0) {
				continue
			}
			out.Of++
			switch {
			case onIt(p) && !p.connected(1):
				missing++
			case !onIt(p) && p.lost(1, 2) > 0:
				thrown++
			case o.duration > deathLasts && o.got502(p, 2):
				again++
			}
		}
		var how []string
		if missing > 0 {
			how = append(how, format.Number(missing)+" of its clients not back after 14 s")
		}
		if thrown > 0 {
			how = append(how, format.Number(thrown)+" of other nodes disconnected too")
		}
		if again > 0 {
			how = append(how, format.Number(again)+" got 502 later, when nginx tried the dead node again")
		}
		out.again = again
		if out.Bad, out.How = missing+thrown+again, strings.Join(how, ", "); out.Of > 0 {
			v.judged = append(v.judged, out)
		}
	}
	if v.seen = o.seen(1, 2, kinds); o.duration > deathLasts {
		v.seen = o.seen(1, 3, kinds)
	}
	return v
}

// judgeReload: no client notices a reload.
func judgeReload(s *site, r results) verdict {
	o := r[reload]
	if o == nil || restless(s, r) {
		return verdict{}
	}
	v := verdict{judged: kindsOf(o, kinds, func(p *client) bool { return p.lost(1, 2) > 0 },
		func([]*client) string { return "lost their connection" })}
	v.seen = o.reasons(1, 2)
	return v
}

// judgeScale: an added server takes its share of the sessions, not most.
func judgeScale(s *site, r results) verdict {
	o := r[scale]
	if _, cut := judgeReload(s, r).state(); o == nil || cut || restless(s, r) {
		return verdict{}
	}
	if _, bad := judgeKey(s, r).state(); bad {
		return verdict{}
	}
	moved, of := 0, 0
	for _, p := range o.clients {
		if p.connected(0) {
			of++
			if p.moved() {
				moved++
			}
		}
	}
	n := len(o.plan.Nodes)
	v := verdict{seen: []string{format.Number(moved) + " of " + format.Number(of) + " sessions moved; the share of the new server is 1 in " + format.Number(n+1)}}
	for _, kind := range present(o, kinds) {
		x := Affected{Kind: kind}
		for _, p := range o.of(kind, "") {
			if !p.connected(0) {
				continue
			}
			x.Of++
			if moved*2 > of && p.moved() {
				x.Bad++
			}
		}
		if x.Bad > 0 {
			x.How = "moved, and lost their sessions"
		}
		v.judged = append(v.judged, x)
	}
	return v
}

// judgeLarge: large messages do not cost the session.
func judgeLarge(s *site, r results) verdict {
	o := r[large]
	if o == nil {
		return verdict{}
	}
	return verdict{
		judged: kindsOf(o, kinds, func(p *client) bool { return p.lost(0, 2) > 0 }, func([]*client) string { return "lost their session" }),
		seen:   o.seen(0, 2, kinds),
	}
}
