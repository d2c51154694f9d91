package doctor

import (
	"math"
	"slices"
	"strings"

	"stickylab/sim/format"

	"stickylab/sim/scenario"
)

// judgeReach: requests reach a node.
func judgeReach(s *site, r results) verdict {
	o := r[steady]
	v := verdict{judged: kindsOf(o, kinds, func(p *client) bool { return o.opened() == 0 }, lossesOf)}
	v.seen = o.seen(0, 2, kinds)
	return v
}

// judgeSticky: clients that poll keep their session.
func judgeSticky(s *site, r results) verdict {
	o := r[steady]
	if o.opened() == 0 {
		return verdict{}
	}
	return verdict{
		judged: kindsOf(o, []string{browser, polling, native}, func(p *client) bool { return !p.stayed() }, lossesOf),
		seen:   o.seen(0, 2, []string{browser, polling, native}),
	}
}

// judgeUpgrade: WebSockets get through.
func judgeUpgrade(s *site, r results) verdict {
	o := r[steady]
	if o.opened() == 0 && slices.ContainsFunc(o.of(polling, ""), func(p *client) bool { return !p.ever }) {
		return verdict{}
	}
	v := verdict{judged: kindsOf(o, []string{websocket}, func(p *client) bool { return !p.stayed() }, lossesOf)}
	which := []string{websocket}
	if slices.Contains(o.heldKinds(), browser) {
		which = append(which, browser)
		v.judged = append(v.judged, kindsOf(o, []string{browser},
			func(p *client) bool { return p.at[1].Transport == scenario.Polling },
			func([]*client) string { return "stay on polling" })...)
	}
	v.seen = o.seen(0, 2, which)
	return v
}

// polls are the kinds whose first request is a poll.
var polls = []string{browser, polling, native}

// sticks reports whether clients that poll keep their session.
func (t *outcome) sticks() bool {
	held := t.heldKinds()
	return !slices.ContainsFunc(polls, func(k string) bool { return !slices.Contains(held, k) })
}

// nodesOf counts clients by node at a mark.
func nodesOf(list []*client, mark int) map[string]int {
	out := map[string]int{}
	for _, p := range list {
		if p.connected(mark) {
			out[p.at[mark].Node]++
		}
	}
	return out
}

// together judges whether all clients are on one node.
func (o *outcome) together(s *site, which []string, origin string, mark int) verdict {
	var all []*client
	for _, kind := range which {
		all = append(all, o.of(kind, origin)...)
	}
	at := nodesOf(all, mark)
	v := verdict{}
	one := len(at) == 1 && len(all) >= 8
	if one && math.Pow(s.heaviest(), float64(len(all))) > 100*byChance {
		return verdict{} // the weights may explain it
	}
	for _, kind := range which {
		x := Affected{Kind: kind, Of: len(o.of(kind, origin))}
		if x.Of == 0 {
			continue
		}
		if one {
			x.Bad, x.How = x.Of, "on one node"
		}
		v.judged = append(v.judged, x)
	}
	v.seen = []string{o.spread(at)}
	return v
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

func (s *site) several() bool { return len(s.usable()) > 1 }

// judgeKey: clients of many networks are on many nodes.
func judgeKey(s *site, r results) verdict {
	o := r[steady]
	if !s.several() || !o.sticks() {
		return verdict{}
	}
	return o.together(s, polls, world, 1)
}

// judgeOffice: clients of one /24 are on many nodes.
func judgeOffice(s *site, r results) verdict {
	o := r[steady]
	if !s.several() || !o.sticks() {
		return verdict{}
	}
	if _, bad := judgeKey(s, r).state(); bad {
		return verdict{}
	}
	return o.together(s, polls, office, 1)
}

// judgeBehind: clients behind a proxy are on many nodes.
func judgeBehind(s *site, r results) verdict {
	o := r[behind]
	if o == nil || !s.several() || !r[steady].sticks() {
		return verdict{}
	}
	if _, bad := judgeKey(s, r).state(); bad {
		return verdict{}
	}
	return o.together(s, present(o, kinds), world, 1)
}

// judgeBypass: clients that bypass the proxy in front keep their session.
func judgeBypass(s *site, r results) verdict {
	o := r[bypass]
	if o == nil {
		return verdict{}
	}
	which := present(o, kinds)
	return verdict{
		judged: kindsOf(o, which, func(p *client) bool { return !p.stayed() }, lossesOf),
		seen:   o.seen(0, 2, which),
	}
}

func present(o *outcome, which []string) []string {
	return slices.DeleteFunc(slices.Clone(which), func(k string) bool { return len(o.of(k, "")) == 0 })
}

// judgeSpoofed: a client that sends its own X-Forwarded-For does not choose its node.
func judgeSpoofed(s *site, r results) verdict {
	o := r[spoofed]
	if m := s.upstream.Method.Name; o == nil || m != "ip_hash" && m != "hash" {
		return verdict{} // the address decides nothing
	}
	var all []*client
	for _, kind := range kinds {
		all = append(all, o.of(kind, "")...)
	}
	at := nodesOf(all, 0)
	v := verdict{seen: []string{o.spread(at)}}
	for _, kind := range present(o, kinds) {
		x := Affected{Kind: kind, Of: len(o.of(kind, ""))}
		if len(at) > 1 {
			x.Bad, x.How = x.Of, "placed by what they claim"
		}
		v.judged = append(v.judged, x)
	}
	return v
}
