package picker

import (
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/screen"
)

// Keys returns what keys do while a scenario is chosen, while a filter is
// typed, and while all keys are shown.
func (m *Model) Keys() []screen.Key {
	quit := screen.Key{Keys: "q ctrl+c", Hint: "q", Short: "quit", About: "quit", Do: m.Quit}
	switch {
	case m.helping:
		return []screen.Key{{Keys: "esc ? enter", Hint: "esc", Short: "back", About: "back", Do: m.help(false)}, quit}
	case m.typing:
		return []screen.Key{
			{Keys: "enter", Short: "keep", About: "keep the filter", Do: m.filterKept},
			{Keys: "esc", Short: "no filter", About: "take the filter away", Do: m.filterOff},
			{Keys: "down", About: "down", Do: m.by(1)},
			{Keys: "up", About: "up", Do: m.by(-1)},
			{Keys: "ctrl+c", About: "quit", Do: m.Quit},
		}
	}
	return m.list(quit)
}

// list is the keys while a scenario is chosen.
func (m *Model) list(quit screen.Key) []screen.Key {
	return []screen.Key{
		{Keys: "enter", Short: "watch", About: "watch the scenario", Do: m.choose},
		{Keys: "l", Short: "learn", About: "learn: its lesson", Do: m.learn},
		{Keys: "j down", Hint: "j k", Short: "choose", About: "down, up; arrows too", Do: m.by(1)},
		{Keys: "k up", Do: m.by(-1)},
		{Keys: "right tab", Hint: "tab", About: "next topic; shift+tab back", Do: m.nextTopic},
		{Keys: "left shift+tab", Do: m.previousTopic},
		{Keys: "home g", Hint: "home end", About: "the first, the last", Do: m.by(-len(m.shown))},
		{Keys: "end G", Do: m.by(len(m.shown))},
		{Keys: "/", Short: "filter", About: "a filter; esc: all again", Do: m.filterOn},
		{Keys: "esc", Do: m.escape},
		{Keys: "?", Short: "keys", About: "all keys", Do: m.help(true)},
		quit,
	}
}

// press does what a key means now.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	found, cmd := screen.Press(m.Keys(), msg)
	if !found && m.typing {
		m.typed(msg)
	}
	return cmd
}

// typed changes the filter.
func (m *Model) typed(msg tea.KeyMsg) {
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		m.setFilter(m.filter + string(msg.Runes))
	case tea.KeyBackspace:
		if r := []rune(m.filter); len(r) > 0 {
			m.setFilter(string(r[:len(r)-1]))
		}
	case tea.KeyCtrlU:
		m.setFilter("")
	}
}

func (m *Model) choose() tea.Cmd {
	if e := m.selected(); e != nil {
		return m.open(e.Arg, false)
	}
	return nil
}

// learn opens the lesson of the selected scenario.
func (m *Model) learn() tea.Cmd {
	if e := m.selected(); e != nil && e.Lesson {
		return m.open(e.Arg, true)
	}
	return nil
}

// by returns what moves the selection.
func (m *Model) by(n int) func() tea.Cmd {
	return func() tea.Cmd { m.move(n); return nil }
}

func (m *Model) nextTopic() tea.Cmd {
	for i := m.at + 1; i < len(m.shown); i++ {
		if m.shown[i].Topic != m.shown[i-1].Topic {
			m.at = i
			break
		}
	}
	return nil
}

// previousTopic goes to the first entry of the topic, or of the one before.
func (m *Model) previousTopic() tea.Cmd {
	i := m.at - 1
	for i > 0 && m.shown[i].Topic == m.shown[i-1].Topic {
		i--
	}
	m.at = max(i, 0)
	return nil
}

func (m *Model) filterOn() tea.Cmd   { m.typing = true; return nil }
func (m *Model) filterKept() tea.Cmd { m.typing = false; return nil }

func (m *Model) filterOff() tea.Cmd {
	m.typing = false
	m.setFilter("")
	return nil
}

// escape takes the filter away; without one it goes back.
func (m *Model) escape() tea.Cmd {
	if m.filter == "" && m.previous != "" {
		return m.back()
	}
	return m.filterOff()
}

// help returns what shows all keys, or no longer does.
func (m *Model) help(on bool) func() tea.Cmd {
	return func() tea.Cmd { m.helping = on; return nil }
}
