package doctor

import (
	"math"
	"slices"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/scenario"
)

// polls are the kinds whose first request is a poll.
var polls = []string{browser, polling, native}

// judgeReach: requests reach a node.
func judgeReach(s *site, r results) verdict {
	o := r[steady]
	v := verdict{seen: o.seen(0, 2, kinds)}
	if o.opened() > 0 {
		v.judged = o.affected(kinds, true, nil, func(*client) int { return passes })
	} else {
		v.judged = o.affected(kinds, true, dropped, unlessStayed)
	}
	return v
}

// judgeSticky: clients that poll keep their session.
func judgeSticky(s *site, r results) verdict {
	o := r[steady]
	if o.opened() == 0 {
		return verdict{}
	}
	return verdict{o.affected(polls, true, dropped, unlessStayed), o.seen(0, 2, polls)}
}

// judgeUpgrade: WebSockets get through.
func judgeUpgrade(s *site, r results) verdict {
	o := r[steady]
	if o.opened() == 0 && slices.ContainsFunc(o.of(polling, ""), func(c *client) bool { return !c.ever }) {
		return verdict{}
	}
	which := []string{websocket}
	judged := o.affected(which, true, dropped, unlessStayed)
	if slices.Contains(o.heldKinds(), browser) {
		which = append(which, browser)
		judged = append(judged, o.affected([]string{browser}, true, []string{"stay on polling"}, when(func(c *client) bool { return c.at[1].Transport == scenario.Polling }))...)
	}
	return verdict{judged, o.seen(0, 2, which)}
}

// sticks reports whether clients that poll keep their session.
func (o *outcome) sticks() bool {
	held := o.heldKinds()
	return !slices.ContainsFunc(polls, func(k string) bool { return !slices.Contains(held, k) })
}

// judgeAdapter: messages cross from one node to another.
func judgeAdapter(s *site, r results) verdict {
	o := r[steady]
	cross := o.all.Delivery.Cross
	if !s.several() || s.plain || cross.Due == 0 || o.adapter != scenario.AdapterNone && !o.sticks() {
		return verdict{}
	}
	missed := func(c *client) bool { return cross.Missed > 0 && c.at[1].Missed > 0 }
	return verdict{
		o.affected(kinds, true, []string{"missed messages"}, when(missed)),
		[]string{format.Number(cross.Arrived) + " of " + format.Number(cross.Due) + " expected deliveries between nodes arrived"},
	}
}

// cookieless reports whether only clients without cookies fail.
func cookieless(x *examination, g *target, v verdict) bool {
	return v.passed(polling) && !v.passed(native)
}

// nodesOf counts clients by node at a mark.
func nodesOf(list []*client, mark int) map[string]int {
	out := map[string]int{}
	for _, c := range list {
		if c.connected(mark) {
			out[c.at[mark].Node]++
		}
	}
	return out
}

// together judges whether the clients of an origin are all on one node.
func (o *outcome) together(s *site, which []string, origin string) verdict {
	from := &outcome{experiment: o.experiment, plan: o.plan}
	for _, kind := range which {
		from.clients = append(from.clients, o.of(kind, origin)...)
	}
	at, all := nodesOf(from.clients, 1), len(from.clients)
	one := len(at) == 1 && all >= 8
	if one && math.Pow(s.heaviest(), float64(all)) > 100*byChance {
		return verdict{} // the weights may explain it
	}
	return verdict{
		from.affected(which, true, []string{"on one node"}, when(func(*client) bool { return one })),
		[]string{o.spread(at)},
	}
}

// spread says how many clients are on each node: "22 on im-3000, 0 on im-3001".
func (o *outcome) spread(at map[string]int) string {
	var parts []string
	for _, n := range o.plan.Nodes {
		name := n.Name
		if strings.HasPrefix(name, "im-") {
			name = n.Listen.String() // the text does not name it
		}
		parts = append(parts, format.Number(at[n.Name])+" on "+name)
	}
	return strings.Join(parts, ", ")
}

func (s *site) several() bool { return s.machines() > 1 }

// judgeKey: clients of many networks are on many nodes.
func judgeKey(s *site, r results) verdict {
	if !s.several() || !r[steady].sticks() {
		return verdict{}
	}
	return r[steady].together(s, polls, world)
}

// placed reports whether placement can be judged further: there are several
// nodes, sessions hold, and clients of many networks are on many nodes.
func placed(s *site, r results) bool {
	return s.several() && r[steady].sticks() && !judgeKey(s, r).failed()
}

// judgeOffice: clients of one /24 are on many nodes.
func judgeOffice(s *site, r results) verdict {
	if !placed(s, r) {
		return verdict{}
	}
	return r[steady].together(s, polls, office)
}

// judgeBehind: clients behind a proxy are on many nodes.
func judgeBehind(s *site, r results) verdict {
	if !placed(s, r) {
		return verdict{}
	}
	return r[behind].together(s, kinds, world)
}

// judgeBypass: clients that bypass the proxy in front keep their session.
func judgeBypass(s *site, r results) verdict {
	o := r[bypass]
	return verdict{o.affected(kinds, true, dropped, unlessStayed), o.seen(0, 2, kinds)}
}

// judgeSpoofed: a client that sends its own X-Forwarded-For does not choose its node.
func judgeSpoofed(s *site, r results) verdict {
	o := r[spoofed]
	if m := s.upstream.Method.Name; m != "ip_hash" && m != "hash" {
		return verdict{} // the address decides nothing
	}
	at := nodesOf(o.clients, 0)
	return verdict{
		o.affected(kinds, true, []string{"placed by what they claim"}, when(func(*client) bool { return len(at) > 1 })),
		[]string{o.spread(at)},
	}
}
