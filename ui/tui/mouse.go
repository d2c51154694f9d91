package tui

import tea "github.com/charmbracelet/bubbletea"

// mouse does what a click or the wheel means.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	if m.mode == modePicker {
		return m.toPicker(msg)
	}
	wheel := 0
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		wheel = -1
	case tea.MouseButtonWheelDown:
		wheel = 1
	}
	switch {
	case m.stage == nil || m.stage.frame == nil:
		return nil
	case m.mode == modeHelp || m.mode == modeEntry || m.mode == modeBranches:
		if wheel > 0 {
			return m.scrollDown()
		} else if wheel < 0 {
			return m.scrollUp()
		}
		return nil
	case m.mode == modeCloser && wheel > 0:
		return m.pageDown()
	case m.mode == modeCloser && wheel < 0:
		return m.pageUp()
	case m.mode != modeStage:
		return nil
	}
	at := m.layout()
	p := at.at(msg.X, msg.Y)
	switch {
	case p.pane == paneNone:
		return nil
	case wheel != 0:
		m.wheel(p.pane, wheel)
	case msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress:
		m.click(p, msg.X, msg.Y)
	}
	return nil
}

// wheel moves the selection in the pane under the pointer.
func (m *Model) wheel(p pane, by int) {
	switch p {
	case paneClients:
		m.moveClient(0, by)
	case paneNodes:
		m.stage.moveNode(by)
	case paneLog:
		m.stage.moveLine(by)
	case paneErrors:
		m.stage.moveError(by)
	}
}

// click gives a pane the focus and selects what is under the pointer.
func (m *Model) click(p place, x, y int) {
	s := m.stage
	x, y = x-p.x, y-p.y
	if !p.bare {
		x, y = x-2, y-1
	}
	w, h := p.inside()
	inside := x >= 0 && y >= 0 && x < w && y < h
	switch p.pane {
	case paneMatrix:
		m.switchMatrix()
		return
	case paneClients, paneNodes, paneLog, paneErrors:
		s.view.focus = p.pane
	}
	if !inside {
		return
	}
	switch p.pane {
	case paneClients:
		drawn := drawClients(s.frame, s.selectedClient(), "", w, h)
		for _, at := range drawn.spots {
			if at.y == y && (at.x == x || at.x == x+1) {
				s.view.client = drawn.client(at)
				if at.x == x {
					return
				}
			}
		}
	case paneNodes:
		_, each, first := drawNodes(s.frame, s.view.node, w, h)
		if i := first + y/each; i < len(s.frame.nodes) {
			s.view.node = s.frame.nodes[i].Name
		}
	case paneLog:
		_, first := drawLog(s.frame, s.view.line, true, w, h)
		if i := first + y; i < len(s.frame.lines) {
			s.view.line = s.frame.lines[i].seq
		}
	case paneErrors:
		m.clickError(p, y, w, h)
	}
}

// clickError selects the error under the pointer, which may stand below the
// expectations.
func (m *Model) clickError(p place, y, w, h int) {
	s := m.stage
	if p.w != errorsWidth {
		n := min(len(s.frame.errors), max(h-len(s.frame.expect), 1))
		y -= min(len(s.frame.expect), h-n)
		h = n
	}
	_, first := drawErrors(s.frame, s.view.err, true, w, h)
	if i := first + y; y >= 0 && i < len(s.frame.errors) {
		s.view.err = s.frame.errors[i].text
	}
}
