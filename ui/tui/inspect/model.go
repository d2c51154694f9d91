package inspect

import (
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/cluster/trace"
	"stickylab/ui/tui/screen"
)

// Kind is the kind of a thing.
type Kind uint8

// The kinds.
const (
	OfClient Kind = iota
	OfRealClient
	OfNode
	OfMessage
	OfError
	OfConfig // the proxy's, and what in it decides for the client of that name
)

// Thing is a part of a run that can be inspected.
type Thing struct {
	Kind Kind
	Name string    // of a client or a node; a real client's socket; an error text
	Msg  trace.Msg // of a message
}

// Model shows a thing of a run.
type Model struct {
	Thing
	Other func(by int) tea.Cmd // goes to the next thing, or the one before
	Leave func() tea.Cmd       // goes back to the run
	top   int                  // the first line that is shown

	drawn drawing
	lines []string
}

// drawing identifies the lines that were drawn last.
type drawing struct {
	of     Thing
	source *Source
	width  int
}

// pageLines is how many lines a key moves that moves by pages.
const pageLines = 10

// Show shows another thing, from its beginning.
func (m *Model) Show(t Thing) { m.Thing, m.top = t, 0 }

// Keys returns the keys of a page.
func (m *Model) Keys() []screen.Key {
	scroll := func(by int) func() tea.Cmd {
		return func() tea.Cmd { m.Scroll(by); return nil }
	}
	other := func(by int) func() tea.Cmd {
		return func() tea.Cmd { return m.Other(by) }
	}
	return screen.In(screen.Look,
		screen.Key{Keys: "esc enter", Hint: "esc", Short: "back", About: "back to the run", Do: m.Leave},
		screen.Key{Keys: "h left", Hint: "h l", Short: "others", About: "the one before", Do: other(-1)},
		screen.Key{Keys: "l right", About: "the next one", Do: other(1)},
		screen.Key{Keys: "j down", Hint: "j k", Short: "scroll", About: "down", Do: scroll(1)},
		screen.Key{Keys: "k up", About: "up", Do: scroll(-1)},
		screen.Key{Keys: "pgdown", About: "a page down", Do: scroll(pageLines)},
		screen.Key{Keys: "pgup", About: "a page up", Do: scroll(-pageLines)},
	)
}

// Scroll moves what is shown down by some lines.
func (m *Model) Scroll(by int) { m.top = max(m.top+by, 0) } // drawing keeps it within the page

// Lines draws the thing, as far as it has room.
func (m *Model) Lines(s *Source, width, height int) []string {
	if of := (drawing{m.Thing, s, width}); m.drawn != of {
		m.drawn = of
		switch m.Kind {
		case OfClient:
			m.lines = Client(s, m.Name, width)
		case OfRealClient:
			m.lines = RealClient(s, m.Name, width)
		case OfNode:
			m.lines = Node(s, m.Name, width)
		case OfMessage:
			m.lines = Message(s, m.Msg, width)
		case OfError:
			m.lines = Error(s, m.Name, width)
		case OfConfig:
			m.lines = Config(s, m.Name, width)
		}
	}
	m.top = max(min(m.top, len(m.lines)-height), 0)
	return Window(m.lines, m.top, width, height)
}
