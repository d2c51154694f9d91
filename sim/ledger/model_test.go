package ledger

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
)

// The model says the same as a ledger, in the plainest way: it keeps the whole
// trace and answers each question by reading it again from the start. Its
// events all have different times.
type model struct {
	events []trace.Event
	settle time.Duration
}

// place is where a socket is.
type place struct {
	node, session, client trace.Name
	rooms                 map[trace.Name]bool
}

// world is the state after some events.
type world struct {
	up, adapter, redis map[trace.Name]bool
	sockets            map[trace.Name]*place // open ones
	sessions           map[trace.Name]trace.Name
	transport          map[trace.Name]string // of sessions
	ever               map[trace.Name]*place // all sockets
	lost               []time.Duration
	loser              []trace.Name              // whose session it was, for each of lost
	whose              map[trace.Name]trace.Name // session -> client
	lives              map[trace.Name]*life
	wished             map[trace.Name]bool
	current            map[trace.Name]trace.Name // client -> session
	connected, joined  map[trace.Name]bool
	was, trying        map[trace.Name]bool
	at                 map[trace.Name]trace.Name // connected client -> node
	group              map[trace.Name]string
	app                map[trace.Name]trace.Name
	frozen             map[trace.Name]bool
	counts             map[string]RoomCount
}

func newWorld() *world {
	return &world{
		up: map[trace.Name]bool{}, adapter: map[trace.Name]bool{}, redis: map[trace.Name]bool{},
		sockets: map[trace.Name]*place{}, sessions: map[trace.Name]trace.Name{}, transport: map[trace.Name]string{},
		ever: map[trace.Name]*place{}, wished: map[trace.Name]bool{}, current: map[trace.Name]trace.Name{},
		connected: map[trace.Name]bool{}, joined: map[trace.Name]bool{}, was: map[trace.Name]bool{},
		trying: map[trace.Name]bool{}, at: map[trace.Name]trace.Name{}, group: map[trace.Name]string{},
		whose: map[trace.Name]trace.Name{}, lives: map[trace.Name]*life{},
		app: map[trace.Name]trace.Name{}, frozen: map[trace.Name]bool{}, counts: map[string]RoomCount{},
	}
}

func (w *world) apply(e trace.Event) {
	w.live(e)
	switch e.Kind {
	case trace.ClientAdded:
		w.group[e.Client] = e.Text.String()
	case trace.NodeUp:
		w.up[e.Node], w.app[e.Node] = true, e.Text
		if _, asked := w.counts[e.Node.String()]; !asked {
			w.counts[e.Node.String()] = RoomCount{-1, -1}
		}
	case trace.NodeFroze, trace.NodeResumed:
		w.frozen[e.Node] = e.Kind == trace.NodeFroze
	case trace.Counted:
		c := w.counts[e.Node.String()]
		if e.Text.String() == "local" {
			c = RoomCount{Local: int(e.Status), Cluster: -1}
		} else {
			c.Cluster = int(e.Status)
		}
		w.counts[e.Node.String()] = c
	case trace.NodeDown:
		w.frozen[e.Node] = false
		w.up[e.Node], w.adapter[e.Node], w.redis[e.Node] = false, false, false
		for name, p := range w.sockets {
			if p.node == e.Node {
				delete(w.sockets, name)
			}
		}
		for sid, node := range w.sessions {
			if node == e.Node {
				if !w.wished[sid] {
					w.lose(sid, e.At)
				}
				delete(w.sessions, sid)
			}
		}
	case trace.AdapterOn:
		w.adapter[e.Node] = true
	case trace.AdapterOff:
		w.adapter[e.Node], w.redis[e.Node] = false, false
	case trace.RedisUp:
		w.redis[e.Node] = true
	case trace.RedisDown:
		w.redis[e.Node] = false
	case trace.SessionOpened:
		w.sessions[e.Session], w.transport[e.Session] = e.Node, e.Text.String()
	case trace.SessionUpgraded:
		w.transport[e.Session] = "websocket"
	case trace.SessionClosed:
		if _, open := w.sessions[e.Session]; open && !w.wished[e.Session] && e.Text.String() != "client namespace disconnect" {
			w.lose(e.Session, e.At)
		}
		delete(w.sessions, e.Session)
	case trace.SocketOpened:
		p := &place{e.Node, e.Session, e.Client, map[trace.Name]bool{}}
		w.sockets[e.Socket], w.ever[e.Socket] = p, p
	case trace.SocketClosed:
		if p := w.sockets[e.Socket]; p != nil && e.Text.String() == "client namespace disconnect" {
			w.wished[p.session] = true
		}
		delete(w.sockets, e.Socket)
	case trace.Joined:
		if p := w.sockets[e.Socket]; p != nil {
			p.rooms[e.Room] = true
			w.joined[p.client] = true
		}
	case trace.Left:
		if p := w.sockets[e.Socket]; p != nil {
			delete(p.rooms, e.Room)
		}
	case trace.Connected:
		w.connected[e.Client], w.was[e.Client], w.trying[e.Client] = true, true, false
		w.current[e.Client] = e.Session
		w.at[e.Client] = w.ever[e.Socket].node
	case trace.Disconnected:
		if e.Text.String() == "io client disconnect" {
			w.wished[w.current[e.Client]] = true
		}
		w.connected[e.Client] = false
		w.trying[e.Client] = e.Text.String() != "io client disconnect" && e.Text.String() != "io server disconnect"
	case trace.Reconnecting:
		w.trying[e.Client] = true
	}
}

