package swarm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/sim/scenario"
)

// leftOut are the keys that are not drawn, with why.
var leftOut = map[string]string{
	"scenario.summary":    "a text that nothing acts on",
	"scenario.variants":   "each is a file like any other",
	"scenario.lesson":     "it asks about a run and does nothing to it",
	"expectation.because": "a text that nothing acts on",

	"scenario.nginx_version=1.3": "what YAML makes of 1.30 without quotes",
}

// likely says how often, of a hundred times, a key is drawn that may be left out.
func likely(mapping, key string) int {
	often := map[string]int{
		"scenario.nodes": 95, "scenario.adapter": 70, "scenario.steps": 90, "scenario.network": 60, "scenario.front": 25, "scenario.hosts": 10,
		"scenario.url": 15, "scenario.settle": 20, "scenario.socketio": 40, "socketio.connection_state_recovery": 50, "scenario.expect": 50, "scenario.seed": 60,
		"group.count": 90, "group.say": 75, "group.connect": 60, "group.transports": 60, "group.size": 15, "group.url": 12, "group.headers": 10,
		"group.credentials": 10, "group.protocol": 10, "group.reconnection": 40, "group.room": 40,
		"group.rejoin": 10, "group.handlers": 10, "group.retries": 6, "group.ack_timeout": 6, "group.background": 10,
		"node.listen": 60, "node.app": 10, "node.key": 15, "front.nginx": 25, "say.size": 40, "say.text": 10,
		"kill.upstream": 10, "policy.upstream": 15, "down.upstream": 10, "up.upstream": 10, "drain.upstream": 10, "scale.upstream": 10,
	}
	if p, ok := often[cmp.Or(map[bool]string{true: "group"}[mapping == "add"], mapping)+"."+key]; ok {
		return p
	}
	return 30
}

// wild are the keys and verbs of which a tame file has none: with them a cluster may
// be at odds with its clients whatever it does.
var wild = map[string]bool{
	"scenario.settle": true, "scenario.socketio": true, "scenario.url": true, "front.nginx": true,
	"group.size": true, "group.url": true, "group.headers": true, "group.protocol": true, "group.reconnection": true,
	"group.rejoin": true, "group.retries": true, "group.ack_timeout": true, "group.background": true,
	"step.policy": true, "step.drain": true, "step.scale": true, "step.reload": true, "step.disconnect_sockets": true,
}

// meanings say what the values may be of which the form alone does not tell it, by
// definition and key, or by the definition of the form.
var meanings map[string]func(d *drawing) *tree

