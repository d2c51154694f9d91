// Package stage is the picture of a run as data: the placement of clients, the journey of the last
// message, what moves. It is computed from the ledger at an instant and the events before it, and
// knows of no terminal and no browser: those draw it, each in its own way.
package stage

import (
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// A Source is a run at an instant.
type Source struct {
	Plan   *plan.Plan
	Steps  []scenario.Step // that have been done, in the order of time
	Ledger *ledger.Ledger  // at that instant
	Now    time.Duration

	// Back calls f for the events up to that instant, the latest first, until f returns
	// false or enough have been looked through.
	Back func(f func(*trace.Event) bool)

	// Text returns what was said with a message; nil means that it is not known.
	Text func(id trace.Msg) string
}

// A Picture is a run at an instant.
type Picture struct {
	At      time.Duration
	Groups  []Group
	Proxy   Proxy
	Nodes   []Node
	Redis   Redis
	Last    *Journey // of the last message; nil before there is one
	Motions []Motion // what was on its way lately, in the order of sending
}

// Proxy is how the proxy chooses a node.
type Proxy struct {
	Policy string // of the upstream, as nginx has it: "ip_hash"
}

// A Group is the clients of a group, as far as they are connected.
type Group struct {
	Name    string
	Clients int
	On      []int // connected, by node
}

// A Node is a node with its letter and colour, which it has everywhere.
type Node struct {
	Name, Letter string
	Colour       Colour

	Up, Frozen      bool
	Adapter, Linked bool // it has an adapter, and that a link to Redis
	Clients         int
}

// Redis is the state of Redis itself, and of the nodes' links to it.
type Redis struct {
	State           string // "up", "down" or "slow", as the last step about it said
	Adapters, Links int
}

// Of returns the picture of a run. decided chooses, as the last message, the last one of
// which nothing is in flight, if there was one a moment ago: when time passes faster than people can follow.
func Of(s Source, decided bool) *Picture {
	p := &Picture{At: s.Now, Redis: Redis{State: "up"}}
	p.Proxy.Policy, _ = s.Ledger.Policy()
	index := make(map[string]int)
	for i, n := range s.Ledger.Nodes() {
		index[n.Name] = i
		p.Nodes = append(p.Nodes, Node{
			Name: n.Name, Letter: Letter(i), Colour: ColourOf(i), Up: n.Up, Frozen: n.Frozen, Adapter: n.Adapter, Linked: n.Redis, Clients: n.Clients,
		})
		if n.Adapter {
			p.Redis.Adapters++
		}
		if n.Redis {
			p.Redis.Links++
		}
	}
	for _, step := range s.Steps {
		if step.Verb == scenario.Redis {
			p.Redis.State = step.Redis
		}
	}
	p.groups(s, index)
	if m, ok := lastMessage(s, decided); ok {
		p.Last = s.journey(&m)
	}
	p.Motions = s.motions()
	return p
}

// groups counts the clients by group and node.
func (p *Picture) groups(s Source, index map[string]int) {
	at := make(map[string]int)
	for _, c := range s.Ledger.Clients() {
		i, ok := at[c.Group]
		if !ok {
			i = len(p.Groups)
			at[c.Group] = i
			p.Groups = append(p.Groups, Group{Name: c.Group, On: make([]int, len(p.Nodes))})
		}
		g := &p.Groups[i]
		g.Clients++
		if n, ok := index[c.Node]; ok && c.Presence == ledger.Connected {
			g.On[n]++
		}
	}
}

// Node returns the node of that name, nil for none.
func (p *Picture) Node(name string) *Node {
	for i := range p.Nodes {
		if p.Nodes[i].Name == name {
			return &p.Nodes[i]
		}
	}
	return nil
}
