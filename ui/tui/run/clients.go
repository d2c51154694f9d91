package run

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/sim/format"
	"stickylab/ui/tui/style"
)

// spot is a mark's place in the clients' pane, relative to its content.
type spot struct{ x, y, group, mark int }

// drawnClients is the content of the clients' pane.
type drawnClients struct {
	title, note string
	lines       []string
	groups      []group // all in one when there are too many to name
	spots       []spot
	marks       [][]mark // by group
}

// client is the name of the first client of a mark.
func (out *drawnClients) client(p spot) string {
	return out.groups[p.group].clients[out.marks[p.group][p.mark].members[0]].name
}

// drawClients draws every client as a mark, by group.
func drawClients(f *Frame, selected, filter string, width, height int) drawnClients {
	out := drawnClients{title: fmt.Sprintf("clients  %s", format.Number(f.count())), groups: f.groups}
	x, ok := spread(f.groups, len(f.Nodes), width, height)
	if !ok {
		out.groups = []group{together(f.groups)}
		x, _ = spread(out.groups, len(f.Nodes), width, height)
	}
	if x.per > 1 {
		out.title += fmt.Sprintf("  a mark is up to %s", format.Number(x.per))
	}
	filter = strings.ToLower(filter)
	for i := range out.groups {
		out.marks = append(out.marks, marksOf(&out.groups[i], x.per, f.Palette))
		out.group(f, x, i, selected, filter, width, height)
	}
	if legend := legendOf(f); legend != "" && len(out.lines)+1 < height {
		out.lines = append(out.lines, "", style.Paint(style.Dim, style.Cut(legend, width)))
	}
	if _, c := f.find(selected); c != nil {
		if out.note = c.name; style.Width(out.title+c.name+c.ip)+8 <= width {
			out.note += " " + style.Paint(style.Dim, c.ip)
		}
	}
	return out
}

// together is all groups as one.
func together(groups []group) group {
	all := group{name: fmt.Sprintf("%d groups", len(groups))}
	for i := range groups {
		all.clients = append(all.clients, groups[i].clients...)
	}
	return all
}

// group draws a group: its name, its addresses, its marks.
func (out *drawnClients) group(f *Frame, x field, i int, selected, filter string, width, height int) {
	g, marks := &out.groups[i], out.marks[i]
	left, margin := 0, ""
	if x.inline {
		left, margin = x.label, style.Fit(g.name, x.label-1)+" "
	} else {
		here := 0
		for k := range g.clients {
			if g.clients[k].state <= style.Polling {
				here++
			}
		}
		count := fmt.Sprintf("%s/%s", format.Number(here), format.Number(len(g.clients)))
		out.lines = append(out.lines, style.Spread(style.Paint(style.Strong, g.name)+"  "+style.Paint(style.Dim, g.where), style.Paint(style.Dim, count), width))
	}
	if g.outside && x.per == 1 && out.named(f, x, i, left, margin, selected, filter, width, height) {
		return
	}
	chosen := markOf(marks, slices.IndexFunc(g.clients, func(c clientRow) bool { return c.name == selected }))
	for first := true; first || len(marks) > 0; first = false {
		n := min(x.row, len(marks))
		begin := len(out.marks[i]) - len(marks)
		line := painter{}
		line.write(style.Plain, margin)
		margin = style.Fit("", left)
		for k, m := range marks[:n] {
			if x.gap {
				line.write(style.Plain, between(begin+k, chosen, k == 0))
			}
			out.spots = append(out.spots, spot{left + k*step(x.gap) + step(x.gap) - 1, len(out.lines), i, begin + k})
			text, ink := f.Palette.Client(m.node, m.state)
			if m.lit(g, f.lit) {
				ink = ink.Lit()
			}
			if filter != "" && !g.holds(m, filter) {
				text, ink = "·", style.Dim
			}
			line.write(ink, text)
		}
		if x.gap && n > 0 && begin+n-1 == chosen {
			line.write(style.Plain, "]")
		}
		out.lines = append(out.lines, line.String())
		marks = marks[n:]
	}
}

// between returns the character before a mark: brackets are around the chosen
// one.
func between(k, chosen int, first bool) string {
	switch {
	case k == chosen:
		return "["
	case k-1 == chosen && chosen >= 0 && !first:
		return "]"
	}
	return " "
}

// lit reports whether all clients of a mark heard the last message.
func (m mark) lit(g *group, heard map[string]bool) bool {
	for _, i := range m.members {
		if !heard[g.clients[i].name] {
			return false
		}
	}
	return true
}

func step(gap bool) int {
	if gap {
		return 2
	}
	return 1
}

// holds reports whether one of the mark's clients has the text in its name,
// its address or its node's name.
func (g *group) holds(m mark, text string) bool {
	for _, i := range m.members {
		c := &g.clients[i]
		if strings.Contains(strings.ToLower(c.name+" "+c.ip+" "+c.node), text) {
			return true
		}
	}
	return false
}

// legendOf explains the marks on the screen that are not plain letters.
func legendOf(f *Frame) string {
	var seen [16]bool
	for _, c := range f.clients {
		seen[c.state] = true
	}
	var out []string
	for _, s := range style.States {
		if s != style.Websocket && seen[s] {
			out = append(out, s.Legend())
		}
	}
	return strings.Join(out, "   ")
}

// painter writes a line, one sequence for a run of the same ink.
type painter struct {
	out strings.Builder
	run strings.Builder
	ink style.Ink
}

func (p *painter) write(ink style.Ink, text string) {
	if ink != p.ink && strings.Trim(text, " ") != "" {
		p.flush()
		p.ink = ink
	}
	p.run.WriteString(text)
}

func (p *painter) flush() {
	p.out.WriteString(style.Paint(p.ink, p.run.String()))
	p.run.Reset()
}

// String returns the line.
func (p *painter) String() string {
	p.flush()
	return p.out.String()
}