func init() {
	meanings = map[string]func(d *drawing) *tree{
		// Forms.
		"duration": func(d *drawing) *tree { return d.timeText(0, 20*time.Second) },
		"at":       func(d *drawing) *tree { return d.timeText(0, d.acting) },
		"span": func(d *drawing) *tree {
			return d.span(pick(d, 0, 10*time.Millisecond, 100*time.Millisecond, d.latency(2*time.Second)))
		},
		"every": func(d *drawing) *tree {
			least := pick(d, time.Second, time.Second, 200*time.Millisecond)
			return &tree{shape: word, text: "every " + scenario.FormatDuration(d.time(least, 15*time.Second))}
		},
		"instant": func(d *drawing) *tree {
			if d.chance(50) {
				return d.text("end")
			}
			return d.timeText(time.Millisecond, d.duration)
		},
		"bytes": func(d *drawing) *tree { return d.text("1B", "100B", "1kB", "5kB", "20kB", "100kB") },

		// The file.
		"scenario.title": func(d *drawing) *tree { return d.text("Random") },
		"scenario.seed": func(d *drawing) *tree {
			return &tree{shape: word, text: strconv.FormatUint(d.Uint64()>>d.IntN(60), 10)}
		},
		"scenario.nginx_version": func(d *drawing) *tree { return d.text("1.30", "1.22") },
		"scenario.duration": func(d *drawing) *tree {
			d.duration = pick(d, 2*time.Second, 10*time.Second, 30*time.Second, 30*time.Second, 60*time.Second, 60*time.Second, 120*time.Second)
			d.tame = d.chance(25)
			if d.acting = d.duration - 1; d.chance(8) || d.tame && d.chance(50) {
				d.heals, d.acting, d.duration = true, 30*time.Second, 150*time.Second
			}
			return &tree{shape: word, text: scenario.FormatDuration(d.duration)}
		},
		"scenario.settle": func(d *drawing) *tree { return d.timeText(0, 5*time.Second) },
		"scenario.nodes":  (*drawing).nodeList,
		"node.name": func(d *drawing) *tree {
			d.nodes = append(d.nodes, pick(d, "im", "chat")+"-"+strconv.Itoa(3000+10*len(d.nodes)))
			return d.text(d.nodes[len(d.nodes)-1])
		},
		"node.listen": func(d *drawing) *tree {
			n := len(d.nodes)
			return d.text(fmt.Sprintf("127.0.0.1:%d", 3000+10*n), fmt.Sprintf("10.0.1.%d:3000", n))
		},
		"node.app": func(d *drawing) *tree { return d.text("chat", "shop") },
		"node.key": func(d *drawing) *tree { return d.text("socket.io", "shop") },
		"scenario.hosts": func(d *drawing) *tree {
			out := &tree{shape: pairs}
			out.put("edge", d.text("127.0.0.1", "10.0.0.1", "192.168.33.10"))
			if d.chance(50) {
				out.put("twice", listOf(d.text("10.0.0.1"), d.text("10.0.0.2")))
			}
			return out
		},
		"scenario.url": (*drawing).url,
		"proxy.nginx":  (*drawing).conf,
		"proxy.policy": (*drawing).policy,
		"proxy.listen": func(d *drawing) *tree {
			return d.text("192.168.33.10:80", "192.168.33.10:8080", "0.0.0.0:80", "[::]:80")
		},
		"proxy.server_name": func(d *drawing) *tree { return d.text("im.example.com", "chat.example.com") },
		"front.name": func(d *drawing) *tree {
			d.fronts = append(d.fronts, "cdn-"+strconv.Itoa(len(d.fronts)))
			return d.text(d.fronts[len(d.fronts)-1])
		},
		"front.ip":    func(d *drawing) *tree { d.networks++; return d.text(fmt.Sprintf("198.51.100.%d", d.networks)) },
		"front.nginx": (*drawing).frontConf,
		"front.proxy_protocol": func(d *drawing) *tree {
			return &tree{shape: word, text: strconv.FormatBool(d.lines)}
		},
		"network.client":           func(d *drawing) *tree { return d.span(pick(d, 0, 100*time.Millisecond, d.latency(time.Second))) },
		"socketio.path":            func(d *drawing) *tree { return d.text("/socket.io/", "/live/", "/a/b") },
		"socketio.ping_interval":   func(d *drawing) *tree { return d.timeText(500*time.Millisecond, 30*time.Second) },
		"socketio.ping_timeout":    func(d *drawing) *tree { return d.timeText(100*time.Millisecond, 30*time.Second) },
		"socketio.upgrade_timeout": func(d *drawing) *tree { return d.timeText(time.Millisecond, 20*time.Second) },
		"socketio.connect_timeout": func(d *drawing) *tree { return d.timeText(time.Millisecond, 60*time.Second) },
		"connection_state_recovery.max_disconnection_duration": func(d *drawing) *tree { return d.timeText(time.Second, 3*time.Minute) },
		"scenario.clients": (*drawing).crowds,
		"group.count":      (*drawing).people,
		"group.ip":         (*drawing).addressesOf,
		"group.connect": func(d *drawing) *tree {
			return d.span(min(d.duration/2, pick(d, 0, time.Second, 5*time.Second, 20*time.Second)))
		},
		"group.room":             (*drawing).room,
		"group.url":              (*drawing).url,
		"group.headers":          (*drawing).headers,
		"group.transports":       (*drawing).transports,
		"reconnection.delay":     func(d *drawing) *tree { return d.timeText(50*time.Millisecond, 3*time.Second) },
		"reconnection.delay_max": func(d *drawing) *tree { return d.timeText(3*time.Second, 10*time.Second) },
		"reconnection.factor":    func(d *drawing) *tree { return &tree{shape: word, text: pick(d, "0", "0.25", "0.5", "1")} },
		"scenario.steps":         (*drawing).steps,
		"expectation.from":       func(d *drawing) *tree { return d.timeText(0, d.duration/2) },
		"expectation.that":       (*drawing).condition,

		// Steps.
		"adapter.node": (*drawing).aNode, "kill.kill": (*drawing).aNode, "close.close": (*drawing).aNode, "restart.restart": (*drawing).aNode,
		"freeze.freeze": (*drawing).aNode, "hang.hang": (*drawing).aNode, "block.block": (*drawing).aNode, "down.down": (*drawing).aNode, "up.up": (*drawing).aNode,
		"drain.drain": (*drawing).aNode, "slow.slow": (*drawing).aNode, "refuse.refuse": (*drawing).aNode, "resume.resume": (*drawing).aNode,
		"disconnect_sockets.disconnect_sockets": (*drawing).aNode, "count.node": (*drawing).aNode, "emit.from": (*drawing).aNodeOrAll, "scale.remove": (*drawing).aNode,
		"scale.add": func(d *drawing) *tree {
			d.nodes = append(d.nodes, "more-"+strconv.Itoa(len(d.nodes)))
			return d.text(d.nodes[len(d.nodes)-1])
		},
		"policy.policy": (*drawing).policy, "upstream": func(d *drawing) *tree { return d.text(append(d.upstreams, "im")...) },
		"reload.reload": (*drawing).conf, "slow.by": (*drawing).delay, "redis.by": (*drawing).delay, "block.for": (*drawing).delay,
		"partition.partition": (*drawing).twoHosts, "heal.heal": (*drawing).twoHosts,
		"say.say": (*drawing).aClient, "say.text": func(d *drawing) *tree { return d.text("hi", "ä \"quoted\" text", "\u2028") },
		"emit.text":       func(d *drawing) *tree { return d.text("news") },
		"connect.connect": (*drawing).clients, "disconnect.disconnect": (*drawing).clients, "move.move": (*drawing).clients,
		"reconnect.reconnect": (*drawing).clientsOrAll, "move.ip": (*drawing).addressesOf,
		"add.add": (*drawing).newcomers, "emit.emit": (*drawing).room, "count.count": (*drawing).room,
	}
}

