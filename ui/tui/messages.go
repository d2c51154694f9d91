package tui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// heard takes what a command brings back. mine is false when it is for the
// picker.
func (m *Model) heard(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	if m.pair != nil {
		if cmd, mine := m.pair.heard(msg); mine {
			return cmd, true
		}
	}
	switch msg := msg.(type) {
	case openedMsg:
		return m.opened(msg), true
	case advancedMsg:
		return m.advanced(msg), true
	case doneMsg:
		return m.done(msg), true
	case frameMsg:
		return m.framed(msg), true
	case builtMsg:
		return m.built(msg), true
	case quitMsg:
		return m.quit(), true
	case savedMsg:
		m.saved(msg)
		return nil, true
	case noteMsg:
		m.say(string(msg), false)
		return m.stage.served.listen, true
	}
	return nil, false
}

func (m *Model) opened(msg openedMsg) tea.Cmd {
	s := m.stage
	if msg.stage != s {
		return func() tea.Msg { msg.live.Close(); return nil }
	}
	return tea.Batch(s.add(msg.live, msg.head, ""), s.refresh())
}

func (m *Model) advanced(msg advancedMsg) tea.Cmd {
	b, s := msg.branch, m.stage
	b.busy--
	b.head = msg.head
	b.tempo(msg.took, msg.asked)
	if s == nil || b != s.current {
		return nil
	}
	if msg.err != nil {
		return m.broken(msg.err)
	}
	switch {
	case s.event > 0 && b.busy == 0:
		return s.toEvent()
	case s.riding:
		s.cursor = b.head
	}
	if s.goal > 0 && s.cursor.at >= s.goal {
		s.goal = 0
		return s.refresh()
	}
	return nil
}

// broken tells that the run itself has failed: nothing goes on, but what has
// happened can be looked at.
func (m *Model) broken(err error) tea.Cmd {
	s := m.stage
	s.failure, s.playing, s.goal, s.event = err, false, 0, 0
	m.fail(err)
	return s.refresh()
}

func (m *Model) done(msg doneMsg) tea.Cmd {
	b, s := msg.branch, m.stage
	b.busy--
	b.head = msg.head
	if s == nil || b != s.current {
		return nil
	}
	s.doing, s.unseen = false, true
	if s.riding {
		s.cursor = b.head
	}
	if msg.err != nil {
		m.fail(msg.err)
	} else {
		m.say(msg.step.String(), false)
	}
	return s.refresh()
}

func (m *Model) framed(msg frameMsg) tea.Cmd {
	s := m.stage
	if s == nil || s != msg.stage {
		return nil // it was of another scenario
	}
	s.taking = false
	if msg.branch == s.current {
		if msg.err != nil {
			m.fail(msg.err)
		}
		s.frame = msg.frame
		s.selectedClient()
		s.selectedNode()
	} else {
		s.stale = true
	}
	if s.stale {
		return s.refresh()
	}
	if !s.doing {
		return s.nextPending()
	}
	return nil
}

// Quitting and yes or no.

func (m *Model) quit() tea.Cmd {
	if m.mayQuit() {
		return tea.Quit
	}
	n := m.stage.unsaved()
	m.ask(&confirm{many(n, "step", "steps") + " made by hand not saved (w writes a file). quit anyway? y/n", func(m *Model) tea.Cmd {
		m.leaving = true
		return tea.Quit
	}})
	return nil
}

// mayQuit reports whether nothing would be lost, or the viewer knows.
func (m *Model) mayQuit() bool {
	return m.leaving || m.stage == nil || m.stage.served != nil || m.o.ReadOnly || m.stage.unsaved() == 0
}

// quitMsg is a wish to quit that came from the picker.
type quitMsg struct{}

// beforeQuit turns a quit that would lose something into a question.
func beforeQuit(model tea.Model, msg tea.Msg) tea.Msg {
	if _, quits := msg.(tea.QuitMsg); quits && !model.(*Model).mayQuit() {
		return quitMsg{}
	}
	return msg
}

func (m *Model) sayYes() tea.Cmd {
	m.mode = m.under
	return m.confirm.yes(m)
}

func (m *Model) sayNo() tea.Cmd {
	m.mode = m.under
	return nil
}
