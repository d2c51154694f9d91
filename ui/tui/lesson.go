package tui

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/ui/learn"
)

// Learning is what the program needs for lessons.
type Learning struct {
	Course   []learn.Entry
	Progress *learn.Progress
	Load     func(arg string) (*learn.Lesson, error)

	// Begin is the lesson to begin with, as Load knows it; "" begins elsewhere.
	Begin string
}

// lesson is a lesson on the screen.
type lesson struct {
	*learn.Session
	phase   phase
	chosen  int       // of the choices of the question, learn.NoAnswer: none yet
	readBy  time.Time // the narration should be read; until then nothing new is said
	shift   int       // lines that the panel is scrolled by hand
	differs learn.Difference
	tally   string // what became of the expectations
	kept    bool   // the progress

	panel int    // the height of the panel on a screen of a size, in a phase
	size  [2]int // of that screen
	drawn phase
}

// phase is how far a lesson is.
type phase uint8

// The phases.
const (
	phaseRun     phase = iota // the run is told
	phaseDiffers              // what mends it is shown
	phaseBeside               // and runs beside what it mends
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
	for _, s := range speeds {
		if s >= least && float64(plan.File.Duration) <= s*float64(longest) {
			return s
		}
	}
	return least
}

// teach puts a lesson on the stage.
func (m *Model) teach(l *learn.Lesson) tea.Cmd {
	cmd := m.enter(l.Arg, l.Plan, l.Name)
	m.lesson = &lesson{Session: learn.NewSession(l)}
	m.stage.speed = speedFor(l.Plan, lessonSpeed, longestRun)
	m.stage.limit = m.lesson.Until()
	return cmd
}

// teachArg reads a lesson, and puts it on the stage.
func (m *Model) teachArg(arg string) tea.Cmd {
	if m.o.Learn == nil {
		return nil
	}
	l, err := m.o.Learn.Load(arg)
	if err != nil {
		m.fail(err)
		return nil
	}
	return m.teach(l)
}

// tell says what the lesson has to say of the moment that the screen shows.
func (m *Model) tell() {
	l, s := m.lesson, m.stage
	if l == nil || l.phase != phaseRun || s.frame == nil || s.current == nil {
		return
	}
	judge, ok := s.frame.live.(learn.Judge)
	if !ok {
		return
	}
	if l.reading(m.last) {
		s.limit = l.Next().At
		return
	}
	if limit := l.Until(); s.limit != limit {
		s.limit, s.playing, s.owed = limit, true, 0
	}
	before, told := l.State(), len(l.Said())
	changed, err := l.Reach(s.frame.cursor.at, judge, s.frame.ledger)
	if err != nil {
		m.fail(err)
	}
	if !changed {
		return
	}
	m.dirty = true
	l.shift = 0
	for _, said := range l.Said()[told:] {
		if said.Kind == learn.Told {
			l.readBy = m.last.Add(readingTime(l.Lesson.Text().Narration[said.N].Say))
		}
	}
	s.limit = l.Until()
	if m.mode == modeCloser && l.State() != learn.Running {
		m.say("the lesson waits for you: esc", false)
	}
	switch l.State() {
	case learn.Asking:
		l.chosen = learn.NoAnswer // the key that went on may come once more
		s.playing = false
	case learn.Revealed:
		s.playing = false
	case learn.Over:
		if before != learn.Over {
			l.tally = tallied(s.frame.expect)
			s.playing = false
			m.keep()
		}
	}
}

// reading reports whether what was told is still being read.
func (l *lesson) reading(now time.Time) bool {
	return l.State() == learn.Running && now.Before(l.readBy)
}

// readingTime is how long it takes to read a text that is not expected: some
// twenty-five letters a second.
func readingTime(text string) time.Duration { return time.Duration(len(text)) * time.Second / 25 }

// held reports whether the run waits for the text to be read.
func (l *lesson) held(s *stage, now time.Time) bool {
	return l.phase == phaseRun && l.reading(now) && s.cursor.at >= l.Next().At
}

// readAlready goes on before the time.
func (m *Model) readAlready() tea.Cmd {
	m.lesson.readBy = time.Time{}
	return nil
}

