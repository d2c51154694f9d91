package swarm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// affine reports whether all requests of a session reach one node for as long as
// nothing changes: by the address, which nothing but a move changes, or by a cookie
// that all clients give back.
func affine(p *plan.Plan) bool {
	if p.Config == nil {
		return false
	}
	groups := slices.Clone(p.File.Clients)
	moves := false
	for _, s := range p.Steps {
		moves = moves || s.Verb == scenario.Move
		if s.Verb == scenario.Add {
			groups = append(groups, s.Newcomers())
		}
	}
	cookies := !slices.ContainsFunc(groups, func(g scenario.Group) bool {
		own := slices.ContainsFunc(g.Headers, func(h scenario.Header) bool { return strings.EqualFold(h.Name, "Cookie") })
		return g.Kind == scenario.Native || g.Credentials != nil && !*g.Credentials || own
	})
	for _, u := range p.Config.Upstreams {
		method := strings.Join(append([]string{u.Method.Name}, u.Method.Args...), " ")
		address := method == "ip_hash" || method == "hash $remote_addr" || method == "hash $remote_addr consistent"
		cookie := u.Sticky != nil && u.Sticky.Mode == "cookie" && u.Sticky.Domain == "" && u.Sticky.Path == ""
		// A full server sends its clients away, and two of one route share a cookie.
		loose := slices.ContainsFunc(u.Servers, func(s *nginx.UpstreamServer) bool { return s.MaxConns > 0 || s.Route != "" })
		if loose || !(address && !moves && u.Sticky == nil) && !(cookie && cookies) {
			return false
		}
	}
	return true
}

// follow follows the sessions and their requests.
func (b *books) follow(e *trace.Event) {
	switch e.Kind {
	case trace.SessionOpened:
		b.sessions[e.Session] = e.Node
		if b.open[e.Node] == nil {
			b.open[e.Node] = map[trace.Name]bool{}
		}
		b.open[e.Node][e.Session] = true
	case trace.SessionClosed:
		delete(b.open[e.Node], e.Session)
	case trace.NodeDown:
		delete(b.open, e.Node)
	case trace.ConfigLoaded:
		b.changed = b.changed || b.loads[e.Lane]
		b.loads[e.Lane] = true
	case trace.PeerFails, trace.ClientMoved:
		b.changed = true
	case trace.Proxied:
		several := e.Node == (trace.Name{})
		b.retried, b.changed = b.retried || several, b.changed || several
		if home, known := b.sessions[e.Session]; known && b.affine && !b.changed && home != e.Node {
			b.wrong("no affinity", "at %v the session %s of %s is asked for at %s", e.At, e.Session, home, e.Node)
		}
	}
	switch e.Kind {
	case trace.Step:
		verb, _, _ := strings.Cut(e.Text.String(), " ")
		if !slices.Contains([]scenario.Verb{scenario.Say, scenario.Emit, scenario.Count, scenario.Add}, scenario.Verb(verb)) {
			b.meddled = true
		}
		b.copies = b.copies || strings.HasPrefix(e.Text.String(), "emit ") && strings.Contains(e.Text.String(), " all ")
	case trace.Resent:
		b.copies = true
	case trace.NodeDown, trace.RedisDown, trace.AdapterOff, trace.NodeFroze, trace.ProxyError, trace.PeerFails, trace.FrontError, trace.Refused,
		trace.SessionClosed, trace.Disconnected, trace.ConnectError, trace.UpgradeError, trace.Reconnecting:
		if b.fault == "" {
			b.fault = fmt.Sprintf("%s at %v: %s %s %s", e.Kind, e.At, e.Node, e.Client, e.Text)
		}
	}
}

// Of what was sent in these times nothing is said, where all shall arrive: at first
// the adapters connect, and in the end something may be on its way.
const (
	warmUp   = 10 * time.Second
	coolDown = 10 * time.Second
	// A node with the sharded adapter subscribes to a room when its first socket joins.
	subscribing = 5 * time.Second
)

// end keeps how many sessions and sockets each node has when the run's time is over.
func (b *books) end() {
	b.ended = map[string][2]int{}
	for name := range b.app {
		sockets := 0
		for _, s := range b.sockets {
			if !s.closed && s.node == name {
				sockets++
			}
		}
		b.ended[name.String()] = [2]int{len(b.open[name]), sockets}
	}
}

// atTheEnd checks the state of the nodes at the end of the run's time.
func (b *books) atTheEnd(nodes map[string]ledger.Node) {
	if b.ended == nil {
		b.end()
	}
	for name, n := range nodes {
		if theirs := [2]int{n.Sessions, n.Clients}; theirs != b.ended[name] || n.Polling+n.Websocket != n.Sessions {
			b.wrong("the state of a node is not that of the trace", "%s has %d sessions and %d sockets, the trace %v", name, n.Sessions, n.Clients, b.ended[name])
		}
	}
}

// exactlyOnce checks that nothing arrives twice unless a proxy has sent it twice, and
// that all arrives once where nothing has failed.
func (b *books) exactlyOnce() {
	if b.total.Duplicates > 0 && !b.retried && !b.copies {
		b.wrong("something arrives twice", "%d duplicates", b.total.Duplicates)
	}
	if b.meddled || b.fault != "" {
		return
	}
	f := b.plan.File
	local := slices.ContainsFunc(f.Steps, func(s scenario.Step) bool { return s.Local })
	one := !slices.ContainsFunc(f.Nodes.List, func(n scenario.Node) bool { return n.App != "" || n.Key != "" })
	for id, m := range b.messages {
		if m.at < warmUp || m.at > f.Duration+f.Settle-coolDown {
			continue
		}
		for s, times := range m.due {
			reaches := s.node == m.node || one && f.Adapter != scenario.AdapterNone
			if s.node != m.node && f.Adapter == string(adapter.Sharded) && m.at < s.opened+subscribing {
				continue
			}
			if reaches && !local && (times == 0 || times > 1 && !b.copies) {
				b.wrong("a message is lost although nothing failed", "%s, sent on %s at %v, was read %d times by %s on %s", id, m.node, m.at, times, s.client, s.node)
			}
			if !reaches && one && times != 0 && !b.copies {
				b.wrong("a message crosses nodes without an adapter", "%s, sent on %s at %v, was read by %s on %s", id, m.node, m.at, s.client, s.node)
			}
		}
	}
}