// latency is at most what a tame file has.
func (d *drawing) latency(most time.Duration) time.Duration {
	if d.tame {
		return min(most, slowest)
	}
	return most
}

// nodeList draws a number of nodes, or a list of them.
func (d *drawing) nodeList() *tree {
	n := 1 + d.IntN(4)
	if d.chance(60) {
		for i := range n {
			d.nodes = append(d.nodes, "im-"+strconv.Itoa(i+1))
			d.addresses = append(d.addresses, fmt.Sprintf("10.0.0.%d:3000", i+1))
		}
		return number(n)
	}
	out := listOf()
	for range n {
		node := d.mapping(d.defs.at("node"), "node")
		out.list = append(out.list, node)
		if at := node.at("listen"); at != nil {
			d.addresses = append(d.addresses, at.text)
		} else {
			d.addresses = append(d.addresses, node.at("name").text+":3000")
		}
	}
	return out
}

func (d *drawing) aNode() *tree {
	if len(d.nodes) == 0 {
		d.nodes = []string{"im-1"}
	}
	if d.node == "" || d.chance(50) {
		d.node = pick(d, d.nodes...)
	}
	return d.text(d.node)
}

func (d *drawing) aNodeOrAll() *tree {
	if d.chance(50) {
		return d.text("all")
	}
	return d.aNode()
}

func (d *drawing) url() *tree {
	urls := []string{"http://im.example.com/", "http://192.168.33.10/", "ws://192.168.33.10/chat", "http://im.example.com/?room=tea", "http://shop.example.com/"}
	if len(d.addresses) > 0 {
		urls = append(urls, "http://"+pick(d, d.addresses...)+"/")
	}
	return d.text(urls...)
}

func (d *drawing) crowds() *tree {
	out := &tree{shape: pairs}
	for i := range 1 + d.IntN(3) {
		c := &crowd{name: string(rune('a' + i)), count: 1}
		d.groups = append(d.groups, c)
		out.put(c.name, d.mapping(d.defs.at("group"), "group"))
	}
	return out
}

