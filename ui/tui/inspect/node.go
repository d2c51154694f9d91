package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// nodeEventsShown bounds the events of a node that are shown.
const nodeEventsShown = 12

// Node draws a node: who is there, its adapter and its link to Redis, what it
// published and got, and what happened on it lately.
func Node(s *Source, name string, width int) []string {
	p := newPage(s, width)
	i := slices.IndexFunc(p.at.Nodes(), func(n ledger.NodeState) bool { return n.Name == name })
	if i < 0 {
		p.add("no node " + name + " so far")
		return p.lines
	}
	n := p.at.Nodes()[i]
	p.nodeHead(n)
	p.gap()
	p.nodeClients(n)
	p.nodeAdapter(n)
	p.nodePeers(s, n)
	p.nodeMessages(s, n)
	p.nodeEvents(s, n)
	return p.lines
}

func (p *page) nodeHead(n ledger.NodeState) {
	state := "up since " + style.Instant(n.Since)
	if !n.Up {
		state = loss("down") + " since " + style.Instant(n.Since)
	} else if n.Frozen {
		state += ", " + loss("is frozen")
	}
	p.flow(p.label(n.Name), n.Listen, state)
}

// nodeClients lists who is connected to the node, by group, and where they
// talk.
func (p *page) nodeClients(n ledger.NodeState) {
	parts := []string{format.Number(n.Sessions) + " open", "websocket " + format.Number(n.Websocket), "polling " + format.Number(n.Polling)}
	if idle := n.Sessions - n.Clients; idle > 0 {
		parts = append(parts, format.Number(idle)+" without a client")
	}
	p.field("sessions", rows(p.room(), "", parts)...)
	rooms := make(map[string]int)
	for _, c := range p.at.Clients() {
		if c.Presence == ledger.Connected && c.Node == n.Name {
			rooms[format.Line(c.Room)]++
		}
	}
	label := "clients"
	for _, place := range p.at.Placement() {
		if place.Node == n.Name {
			p.field(label, fmt.Sprintf("%s of %s: %s", format.Number(len(place.Clients)), place.Group, people(place.Clients)))
			label = ""
		}
	}
	var real []string
	list, _ := p.at.RealClients(realSeen)
	for _, o := range list {
		if o.Node != n.Name {
			continue
		}
		real = append(real, o.Name)
		for _, room := range o.Rooms {
			rooms[format.Line(room)]++
		}
	}
	if len(real) > 0 {
		p.field(label, fmt.Sprintf("%s of %s: %s", format.Number(len(real)), RealGroup, people(real)))
		label = ""
	}
	if label != "" {
		p.field(label, "none")
		return
	}
	var names []string
	for room := range rooms {
		names = append(names, room)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(rooms[b]-rooms[a], cmp.Compare(a, b)) })
	parts = nil
	for i, room := range names {
		if i == roomsShown {
			parts = append(parts, fmt.Sprintf("and %d more", len(names)-i))
			break
		}
		parts = append(parts, room+" "+format.Number(rooms[room]))
	}
	p.field("rooms", rows(p.room(), "", parts)...)
}

// roomsShown bounds the rooms that are named.
const roomsShown = 24

// nodeAdapter reports whether the node gets messages of others, and they its own.
func (p *page) nodeAdapter(n ledger.NodeState) {
	var alone string
	switch {
	case !n.Up:
		return
	case !n.Adapter:
		alone = "off: what is said here stays here, and nothing comes from elsewhere"
	case !n.Redis:
		alone = "on, without a link to Redis: what is said here stays here"
	default:
		alone = "on, linked to Redis: what is said here goes to all nodes"
	}
	p.field("adapter", alone)
}

func (p *page) nodeMessages(s *Source, n ledger.NodeState) {
	t := n.Traffic
	p.field("messages", rows(p.room(), "", []string{
		"accepted " + format.Number(t.Sent), "copies written " + format.Number(t.Wrote),
		"published " + format.Number(t.Published), "from Redis " + format.Number(t.Relayed),
	})...)
	const lately = 10 * time.Second
	pic := p.at.SnapshotSince(max(0, s.Now-lately))
	from := slices.Index(pic.Matrix.Nodes, n.Name)
	if from < 0 {
		return
	}
	label := "last 10 s"
	for to, c := range pic.Matrix.Cells[from] {
		if c.Arrived+c.Missed == 0 {
			continue
		}
		share := format.Share(c.Arrived, c.Arrived+c.Missed)
		if c.Missed > 0 {
			share = loss(share)
		}
		p.field(label, "said here, heard on "+p.mark(pic.Matrix.Nodes[to])+style.Right(share, 24))
		label = ""
	}
}

// nodeEvents lists what happened on the node lately. Copies that it wrote are
// left out, they are too many.
func (p *page) nodeEvents(s *Source, n ledger.NodeState) {
	name := trace.N(n.Name)
	var lines []string
	published := make(map[trace.Msg]bool)
	how := back(s, s.Cursor, func(e *trace.Event) bool {
		if e.Node != name || leftOut[e.Kind] {
			return true
		}
		if e.Kind == trace.Published {
			published[e.Msg] = true
			return true
		}
		lines = append(lines, style.Fit(style.Instant(e.At), 9)+" "+onNode(e, published[e.Msg]))
		return len(lines) < nodeEventsShown
	})
	if len(lines) < nodeEventsShown {
		if text := how.text(); text != "" {
			lines = append(lines, dim(text))
		}
	}
	p.gap()
	p.field("latest", lines...)
}

// leftOut are the events of a node that are too many, or its clients' to tell.
var leftOut = map[trace.Kind]bool{trace.Wrote: true, trace.Proxied: true, trace.PeerConns: true, trace.Read: true, trace.Said: true, trace.Step: true}

// onNode tells an event of a node.
func onNode(e *trace.Event, published bool) string {
	d := ledger.Describe(e)
	here := d.Subject == e.Node.String()
	if d.Node = ""; published && e.Kind == trace.Sent {
		d.Detail = "published"
	}
	text := sentence(d)
	if !here {
		text = d.Subject + " " + text
	}
	return text
}
