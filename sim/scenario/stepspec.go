package scenario

import (
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// Verb is what a step does. What each verb takes is in verbs.
type Verb string

// The verbs.
const (
	Adapter           Verb = "adapter"
	Kill              Verb = "kill"
	Close             Verb = "close"
	Restart           Verb = "restart"
	Freeze            Verb = "freeze"
	Block             Verb = "block"
	DisconnectSockets Verb = "disconnect_sockets"
	Emit              Verb = "emit"
	Count             Verb = "count"
	Policy            Verb = "policy"
	Down              Verb = "down"
	Up                Verb = "up"
	Drain             Verb = "drain"
	Scale             Verb = "scale"
	Reload            Verb = "reload"
	Slow              Verb = "slow"
	Refuse            Verb = "refuse"
	Resume            Verb = "resume"
	Partition         Verb = "partition"
	Heal              Verb = "heal"
	Redis             Verb = "redis"
	Delays            Verb = "latency"
	Say               Verb = "say"
	Connect           Verb = "connect"
	Disconnect        Verb = "disconnect"
	Reconnect         Verb = "reconnect"
	Move              Verb = "move"
	Add               Verb = "add"
)

// verbs are all verbs, in the order in which help shows them.
var verbs = []verbSpec{
	{verb: Adapter, kind: OfCluster, doc: "Switches the adapter on all nodes, or on one.", args: func(s *Step) []field {
		return []field{
			{word: strings.Join(adapterNames(), "|"), required: true, value: adapterState(&s.Adapter)},
			{key: "node", word: "[NODE]", value: node(&s.Node), doc: "The one node."},
		}
	}},
	{verb: Policy, kind: OfProxy, doc: "Rewrites the balancing method and reloads as nginx does.", args: func(s *Step) []field {
		return []field{{word: "METHOD", required: true, value: method(s)}, upstream(s)}
	}},
	{verb: Kill, kind: OfCluster, doc: "Ends a node at once.", args: oneNode},
	{verb: Close, kind: OfNode, doc: "Ends a node as io.close() does: clients are told and come back. It is down until restart.", args: oneNode},
	{verb: Restart, kind: OfCluster, doc: "Starts a node again.", args: oneNode},
	{verb: Freeze, kind: OfNode, doc: "Stops a node's process as SIGSTOP does, until resume: its kernel takes what comes, nothing is done with it.", alias: "hang", args: oneNode},
	{verb: Block, kind: OfNode, doc: "A node's event loop is busy: nothing is done for a time.", args: func(s *Step) []field {
		return append(oneNode(s), field{key: "for", word: "TIME", required: true, value: duration(&s.Delay).offering("3s", "30s", "60s"), doc: "How long."})
	}},
	{verb: Down, kind: OfProxy, doc: "Marks a node's server line as down and reloads.", args: serverLine},
	{verb: Up, kind: OfProxy, doc: "Takes down and drain off a node's server line and reloads.", args: serverLine},
	{verb: Drain, kind: OfProxy, doc: "Marks a node's server line as draining and reloads: no new clients, those bound by a cookie stay.", args: serverLine},
	{verb: Scale, kind: OfProxy, doc: "How many nodes there shall be, or which one comes or goes; the server lines are rewritten.", args: func(s *Step) []field {
		return []field{{word: "COUNT|add NODE|remove NODE", required: true, value: scale(s)}, upstream(s)}
	}},
	{verb: Reload, kind: OfProxy, doc: "New nginx text, loaded as nginx does.", args: func(s *Step) []field {
		return []field{{required: true, value: literal(&s.Nginx)}}
	}},
	{verb: Slow, kind: OfNetwork, doc: "All traffic of a node takes longer.", args: func(s *Step) []field {
		return append(oneNode(s), field{key: "by", word: "DELAY", required: true, value: duration(&s.Delay).offering("100ms", "1s", "5s"), doc: "How much longer, each way."})
	}},
	{verb: Refuse, kind: OfNetwork, doc: "A node refuses new connections.", args: oneNode},
	{verb: Resume, kind: OfNetwork, doc: "Ends slow and refuse of a node, and freeze and block.", args: oneNode},
	{verb: Partition, kind: OfNetwork, doc: "Nothing gets through between two hosts.", args: twoHosts},
	{verb: Heal, kind: OfNetwork, doc: "Ends a partition.", args: twoHosts},
	{verb: Redis, kind: OfNetwork, doc: "Takes Redis down, up again, or slows it.", args: func(s *Step) []field {
		return []field{
			{word: "down|up|slow", required: true, value: choice(&s.Redis, RedisDown, RedisUp, RedisSlow)},
			{key: "by", word: "[DELAY]", value: duration(&s.Delay), doc: "With slow: how much longer, each way."},
		}
	}, fit: func(s *Step) (string, *yamltree.Problem) {
		switch {
		case s.Redis == RedisSlow && s.Delay == 0:
			return "", &yamltree.Problem{Text: `redis: slow lacks the key "by"`, Expected: ADuration}
		case s.Redis != RedisSlow && s.Delay > 0:
			return "by", &yamltree.Problem{Text: "by does not go with redis: " + s.Redis, Hint: "it belongs to redis: slow"}
		}
		return "", nil
	}},
	{verb: Delays, kind: OfNetwork, doc: "Changes latencies.", args: func(s *Step) []field {
		return []field{{word: "client|backend|redis DELAY ...", required: true, value: latency(&s.Latency)}}
	}},
	{verb: Say, kind: OfClients, doc: "One client says a text to its room.", args: func(s *Step) []field {
		return []field{
			{word: "CLIENT", required: true, value: text(&s.Who).naming(RefClient, &s.Who)},
			{key: "text", word: "[TEXT|size BYTES]", value: sayText(s), doc: "The text. Default " + DefaultText + "."},
			{key: "size", value: size(&s.Size, MaxText), doc: "How many bytes, in place of a text."},
		}
	}, fit: func(s *Step) (string, *yamltree.Problem) {
		if s.Text != "" && s.Size > 0 {
			return "size", &yamltree.Problem{Text: "a say has both text and size", Expected: "one of them", Hint: "a text has the size that it has"}
		}
		return "", nil
	}, fill: func(s *Step) {
		if s.Text == "" && s.Size == 0 {
			s.Text = DefaultText
		}
	}},
	{verb: Connect, kind: OfClients, doc: "A group or client connects.", args: clients},
	{verb: Disconnect, kind: OfClients, doc: "A group or client disconnects and stays away.", args: clients},
	{verb: Reconnect, kind: OfClients, doc: "Clients drop their connections and come back, as a reload of the page does: a new session under the same name and address, in the same room. What they had not sent yet is lost.", args: func(s *Step) []field {
		return []field{{word: "all|GROUP|CLIENT", required: true, value: orAll(&s.Who, text(&s.Who).naming(RefClients, &s.Who))}}
	}},
	{verb: Move, kind: OfClients, doc: "A group or client changes its addresses, and so loses its connections.", args: func(s *Step) []field {
		return append(clients(s), field{key: "ip", word: "IP...", required: true, value: ranges(&s.IP), doc: "The new addresses."})
	}},
	{verb: Add, kind: OfClients, doc: "More clients come: a new group, or one that grows.", args: func(s *Step) []field {
		if s.Group == nil {
			s.Group = &Group{Count: 1}
		}
		return append([]field{{word: "GROUP", required: true, value: newcomer(&s.Who)}}, s.Group.fields()...)
	}, fill: func(s *Step) { s.Group.Name = s.Who }},
	{verb: DisconnectSockets, kind: OfNode, doc: "A node disconnects its clients as io.local.disconnectSockets(true) does: they do not come back by themselves.", args: oneNode},
	{verb: Emit, kind: OfNode, doc: "The nodes themselves emit to a room.", args: func(s *Step) []field {
		return []field{
			{word: "ROOM", required: true, value: room(&s.Room)},
			{key: "from", word: "all|NODE", value: orAll(&s.Node, node(&s.Node).as("from")), doc: "The node that does, or all."},
			{key: "local", word: "[local]", value: word(&s.Local, "local"), doc: "Each tells its own sockets only, as io.local.emit does. Default false."},
			{key: "text", word: "[TEXT]", value: rest(&s.Text), doc: "The text. Default " + DefaultText + "."},
		}
	}, fill: func(s *Step) {
		if s.Text == "" {
			s.Text = DefaultText
		}
	}},
	{verb: Count, kind: OfNode, doc: "Asks a node how many sockets are in a room: its own, and those of the cluster (fetchSockets).", args: func(s *Step) []field {
		return []field{
			{word: "ROOM", required: true, value: room(&s.Room)},
			{key: "node", word: "NODE", required: true, value: node(&s.Node), doc: "The node that is asked."},
		}
	}},
}

func node(into *string) value { return name(into, hostName).as("node").naming(RefNode, into) }

func oneNode(s *Step) []field {
	return []field{{word: "NODE", required: true, value: node(&s.Node)}}
}

func upstream(s *Step) field {
	return field{key: "upstream", word: "[UPSTREAM]", value: text(&s.Upstream).naming(RefUpstream, &s.Upstream), doc: "Which upstream. Left out: the one that clients reach."}
}

func serverLine(s *Step) []field { return append(oneNode(s), upstream(s)) }

func clients(s *Step) []field {
	return []field{{word: "GROUP|CLIENT", required: true, value: text(&s.Who).naming(RefClients, &s.Who)}}
}

func twoHosts(s *Step) []field {
	return []field{{word: "HOST HOST", required: true, value: hostPair(&s.Hosts)}}
}