// people draws how many clients the group has that was begun last.
func (d *drawing) people() *tree {
	c := d.groups[len(d.groups)-1]
	n := 1 + d.IntN(pick(d, 2, 4, 4, 12))
	c.count = n
	return number(n)
}

// addressesOf draws where a group comes from: no other group does.
func (d *drawing) addressesOf() *tree {
	one := func() *tree {
		d.networks++
		return d.text(fmt.Sprintf("10.%d.0.0/16", 100+d.networks), fmt.Sprintf("203.0.%d.0/24", d.networks), fmt.Sprintf("172.16.%d.10", d.networks), fmt.Sprintf("2001:db8:%x::/64", d.networks))
	}
	if d.chance(80) {
		return one()
	}
	return listOf(one(), one())
}

func (d *drawing) room() *tree {
	return d.text("lobby", "lobby", "tea", "raum ü", strings.Repeat("r", 64))
}

func (d *drawing) headers() *tree {
	out := &tree{shape: pairs}
	out.put(pick(d, "X-Forwarded-For", "X-User", "Cookie"), d.text("203.0.113.7", "srv=1", "abc"))
	if d.chance(20) {
		out.put("X-Flag", &tree{shape: word, text: pick(d, "true", "false", "17")})
	}
	return out
}

// transports are one or both, in any order.
func (d *drawing) transports() *tree {
	both := d.defs.at("group").at("properties").at("transports").at("items").at("enum").list
	out := listOf()
	for _, i := range d.Perm(len(both))[:1+d.IntN(len(both))] {
		out.list = append(out.list, both[i])
	}
	return out
}

func (d *drawing) clientOf(c *crowd) string {
	return fmt.Sprintf("%s-%02d", c.name, 1+d.IntN(c.count))
}

func (d *drawing) aClient() *tree { return d.text(d.clientOf(pick(d, d.groups...))) }

// clients are a group or one client.
func (d *drawing) clients() *tree {
	if d.who == "" || d.chance(50) {
		c := pick(d, d.groups...)
		if d.who = c.name; d.chance(50) {
			d.who = d.clientOf(c)
		}
	}
	return d.text(d.who)
}

func (d *drawing) clientsOrAll() *tree {
	if d.chance(30) {
		return d.text("all")
	}
	return d.clients()
}

// newcomers are a new group, or one that grows.
func (d *drawing) newcomers() *tree {
	if d.chance(50) {
		d.groups = append(d.groups, &crowd{name: "n" + strconv.Itoa(len(d.groups)), count: 1})
	}
	return d.text(d.groups[len(d.groups)-1].name)
}

func (d *drawing) twoHosts() *tree {
	hosts := slices.Concat(d.nodes, d.nodes, d.fronts, []string{"proxy", "redis"})
	for _, g := range d.groups {
		hosts = append(hosts, g.name, d.clientOf(g))
	}
	if d.chance(40) {
		return listOf(d.text("proxy"), d.aNode())
	}
	return listOf(d.text(hosts...), d.text(hosts...))
}

func (d *drawing) delay() *tree { return d.timeText(1, 20*time.Second) }

// condition draws what an expectation is about.
func (d *drawing) condition() *tree {
	c := pick(d, d.groups...)
	all := []string{
		"delivery.total.ratio == 1", "delivery.cross.ratio == 0", "delivery.same.missed == 0 || delivery.total.extra > 0", "clients.connected == " + strconv.Itoa(c.count),
		fmt.Sprintf("groups['%s'].lost == 0", c.name), fmt.Sprintf("groups['%s'].heard.ratio > 0.5", c.name), "errors['Session ID unknown'] == 0", "latency.p95 < 500",
		"redis.relayed >= redis.published", "requests.peak > 10 && requests.failed == 0", "messages.unsent == 0", "sessions.upgraded > 0",
	}
	if len(d.nodes) > 0 {
		n := d.aNode().text
		all = append(all, fmt.Sprintf("nodes['%s'].sessions > 1", n), fmt.Sprintf("nodes['%s'].up && nodes['%s'].share < 0.6", n, n), fmt.Sprintf("counts['%s'].cluster >= 0", n))
	}
	return d.text(all...)
}
