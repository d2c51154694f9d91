package run

import (
	"fmt"
	"strconv"

	"stickylab/sim/format"
	"stickylab/ui/stage"
	"stickylab/ui/tui/style"
)

// The projector view is nothing but the picture: the clients, the proxy, the nodes, Redis between them, and how far the last
// message came.

// Widths in the projector view, in cells.
const (
	projectedNode  = 16
	projectedProxy = 12
	leastLeg       = 4
)

// projection is the picture laid out.
type projection struct {
	f     *Frame
	c     *canvas
	proxy point // the cell before it
	nodes map[string]point
	in    map[string]path // from the proxy to each node
	out   map[string]path // from each node to the receivers there
	cross map[string]path // from each node to Redis
	from  map[string]path // from each group to the proxy
}

// drawProjector draws the view in some lines.
func drawProjector(f *Frame, dots []stage.Dot, width, height int) []string {
	rows := max(height-3, 3)
	clients := min(max(width*26/100, 14), 50)
	drawn := drawClients(f, "", "", clients, rows)
	left := style.Block(drawn.spaced(rows), clients, rows)
	p := projection{f: f, c: newCanvas(width-clients-1, rows), nodes: map[string]point{}, in: map[string]path{}, out: map[string]path{}, cross: map[string]path{}, from: map[string]path{}}
	p.layOut(&drawn)
	p.dots(dots)
	lines := style.Join(left, style.Block(p.c.lines(), width-clients-1, rows))
	return append(lines, "", p.sentence(width), style.Fit("", width))
}

// spaced puts room between the groups, as they take up some rows, and returns the lines.
func (out *drawnClients) spaced(rows int) (lines []string) {
	gap := max((rows-len(out.lines))/(len(out.marks)+1), 0)
	next, group := 0, -1
	for y, line := range out.lines {
		for ; next < len(out.spots) && out.spots[next].y <= y+1; next++ {
			if out.spots[next].group != group {
				group = out.spots[next].group
				lines = append(lines, make([]string, gap)...)
			}
		}
		lines = append(lines, line)
	}
	for i := range out.spots {
		out.spots[i].y += gap * (out.spots[i].group + 1)
	}
	return lines
}

// layOut draws all but what moves.
func (p *projection) layOut(drawn *drawnClients) {
	c := p.c
	marks := min(c.width/4, 26) // receivers
	leg := max((c.width-projectedProxy-projectedNode-marks-7)/3, leastLeg)
	middle := c.height / 2
	p.proxy = point{leg, middle}
	c.write(leg+1, middle, style.Strong, "nginx")
	policy := []rune(p.f.Policy)
	c.write(leg+1, middle+1, style.Dim, string(policy[:min(len(policy), projectedProxy-1)]))

	// The clients' lines to the proxy.
	last := -1
	for _, s := range drawn.spots {
		if s.group == last {
			continue
		}
		last = s.group
		y := min(s.y, c.height-1)
		bend := leg / 2
		p.from[drawn.groups[s.group].name] = way(point{0, y}, point{bend, y}, point{bend, middle}, point{leg - 1, middle})
		c.draw(p.from[drawn.groups[s.group].name])
	}
	c.write(leg-1, middle, style.Border, "▶")

	// The nodes, with Redis between them.
	redis := p.redisRow()
	x := leg + projectedProxy
	nodeAt := x + leg
	bus := nodeAt + projectedNode + 2
	for i := range p.f.Nodes {
		n := p.f.Nodes[i].Name
		y := p.nodeRow(i)
		if y < 0 {
			continue
		}
		p.nodes[n] = point{nodeAt, y}
		p.in[n] = way(point{x - 1, middle}, point{x + leg/2, middle}, point{x + leg/2, y}, point{nodeAt - 1, y})
		p.out[n] = way(point{nodeAt + projectedNode, y}, point{bus + 3, y})
		p.cross[n] = way(point{nodeAt + projectedNode, y}, point{bus, y}, point{bus, redis})
		c.draw(p.in[n])
		c.write(nodeAt-1, y, style.Border, "▶")
		p.node(i, nodeAt, y)
		p.receivers(n, bus+4, y)
	}
	if len(p.f.Nodes) > 1 {
		for n := range p.cross {
			c.draw(p.cross[n])
		}
		p.redis(bus, redis)
	}
}

// nodeRow returns in which row a node is, -1 when there is no room for it.
func (p *projection) nodeRow(i int) int {
	n := len(p.f.Nodes)
	slots := n + 1 // one for Redis
	if n == 1 {
		return p.c.height / 2
	}
	if i >= (n+1)/2 {
		i++
	}
	y := (2*i + 1) * p.c.height / (2 * slots)
	if n > p.c.height-1 && i >= p.c.height {
		return -1
	}
	return y
}

func (p *projection) redisRow() int {
	n := len(p.f.Nodes)
	return (2*((n+1)/2) + 1) * p.c.height / (2 * (n + 1))
}

