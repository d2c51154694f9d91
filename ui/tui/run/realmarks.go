package run

import (
	"strings"

	"stickylab/ui/tui/style"
)

// longestNames are how many cells of the name of a real user are next to its mark, the first that
// fits.
var longestNames = []int{16, 10, 6, 4}

// named draws the marks of real users with their names, where the pane has room for that, and
// reports whether it has.
func (out *drawnClients) named(f *Frame, x field, i, left int, margin, selected, filter string, width, height int) bool {
	g, marks := &out.groups[i], out.marks[i]
	room := height - len(out.lines)
	for _, later := range out.groups[i+1:] {
		room -= x.rows(len(later.clients), len(f.Nodes))
		if !x.inline {
			room--
		}
	}
	for _, most := range longestNames {
		longest := 0
		for k := range g.clients {
			longest = max(longest, min(style.Width(g.clients[k].name), most))
		}
		each := longest + 5 // a bracket, the mark, a space, the name, a bracket, and a space
		per := (width - left) / each
		if per < 1 || (len(marks)+per-1)/per > room {
			continue
		}
		for begin := 0; begin < len(marks); begin += per {
			line := painter{}
			line.write(style.Plain, margin)
			margin = style.Fit("", left)
			for k, m := range marks[begin:min(begin+per, len(marks))] {
				c := &g.clients[m.members[0]]
				open, shut := " ", " "
				if c.name == selected {
					open, shut = "[", "]"
				}
				text, ink := f.Palette.Client(m.node, m.state)
				if m.lit(g, f.lit) {
					ink = ink.Lit()
				}
				if filter != "" && !g.holds(m, filter) {
					text, ink = "·", style.Dim
				}
				name := style.Cut(c.name, longest)
				out.spots = append(out.spots, spot{left + k*each + 1, len(out.lines), i, begin + k})
				line.write(style.Plain, open)
				line.write(ink, text)
				line.write(style.Plain, " "+name+shut+strings.Repeat(" ", each-4-style.Width(name)))
			}
			out.lines = append(out.lines, line.String())
		}
		return true
	}
	return false
}
