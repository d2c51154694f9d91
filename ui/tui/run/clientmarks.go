package run

import (
	"slices"

	"stickylab/ui/tui/style"
)

// field is a layout of the marks of the groups in a space.
type field struct {
	per    int  // clients to a mark
	gap    bool // a space between two marks
	inline bool // the group's name stands before its first row, not above it
	label  int  // cells of the name, when inline
	row    int  // marks in a row
}

// scales are the numbers of clients that a mark may stand for.
var scales = []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000}

// spread finds the layout in which all groups fit into width by height cells:
// with as few clients to a mark as possible, then as airy as possible. ok is
// false when there is none. nodes is how many nodes there are, since with
// several clients to a mark each node's begin with a separate mark.
func spread(groups []group, nodes, width, height int) (best field, ok bool) {
	sizes, label := sizesOf(groups), 0
	for i := range groups {
		label = max(label, min(style.Width(groups[i].name), 12))
	}
	label++
	for _, per := range scales {
		for _, style := range [...]field{{gap: true}, {gap: true, inline: true}, {}, {inline: true}} {
			if per > 1 && style.gap {
				continue // as many rows as half the clients to a mark without a gap
			}
			style.per, style.label = per, label
			room := width
			if style.inline {
				room -= label
			}
			if style.row = room; style.gap {
				style.row = (room - 1) / 2
			}
			style.row = max(style.row, 1)
			if style.height(sizes, nodes) <= height {
				return style, true
			}
			best = style
		}
	}
	return best, false
}

// height returns the number of lines that the groups take.
func (x field) height(sizes []int, nodes int) int {
	lines := 0
	for _, n := range sizes {
		lines += x.rows(n, nodes)
		if !x.inline {
			lines++
		}
	}
	return lines
}

// MarksHeight returns how high the clients' pane of a width is with a mark for
// each client.
func (f *Frame) MarksHeight(width int) int {
	w, _ := style.Inside(width, 3)
	return field{gap: true, per: 1, row: max((w-1)/2, 1)}.height(sizesOf(f.groups), len(f.Nodes)) + 2
}

// sizesOf returns how many clients each group has.
func sizesOf(groups []group) []int {
	sizes := make([]int, len(groups))
	for i := range groups {
		sizes[i] = len(groups[i].clients)
	}
	return sizes
}

// rows returns the number of rows of marks that a group takes at most.
func (x field) rows(size, nodes int) int {
	marks := size
	if x.per > 1 {
		marks = min((size+x.per-1)/x.per+nodes, size)
	}
	return max((marks+x.row-1)/x.row, 1)
}

// mark is one mark of a group and the clients that it stands for.
type mark struct {
	members []int // of the group's clients
	node    string
	state   style.State
}

// marksOf returns a group's marks: its clients in order, or, several to a mark,
// sorted by node and state, so that no minority is hidden in a majority.
func marksOf(g *group, per int, p *style.Palette) []mark {
	order := make([]int, len(g.clients))
	for i := range order {
		order[i] = i
	}
	if per > 1 {
		rank := make(map[string]int)
		for i, n := range p.Nodes() {
			rank[n] = i
		}
		key := func(i int) int {
			c := &g.clients[i]
			if c.state > style.Polling {
				return int(c.state) << 16 // nowhere
			}
			return rank[c.node]<<1 + int(c.state)
		}
		slices.SortStableFunc(order, func(a, b int) int { return key(a) - key(b) })
	}
	out := make([]mark, 0, (len(order)+per-1)/per)
	for i := 0; i < len(order); {
		c := &g.clients[order[i]]
		k := i + 1
		for ; k < len(order) && k < i+per && alike(c, &g.clients[order[k]]); k++ {
		}
		out = append(out, mark{order[i:k], c.node, c.state})
		i = k
	}
	return out
}

// alike reports whether two clients have the same mark.
func alike(a, b *clientRow) bool {
	return a.state == b.state && (a.state > style.Polling || a.node == b.node)
}

// markOf returns which of the marks stands for a client of the group.
func markOf(marks []mark, client int) int {
	return slices.IndexFunc(marks, func(m mark) bool { return slices.Contains(m.members, client) })
}
