package doctor

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/scenario"
)

// reach is the criterion without which no other is judged.
const reach = "reach"

// criteria are judged, and findings reported, in this order.
var criteria = []*criterion{
	{
		id: reach, grade: Breaks, experiment: steady, judge: judgeReach,
		works: "requests reach a node",
		fails: "No request of a Socket.IO client reaches a node",
		cause: causeReach,
		special: []special{
			{
				when:   func(x *examination, g *target, v verdict) bool { return g.handler() != nil },
				grade:  If,
				title:  "Another module takes the requests of Socket.IO: whether they reach a node was not tried",
				settle: "does what is behind it speak Socket.IO? uwsgi_pass and fastcgi_pass let clients poll, and pass no WebSocket on",
			},
			{
				when:  func(x *examination, g *target, v verdict) bool { return g.alwaysUpgrades() != nil },
				title: "Every request is taken for a WebSocket, and refused",
			},
			{
				when:   func(x *examination, g *target, v verdict) bool { return g.location == nil && g.sign < namesIt },
				grade:  If,
				title:  "If Socket.IO is to be reached here, no request of its clients gets to a node",
				settle: "--path " + scenario.DefaultPath + " if it is, --path PATH if it has another path",
			},
			{
				when: func(x *examination, g *target, v verdict) bool {
					return cleanPath.MatchString(g.arrives()) && g.arrives() != g.nodePath()
				},
				grade:  If,
				title:  "Unless the server has the path that it is asked for, no request reaches Socket.IO",
				settle: "does the server have it as its option path?",
			},
		},
		fixes: func(x *examination, g *target) []fix {
			if g.handler() != nil {
				return nil
			}
			if g.connects() {
				return []fix{without("take the line out: the nodes do not read it", (*target).announces)}
			}
			if g.location != nil {
				return []fix{passUpgrade("ask for a WebSocket only when the client does"), closePath(), passArgs(), keepPath()}
			}
			place := cover(g.path)
			whole := x.sequence(place.summary, place, passUpgrade(""))
			return []fix{notInternal(), proxyHere(), whole, x.sequence(place.summary, whole, keepPath())}
		},
	},
	{
		id: "sticky", grade: Breaks, experiment: steady, judge: judgeSticky, lessons: []string{"upgrade-only"},
		special: []special{
			{
				when:    func(x *examination, g *target, v verdict) bool { return g.alwaysUpgrades() != nil },
				title:   "Polls are taken for WebSocket requests, and refused",
				lessons: []string{},
			},
			{
				when:    func(x *examination, g *target, v verdict) bool { return !g.several() },
				title:   "Clients that poll lose their session, though there is one node",
				lessons: []string{},
			},
			{
				when:    cookieless,
				grade:   If,
				title:   "Clients that return no cookies, such as native ones, lose their session",
				settle:  "does every client keep cookies? Browsers do, apps and scripts often do not",
				lessons: []string{"native-clients", "sticky-cookie"},
			},
			{
				when:    func(x *examination, g *target, v verdict) bool { return len(g.carried()) > 0 },
				grade:   If,
				title:   "If requests come without the key, those of one session reach different nodes",
				settle:  "does every request of a client carry it, the first one included?",
				lessons: []string{"which-policy"},
			},
			{when: func(x *examination, g *target, v verdict) bool {
				return g.upstream.Sticky != nil && g.upstream.Sticky.Mode == "cookie"
			}, lessons: []string{"native-clients", "sticky-cookie"}},
			{when: func(x *examination, g *target, v verdict) bool { return g.upstream.Method.Name != "round_robin" }, lessons: []string{"which-policy"}},
			{when: func(x *examination, g *target, v verdict) bool {
				return !g.connects() && g.above("proxy_set_header") == nil
			}, lessons: []string{"no-upgrade"}},
		},
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
				passBody(),
				onePool(),
				by,
				ownUpstream(),
				x.sequence("choose the node by the client's address, and take that from the proxy in front", by, x.realIP()),
				x.sequence("choose the node by the client's address, and take that from the balancer in front", by, x.trustBalancer()),
				methodFix("ip_hash", "choose the node by the client's address"),
			}
		},
	},
	{
		id: processes, grade: Breaks, whole: true, experiment: processes, judge: judgeProcesses, lessons: []string{"upgrade-only"},
		works: "sessions hold with several processes behind each address",
		fails: "With several processes behind an address the requests of one session reach different ones",
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.causePlace("nginx chooses an address, and not which of its processes gets the request")
		},
		elsewhere: "give each process its own port and list them all in an upstream with " + byAddress + ", or use @socket.io/sticky in the process that accepts",
	},
	{
		id: "upgrade", grade: Breaks, experiment: steady, judge: judgeUpgrade, lessons: []string{"no-upgrade"},
		special: []special{
			{
				when:    func(x *examination, g *target, v verdict) bool { return v.passed(websocket) },
				title:   "Sessions stay on polling: the WebSocket goes to another node",
				lessons: []string{"upgrade-elsewhere"},
			},
			{when: func(x *examination, g *target, v verdict) bool { return g.upstream.Method.Name != "round_robin" }, lessons: []string{"silent-polling", "no-upgrade"}},
		},
		works: "WebSockets get through",
		fails: "WebSockets do not get through",
		cause: causeUpgrade,
		fixes: func(x *examination, g *target) []fix {
			headers := passUpgrade("pass the Upgrade request on")
			by := methodFix(byAddress, "choose the node by the client's address for every request")
			return []fix{without("take the line out", (*target).hidesUpgrade), headers, onePool(), by, x.sequence("pass the Upgrade request on, and choose the node by the client's address", headers, by)}
		},
	},
	{
		id: "adapter", grade: Breaks, whole: true, experiment: steady, judge: judgeAdapter, lessons: []string{"forgot-the-adapter"},
		works: "messages cross from one node to another",
		fails: "Messages do not cross from one node to another",
		special: []special{{
			when:   func(x *examination, g *target, v verdict) bool { return x.options.Adapter == "" },
			grade:  If,
			title:  "If the nodes share no adapter, messages do not cross from one to another",
			settle: "--adapter redis if they have one, else --adapter none",
		}},
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.causePlace("each node sends to its own clients only, whatever nginx does")
		},
		elsewhere: "not in this file: an adapter on every node, such as @socket.io/redis-adapter",
	},
	{
		id: "key", grade: Costs, whole: true, experiment: steady, judge: judgeKey, lessons: []string{"which-policy"},
		works: "clients from many networks are spread over the nodes",
		fails: "Every client lands on one node",
		special: []special{
			{when: func(x *examination, g *target, v verdict) bool { return x.fronted(g.site) }, lessons: []string{"behind-a-cdn"}},
			{when: func(x *examination, g *target, v verdict) bool { return len(g.alike()) > 0 }, title: "All clients with the same browser land on one node"},
		},
		cause: func(x *examination, g *target, v verdict) Cause {
			switch alike := g.alike(); {
			case len(alike) > 0:
				return g.causeMethod(fmt.Sprintf("it hashes %s, in which many clients agree", strings.Join(alike, " and ")))
			case x.fronted(g.site):
				return causeBehind(x, g, v)
			}
			return g.causeMethod("what it hashes is the same for all clients")
		},
		fixes: func(x *examination, g *target) []fix {
			if x.fronted(g.site) {
				return append([]fix{x.realIP(), x.trustBalancer()}, spreading(x, g)...)
			}
			return spreading(x, g)
		},
	},
	{
		id: "office", grade: Costs, whole: true, experiment: steady, judge: judgeOffice, lessons: []string{"same-slash24"},
		works: "clients from one /24 are spread over the nodes",
		fails: "A whole /24, such as an office, lands on one node",
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.causeMethod("it reads the first three numbers of an IPv4 address")
		},
		fixes: spreading,
	},
	{
		id: behind, grade: Costs, whole: true, experiment: behind, judge: judgeBehind, lessons: []string{"behind-a-cdn"},
		special: []special{{
			when:   func(x *examination, g *target, v verdict) bool { return !x.proxied },
			grade:  If,
			title:  "If a proxy, CDN or load balancer is in front, every client lands on one node",
			settle: "--behind if there is one, --direct if there is not",
		}},
		works: "clients behind a proxy or a CDN are spread over the nodes",
		fails: "Behind a proxy, a CDN or a load balancer every client lands on one node",
		cause: causeBehind,
		fixes: func(x *examination, g *target) []fix { return []fix{x.realIP()} },
	},
	{
		id: bypass, grade: Breaks, whole: true, experiment: bypass, judge: judgeBypass, lessons: []string{"which-policy"},
		special: []special{{
			when:   func(x *examination, g *target, v verdict) bool { return true },
			grade:  If,
			title:  "If clients bypass the proxy in front, and so come without its header, their sessions break",
			settle: "--behind if no client bypasses it, --direct if there is none",
		}},
		works: "clients that bypass the proxy in front keep their session",
		fails: "Clients that bypass the proxy in front lose their session",
		cause: func(x *examination, g *target, v verdict) Cause {
			return g.causeMethod("without the header it hashes an empty key, and nginx distributes the requests round-robin")
		},
		fixes: spreading,
	},
	{
		id: "spoofed", grade: Costs, experiment: spoofed, judge: judgeSpoofed, lessons: []string{"forged-header"},
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
			return []fix{longer("proxy_read_timeout"), longer("proxy_send_timeout"), longer("proxy_timeout"),
				x.sequence("timeouts longer than the heartbeat (25 s plus 20 s)", longer("proxy_read_timeout"), longer("proxy_send_timeout"))}
		},
	},
	{
		id: "death", grade: Breaks, whole: true, experiment: death, judge: judgeDeath, lessons: []string{"node-dies"},
		special: []special{{
			when: func(x *examination, g *target, v verdict) bool {
				return !slices.ContainsFunc(v.judged, func(s Affected) bool { return s.Bad > s.failures[got502Later] })
			},
			title: "Every time nginx tries a dead node again, a client gets 502",
		}},
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
		id: "restart", grade: Costs, whole: true, experiment: death, judge: judgeRestart, lessons: []string{"all-failed"},
		works: "after a restart of all nodes clients come back at once",
		fails: "After a restart of all nodes clients stay away, though the nodes are back",
		cause: func(x *examination, g *target, v verdict) Cause {
			refuses := "answers 502"
			if g.connects() {
				refuses = "closes every connection"
			}
			return g.causePlace(fmt.Sprintf("nginx has marked every server as down, and %s until fail_timeout (%s) is over", refuses, format.Seconds(g.failTimeout())))
		},
		fixes: func(x *examination, g *target) []fix {
			again := neverDown()
			return []fix{again, x.sequence(again.summary, ownUpstream(), again)}
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
			if g.upstream.Method.Name == "round_robin" {
				return g.causePlace("it has no balancing method: with a second server " + g.unit() + " are distributed round-robin")
			}
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
		id: large, grade: Breaks, whole: true, experiment: large, judge: judgeLarge, lessons: []string{"too-large"},
		special: []special{
			{
				when:  func(x *examination, g *target, v verdict) bool { return x.tiny },
				title: "Messages of 64 KB, or a few sent together, are refused for their size",
			},
			{
				when:   func(x *examination, g *target, v verdict) bool { return true },
				grade:  If,
				title:  "If a message is larger than client_max_body_size, it is refused and its client loses the session",
				settle: "are all messages smaller? Socket.IO accepts 1 MB (maxHttpBufferSize)",
			},
		},
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
