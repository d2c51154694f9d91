package picker

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/learn"
	"stickylab/ui/tui/screen"
	"stickylab/ui/why"
)

// Open opens a scenario as it is loaded, or its lesson.
type Open func(arg string, lesson bool) tea.Cmd

// Model is the screen of the list.
type Model struct {
	*screen.Shell
	open     Open
	all      []Entry
	shown    []Entry // that match the filter
	at       int     // the selected one of those
	filter   string
	typing   bool           // the filter is being typed
	previous string         // what back goes to; "" is nothing
	back     func() tea.Cmd // what esc does when there is a previous
}

// New returns a list of entries.
func New(shell *screen.Shell, entries []Entry, open Open) *Model {
	return &Model{Shell: shell, open: open, all: entries, shown: entries}
}

// Update takes a key, a click or a turn of the wheel.
func (m *Model) Update(msg tea.Msg) (cmd tea.Cmd, known bool) {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return m.press(msg), true
	case tea.MouseMsg:
		return m.mouse(msg), true
	case screen.Tick:
		return nil, true
	}
	return nil, false
}

// Ready reports that there is always something to see.
func (m *Model) Ready() bool { return true }

// Previous sets what esc goes back to; "" is nothing.
func (m *Model) Previous(name string, back func() tea.Cmd) { m.previous, m.back = name, back }

// Mark sets what became of the lessons of built-in scenarios.
func (m *Model) Mark(status func(name string) learn.Status) {
	m.all = slices.Clone(m.all)
	for i := range m.all {
		if m.all[i].Lesson && m.all[i].Topic != yourOwn {
			s := status(m.all[i].Arg)
			m.all[i].Status = &s
		}
	}
	at := m.at
	m.setFilter(m.filter)
	m.at = at
}

func (m *Model) selected() *Entry {
	if m.at < 0 || m.at >= len(m.shown) {
		return nil
	}
	return &m.shown[m.at]
}

// move moves the selection by so many entries, not beyond the ends.
func (m *Model) move(by int) {
	m.at = max(0, min(m.at+by, len(m.shown)-1))
}

// setFilter shows what matches. The selection stays on its entry if that is
// still there.
func (m *Model) setFilter(filter string) {
	before := m.selected()
	m.filter, m.at = filter, 0
	m.shown = nil
	passing := why.NewFilter(filter)
	for i := range m.all {
		if m.all[i].matches(passing) {
			if before != nil && before.Arg == m.all[i].Arg {
				m.at = len(m.shown)
			}
			m.shown = append(m.shown, m.all[i])
		}
	}
}

// mouse selects what is clicked, opens what was selected already, and follows
// the wheel.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	if msg.Action != tea.MouseActionPress {
		return nil
	}
	m.move(screen.Wheel(msg))
	i := m.entryAt(msg.X, msg.Y)
	switch {
	case msg.Button != tea.MouseButtonLeft || i < 0:
	case i == m.at:
		return m.choose()
	default:
		m.at = i
	}
	return nil
}