func (w *world) lose(sid trace.Name, at time.Duration) {
	w.lost, w.loser = append(w.lost, at), append(w.loser, w.whose[sid])
}

// until returns the state before the instant.
func (m *model) until(at time.Duration) *world {
	w := newWorld()
	for _, e := range m.events {
		if e.At < at {
			w.apply(e)
		}
	}
	return w
}

// answer is what the model says of a window.
type answer struct {
	view    View
	matrix  map[[2]string]Counts
	missed  map[Miss]int
	latency []time.Duration
}

func (m *model) window(from, at time.Duration) answer {
	judged := at + m.settle
	a := answer{matrix: map[[2]string]Counts{}, missed: map[Miss]int{}}
	a.view = m.state(at)
	a.view.Errors = map[string]int{}

	all := m.until(judged)
	sent := map[trace.Msg]bool{}
	seconds := map[time.Duration]int{}
	for i, e := range m.events {
		inside := e.At >= from && e.At < at
		switch e.Kind {
		case trace.Sent:
			if !sent[e.Msg] && inside {
				a.view.Messages.Sent++
				m.message(&a, i, judged, all)
			}
			sent[e.Msg] = true
		case trace.Said:
			if inside {
				a.view.Messages.Said++
				if !slices.ContainsFunc(m.events, func(x trace.Event) bool {
					return x.Kind == trace.Sent && x.Msg == e.Msg && x.At > e.At && x.At < judged
				}) {
					a.view.Messages.Unsent++
				}
			}
		case trace.Published:
			if inside {
				a.view.Redis.Published++
			}
		case trace.Relayed:
			if inside {
				a.view.Redis.Relayed++
				if e.Text.String() == "nobody here" {
					a.view.Redis.Idle++
				}
			}
		case trace.Counted:
			if inside && e.Status < 0 {
				a.view.Errors[e.Text.String()]++
			}
		case trace.SessionOpened:
			if inside {
				a.view.Sessions.Opened++
			}
		case trace.Asked:
			if inside {
				a.view.Requests.Total++
				second := (e.At - from) / time.Second
				seconds[second]++
				a.view.Requests.Peak = max(a.view.Requests.Peak, seconds[second])
			}
		case trace.Answered: // it counts when it was asked
			if asked := e.At - e.Value; asked >= from && asked < at && e.At < judged && (e.Status == 0 || e.Status >= 400) {
				a.view.Requests.Failed++
			}
		case trace.Reconnecting:
			if inside {
				a.view.Requests.Reconnects++
			}
		case trace.Refused, trace.ConnectError, trace.UpgradeError:
			if inside {
				a.view.Errors[e.Text.String()]++
			}
		case trace.Disconnected:
			if inside && e.Text.String() != "io client disconnect" {
				a.view.Errors[e.Text.String()]++
			}
		case trace.Proxied:
			if inside && e.Status == 502 {
				a.view.Errors["502 Bad Gateway"]++
			}
		}
		if e.Kind == trace.SessionUpgraded && inside {
			if before := m.until(e.At); before.sessions[e.Session] != (trace.Name{}) && before.transport[e.Session] == "polling" {
				a.view.Sessions.Upgraded++
			}
		}
	}
	for _, t := range all.lost {
		if t >= from && t < at {
			a.view.Sessions.Lost++
		}
	}
	m.groups(&a, from, at, all)
	d := &a.view.Delivery
	for pair, c := range a.matrix {
		c.Pending = c.Due - c.Arrived - c.Missed
		a.matrix[pair] = c
		d.Total.add(&c)
		if pair[0] == pair[1] {
			d.Same.add(&c)
		} else {
			d.Cross.add(&c)
		}
	}
	for _, c := range []*Counts{&d.Total, &d.Same, &d.Cross} {
		c.Pending, c.Ratio = c.Due-c.Arrived-c.Missed, ratio(*c)
	}
	return a
}

