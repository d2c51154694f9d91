// Package lesson is the screen of a lesson: a run with a text that tells what
// happens and asks what will, and then the run next to that of its fix.
package lesson

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/ui/learn"
	"stickylab/ui/tui/compare"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/screen"
)

// Options are the course and the progress of the user.
type Options struct {
	Course   []learn.Entry
	Progress *learn.Progress
	Load     func(arg string) (*learn.Lesson, error)

	// Begin is the lesson to begin with, as Load knows it; "" begins elsewhere.
	Begin string
}

// Model is the screen of a lesson.
type Model struct {
	*screen.Shell
	*learn.Session
	run  *run.Model
	pair *compare.Model // in place of the run
	o    *Options

	phase   phase
	chosen  int       // of the choices of the question; learn.NoAnswer when none is yet
	readBy  time.Time // the narration should be read; until then nothing new is said
	shift   int       // lines that the panel is scrolled
	differs learn.Difference
	tally   string // what became of the expectations
	kept    bool   // the progress

	panel int    // the height of the panel on a screen of a size, in a phase
	size  [2]int // of that screen
	drawn phase
}

// phase is a part of a lesson.
type phase uint8

// The phases.
const (
	phaseOpening phase = iota // the nginx.conf is shown; the run waits
	phaseRun                  // the run is told
	phaseDiffers              // the fix is shown
	phaseBoth                 // and runs next to what it fixes
	phaseRead                 // where to read on, and what comes next
)

// Speeds of lessons: a minute takes fifteen seconds, a long run half a minute;
// what is seen for the second time is faster.
const (
	lessonSpeed = 4
	longestRun  = 30 * time.Second
	longestPair = 10 * time.Second
)

// speedFor is the least of the speeds, from one on, at which a run takes no
// longer than it may.
func speedFor(plan *plan.Plan, least float64, longest time.Duration) float64 {
	for _, s := range run.Speeds {
		if s >= least && float64(plan.File.Duration) <= s*float64(longest) {
			return s
		}
	}
	return least
}

// New returns the screen of a lesson.
func New(shell *screen.Shell, l *learn.Lesson, o *Options) *Model {
	p := run.NewPlayer(l.Name, l.Plan, speedFor(l.Plan, lessonSpeed, longestRun))
	m := &Model{Shell: shell, Session: learn.NewSession(l), o: o, run: run.New(shell, p, run.Options{Lesson: true})}
	p.Limit = m.Until()
	p.Stop()
	m.run.Space, m.run.Covers = m.space, m.covers
	return m
}

// Init opens the run.
func (m *Model) Init() tea.Cmd { return m.run.Init() }

// Close ends the runs.
func (m *Model) Close() {
	m.run.Close()
	if m.pair != nil {
		m.pair.Close()
	}
}

// Title returns the name of the lesson.
func (m *Model) Title() string { return m.Lesson.Name }

// Unsaved returns how many steps would be lost by quitting: none can be made.
func (m *Model) Unsaved() int { return 0 }

// Ready reports whether there is something to see.
func (m *Model) Ready() bool {
	if m.pair != nil {
		return m.pair.Ready()
	}
	return m.run.Ready()
}

// Update takes a key, a click, a tick, or what a command brought back.
func (m *Model) Update(msg tea.Msg) (cmd tea.Cmd, known bool) {
	if key, ok := msg.(tea.KeyMsg); ok {
		_, cmd := screen.Press(m.Keys(), key)
		return cmd, true
	}
	if m.pair != nil {
		if cmd, known := m.pair.Update(msg); known {
			return cmd, true
		}
	}
	cmd, known = m.run.Update(msg)
	if _, ok := msg.(screen.Tick); ok {
		m.tell()
	}
	return cmd, known
}

// beginRun lets the run begin.
func (m *Model) beginRun() tea.Cmd {
	m.phase, m.shift = phaseRun, 0
	m.run.Play(m.Until())
	return nil
}

// toFix shows the fix, if there is one.
func (m *Model) toFix() tea.Cmd {
	m.shift = 0
	if m.Lesson.Fixed == nil {
		m.phase = phaseRead
		return nil
	}
	var err error
	if m.differs, err = learn.Diff(m.Lesson.Plan, m.Lesson.Fixed); err != nil {
		m.Fail(err)
	}
	m.phase = phaseDiffers
	m.pair = compare.New(m.Shell, m.Lesson.Name, compare.Side{Name: "as it was", Plan: m.Lesson.Plan},
		compare.Side{Name: m.Lesson.Text().Fix, Plan: m.Lesson.Fixed}, speedFor(m.Lesson.Plan, lessonSpeed, longestPair), m.List)
	return m.pair.Init()
}

// runBoth lets both run, and brings them to their end when they do.
func (m *Model) runBoth() tea.Cmd {
	p := m.pair
	m.shift = 0
	switch {
	case m.phase == phaseDiffers:
		m.phase, p.Playing = phaseBoth, true
	case !p.Over():
		return p.ToEnd()
	default:
		m.phase = phaseRead
	}
	return nil
}

// nextLesson begins the next lesson of the course.
func (m *Model) nextLesson() tea.Cmd {
	next, ok := m.next()
	if !ok {
		return m.List()
	}
	l, err := m.o.Load(next.Name)
	if err != nil {
		m.Fail(err)
		return nil
	}
	return m.Open(New(m.Shell, l, m.o))
}

func (m *Model) next() (learn.Entry, bool) { return learn.After(m.o.Course, m.Lesson.Arg) }