// node draws a node, with a border if there is room.
func (p *projection) node(i, x, y int) {
	n := &p.f.Nodes[i]
	c, ink := p.c, p.f.Palette.Ink(n.Name)
	name := []rune(n.Name)
	c.write(x+1, y, ink, p.f.Palette.Letter(n.Name))
	c.write(x+3, y, ink, string(name[:min(len(name), 8)]))
	count := strconv.Itoa(n.Clients)
	if !n.Up {
		count, ink = "down", style.Loss
	}
	c.write(x+projectedNode-1-len(count), y, ink, count)
	if c.height/(len(p.f.Nodes)+1) < 4 {
		return
	}
	if !n.Up {
		ink = style.Border
	}
	for dx := range projectedNode {
		char := "─"
		switch dx {
		case 0:
			char = "┌"
		case projectedNode - 1:
			char = "┐"
		}
		c.write(x+dx, y-1, ink, char)
		c.write(x+dx, y+1, ink, map[string]string{"─": "─", "┌": "└", "┐": "┘"}[char])
	}
	c.write(x, y, ink, "│")
	c.write(x+projectedNode-1, y, ink, "│")
	if n.Up {
		c.write(x+2, y+1, style.Dim, " adapter "+n.AdapterText()+" ")
	}
}

// receivers draws how many of those on a node heard the last message.
func (p *projection) receivers(node string, x, y int) {
	j := p.f.Stage.Last
	if j == nil {
		return
	}
	for i := range j.Branches {
		b := &j.Branches[i]
		if b.Node != node {
			continue
		}
		p.c.draw(p.out[node])
		p.c.write(x-1, y, style.Border, "▶")
		count := format.Number(b.Arrived) + "/" + format.Number(b.Due)
		room := max(p.c.width-x-2-len(count), 0)
		for k, r := range []rune(style.Plainly(drawReceivers(p.f.Palette, b, min(b.Due, room)))) {
			ink := p.f.Palette.Ink(node)
			switch r {
			case '○':
				ink = style.Dim
			case '·':
				ink = style.Loss
			}
			p.c.write(x+1+k, y, ink, string(r))
		}
		ink := style.Strong
		if b.Missed > 0 {
			ink = style.Loss
		}
		p.c.write(x+1+min(b.Due, room)+1, y, ink, count)
	}
}

// redis draws Redis, and where the last message did not get to it.
func (p *projection) redis(x, y int) {
	r := p.f.Stage.Redis
	ink, text := style.Strong, "redis"
	switch {
	case r.State == "down":
		ink, text = style.Loss, "redis is down"
	case r.Links == 0:
		ink = style.Dim
	}
	p.c.write(x, y, ink, " "+text+" ")
	j := p.f.Stage.Last
	if j == nil || j.Crosses != stage.Stopped {
		return
	}
	way := p.cross[j.Node]
	if len(way) < 3 {
		return
	}
	stop := way[len(way)-2]
	p.c.write(stop.x, stop.y, style.Loss, "✗")
	for i := range j.Branches {
		if why, missed := j.Branches[i].Main(); missed && !j.Own(&j.Branches[i]) {
			cause := []rune(why.Cause(p.f.Palette.Letter(j.Node), p.f.Palette.Letter(j.Branches[i].Node)))
			if room := p.c.width - stop.x - 2; len(cause) > room {
				cause = []rune(style.Middle(string(cause), max(room, 0)))
			}
			p.c.write(stop.x+2, stop.y, style.Loss, string(cause))
			return
		}
	}
}

// dots puts what moves on its way.
func (p *projection) dots(dots []stage.Dot) {
	for _, d := range dots {
		var on path
		switch d.Leg {
		case stage.ToProxy:
			on = p.from[d.Group]
		case stage.ToNode:
			on = p.in[d.To]
		case stage.ToRedis:
			on = p.cross[d.From]
		case stage.FromRedis:
			if on = p.cross[d.To]; len(on) > 0 {
				d.Along = 0.999 - d.Along
			}
		case stage.ToReceivers:
			on = p.out[d.To]
		}
		ink := style.Accent
		if d.From != "" {
			ink = p.f.Palette.Ink(d.From)
		}
		p.c.put(on, max(d.Along, 0), ink, '●')
	}
}

// sentence says what came of the last message.
func (p *projection) sentence(width int) string {
	j := p.f.Stage.Last
	if j == nil {
		return style.Fit("  nothing was said yet", width)
	}
	heard, lost := j.Fate(p.f.Palette.Letter)
	who := fmt.Sprintf("  %s says %q: ", j.From, j.Text)
	if style.Width(who) > width/2 {
		who = "  " + style.Cut(j.From, width/3) + ": "
	}
	return style.Fit(style.Paint(style.Strong, who)+fateLine("heard by ", heard, lost, width-style.Width(who)-1), width)
}
