package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/cluster/trace"
	"stickylab/ui/tui/inspect"
)

// thing is what a closer look is at.
type thing uint8

const (
	aClient thing = iota
	anOutsider
	aNode
	aMessage
	anError
)

// closerView is a closer look.
type closerView struct {
	at   thing
	name string    // of a client or a node; a real user's socket; an error's text
	msg  trace.Msg // a message
	top  int       // the first line that is shown

	drawn pageOf
	lines []string
}

// pageOf is what the lines of a page depend on.
type pageOf struct {
	frame *frame
	at    thing
	name  string
	msg   trace.Msg
	width int
}

// page returns the lines of what is looked at closer.
func (s *stage) page(width int) []string {
	c := &s.closer
	of := pageOf{s.frame, c.at, c.name, c.msg, width}
	if c.drawn == of {
		return c.lines
	}
	f := s.frame
	src := inspect.At(f.live, f.cursor.n, f.cursor.at, f.ledger)
	c.drawn = of
	switch c.at {
	case aClient:
		c.lines = inspect.Client(src, c.name, width)
	case anOutsider:
		c.lines = inspect.Outsider(src, c.name, width)
	case aNode:
		c.lines = inspect.Node(src, c.name, width)
	case aMessage:
		c.lines = inspect.Message(src, c.msg, width)
	case anError:
		c.lines = inspect.Error(src, c.name, width)
	}
	return c.lines
}

// drawCloser draws what is looked at closer.
func (s *stage) drawCloser(width, height int) []string {
	lines := s.page(width)
	s.closer.top = max(min(s.closer.top, len(lines)-height), 0)
	return inspect.Window(lines, s.closer.top, width, height)
}

// lookCloser opens what is selected in the pane with the focus.
func (m *Model) lookCloser() tea.Cmd {
	if m.stage.aim() {
		m.mode = modeCloser
	} else {
		m.say("there is nothing to look at", false)
	}
	return nil
}

// aim points the closer look at what is selected.
func (s *stage) aim() bool {
	c := &s.closer
	c.top = 0
	switch s.view.focus {
	case paneClients:
		c.at, c.name = aClient, s.selectedClient()
		if one, ok := s.frame.person(c.name); ok && one.socket != "" {
			c.at, c.name = anOutsider, one.socket
		}
		return c.name != ""
	case paneNodes:
		n, ok := s.selectedNode()
		c.at, c.name = aNode, n.Name
		return ok
	case paneErrors:
		if len(s.frame.errors) == 0 {
			return false
		}
		c.at, c.name = anError, s.frame.errors[chosenError(s.frame, s.view.err)].text
		s.view.err = c.name // it stays while others get more frequent
		return true
	case paneLog:
		if len(s.frame.lines) == 0 {
			return false
		}
		h := &s.frame.lines[chosenLine(s.frame, s.view.line)]
		s.view.line = h.seq // it stays while new lines come
		return s.aimAt(h)
	}
	return false
}

// aimAt points the closer look at what a line is about.
func (s *stage) aimAt(h *happening) bool {
	c := &s.closer
	_, known := s.frame.ledger.Client(h.client)
	_, outside := s.frame.ledger.RealClient(h.socket)
	switch {
	case h.msg != (trace.Msg{}):
		c.at, c.msg, c.name = aMessage, h.msg, ""
	case outside:
		c.at, c.name = anOutsider, h.socket
	case known:
		c.at, c.name = aClient, h.client
	case h.about != "":
		c.at, c.name = aNode, h.about
	default:
		return false
	}
	return true
}

func (m *Model) backToStage() tea.Cmd {
	m.mode = modeStage
	return nil
}

func (m *Model) pageUp() tea.Cmd {
	m.stage.closer.top = max(m.stage.closer.top-1, 0)
	return nil
}

func (m *Model) pageDown() tea.Cmd {
	m.stage.closer.top++ // drawing keeps it within the page
	return nil
}

func (m *Model) nextThing() tea.Cmd   { return m.otherThing(1) }
func (m *Model) thingBefore() tea.Cmd { return m.otherThing(-1) }

// otherThing moves the selection and looks at what it is on then; lines about
// nothing are passed over.
func (m *Model) otherThing(by int) tea.Cmd {
	s := m.stage
	for range mostLines {
		was := s.view
		switch s.view.focus {
		case paneClients:
			s.stepClient(by)
		default:
			m.moveBy(0, by)
		}
		if s.view == was || s.aim() {
			return nil
		}
	}
	return nil
}

// stepClient goes to the next client, whatever the marks on the screen are.
func (s *stage) stepClient(by int) {
	name := s.selectedClient()
	var all []string
	here := 0
	for i := range s.frame.groups {
		for k := range s.frame.groups[i].clients {
			if s.frame.groups[i].clients[k].name == name {
				here = len(all)
			}
			all = append(all, s.frame.groups[i].clients[k].name)
		}
	}
	if len(all) > 0 {
		s.view.client = all[min(max(here+by, 0), len(all)-1)]
	}
}
