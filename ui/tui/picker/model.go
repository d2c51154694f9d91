package picker

import (
	"slices"
	"stickylab/ui/learn"

	tea "github.com/charmbracelet/bubbletea"
)

// Model is the list for Bubble Tea. It is used as a value, as those of bubbles
// are.
type Model struct {
	width, height int
	all           []Entry
	shown         []Entry // that match the filter
	at            int     // the selected one of those
	filter        string
	typing        bool // the filter is being typed
	helping       bool // all keys are shown
	chosen        string
	opened        bool
	learns        bool // its lesson was opened
	behind        string
}

// New returns the list of the built-in scenarios and of files, each named as
// on the command line.
func New(files []string) Model { return Of(Entries(files)) }

// Of returns a list of entries.
func Of(entries []Entry) Model {
	return Model{all: entries, shown: entries}
}

// Init does nothing: the list has all that it needs.
func (m Model) Init() tea.Cmd { return nil }

// Update takes a key, a click, a turn of the wheel or a new size.
func (m Model) Update(msg tea.Msg) (Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyMsg:
		cmd := m.press(msg)
		return m, cmd
	case tea.MouseMsg:
		m.mouse(msg)
	}
	return m, nil
}

// Chosen returns what was opened, as it is loaded; ok is false as long as
// nothing was.
func (m Model) Chosen() (arg string, ok bool) { return m.chosen, m.opened }

// Learns reports whether it is the lesson of what was opened that is wanted.
func (m Model) Learns() bool { return m.learns }

// Behind returns the list with what is to go back to by esc, which whoever shows
// the list does; "" is nothing.
func (m Model) Behind(name string) Model {
	m.behind = name
	return m
}

// Marked returns the list with what became of the lessons of built-in
// scenarios.
func (m Model) Marked(status func(name string) learn.Status) Model {
	all := slices.Clone(m.all)
	for i := range all {
		if all[i].Lesson && all[i].Topic != yourOwn {
			s := status(all[i].Arg)
			all[i].Status = &s
		}
	}
	at := m.at
	m.all = all
	m.setFilter(m.filter)
	m.at = at
	return m
}

// Selected returns the entry that would be opened.
func (m Model) Selected() (Entry, bool) {
	if e := m.selected(); e != nil {
		return *e, true
	}
	return Entry{}, false
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
	for i := range m.all {
		if m.all[i].matches(filter) {
			if before != nil && before.Arg == m.all[i].Arg {
				m.at = len(m.shown)
			}
			m.shown = append(m.shown, m.all[i])
		}
	}
}

// mouse selects what is clicked, opens what was selected already, and follows
// the wheel.
func (m *Model) mouse(msg tea.MouseMsg) {
	if m.helping || msg.Action != tea.MouseActionPress {
		return
	}
	switch msg.Button {
	case tea.MouseButtonWheelDown:
		m.move(1)
	case tea.MouseButtonWheelUp:
		m.move(-1)
	case tea.MouseButtonLeft:
		switch i := m.entryAt(msg.X, msg.Y); {
		case i < 0:
		case i == m.at:
			m.open()
		default:
			m.at = i
		}
	}
}