// message follows the message of event i to all its receivers.
func (m *model) message(a *answer, i int, judged time.Duration, all *world) {
	e := m.events[i]
	w := newWorld()
	for _, x := range m.events[:i] {
		w.apply(x)
	}
	enter := func(node, client trace.Name, f func(c *Counts)) {
		a.view.change(all.group[e.Client], func(g *Group) { f(&g.Said) })
		a.view.change(all.group[client], func(g *Group) { f(&g.Received) })
		if node == (trace.Name{}) {
			f(&a.view.Delivery.Total)
			return
		}
		pair := [2]string{e.Node.String(), node.String()}
		c := a.matrix[pair]
		f(&c)
		a.matrix[pair] = c
	}
	for _, c := range w.missing(e.Room, e.Node) {
		a.view.Messages.Away++
		a.view.change(all.group[c], func(g *Group) { g.MissedAway++ })
	}
	a.view.Messages.Outside += len(w.outside(e.Room, e.Node, e.At, m.settle))
	read := map[trace.Name]int{}
	settled := map[trace.Name]bool{} // had arrived when the message settled
	for _, x := range m.events[i:] {
		if x.Kind != trace.Read || x.Msg != e.Msg || x.At >= judged {
			continue
		}
		p := w.sockets[x.Socket]
		if p == nil && !m.openedAfter(i, x) {
			enter(trace.Name{}, x.Client, func(c *Counts) { c.Extra++ }) // on no node
			continue
		}
		if p == nil || !p.rooms[e.Room] || w.app[p.node] != w.app[e.Node] {
			enter(all.ever[x.Socket].node, all.ever[x.Socket].client, func(c *Counts) { c.Extra++ })
			continue
		}
		read[x.Socket]++
		if read[x.Socket] > 1 {
			enter(p.node, p.client, func(c *Counts) { c.Duplicates++ })
			continue
		}
		settled[x.Socket] = x.At < e.At+m.settle
		enter(p.node, p.client, func(c *Counts) { c.Arrived++ })
		a.latency = append(a.latency, x.At-e.At)
	}
	for name, p := range w.sockets {
		if !p.rooms[e.Room] || w.app[p.node] != w.app[e.Node] {
			continue
		}
		enter(p.node, p.client, func(c *Counts) { c.Due++ })
		if read[name] == 0 {
			enter(p.node, p.client, func(c *Counts) { c.Missed++ })
			r := m.why(i, name, p, w)
			a.missed[Miss{Reason: r, Sender: e.Node.String(), Receiver: p.node.String()}]++
		}
	}
}

// openedAfter reports whether the socket that read x was opened after event i.
func (m *model) openedAfter(i int, x trace.Event) bool {
	return slices.ContainsFunc(m.events[i:], func(y trace.Event) bool {
		return y.Kind == trace.SocketOpened && y.Socket == x.Socket && y.At < x.At
	})
}

// opened returns when a socket was opened.
func (m *model) opened(socket trace.Name) time.Duration {
	i := slices.IndexFunc(m.events, func(x trace.Event) bool { return x.Kind == trace.SocketOpened && x.Socket == socket })
	return m.events[i].At
}

func (m *model) state(at time.Duration) View {
	w := m.until(at)
	v := View{Nodes: map[string]Node{}, Groups: map[string]Group{}, Counts: w.counts}
	for _, e := range m.events {
		if e.Node != (trace.Name{}) && e.At < at {
			v.Nodes[e.Node.String()] = Node{Up: w.up[e.Node], Frozen: w.frozen[e.Node], Adapter: w.adapter[e.Node]}
		}
	}
	for _, p := range w.sockets {
		n := v.Nodes[p.node.String()]
		n.Clients++
		v.Nodes[p.node.String()] = n
	}
	for name, n := range v.Nodes {
		if len(w.sockets) > 0 {
			n.Share = float64(n.Clients) / float64(len(w.sockets))
		}
		v.Nodes[name] = n
	}
	for sid, node := range w.sessions {
		n := v.Nodes[node.String()]
		n.Sessions++
		if w.transport[sid] == "websocket" {
			n.Websocket++
		} else {
			n.Polling++
		}
		v.Nodes[node.String()] = n
	}
	for c, group := range w.group {
		g, ok := v.Groups[group]
		if !ok {
			g.Nodes = map[string]int{}
			for name := range v.Nodes {
				g.Nodes[name] = 0
			}
		}
		w.groupState(c, &g)
		v.Clients.Count++
		switch {
		case w.connected[c]:
			v.Clients.Connected++
		case !w.was[c]:
			v.Clients.Never++
		case w.joined[c] && w.trying[c]:
			v.Clients.Away++
		}
		v.Groups[group] = g
	}
	v.Clients.Outside = len(w.outside(trace.Name{}, trace.Name{}, at, m.settle))
	return v
}

// ratio is Arrived of what is no longer pending, 0 when that is nothing.
func ratio(c Counts) float64 {
	if c.Arrived+c.Missed == 0 {
		return 0
	}
	return float64(c.Arrived) / float64(c.Arrived+c.Missed)
}
