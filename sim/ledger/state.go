package ledger

import "stickylab/cluster/trace"

// Placement is the connected clients of one group on one node.
type Placement struct {
	Group, Node string // Node "" when the node is not known
	Clients     []string
}

// state is what a window keeps of the instant at which it ends.
type state struct {
	order     []string // nodes as Ledger.Nodes orders them
	nodes     map[string]Node
	counts    map[string]RoomCount
	groups    map[string]Group
	clients   Clients
	placement []Placement
}

// state takes down the state of now.
func (l *Ledger) state() *state {
	s := &state{nodes: make(map[string]Node, len(l.nodes)), groups: make(map[string]Group, len(l.groups)), counts: make(map[string]RoomCount, len(l.nodes)), placement: l.Placement()}
	s.order = l.names()
	clients := l.connected()
	for i := range l.nodes {
		n := &l.nodes[i]
		s.nodes[n.name.String()] = n.view(clients)
		s.counts[n.name.String()] = n.counted
	}
	for _, group := range l.groups {
		g := Group{Nodes: make(map[string]int, len(l.nodes))}
		for _, n := range s.order {
			g.Nodes[n] = 0
		}
		s.groups[group.String()] = g
	}
	for i := range l.clients {
		c := &l.clients[i]
		s.clients.Count++
		switch c.presence() {
		case Connected:
			s.clients.Connected++
			if l.outside.has(int32(i)) && l.isOutside(c) {
				s.clients.Outside++
			}
		case Never:
			s.clients.Never++
		case Away:
			s.clients.Away++
		}
		g, ok := s.groups[c.group.String()]
		if !ok {
			continue
		}
		g.count(c, s.order)
		s.groups[c.group.String()] = g
	}
	return s
}

// names returns the nodes as Ledger.Nodes orders them.
func (l *Ledger) names() []string {
	out := make([]string, len(l.nodes))
	for i := range l.nodes {
		out[i] = l.nodes[i].name.String()
	}
	return out
}

// connected returns how many clients the nodes have.
func (l *Ledger) connected() int {
	n := 0
	for i := range l.nodes {
		n += l.nodes[i].sockets
	}
	return n
}

// view returns the state of the node; clients is how many all nodes have.
func (n *node) view(clients int) Node {
	v := Node{
		Up: n.up, Frozen: n.frozen, Adapter: n.adapter, Clients: n.sockets,
		Sessions: n.sessions, Polling: n.polling, Websocket: n.websockets,
	}
	if n.adapter && n.kind != 0 {
		v.Kind = string(n.kind.spec().Kind)
	}
	if clients > 0 {
		v.Share = float64(n.sockets) / float64(clients)
	}
	return v
}

// Placement returns which connected clients of which group are on which node:
// groups and clients in order of appearance, nodes as Ledger.Nodes orders them.
func (l *Ledger) Placement() []Placement {
	type key struct {
		group trace.Name
		node  int32
	}
	found := make(map[key][]string)
	for i := range l.clients {
		if c := &l.clients[i]; c.connected {
			k := key{c.group, c.node}
			found[k] = append(found[k], c.name.String())
		}
	}
	var out []Placement
	groups := l.groups
	if _, named := l.groupAt[trace.Name{}]; !named {
		groups = append(groups[:len(groups):len(groups)], trace.Name{}) // of no group
	}
	for _, group := range groups {
		for n := int32(-1); int(n) < len(l.nodes); n++ {
			names := found[key{group, n}]
			if len(names) == 0 {
				continue
			}
			p := Placement{Group: group.String(), Clients: names}
			if n >= 0 {
				p.Node = l.nodes[n].name.String()
			}
			out = append(out, p)
		}
	}
	return out
}
