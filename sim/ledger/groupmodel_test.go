package ledger

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
)

// life is what the model's world knows of a client besides its connection.
type life struct {
	wants     map[trace.Name]bool // rooms
	first     trace.Name          // node
	transport string
	session   trace.Name // named last
	socket    trace.Name // of its connection
	since     time.Duration
}

// of returns the life of a client.
func (w *world) of(client trace.Name) *life {
	l, ok := w.lives[client]
	if !ok {
		l = &life{wants: map[trace.Name]bool{}}
		w.lives[client] = l
	}
	return l
}

// live follows the lives of the clients; it comes before the rest of apply.
func (w *world) live(e trace.Event) {
	switch e.Kind {
	case trace.Asked, trace.SocketOpened, trace.Connected:
		if e.Session != (trace.Name{}) {
			w.of(e.Client).session = e.Session
			w.whose[e.Session] = e.Client
		}
	case trace.Joined, trace.Left:
		if p := w.sockets[e.Socket]; p != nil && p.rooms[e.Room] == (e.Kind == trace.Left) {
			w.of(p.client).wants[e.Room] = e.Kind == trace.Joined
		}
	}
	switch c := w.of(e.Client); e.Kind {
	case trace.Connected:
		c.socket, c.since = e.Socket, e.At
		c.transport = e.Text.String()
		if c.first == (trace.Name{}) {
			c.first = w.ever[e.Socket].node
		}
	case trace.Upgraded:
		c.transport = "websocket"
	}
}

// missing returns the clients that want to hear a room, are coming back to the
// application of a node, and have no socket there.
func (w *world) missing(room, node trace.Name) (out []trace.Name) {
	for c, life := range w.lives {
		here := false
		for _, p := range w.sockets {
			here = here || p.client == c && p.rooms[room] && w.app[p.node] == w.app[node]
		}
		if w.app[w.at[c]] == w.app[node] && life.wants[room] && !w.connected[c] && w.trying[c] && !here {
			out = append(out, c)
		}
	}
	return out
}

// outside returns the clients that have been connected for longer than the settling
// time, and are in none of their sockets in a room that they joined; with a zero room
// in any such.
func (w *world) outside(room, node trace.Name, at, settle time.Duration) (out []trace.Name) {
	for c, life := range w.lives {
		p := w.sockets[life.socket]
		if !w.connected[c] || p == nil || at-life.since <= settle {
			continue
		}
		if room == (trace.Name{}) {
			for r, wants := range life.wants {
				if wants && !p.rooms[r] {
					out = append(out, c)
					break
				}
			}
			continue
		}
		here := false
		for _, p := range w.sockets {
			here = here || p.client == c && p.rooms[room] && w.app[p.node] == w.app[node]
		}
		if w.app[w.at[c]] == w.app[node] && life.wants[room] && !here {
			out = append(out, c)
		}
	}
	return out
}

// change changes a group of a view, if it is there.
func (v *View) change(group string, f func(g *Group)) {
	if g, ok := v.Groups[group]; ok {
		f(&g)
		v.Groups[group] = g
	}
}

// groupState adds a client to its group.
func (w *world) groupState(c trace.Name, g *Group) {
	life := w.of(c)
	g.Count++
	switch {
	case w.connected[c]:
		g.Connected++
		g.Nodes[w.at[c].String()]++
		if life.transport == "websocket" {
			g.Websocket++
		} else {
			g.Polling++
		}
		if w.at[c] != life.first {
			g.Moved++
		}
	case !w.was[c]:
		g.Never++
	case !w.trying[c]:
		g.Gone++
	case w.joined[c]:
		g.Away++
	}
}

// groups counts what happened to the groups in a window.
func (m *model) groups(a *answer, from, at time.Duration, all *world) {
	inside := func(t time.Duration) bool { return t >= from && t < at }
	for name := range a.view.Groups {
		a.view.change(name, func(g *Group) { g.Errors = map[string]int{} })
	}
	for _, e := range m.events {
		when := e.At
		if e.Kind == trace.Answered {
			when -= e.Value // when it was asked
		}
		if !inside(when) || e.At >= at+m.settle {
			continue
		}
		a.view.change(all.group[e.Client], func(g *Group) {
			switch e.Kind {
			case trace.Asked:
				g.Requests.Total++
			case trace.Answered:
				if e.Status == 0 || e.Status >= 400 {
					g.Requests.Failed++
				}
			case trace.Reconnecting:
				g.Reconnects++
			}
		})
	}
	for i, t := range all.lost {
		if inside(t) {
			a.view.change(all.group[all.loser[i]], func(g *Group) { g.Lost++ })
		}
	}
	for i, client := range m.blame() {
		if inside(m.events[i].At) {
			a.view.change(all.group[client], func(g *Group) { g.Errors[textOf(m.events[i])]++ })
		}
	}
	for name := range a.view.Groups {
		a.view.change(name, func(g *Group) {
			for _, c := range []*Counts{&g.Received, &g.Said} {
				c.Pending = c.Due - c.Arrived - c.Missed
				c.Ratio = ratio(*c)
			}
		})
	}
}

func textOf(e trace.Event) string {
	if e.Kind == trace.Proxied {
		return "502 Bad Gateway"
	}
	return e.Text.String()
}

// blame returns who met the errors among the events, by their place.
func (m *model) blame() map[int]trace.Name {
	out := map[int]trace.Name{}
	w := newWorld()
	waiting := []int{}
	for i, e := range m.events {
		w.apply(e)
		switch e.Kind {
		case trace.ConnectError, trace.UpgradeError:
			out[i] = e.Client
		case trace.Disconnected:
			if e.Text.String() != "io client disconnect" {
				out[i] = e.Client
			}
		case trace.Refused:
			for c, life := range w.lives {
				if e.Session != (trace.Name{}) && life.session == e.Session {
					out[i] = c
				}
			}
			if out[i] == (trace.Name{}) && e.Lane.Direct() {
				out[i] = e.Lane.Client()
			}
			if out[i] == (trace.Name{}) {
				waiting = append(waiting, i)
			}
		case trace.Proxied:
			if e.Status == 502 {
				out[i] = e.Lane.Client()
			}
			k := slices.IndexFunc(waiting, func(j int) bool {
				r := m.events[j]
				return r.Node == e.Node && r.Session == e.Session && r.Status == e.Status && e.At < r.At+m.settle
			})
			if k >= 0 {
				out[waiting[k]] = e.Lane.Client()
				waiting = slices.Delete(waiting, k, k+1)
			}
		}
	}
	return out
}
