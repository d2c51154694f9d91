package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/ledger"
)

// selectedClient is the name of the selected client, the first one unless
// another was chosen.
func (s *stage) selectedClient() string {
	if s.frame == nil {
		return ""
	}
	if _, _, ok := s.frame.find(s.view.client); !ok {
		s.view.client = ""
		if len(s.frame.groups) > 0 && len(s.frame.groups[0].clients) > 0 {
			s.view.client = s.frame.groups[0].clients[0].name
		}
	}
	return s.view.client
}

// selectedNode is the state of the selected node.
func (s *stage) selectedNode() (ledger.NodeState, bool) {
	if s.frame == nil || len(s.frame.nodes) == 0 {
		return ledger.NodeState{}, false
	}
	n, ok := s.frame.node(s.view.node)
	if !ok {
		n = s.frame.nodes[0]
		s.view.node = n.Name
	}
	return n, true
}

// Moving the selection in the pane that has the focus.

func (m *Model) left() tea.Cmd  { return m.moveBy(-1, 0) }
func (m *Model) right() tea.Cmd { return m.moveBy(1, 0) }
func (m *Model) up() tea.Cmd    { return m.moveBy(0, -1) }
func (m *Model) down() tea.Cmd  { return m.moveBy(0, 1) }

func (m *Model) moveBy(dx, dy int) tea.Cmd {
	s := m.stage
	switch s.view.focus {
	case paneClients:
		m.moveClient(dx, dy)
	case paneNodes:
		s.moveNode(dx + dy)
	case paneLog:
		s.moveLine(dx + dy)
	case paneErrors:
		s.moveError(dx + dy)
	}
	return nil
}

// moveClient goes from mark to mark as they are on the screen.
func (m *Model) moveClient(dx, dy int) {
	s := m.stage
	at := m.layout()
	place := at.find(paneClients)
	w, h := place.inside()
	drawn := drawClients(s.frame, s.selectedClient(), "", w, h)
	here := -1
	for k, p := range drawn.spots {
		g := &drawn.groups[p.group]
		for _, i := range drawn.marks[p.group][p.mark].members {
			if g.clients[i].name == s.view.client {
				here = k
			}
		}
	}
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
	s.view.client = drawn.client(drawn.spots[next])
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

func (s *stage) moveNode(by int) {
	n, ok := s.selectedNode()
	if !ok {
		return
	}
	for i := range s.frame.nodes {
		if s.frame.nodes[i].Name == n.Name {
			s.view.node = s.frame.nodes[min(max(i+by, 0), len(s.frame.nodes)-1)].Name
			return
		}
	}
}

func (s *stage) moveLine(by int) {
	if len(s.frame.lines) == 0 {
		return
	}
	i := min(max(chosenLine(s.frame, s.view.line)+by, 0), len(s.frame.lines)-1)
	s.view.line = s.frame.lines[i].seq
	if i == 0 {
		s.view.line = 0 // the newest, whichever it is
	}
}

func (s *stage) moveError(by int) {
	if len(s.frame.errors) == 0 {
		return
	}
	i := min(max(chosenError(s.frame, s.view.err)+by, 0), len(s.frame.errors)-1)
	s.view.err = s.frame.errors[i].text
}

func (m *Model) nextPane() tea.Cmd   { return m.focus(false) }
func (m *Model) paneBefore() tea.Cmd { return m.focus(true) }

func (m *Model) focus(back bool) tea.Cmd {
	at := m.layout()
	m.stage.view.focus = at.next(m.stage.view.focus, back)
	return nil
}

func (m *Model) switchMatrix() tea.Cmd {
	m.stage.view.whole = !m.stage.view.whole
	return nil
}

// back takes away what was put on the screen last, and at last goes to the
// list of scenarios.
func (m *Model) back() tea.Cmd {
	s := m.stage
	switch {
	case s.goal > 0 || s.event > 0:
		s.goal, s.event = 0, 0
	case s.view.filter != "":
		return s.filter("")
	case s.view.line > 0:
		s.view.line = 0
	default:
		return m.toScenarios()
	}
	return nil
}

// toScenarios shows the picker, which tells how to come back; the run stays as
// it is meanwhile.
func (m *Model) toScenarios() tea.Cmd {
	if m.stage != nil && m.stage.served != nil {
		m.say("there is nothing behind this: q ends it, for all clients", false)
		return nil
	}
	m.markLessons()
	if m.stage != nil {
		m.picker = m.picker.Behind(m.stage.name)
	}
	m.mode = modePicker
	return nil
}