// keep keeps that the lesson is finished.
func (m *Model) keep() {
	l, o := m.lesson, m.o.Learn
	if o == nil || l.kept || !l.Score().Finished() || !inCourse(o.Course, l.Lesson.Arg) {
		return
	}
	l.kept = true
	aside, err := o.Progress.Finish(l.Lesson.Name, l.Score(), time.Now())
	switch {
	case err != nil:
		m.fail(err)
	case aside != "":
		m.say("the progress that could not be read is now in "+aside, false)
	}
}

func inCourse(course []learn.Entry, arg string) bool {
	for _, e := range course {
		if e.Name == arg {
			return true
		}
	}
	return false
}

// goOn goes on after what came of an answer.
func (m *Model) goOn() tea.Cmd {
	l, s := m.lesson, m.stage
	l.Continue()
	l.shift = 0
	s.limit, s.playing, s.owed = l.Until(), true, 0
	m.tell() // there may be more to say of this instant
	return nil
}

// chooseAnswer answers the question with the chosen choice. As long as none is
// chosen it tells how to choose.
func (m *Model) chooseAnswer() tea.Cmd {
	l := m.lesson
	if l.chosen == learn.NoAnswer {
		said, _ := l.Last()
		m.say(fmt.Sprintf("choose with 1 to %d", len(l.Lesson.Plan.Asked[said.N].Choices)), false)
		return nil
	}
	return m.answerWith(l.chosen)
}

func (m *Model) answerWith(choice int) tea.Cmd {
	l, s := m.lesson, m.stage
	l.Answer(choice)
	if l.State() == learn.Asking {
		return nil // there is no such choice
	}
	l.shift, l.readBy = 0, time.Time{}
	s.limit, s.playing, s.owed = l.Until(), true, 0
	m.tell()
	return nil
}

func (m *Model) nextChoice() tea.Cmd   { return m.moveChoice(1) }
func (m *Model) choiceBefore() tea.Cmd { return m.moveChoice(-1) }

func (m *Model) moveChoice(by int) tea.Cmd {
	l := m.lesson
	said, _ := l.Last()
	n := len(l.Lesson.Plan.Asked[said.N].Choices)
	if by < 0 {
		l.chosen = max(l.chosen, 0) // up from none is the last
	}
	l.chosen = (l.chosen + by + n) % n
	return nil
}

// toFix shows what mends it, if anything does.
func (m *Model) toFix() tea.Cmd {
	l := m.lesson
	l.shift = 0
	if l.Lesson.Fixed == nil {
		l.phase = phaseRead
		return nil
	}
	var err error
	if l.differs, err = learn.Diff(l.Lesson.Plan, l.Lesson.Fixed); err != nil {
		m.fail(err)
	}
	l.phase = phaseDiffers
	m.pair = newPair(l.Lesson.Name, Side{"as it was", l.Lesson.Plan}, Side{l.Lesson.Text().Fix, l.Lesson.Fixed},
		speedFor(l.Lesson.Plan, lessonSpeed, longestPair))
	m.mode = modePair
	return m.pair.open()
}

// runBoth lets both go on, and brings them to their end when they do.
func (m *Model) runBoth() tea.Cmd {
	l, p := m.lesson, m.pair
	l.shift = 0
	switch {
	case l.phase == phaseDiffers:
		l.phase, p.playing = phaseBeside, true
	case !p.over():
		p.seek(p.end)
	default:
		l.phase = phaseRead
	}
	return nil
}

// nextLesson begins the next lesson of the course.
func (m *Model) nextLesson() tea.Cmd {
	if next, ok := m.next(); ok {
		return m.teachArg(next.Name)
	}
	return m.toScenarios()
}

func (m *Model) next() (learn.Entry, bool) {
	if m.o.Learn == nil {
		return learn.Entry{}, false
	}
	return learn.After(m.o.Learn.Course, m.lesson.Lesson.Arg)
}

func (m *Model) panelUp() tea.Cmd   { m.lesson.shift--; return nil }
func (m *Model) panelDown() tea.Cmd { m.lesson.shift++; return nil }
