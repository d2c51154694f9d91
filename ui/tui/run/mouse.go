package run

import (
	"time"

	"stickylab/ui/tui/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// mouse does what a click or the wheel means.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	wheel := screen.Wheel(msg)
	switch {
	case m.building != nil:
		return nil
	case m.page != nil:
		m.page.Scroll(wheel)
		return nil
	}
	at := m.layout()
	p := at.at(msg.X, msg.Y)
	switch {
	case p.pane == PaneNone:
	case wheel != 0:
		m.moveIn(p.pane, 0, wheel)
	case msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress:
		again := m.clicked == point{msg.X, msg.Y} && m.Now.Sub(m.clickedAt) < doubleClick
		m.clicked, m.clickedAt = point{msg.X, msg.Y}, m.Now
		m.click(p, msg.X, msg.Y)
		if again || p.pane == PaneMatrix && m.view.from != "" {
			return m.inspect()
		}
	}
	return nil
}

// doubleClick is how soon after the first click the second makes it a double one.
const doubleClick = 500 * time.Millisecond

// click gives a pane the focus and selects what is under the pointer.
func (m *Model) click(p place, x, y int) {
	x, y = x-p.x, y-p.y
	if !p.bare {
		x, y = x-2, y-1
	}
	w, h := p.inside()
	inside := x >= 0 && y >= 0 && x < w && y < h
	switch p.pane {
	case PaneMatrix:
		m.view.focus = p.pane
		m.view.from, m.view.to = "", ""
		if inside {
			m.view.from, m.view.to = m.cellAt(p, x, y, w, h)
		}
		if m.view.from == "" {
			m.SwitchMatrix()
		}
		return
	case PaneClients, PaneNodes, PaneStage, PaneLog, PaneErrors:
		m.view.focus = p.pane
	}
	if !inside {
		return
	}
	switch p.pane {
	case PaneClients:
		drawn := drawClients(m.Frame, m.selectedClient(), "", w, h)
		for _, at := range drawn.spots {
			if at.y == y && (at.x == x || at.x == x+1) {
				m.view.client = drawn.client(at)
				if at.x == x {
					return
				}
			}
		}
	case PaneNodes:
		_, each, first := drawNodes(m.Frame, m.view.node, w, h)
		if i := first + y/each; i < len(m.Frame.Nodes) {
			m.view.node = m.Frame.Nodes[i].Name
		}
	case PaneLog:
		_, first := drawLog(m.Frame, m.view.line, true, w, h)
		if i := first + y; i < len(m.Frame.lines) {
			m.view.line = m.Frame.lines[i].seq
		}
	case PaneErrors:
		m.clickError(p, y, w, h)
	}
}

// cellAt returns the nodes of the cell of the matrix under the pointer, "" for none.
func (m *Model) cellAt(p place, x, y, w, h int) (from, to string) {
	of, _ := m.Frame.picture(m.view.whole, p.w)
	form, column := matrixColumns(m.layout().form, len(of.Matrix.Nodes), w, h)
	each := 1
	if form == barsAndCounts {
		each = 2
	}
	row, col := (y-1)/each, (x-labelWidth)/max(column, 1)
	if y < 1 || x < labelWidth || row >= len(of.Matrix.Nodes) || col >= len(of.Matrix.Nodes) {
		return "", ""
	}
	return of.Matrix.Nodes[row], of.Matrix.Nodes[col]
}

// clickError selects the error under the pointer, which may stand below the
// expectations.
func (m *Model) clickError(p place, y, w, h int) {
	if !p.alone {
		n := min(len(m.Frame.Errors), max(h-len(m.Frame.Expect), 1))
		y -= min(len(m.Frame.Expect), h-n)
		h = n
	}
	_, first := drawErrors(m.Frame, m.view.err, true, w, h)
	if i := first + y; y >= 0 && i < len(m.Frame.Errors) {
		m.view.err = m.Frame.Errors[i].Text
	}
}
