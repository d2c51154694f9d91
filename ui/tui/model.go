package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/format"
	"stickylab/ui/learn"
	"stickylab/ui/tui/lesson"
	"stickylab/ui/tui/picker"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// opened is a screen that stays while the list is shown.
type opened interface {
	screen.Screen
	Init() tea.Cmd
	Title() string // of what it shows
	Unsaved() int  // steps that would be lost
	Close()
}

// Model is the program for Bubble Tea.
type Model struct {
	*screen.Shell
	o       Options
	list    *picker.Model // nil before it was shown
	current opened        // nil before anything was opened
	begin   tea.Cmd       // opens the first screen
}

// New returns the program without a screen: Open and List show one.
func New(o Options) *Model {
	if o.Speed <= 0 {
		o.Speed = 1
	}
	m := &Model{Shell: &screen.Shell{Dirty: true, Still: o.Still || reducedMotion()}, o: o}
	m.Program = m
	return m
}

// Open puts a screen in place of the one before, which ends.
func (m *Model) Open(s screen.Screen) tea.Cmd {
	old, next := m.current, s.(opened)
	m.current = next
	m.Show(next)
	if old == nil {
		return next.Init()
	}
	return tea.Batch(next.Init(), func() tea.Msg { old.Close(); return nil })
}

// List shows the list of scenarios, which tells how to come back.
func (m *Model) List() tea.Cmd {
	if m.list == nil {
		m.newList()
	}
	m.markList()
	m.Show(m.list)
	return nil
}

// newList reads the list of scenarios.
func (m *Model) newList() { m.list = picker.New(m.Shell, picker.Entries(m.o.Files), m.chosen) }

// markList tells the list what is finished, and what it goes back to.
func (m *Model) markList() {
	if o := m.o.Learn; o != nil {
		m.list.Mark(o.Progress.Status)
	}
	if m.current != nil {
		m.list.Previous(m.current.Title(), func() tea.Cmd { m.Show(m.current); return nil })
	}
}

// chosen opens what was chosen from the list.
func (m *Model) chosen(arg string, learns bool) tea.Cmd {
	load := m.scenario
	if learns {
		load = m.lesson
	}
	next, err := load(arg)
	m.newList() // files may have changed
	m.markList()
	m.Show(m.list)
	switch {
	case err != nil:
		m.Fail(err)
		return nil
	case m.current != nil && m.current.Unsaved() > 0:
		m.Confirm("the steps made here are not saved. open another scenario? y/n", func() tea.Cmd { return m.Open(next) })
		return nil
	}
	return m.Open(next)
}

// scenario returns the screen of a scenario; it fails when that cannot be
// loaded.
func (m *Model) scenario(arg string) (opened, error) {
	plan, name, err := m.o.Load(arg)
	if err != nil {
		return nil, err
	}
	o := run.Options{Dir: m.o.Dir, ReadOnly: m.o.ReadOnly}
	if arg == m.o.Arg {
		o.Around = m.o.Around
	}
	return run.New(m.Shell, run.NewPlayer(name, plan, m.o.Speed), o), nil
}

// lesson returns the screen of a lesson; it fails when that cannot be loaded.
func (m *Model) lesson(arg string) (opened, error) {
	if m.o.Learn == nil {
		return nil, learn.ErrNone
	}
	l, err := m.o.Learn.Load(arg)
	if err != nil {
		return nil, err
	}
	return lesson.New(m.Shell, l, m.o.Learn), nil
}

// Init begins the ticking; a program that shows nothing yet begins with the
// list.
func (m *Model) Init() tea.Cmd {
	if m.Screen == nil {
		m.List()
	}
	return tea.Batch(tick(), m.begin)
}

// frameTime is the time between two ticks.
const frameTime = time.Second / 30

func tick() tea.Cmd {
	return tea.Tick(frameTime, func(t time.Time) tea.Msg { return screen.Tick{Now: t} })
}

// Update takes what has happened.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	if _, ok := msg.(screen.Tick); ok {
		cmd = tea.Batch(cmd, tick())
	}
	return m, cmd
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	if b, ok := msg.(background); ok {
		style.Setup(style.Profile(), b.dark)
		m.Dirty = true
		return nil
	}
	cmd, known := m.Shell.Update(msg)
	if !known && m.current != nil {
		cmd, known = m.current.Update(msg) // the list may be shown
	}
	if !known {
		return run.Abandon(msg)
	}
	return cmd
}

// Quit ends the program, unless steps would be lost: then it asks.
func (m *Model) Quit() tea.Cmd {
	if m.current == nil || m.current.Unsaved() == 0 {
		return tea.Quit
	}
	m.Confirm(format.Plural(m.current.Unsaved(), "step")+" made here not saved (w writes a file). quit anyway? y/n", func() tea.Cmd { return tea.Quit })
	return nil
}

// background is what the terminal answered about its background.
type background struct{ dark bool }
