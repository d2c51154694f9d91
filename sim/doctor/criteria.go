package doctor

import (
	"stickylab/cluster/nginx"
)

// Cause is the place in the text that a finding is due to.
type Cause struct {
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
	Missing bool   `json:"missing,omitempty"` // the line lacks company: what is needed would belong there
	Why     string `json:"why"`
}

// criteria are judged in this order, and findings reported in it.
var criteria = []*criterion{
	{
		id: "reach", grade: Breaks, needs: []string{steady}, judge: judgeReach,
		works: "requests reach a node",
		fails: "No request of a Socket.IO client reaches a node",
		cause: causeReach,
		mends: func(x *examination, g *ground) []mend {
			if g.location != nil {
				return []mend{keepPath()}
			}
			if l := g.answering(); l != nil {
				return []mend{{"leave out the location that answers by itself", func(g *ground) string { return nginx.Remove(g.text, l) }}}
			}
			place := cover(x.path())
			return []mend{place, x.then(place.say, place, keepPath())}
		},
	},
	{
		id: "sticky", grade: Breaks, needs: []string{steady}, judge: judgeSticky, lessons: []string{"upgrade-only"},
		works: "all requests of a session reach one node",
		fails: "The requests of one session reach different nodes",
		cause: causeSticky,
		mends: func(x *examination, g *ground) []mend {
			by := methodMend(byAddress, "choose the node by the client's address")
			if g.alwaysUpgrades() != nil {
				pass := mend{"ask for a WebSocket only when the client does", (*ground).upgrade}
				return []mend{pass, x.then("ask for a WebSocket only when the client does, and choose the node by the client's address", pass, by)}
			}
			return []mend{
				by,
				x.then("choose the node by the client's address, and take that from the proxy in front", by, x.realIP()),
				methodMend("ip_hash", "choose the node by the client's address"),
			}
		},
	},
	{
		id: "upgrade", grade: Breaks, needs: []string{steady}, judge: judgeUpgrade, lessons: []string{"no-upgrade"},
		works: "WebSockets get through",
		fails: "WebSockets do not get through",
		cause: causeUpgrade,
		mends: func(x *examination, g *ground) []mend {
			headers := mend{"pass the Upgrade request on", (*ground).upgrade}
			by := methodMend(byAddress, "choose the node by the client's address for every request")
			return []mend{headers, onePool(), by, x.then("pass the Upgrade request on, and choose the node by the client's address", headers, by)}
		},
	},
	{
		id: "key", grade: Breaks, whole: true, needs: []string{steady}, judge: judgeKey, lessons: []string{"which-policy"},
		works: "clients of many networks are spread over the nodes",
		fails: "Everybody lands on one node",
		cause: func(x *examination, g *ground, v verdict) Cause {
			if x.fronted(g.site) {
				return causeBehind(x, g, v)
			}
			return g.causeMethod("what it hashes is the same for all clients")
		},
		mends: func(x *examination, g *ground) []mend {
			if x.fronted(g.site) {
				return append([]mend{x.realIP()}, spreading(x, g)...)
			}
			return spreading(x, g)
		},
	},
	{
		id: "office", grade: Breaks, whole: true, needs: []string{steady}, judge: judgeOffice, lessons: []string{"same-slash24"},
		works: "clients of one /24 are spread over the nodes",
		fails: "A whole /24, such as an office, lands on one node",
		cause: func(x *examination, g *ground, v verdict) Cause {
			return g.causeMethod("it reads the first three numbers of an IPv4 address")
		},
		mends: spreading,
	},
	{
		id: "behind", grade: Breaks, whole: true, needs: []string{behind}, judge: judgeBehind, lessons: []string{"behind-a-cdn"},
		works: "clients behind a proxy or a CDN are spread over the nodes",
		fails: "Behind a proxy, a CDN or a load balancer everybody lands on one node",
		cause: causeBehind,
		mends: func(x *examination, g *ground) []mend { return []mend{x.realIP()} },
	},
	{
		id: past, grade: If, whole: true, needs: []string{past}, judge: judgePast, lessons: []string{"which-policy"},
		works: "clients who come past the proxy in front keep their session",
		fails: "If clients come past the proxy in front, without its header, their sessions break",
		cause: func(x *examination, g *ground, v verdict) Cause {
			return g.causeMethod("without the header what it hashes is empty, and nginx deals the requests in turn")
		},
		mends: spreading,
	},
	{
		id: "forged", grade: Breaks, needs: []string{forged}, judge: judgeForged, lessons: []string{"forged-header"},
		works: "nobody chooses his node by a header of his own",
		fails: "Anybody can name his address in a header, and so choose the node",
		cause: func(x *examination, g *ground, v verdict) Cause {
			if wide := g.wide(); len(wide) > 0 {
				return g.at(wide[0], "it trusts whoever connects")
			}
			return g.at(g.above("set_real_ip_from"), "it trusts the machine that was tried")
		},
		mends: func(x *examination, g *ground) []mend { return []mend{x.trustOnly()} },
	},
	{
		id: "idle", grade: Breaks, whole: true, needs: []string{idle}, judge: judgeIdle, lessons: []string{"idle-timeout"},
		works: "idle clients stay connected",
		fails: "Connections on which nobody speaks are cut",
		cause: causeIdle,
		mends: func(x *examination, g *ground) []mend {
			return []mend{longer("proxy_read_timeout"), longer("proxy_send_timeout"),
				x.then("time-outs longer than the heartbeat (25 s and 20 s more)", longer("proxy_read_timeout"), longer("proxy_send_timeout"))}
		},
	},
	{
		id: "death", grade: Breaks, whole: true, needs: []string{death}, judge: judgeDeath, lessons: []string{"node-dies"},
		works: "the clients of a dead node go to another, nobody else notices",
		fails: "The clients of a dead node do not get to another",
		cause: causeDeath,
		mends: func(x *examination, g *ground) []mend {
			next := without("proxy_next_upstream", "try the next server when one is gone")
			tries := without("proxy_next_upstream_tries", "try the next server when one is gone")
			return []mend{countFails(), next, tries,
				x.then("notice that a server is gone, and try the next", next, countFails()),
				x.then("notice that a server is gone, and try the next", tries, countFails()),
				x.then("notice that a server is gone, and try the next", x.then("", next, tries), countFails())}
		},
	},
	{
		id: "reload", grade: Breaks, whole: true, needs: []string{reload}, judge: judgeReload, lessons: []string{"old-workers"},
		works: "nobody notices a reload",
		fails: "A reload of nginx cuts connections",
		cause: func(x *examination, g *ground, v verdict) Cause {
			if s := g.outermost("worker_shutdown_timeout"); s != nil {
				return g.at(s, "so long after a reload the old workers cut what they still carry")
			}
			return Cause{Why: "nothing in the text"}
		},
		mends: func(x *examination, g *ground) []mend {
			return []mend{{"let the old workers end by themselves", func(g *ground) string {
				if s := g.outermost("worker_shutdown_timeout"); s != nil {
					return nginx.Remove(g.text, s)
				}
				return g.text
			}}}
		},
	},
	{
		id: "scale", grade: Costs, whole: true, needs: []string{scale}, judge: judgeScale, lessons: []string{"consistent-hash"},
		works: "one server more moves its share of the sessions and no others",
		fails: "One server more, or less, moves most polling sessions",
		cause: func(x *examination, g *ground, v verdict) Cause {
			return g.causeMethod("it divides by the number of servers, which changes the result for most addresses")
		},
		mends: func(x *examination, g *ground) []mend {
			m := byAddress
			if g.upstream.Method.Name == "hash" {
				m = g.upstream.Method.String() + " consistent"
			}
			return []mend{methodMend(m, "a hash ring, on which a server takes only its own share")}
		},
	},
	{
		id: "large", grade: Costs, whole: true, needs: []string{large}, judge: judgeLarge, lessons: []string{"too-large"},
		works: "messages as large as Socket.IO takes get through",
		fails: "Messages that Socket.IO would take are refused for their size",
		cause: func(x *examination, g *ground, v verdict) Cause {
			return g.at(g.above("client_max_body_size"), "it is below the 1 MB of Socket.IO's maxHttpBufferSize: a larger POST gets 413, and the client loses its session")
		},
		mends: func(x *examination, g *ground) []mend { return []mend{roomFor()} },
	},
}

// lessonsFor are the lessons on what goes wrong here, the best first.
func (c *criterion) lessonsFor(x *examination, g *ground) []string {
	switch {
	case c.id == "sticky" && g.alwaysUpgrades() != nil:
		return nil
	case c.id == "sticky" && g.upstream.Sticky != nil && g.upstream.Sticky.Mode == "cookie":
		return []string{"native-clients", "sticky-cookie"}
	case c.id == "sticky" && g.upstream.Method.Name != "round_robin":
		return []string{"which-policy"}
	case c.id == "sticky" && g.upstream.Method.Name == "round_robin" && g.above("proxy_set_header") == nil:
		return []string{"no-upgrade"}
	case c.id == "key" && x.fronted(g.site):
		return []string{"behind-a-cdn"}
	case c.id == "upgrade" && g.upstream.Method.Name != "round_robin":
		return []string{"silent-polling", "no-upgrade"}
	}
	return c.lessons
}

// spreading are the mends for clients that all land on one node.
func spreading(x *examination, g *ground) []mend {
	by := methodMend(byAddress, "choose the node by the whole address")
	return []mend{by, x.then("choose the node by the whole address, and take that from the proxy in front", by, x.realIP())}
}
