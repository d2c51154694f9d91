package lesson

import (
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/ui/learn"
)

// tell says what the lesson has to say of the moment that the screen shows.
func (m *Model) tell() {
	f := m.run.Frame
	if m.phase != phaseRun || f == nil {
		return
	}
	judge, ok := f.Live.(learn.Judge)
	if !ok {
		return
	}
	if m.reading() {
		m.run.Limit = m.Next().At
		return
	}
	if limit := m.Until(); m.run.Limit != limit {
		m.run.Play(limit)
	}
	before, told := m.State(), len(m.Said())
	changed, err := m.Reach(f.Cursor.At, judge, f.Ledger)
	if err != nil {
		m.Fail(err)
	}
	if !changed {
		return
	}
	m.Dirty = true
	m.shift = 0
	for _, said := range m.Said()[told:] {
		if said.Kind == learn.Told {
			m.readBy = m.Now.Add(readingTime(m.Lesson.Text().Narration[said.N].Say))
		}
	}
	m.run.Limit = m.Until()
	if m.run.Inspecting() && m.State() != learn.Running {
		m.Say("the lesson waits for you: esc", false)
	}
	switch m.State() {
	case learn.Asking:
		m.chosen = learn.NoAnswer // the key that continued may come once more
		m.run.Stop()
	case learn.Revealed:
		m.run.Stop()
	case learn.Over:
		if before != learn.Over {
			m.tally = tallied(f.Expect)
			m.run.Stop()
			m.keep()
		}
	}
}

// reading reports whether what was told is still being read.
func (m *Model) reading() bool {
	return m.State() == learn.Running && m.Now.Before(m.readBy)
}

// readingTime returns the time that it takes to read a text: some twenty-five
// letters a second.
func readingTime(text string) time.Duration { return time.Duration(len(text)) * time.Second / 25 }

// held reports whether the run waits for the text to be read.
func (m *Model) held() bool {
	return m.phase == phaseRun && m.reading() && m.run.At() >= m.Next().At
}

// readAlready continues before the time.
func (m *Model) readAlready() tea.Cmd {
	m.readBy = time.Time{}
	return nil
}

// keep keeps that the lesson is finished.
func (m *Model) keep() {
	o := m.o
	if m.kept || !m.Score().Finished() || !slices.ContainsFunc(o.Course, func(e learn.Entry) bool { return e.Name == m.Lesson.Arg }) {
		return
	}
	m.kept = true
	aside, err := o.Progress.Finish(m.Lesson.Name, m.Score(), time.Now())
	switch {
	case err != nil:
		m.Fail(err)
	case aside != "":
		m.Say("the progress that could not be read is now in "+aside, false)
	}
}

// resume continues after what came of an answer.
func (m *Model) resume() tea.Cmd {
	m.Continue()
	m.shift = 0
	m.run.Play(m.Until())
	m.tell() // there may be more to say of this instant
	return nil
}

// playOn lets the run continue to where the lesson stops it.
func (m *Model) playOn() tea.Cmd {
	m.run.Play(m.Until())
	return nil
}

// question returns what is asked now.
func (m *Model) question() *plan.Asked {
	said, _ := m.Last()
	return &m.Lesson.Plan.Asked[said.N]
}

// chooseAnswer answers the question with the chosen choice. As long as none is
// chosen it tells how to choose.
func (m *Model) chooseAnswer() tea.Cmd {
	if m.chosen == learn.NoAnswer {
		m.Say(fmt.Sprintf("choose with 1 to %d", len(m.question().Choices)), false)
		return nil
	}
	m.Answer(m.chosen)
	m.shift, m.readBy = 0, time.Time{}
	m.run.Play(m.Until())
	m.tell()
	return nil
}

func (m *Model) moveChoice(by int) tea.Cmd {
	n := len(m.question().Choices)
	if by < 0 {
		m.chosen = max(m.chosen, 0) // up from none is the last
	}
	m.chosen = (m.chosen + by + n) % n
	return nil
}
