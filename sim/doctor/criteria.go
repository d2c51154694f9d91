package doctor

// A Cause is the place in the text that a finding is due to.
type Cause struct {
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
	Missing bool   `json:"missing,omitempty"` // something is missing, and would belong at the line
	Why     string `json:"why"`
}

// criteria are judged, and findings reported, in this order.
var criteria = []*criterion{
	{
		id: "reach", grade: Breaks, experiment: steady, judge: judgeReach,
		works: "requests reach a node",
		fails: "No request of a Socket.IO client reaches a node",
		cause: causeReach,
		fixes: func(x *examination, g *target) []fix {
			if g.location != nil {
				return []fix{keepPath()}
			}
			if g.answering() != nil {
				return []fix{without("remove the location that answers itself", (*target).answering)}
			}
			place := cover(x.path())
			return []fix{place, x.sequence(place.summary, place, keepPath())}
		},
	},
	{
		id: "sticky", grade: Breaks, experiment: steady, judge: judgeSticky, lessons: []string{"upgrade-only"},
		works: "all requests of a session reach one node",
		fails: "The requests of one session reach different nodes",
		cause: causeSticky,
		fixes: func(x *examination, g *target) []fix {
			by := methodFix(byAddress, "choose the node by the client's address")
			if g.alwaysUpgrades() != nil {
				pass := passUpgrade("ask for a WebSocket only when the client does")
				return []fix{pass, x.sequence("ask for a WebSocket only when the client does, and choose the node by the client's address", pass, by)}
			}
			return []fix{
				by,
				x.sequence("choose the node by the client's address, and take that from the proxy in front", by, x.realIP()),
				methodFix("ip_hash", "choose the node by the client's address"),
			}
		},
	},
	{
		id: "upgrade", grade: Breaks, experiment: steady, judge: judgeUpgrade, lessons: []string{"no-upgrade"},
		works: "WebSockets get through",
		fails: "WebSockets do not get through",
		cause: causeUpgrade,
		fixes: func(x *examination, g *target) []fix {
			headers := passUpgrade("pass the Upgrade request on")
			by := methodFix(byAddress, "choose the node by the client's address for every request")
			return []fix{headers, onePool(), by, x.sequence("pass the Upgrade request on, and choose the node by the client's address", headers, by)}
		},
	},
	{
		id: "key", grade: Breaks, whole: true, experiment: steady, judge: judgeKey, lessons: []string{"which-policy"},
		works: "clients from many networks are spread over the nodes",
		fails: "Every client lands on one node",
		cause: func(x *examination, g *target, v verdict) Cause {
			if x.fronted(g.site) {
				return causeBehind(x, g, v)
			}
			return g.causeMethod("what it hashes is the same for all clients")
		},
		fixes: func(x *examination, g *target) []fix {
			if x.fronted(g.site) {
				return append([]fix{x.realIP()}, spreading(x, g)...)
			}
			return spreading(x, g)
		},
	},
	{
		id: "office", grade: Breaks, whole: true, experiment: steady, judge: judgeOffice, lessons: []string{"same-slash24"},
		works: "clients from one /24 are spread over the nodes",
		fails: "A whole /24, such as an office, lands on one node",
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.causeMethod("it reads the first three numbers of an IPv4 address")
		},
		fixes: spreading,
	},
	{
		id: "behind", grade: Breaks, whole: true, experiment: behind, judge: judgeBehind, lessons: []string{"behind-a-cdn"},
		works: "clients behind a proxy or a CDN are spread over the nodes",
		fails: "Behind a proxy, a CDN or a load balancer every client lands on one node",
		cause: causeBehind,
		fixes: func(x *examination, g *target) []fix { return []fix{x.realIP()} },
	},
	{
		id: bypass, grade: If, whole: true, experiment: bypass, judge: judgeBypass, lessons: []string{"which-policy"},
		works: "clients that bypass the proxy in front keep their session",
		fails: "If clients bypass the proxy in front, and so come without its header, their sessions break",
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.causeMethod("without the header it hashes an empty key, and nginx distributes the requests round-robin")
		},
		fixes: spreading,
	},
	{
		id: "spoofed", grade: Breaks, experiment: spoofed, judge: judgeSpoofed, lessons: []string{"forged-header"},
		works: "no client can choose its node by sending a header",
		fails: "Any client can claim an address in a header, and so choose its node",
		cause: func(x *examination, g *target, v verdict) Cause {
			if wide := g.wide(); len(wide) > 0 {
				return g.at(wide[0], "it trusts every peer")
			}
			return g.at(g.above("set_real_ip_from"), "it trusts the machine that was tried")
		},
		fixes: func(x *examination, g *target) []fix { return []fix{x.trustOnly()} },
	},
	{
		id: "idle", grade: Breaks, whole: true, experiment: idle, judge: judgeIdle, lessons: []string{"idle-timeout"},
		works: "idle clients stay connected",
		fails: "Idle connections are cut",
		cause: causeIdle,
		fixes: func(x *examination, g *target) []fix {
			return []fix{longer("proxy_read_timeout"), longer("proxy_send_timeout"),
				x.sequence("timeouts longer than the heartbeat (25 s plus 20 s)", longer("proxy_read_timeout"), longer("proxy_send_timeout"))}
		},
	},
	{
		id: "death", grade: Breaks, whole: true, experiment: death, judge: judgeDeath, lessons: []string{"node-dies"},
		works: "the clients of a dead node move to another, and no other client notices",
		fails: "The clients of a dead node do not get to another",
		cause: causeDeath,
		fixes: func(x *examination, g *target) []fix {
			next := without("try the next server when one is down", directive("proxy_next_upstream"))
			tries := without("try the next server when one is down", directive("proxy_next_upstream_tries"))
			return []fix{countFails(), next, tries,
				x.sequence("notice that a server is down, and try the next", next, countFails()),
				x.sequence("notice that a server is down, and try the next", tries, countFails()),
				x.sequence("notice that a server is down, and try the next", x.sequence("", next, tries), countFails())}
		},
	},
	{
		id: "reload", grade: Breaks, whole: true, experiment: reload, judge: judgeReload, lessons: []string{"old-workers"},
		works: "no client notices a reload",
		fails: "A reload of nginx cuts connections",
		cause: func(x *examination, g *target, v verdict) Cause {
			if d := shutdownTimeout(g); d != nil {
				return g.at(d, "when it expires after a reload, the old workers cut the connections they still have")
			}
			return Cause{Why: "nothing in the text"}
		},
		fixes: func(x *examination, g *target) []fix {
			return []fix{without("let the old workers finish", shutdownTimeout)}
		},
	},
	{
		id: "scale", grade: Costs, whole: true, experiment: scale, judge: judgeScale, lessons: []string{"consistent-hash"},
		works: "an added server takes its share of the sessions and moves no others",
		fails: "Adding or removing a server moves most polling sessions",
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.causeMethod("it divides by the number of servers, which changes the result for most addresses")
		},
		fixes: func(x *examination, g *target) []fix {
			m := byAddress
			if g.upstream.Method.Name == "hash" {
				m = g.upstream.Method.String() + " consistent"
			}
			return []fix{methodFix(m, "use a hash ring, on which a server takes only its share")}
		},
	},
	{
		id: "large", grade: Costs, whole: true, experiment: large, judge: judgeLarge, lessons: []string{"too-large"},
		works: "messages as large as Socket.IO accepts get through",
		fails: "Messages that Socket.IO would accept are refused for their size",
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.at(g.above("client_max_body_size"), "it is below the 1 MB of Socket.IO's maxHttpBufferSize: a larger POST gets 413, and the client loses its session")
		},
		fixes: func(x *examination, g *target) []fix {
			return []fix{set("client_max_body_size", "1m", "accept bodies as large as Socket.IO accepts")}
		},
	},
}

// lessonsFor returns the lessons on what goes wrong here, the best first.
func (c *criterion) lessonsFor(x *examination, g *target) []string {
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

// spreading returns the fixes for clients that all land on one node.
func spreading(x *examination, g *target) []fix {
	by := methodFix(byAddress, "choose the node by the whole address")
	return []fix{by, x.sequence("choose the node by the whole address, and take that from the proxy in front", by, x.realIP())}
}
