package picker

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/format"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// Keys returns what keys do while a scenario is chosen, or while a filter is
// typed.
func (m *Model) Keys() []screen.Key {
	if m.typing {
		return []screen.Key{
			{Keys: "enter", Short: "keep", About: "keep the filter", Do: m.filterKept},
			{Keys: "esc", Short: "no filter", About: "take the filter away", Do: m.filterOff},
			{Keys: "down", About: "down", Do: m.by(1)},
			{Keys: "up", About: "up", Do: m.by(-1)},
			{Keys: "ctrl+c", About: "quit", Do: m.Quit},
		}
	}
	esc := screen.Key{Keys: "esc", Do: m.filterOff}
	if m.previous != "" && m.filter == "" {
		esc.Do, esc.Short = m.back, "back to "+style.Cut(m.previous, m.Width-30)
	}
	keys := screen.In(screen.List,
		screen.Key{Keys: "enter", Short: "watch", About: "watch the scenario", Do: m.choose},
		screen.Key{Keys: "l", Short: "learn", About: "learn: its lesson", Do: m.learn},
		screen.Key{Keys: "j down", Hint: "j k", Short: "choose", About: "down", Do: m.by(1)},
		screen.Key{Keys: "k up", About: "up", Do: m.by(-1)},
		screen.Key{Keys: "tab right", About: "the next topic", Do: m.nextTopic},
		screen.Key{Keys: "shift+tab", About: "the topic before", Do: m.previousTopic},
		screen.Key{Keys: "left", Do: m.previousTopic},
		screen.Key{Keys: "home g", About: "the first", Do: m.by(-len(m.shown))},
		screen.Key{Keys: "end G", About: "the last", Do: m.by(len(m.shown))},
		screen.Key{Keys: "/", Short: "filter", About: "words or an error text; esc: all", Do: m.filterOn},
	)
	return append(append([]screen.Key{esc}, keys...), m.Always()...)
}

// press does what a key means now.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	found, cmd := screen.Press(m.Keys(), msg)
	if !found && m.typing {
		m.typed(msg)
	}
	return cmd
}

// oneLine brings a pasted text onto one line.
var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ")

// typed changes the filter.
func (m *Model) typed(msg tea.KeyMsg) {
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		m.setFilter(m.filter + oneLine.Replace(format.Printable(string(msg.Runes))))
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
