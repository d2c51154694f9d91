package run

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/cluster/trace"
	"stickylab/ui/tui/inspect"
)

// inspect shows what is selected in the pane with the focus.
func (m *Model) inspect() tea.Cmd {
	thing, ok := m.selected()
	if !ok && m.view.focus == PaneMatrix && m.view.from != "" {
		m.Say(fmt.Sprintf("of the last %d messages none was said on %s for a client on %s", looked, m.view.from, m.view.to), false)
		return nil
	}
	if !ok {
		m.Say("there is nothing to look at", false)
		return nil
	}
	m.page = &inspect.Model{Thing: thing, Other: m.inspectOther, Leave: func() tea.Cmd { m.page = nil; return nil }}
	return nil
}

// selected returns what is selected in the pane with the focus. The selection
// stays on it when there is more in the pane.
func (p *Player) selected() (t inspect.Thing, ok bool) {
	switch p.view.focus {
	case PaneClients:
		t.Kind, t.Name = inspect.OfClient, p.selectedClient()
		if _, c := p.Frame.find(t.Name); c != nil && c.socket != "" {
			t.Kind, t.Name = inspect.OfRealClient, c.socket
		}
		return t, t.Name != ""
	case PaneNodes:
		n, ok := p.selectedNode()
		return inspect.Thing{Kind: inspect.OfNode, Name: n.Name}, ok
	case PaneErrors:
		if len(p.Frame.Errors) == 0 {
			return t, false
		}
		p.view.err = p.Frame.Errors[chosenError(p.Frame, p.view.err)].Text
		return inspect.Thing{Kind: inspect.OfError, Name: p.view.err}, true
	case PaneStage:
		if p.Frame.Stage.Last == nil {
			return t, false
		}
		return inspect.Thing{Kind: inspect.OfMessage, Msg: p.Frame.Stage.Last.ID}, true
	case PaneMatrix:
		id, ok := p.Frame.missedIn(p.view.from, p.view.to)
		return inspect.Thing{Kind: inspect.OfMessage, Msg: id}, ok
	case PaneLog:
		if len(p.Frame.lines) == 0 {
			return t, false
		}
		h := &p.Frame.lines[chosenLine(p.Frame, p.view.line)]
		p.view.line = h.seq
		return p.Frame.thingOf(h)
	}
	return t, false
}

// missedIn returns the last message from a node that missed someone on another one, or if there is none the last one between the two.
// Nodes that are not named are any.
func (f *Frame) missedIn(from, to string) (id trace.Msg, ok bool) {
	for _, m := range f.Ledger.Recent(looked) {
		if from != "" && m.Node != from {
			continue
		}
		for _, r := range m.Nodes {
			if r.Due == 0 || to != "" && r.Node != to {
				continue
			}
			if len(r.Missed) > 0 {
				return m.ID, true
			}
			if !ok {
				id, ok = m.ID, true
			}
		}
	}
	return id, ok
}

// looked is among how many of the last messages one is looked for.
const looked = 500

// showConfig shows the nginx.conf that is running.
func (m *Model) showConfig() tea.Cmd {
	m.view.focus = PaneClients // the others are other clients'
	m.page = &inspect.Model{
		Thing: inspect.Thing{Kind: inspect.OfConfig, Name: m.selectedClient()}, Leave: func() tea.Cmd { m.page = nil; return nil },
		Other: func(by int) tea.Cmd {
			m.stepClient(by)
			m.page.Show(inspect.Thing{Kind: inspect.OfConfig, Name: m.selectedClient()})
			return nil
		},
	}
	return nil
}

// thingOf returns what a line of the log is about.
func (f *Frame) thingOf(h *logLine) (inspect.Thing, bool) {
	_, known := f.Ledger.Client(h.client)
	_, outside := f.Ledger.RealClient(h.socket)
	switch {
	case h.msg != (trace.Msg{}):
		return inspect.Thing{Kind: inspect.OfMessage, Msg: h.msg}, true
	case outside:
		return inspect.Thing{Kind: inspect.OfRealClient, Name: h.socket}, true
	case known:
		return inspect.Thing{Kind: inspect.OfClient, Name: h.client}, true
	}
	return inspect.Thing{Kind: inspect.OfNode, Name: h.about}, h.about != ""
}

// inspectOther moves the selection and inspects what it is on then; lines about
// nothing are passed over.
func (m *Model) inspectOther(by int) tea.Cmd {
	for range mostLines {
		was := m.view
		if m.view.focus == PaneClients {
			m.stepClient(by)
		} else {
			m.moveIn(m.view.focus, 0, by)
		}
		if m.view == was {
			break
		}
		if thing, ok := m.selected(); ok {
			m.page.Show(thing)
			break
		}
	}
	return nil
}

// stepClient goes to the next client, whatever the marks on the screen are.
func (p *Player) stepClient(by int) {
	name := p.selectedClient()
	var all []string
	here := 0
	for _, c := range p.Frame.clients {
		if c.name == name {
			here = len(all)
		}
		all = append(all, c.name)
	}
	if len(all) > 0 {
		p.view.client = all[min(max(here+by, 0), len(all)-1)]
	}
}
