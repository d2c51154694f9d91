package tui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/ui/tui/picker"
)

// mode is what the keys mean.
type mode uint8

// The modes.
const (
	modePicker   mode = iota
	modeStage         // the whole run
	modeCloser        // one thing of it
	modeAsk           // a line is typed
	modeConfirm       // yes or no
	modeHelp          // all keys
	modeEntry         // how real clients get in
	modeBranches      // the runs that there are
	modePair          // two runs side by side
	modeBuilding      // a branch is on its way to the cursor
	modes             // keep last
)

// Model is the program for Bubble Tea.
type Model struct {
	o             Options
	width, height int
	mode          mode
	under         mode // of what a question or the help covers
	picker        picker.Model
	stage         *stage
	lesson        *lesson // that is told with the stage
	pair          *pair   // in place of the stage
	question      *question
	confirm       *confirm
	notice        notice
	scroll        int // of the help and the branches
	last          time.Time

	leaving bool // the viewer has said so

	dirty  bool
	screen string
}

// notice is a line that is shown in place of the help.
type notice struct {
	text string
	loss bool
	time time.Time // when it goes
}

// confirm is a question that y answers with yes, and any other key with no.
type confirm struct {
	text string
	yes  func(*Model) tea.Cmd
}

// New returns the program, on the picker or on what is served.
func New(o Options) *Model {
	if o.Speed <= 0 {
		o.Speed = 1
	}
	m := &Model{o: o, dirty: true}
	m.newPicker()
	if v := o.Served; v != nil {
		m.stage = newStage("", v.Name, v.Run.Plan(), 1)
		m.stage.served, m.mode = v, modeStage
	}
	return m
}

// newPicker makes the list of scenarios anew.
func (m *Model) newPicker() {
	m.picker = picker.New(m.o.Files)
	m.markLessons()
	if m.stage != nil {
		m.picker = m.picker.Behind(m.stage.name)
	}
	m.picker, _ = m.picker.Update(tea.WindowSizeMsg{Width: m.width, Height: m.height})
}

// markLessons tells the list what is finished.
func (m *Model) markLessons() {
	if o := m.o.Learn; o != nil {
		m.picker = m.picker.Marked(o.Progress.Status)
	}
}

// enter puts a scenario on the stage.
func (m *Model) enter(arg string, plan *plan.Plan, name string) tea.Cmd {
	old, pair := m.stage, m.pair
	m.lesson, m.pair = nil, nil
	m.stage = newStage(arg, name, plan, m.o.Speed)
	m.mode, m.notice = modeStage, notice{}
	cmds := []tea.Cmd{m.stage.open()}
	if old != nil {
		cmds = append(cmds, func() tea.Msg { old.close(); return nil })
	}
	if pair != nil {
		cmds = append(cmds, func() tea.Msg { pair.close(); return nil })
	}
	return tea.Batch(cmds...)
}

// Init begins the ticking, and opens the run that Run has put on the stage.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.picker.Init(), tick()}
	if m.stage != nil {
		cmds = append(cmds, m.stage.open())
	}
	if m.pair != nil {
		cmds = append(cmds, m.pair.open())
	}
	if m.o.Served != nil && m.o.Served.Notes != nil {
		cmds = append(cmds, m.o.Served.listen)
	}
	return tea.Batch(cmds...)
}

// frameTime is the time between two ticks.
const frameTime = time.Second / 30

type tickMsg time.Time

func tick() tea.Cmd { return tea.Tick(frameTime, func(t time.Time) tea.Msg { return tickMsg(t) }) }

// Update takes what has happened.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tickMsg:
		return m, tea.Batch(m.tick(time.Time(msg)), tick())
	case tea.WindowSizeMsg:
		m.width, m.height, m.dirty = msg.Width, msg.Height, true
		return m, m.toPicker(msg)
	case tea.KeyMsg:
		m.dirty = true
		return m, m.key(msg)
	case tea.MouseMsg:
		m.dirty = true
		return m, m.mouse(msg)
	}
	m.dirty = true
	if cmd, mine := m.heard(msg); mine {
		return m, cmd
	}
	return m, m.toPicker(msg)
}

// tick lets time go on.
func (m *Model) tick(now time.Time) tea.Cmd {
	passed := min(max(now.Sub(m.last), 0), 100*time.Millisecond)
	if m.last.IsZero() {
		passed = 0
	}
	m.last = now
	if m.notice.text != "" && now.After(m.notice.time) {
		m.notice, m.dirty = notice{}, true
	}
	if m.pair != nil && m.mode != modePicker {
		cmd, moved := m.pair.tick(now, passed)
		m.dirty = m.dirty || moved
		return cmd
	}
	if m.stage == nil || m.mode == modePicker {
		return nil
	}
	if m.mode == modeBuilding {
		m.dirty = true
		return nil
	}
	cmd, moved := m.stage.tick(now, passed)
	m.dirty = m.dirty || moved
	m.tell()
	return cmd
}

// say shows a notice for a while.
func (m *Model) say(text string, loss bool) {
	text, _, _ = strings.Cut(text, "\n")
	m.notice = notice{text, loss, m.last.Add(8 * time.Second)}
	m.dirty = true
}

// fail shows an error.
func (m *Model) fail(err error) { m.say(err.Error(), true) }

// toPicker hands a message to the picker, and enters what was chosen there.
func (m *Model) toPicker(msg tea.Msg) tea.Cmd {
	before := m.picker
	next, cmd := m.picker.Update(msg)
	m.picker = next
	if key, ok := msg.(tea.KeyMsg); ok && key.String() == "esc" && m.stage != nil && before.View() == next.View() {
		m.mode = modeStage // there was nothing else to go back from
		if m.pair != nil {
			m.mode = modePair
		}
		return nil
	}
	arg, ok := m.picker.Chosen()
	if !ok || m.mode != modePicker {
		return cmd
	}
	lesson := m.picker.Learns()
	m.newPicker()
	open := func(m *Model) tea.Cmd { return m.teachArg(arg) }
	var err error
	if !lesson {
		var plan *plan.Plan
		var name string
		plan, name, err = m.o.Load(arg)
		open = func(m *Model) tea.Cmd { return m.enter(arg, plan, name) }
	}
	if err != nil {
		m.fail(err)
		return cmd
	}
	if m.stage != nil && m.stage.unsaved() > 0 {
		m.ask(&confirm{"the steps made by hand are not saved. open another scenario? y/n", open})
		return cmd
	}
	return tea.Batch(cmd, open(m))
}

// ask asks for a yes.
func (m *Model) ask(c *confirm) {
	m.confirm, m.under, m.mode = c, m.mode, modeConfirm
}
