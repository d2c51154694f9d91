package run

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/ledger"
	"stickylab/ui/tui/screen"
)

// selectedClient is the name of the selected client, the first one unless
// another was chosen.
func (p *Player) selectedClient() string {
	if p.Frame == nil {
		return ""
	}
	if _, c := p.Frame.find(p.view.client); c == nil {
		p.view.client = ""
		if len(p.Frame.groups) > 0 && len(p.Frame.groups[0].clients) > 0 {
			p.view.client = p.Frame.groups[0].clients[0].name
		}
	}
	return p.view.client
}

// selectedNode is the state of the selected node.
func (p *Player) selectedNode() (ledger.NodeState, bool) {
	if p.Frame == nil || len(p.Frame.Nodes) == 0 {
		return ledger.NodeState{}, false
	}
	n := p.Frame.Nodes[p.Frame.node(p.view.node)]
	p.view.node = n.Name
	return n, true
}

// moveIn moves the selection in a pane.
func (m *Model) moveIn(in Pane, dx, dy int) {
	switch in {
	case PaneClients:
		m.moveClient(dx, min(max(dy, -1), 1))
		for range abs(dy) - 1 {
			m.moveClient(0, min(max(dy, -1), 1))
		}
	case PaneNodes:
		m.moveNode(dx + dy)
	case PaneMatrix:
		m.moveCell(dx, dy)
	case PaneLog:
		m.moveLine(dx + dy)
	case PaneErrors:
		m.moveError(dx + dy)
	}
}

// moveClient goes from mark to mark as they are on the screen.
func (m *Model) moveClient(dx, dy int) {
	at := m.layout()
	place := at.find(PaneClients)
	w, h := place.inside()
	drawn := drawClients(m.Frame, m.selectedClient(), "", w, h)
	here := slices.IndexFunc(drawn.spots, func(p spot) bool {
		return slices.ContainsFunc(drawn.marks[p.group][p.mark].members, func(i int) bool { return drawn.groups[p.group].clients[i].name == m.view.client })
	})
	if here < 0 {
		return
	}
	next := here + dx
	if dy != 0 {
		next = vertically(drawn.spots, here, dy)
	}
	if next < 0 || next >= len(drawn.spots) {
		return
	}
	m.view.client = drawn.client(drawn.spots[next])
}

// vertically returns the spot nearest to one in the next row up or down.
func vertically(spots []spot, here, dy int) int {
	best, row := here, -1
	for k := here; k >= 0 && k < len(spots); k += dy {
		p := spots[k]
		if p.y == spots[here].y {
			continue
		}
		if row < 0 {
			row, best = p.y, k
		}
		if p.y != row {
			break
		}
		if abs(p.x-spots[here].x) < abs(spots[best].x-spots[here].x) {
			best = k
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

func (p *Player) moveNode(by int) {
	if n := len(p.Frame.Nodes); n > 0 {
		p.view.node = p.Frame.Nodes[min(max(p.Frame.node(p.view.node)+by, 0), n-1)].Name
	}
}

// moveCell goes to another cell of the matrix; to the first one when none is chosen.
func (p *Player) moveCell(dx, dy int) {
	of, _ := p.Frame.picture(p.view.whole, 0)
	nodes := of.Matrix.Nodes
	row, column := slices.Index(nodes, p.view.from), slices.Index(nodes, p.view.to)
	switch {
	case len(nodes) == 0:
		return
	case row < 0 || column < 0:
		row, column = 0, 0
	default:
		row, column = row+dy, column+dx
	}
	last := len(nodes) - 1
	p.view.from, p.view.to = nodes[min(max(row, 0), last)], nodes[min(max(column, 0), last)]
}

func (p *Player) moveLine(by int) {
	if len(p.Frame.lines) == 0 {
		return
	}
	i := min(max(chosenLine(p.Frame, p.view.line)+by, 0), len(p.Frame.lines)-1)
	p.view.line = p.Frame.lines[i].seq
	if i == 0 {
		p.view.line = 0 // the newest, whichever it is
	}
}

func (p *Player) moveError(by int) {
	if len(p.Frame.Errors) == 0 {
		return
	}
	i := min(max(chosenError(p.Frame, p.view.err)+by, 0), len(p.Frame.Errors)-1)
	p.view.err = p.Frame.Errors[i].Text
}

// back takes away what was put on the screen last, and at last goes to the
// list of scenarios.
func (m *Model) back() tea.Cmd {
	switch {
	case m.projecting:
		m.projecting = false
	case m.goal > 0 || m.event > 0:
		m.goal, m.event = 0, 0
	case m.view.filter != "":
		return m.filter("")
	case m.view.focus == PaneMatrix && m.view.from != "":
		m.view.from, m.view.to = "", ""
	case m.view.line > 0:
		m.view.line = 0
	default:
		return m.toScenarios()
	}
	return nil
}

// project shows nothing but the picture, or all again.
func (m *Model) project() tea.Cmd {
	m.projecting = !m.projecting
	return nil
}

// toScenarios shows the list of scenarios; the run stays as it is meanwhile.
func (m *Model) toScenarios() tea.Cmd {
	if m.served != nil {
		m.Say("there is no list to go back to: q ends it, for all clients", false)
		return nil
	}
	return m.List()
}

// askFilter asks for what lines and clients are to contain.
func (m *Model) askFilter() tea.Cmd {
	return m.Ask(&screen.Prompt{
		Label: "/", Text: m.view.filter, Hint: "a client, an address, a node, a word",
		Live:   m.filter,
		Answer: func(text string) (tea.Cmd, error) { return m.filter(text), nil },
	})
}

// filter shows only what contains a text.
func (p *Player) filter(text string) tea.Cmd {
	text = strings.ToLower(text)
	if p.view.filter == text {
		return nil
	}
	p.view.filter, p.view.line = text, 0
	return p.Refresh()
}
