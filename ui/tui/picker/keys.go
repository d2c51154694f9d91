package picker

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// binding is what a key does.
type binding struct {
	key.Binding
	about string // in the list of all keys, "" when the one before tells it too; the help of the Binding is for the line
	do    func(*Model) tea.Cmd
}

func bind(shown, short, about string, do func(*Model) tea.Cmd, keys ...string) binding {
	return binding{Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, short)), about: about, do: do}
}

// The keys while a scenario is chosen, while a filter is typed, and while all
// keys are shown.
var listKeys, filterKeys, helpKeys []binding

func init() {
	listKeys = []binding{
		bind("enter", "watch", "watch the scenario", (*Model).open, "enter"),
		bind("l", "learn", "learn: its lesson", (*Model).learn, "l"),
		bind("j k", "choose", "down, up; arrows too", (*Model).down, "j", "down"),
		bind("k", "", "", (*Model).up, "k", "up"),
		bind("tab", "", "next topic; shift+tab back", (*Model).nextTopic, "right", "tab"),
		bind("left", "", "", (*Model).topicBefore, "left", "shift+tab"),
		bind("home end", "", "the first, the last", (*Model).toFirst, "home", "g"),
		bind("end", "", "", (*Model).toLast, "end", "G"),
		bind("/", "filter", "a filter; esc: all again", (*Model).filterOn, "/"),
		bind("esc", "", "", (*Model).filterOff, "esc"),
		bind("?", "keys", "all keys", (*Model).help, "?"),
		bind("q", "quit", "quit", quit, "q", "ctrl+c"),
	}
	filterKeys = []binding{
		bind("enter", "keep", "keep the filter", (*Model).filterKept, "enter"),
		bind("esc", "no filter", "take the filter away", (*Model).filterOff, "esc"),
		bind("down", "", "down", (*Model).down, "down"),
		bind("up", "", "up", (*Model).up, "up"),
		bind("ctrl+c", "", "quit", quit, "ctrl+c"),
	}
	helpKeys = []binding{
		bind("esc", "back", "back", (*Model).helpOff, "esc", "?", "enter"),
		bind("q", "quit", "quit", quit, "q", "ctrl+c"),
	}
}

func quit(*Model) tea.Cmd { return tea.Quit }

func (m *Model) keys() []binding {
	switch {
	case m.helping:
		return helpKeys
	case m.typing:
		return filterKeys
	}
	return listKeys
}

// press does what a key means now. Keys that were pressed so fast that they
// came together are pressed one after the other.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	if msg.Type == tea.KeyRunes && len(msg.Runes) > 1 && !msg.Paste && !m.typing {
		var cmds []tea.Cmd
		for _, r := range msg.Runes {
			cmds = append(cmds, m.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}))
		}
		return tea.Batch(cmds...)
	}
	for _, b := range m.keys() {
		if key.Matches(msg, b.Binding) {
			return b.do(m)
		}
	}
	if m.typing {
		m.typed(msg)
	}
	return nil
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

func (m *Model) open() tea.Cmd {
	if e := m.selected(); e != nil {
		m.chosen, m.opened = e.Arg, true
	}
	return nil
}

// learn opens the lesson of the selected scenario.
func (m *Model) learn() tea.Cmd {
	if e := m.selected(); e != nil && e.Lesson {
		m.chosen, m.opened, m.learns = e.Arg, true, true
	}
	return nil
}

func (m *Model) down() tea.Cmd { m.move(1); return nil }
func (m *Model) up() tea.Cmd   { m.move(-1); return nil }

func (m *Model) toFirst() tea.Cmd { m.move(-len(m.shown)); return nil }
func (m *Model) toLast() tea.Cmd  { m.move(len(m.shown)); return nil }

func (m *Model) nextTopic() tea.Cmd {
	for i := m.at + 1; i < len(m.shown); i++ {
		if m.shown[i].Topic != m.shown[i-1].Topic {
			m.at = i
			break
		}
	}
	return nil
}

// topicBefore goes to the first entry of the topic, or of the one before.
func (m *Model) topicBefore() tea.Cmd {
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

func (m *Model) help() tea.Cmd    { m.helping = true; return nil }
func (m *Model) helpOff() tea.Cmd { m.helping = false; return nil }
