// Package run is the screen of one run: a scenario that is watched, or a
// cluster that is served.
//
// What it shows is a pure function of a frame, which is the ledger of the run
// at a cursor, and of what the viewer has chosen. The run is worked on by
// commands, apart from the program's loop, so that it never waits for the screen,
// nor the screen for it.
package run

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/inspect"
	"stickylab/ui/tui/screen"
)

// Options of a screen.
type Options struct {
	Dir      string // where files are written; "" is the working directory
	ReadOnly bool   // there are no keys that change the run
	Lesson   bool   // it is part of a lesson, which has no such keys either

	// Around says what the scenario was made around and what was left out; it is in no file
	// yet. Empty means that it is in one.
	Around []string
}

// Model is the screen of a run.
type Model struct {
	*screen.Shell
	*Player
	o        Options
	page     *inspect.Model // the thing that is inspected; nil means none
	building *building      // a branch being built; nil means none
	history  []string       // commands that were typed

	clicked   point     // where the mouse was pressed last
	clickedAt time.Time // and when

	projecting bool // the screen shows nothing but the picture

	// Space returns how much of the screen the run has; nil leaves it all.
	Space func() (width, height int)

	// Covers returns with what a pane is covered, "" when it is not; nil covers
	// none.
	Covers func(Pane) string
}

// New returns the screen of a player.
func New(shell *screen.Shell, p *Player, o Options) *Model {
	p.Still = shell.Still
	return &Model{Shell: shell, Player: p, o: o}
}

// NewServed returns the screen of a served cluster.
func NewServed(shell *screen.Shell, v *Served, o Options) *Model {
	p := NewPlayer(v.Name, v.Run.Plan(), 1)
	p.served = v
	p.Start = func() (Watched, error) { return v.Run, nil }
	return New(shell, p, o)
}

// Init opens the run.
func (m *Model) Init() tea.Cmd {
	if m.served != nil && m.served.Notes != nil {
		return tea.Batch(m.Open(), m.served.listen)
	}
	if len(m.o.Around) > 0 {
		return tea.Batch(m.Open(), m.showAround(true))
	}
	return m.Open()
}

// Title returns the name of what is shown.
func (m *Model) Title() string { return m.Name }

// Ready reports whether there is a frame.
func (m *Model) Ready() bool { return m.Frame != nil }

// Inspecting reports whether one thing of the run is shown, in place of all.
func (m *Model) Inspecting() bool { return m.page != nil }

// Unsaved returns how many steps would be lost by quitting.
func (m *Model) Unsaved() int {
	if m.served != nil || m.o.ReadOnly {
		return 0
	}
	return m.Player.Unsaved()
}

// Update takes a key, a click, a tick, or what a command brought back.
func (m *Model) Update(msg tea.Msg) (cmd tea.Cmd, known bool) {
	switch msg := msg.(type) {
	case screen.Tick:
		return m.tick(msg), true
	case tea.KeyMsg:
		return m.press(msg), true
	case tea.MouseMsg:
		return m.mouse(msg), true
	case savedMsg:
		m.saved(msg)
		return nil, true
	case noteMsg:
		m.Say(string(msg), false)
		return m.served.listen, true
	}
	cmd, known, err := m.Player.Update(msg)
	m.selectedClient() // something is selected wherever there is something
	m.selectedNode()
	if err != nil {
		m.Fail(err)
	}
	return cmd, known
}

func (m *Model) tick(t screen.Tick) tea.Cmd {
	if m.building != nil {
		m.Dirty = true // how far it is
		return nil
	}
	cmd, moved := m.Player.tick(t)
	if animated := m.animate(t); animated && !m.Player.Still {
		moved = true
	}
	m.Dirty = m.Dirty || moved
	return cmd
}

// press does what a key means. A key that changes the run waits until what was
// changed before is on the screen.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	k := screen.Find(m.Keys(), msg)
	switch {
	case k == nil:
		return nil
	case k.Verb && !k.Asks && m.acting():
		return m.later(k.Do)
	}
	return k.Do()
}
