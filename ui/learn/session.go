package learn

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/sim/ledger"
	"stickylab/sim/report"
)

// State says what a session waits for.
type State uint8

// The states.
const (
	Running  State = iota // for time to pass
	Asking                // for an answer
	Revealed              // for the outcome of one to be read
	Over                  // for nothing: the run is over
)

// NoAnswer stands for an answer that was not given.
const NoAnswer = -1

// Session is a lesson in progress: a state machine driven by the time of a run
// and by answers. Its methods must not be called concurrently.
type Session struct {
	Lesson *Lesson

	moments []Moment
	next    int // of the moments: those before it have been said
	state   State
	answers []int
	facts   []report.Prediction
}

// Judge judges the predictions so far, as sim.Live.Predictions does.
type Judge interface {
	Predictions(at *ledger.Ledger) ([]report.Prediction, error)
}

// NewSession begins a lesson.
func NewSession(l *Lesson) *Session {
	t := &Session{Lesson: l, moments: Timeline(l.Plan)}
	n := len(l.Plan.Asked)
	t.answers, t.facts = make([]int, n), make([]report.Prediction, n)
	for i := range t.answers {
		t.answers[i] = NoAnswer
	}
	return t
}

// State returns what is waited for.
func (t *Session) State() State { return t.state }

// Until returns how far the run may go now: to the next moment at which the
// lesson stops it.
func (t *Session) Until() time.Duration {
	if t.state == Asking || t.state == Revealed {
		return t.moments[t.next-1].At
	}
	stop := slices.IndexFunc(t.moments[t.next:], func(m Moment) bool { return m.Kind != Told }) // the end is one
	return t.moments[t.next+stop].At
}

// Next returns the next moment, which the run has to reach. It is the end once
// all has been told.
func (t *Session) Next() Moment { return t.moments[t.next] }

// Reach brings the session to an instant of the run, in the state of a ledger: it
// says what is to be said by then, up to a question or an outcome that is to be
// read. changed reports whether there is anything new. It fails when the judge
// does.
func (t *Session) Reach(at time.Duration, of Judge, state *ledger.Ledger) (changed bool, err error) {
	for t.state == Running && t.moments[t.next].At <= at {
		m := t.moments[t.next]
		switch m.Kind {
		case Asked:
			t.state = Asking
		case Answered:
			all, err := of.Predictions(state)
			if err != nil {
				return changed, err
			}
			if m.N >= len(all) {
				return changed, fmt.Errorf("the run judges %d predictions, the lesson has %d", len(all), len(t.facts))
			}
			t.facts[m.N] = all[m.N]
			t.state = Revealed
		case Ended:
			t.state = Over
			return true, nil
		}
		t.next++
		changed = true
	}
	return changed, nil
}

// Said returns what has been said so far, in order.
func (t *Session) Said() []Moment { return t.moments[:t.next] }

// Last returns what was said last.
func (t *Session) Last() (Moment, bool) {
	if t.next == 0 {
		return Moment{}, false
	}
	return t.moments[t.next-1], true
}

// Answer answers the question that is asked, with a choice from 0 or NoAnswer.
// It does nothing when none is asked, or there is no such choice.
func (t *Session) Answer(choice int) {
	if t.state != Asking {
		return
	}
	n := t.moments[t.next-1].N
	if choice != NoAnswer && (choice < 0 || choice >= len(t.Lesson.Plan.Asked[n].Choices)) {
		return
	}
	t.answers[n] = choice
	t.state = Running
}

// AnswerTo returns what was answered to question n: a choice from 0, or NoAnswer
// as long as there is none.
func (t *Session) AnswerTo(n int) int { return t.answers[n] }

// Continue resumes the run after the outcome of a prediction was read.
func (t *Session) Continue() {
	if t.state == Revealed {
		t.state = Running
	}
}

// Reveal returns what came of prediction n, which must have been revealed.
func (t *Session) Reveal(n int) Reveal { return Reveal{t.facts[n], t.answers[n]} }

// Score counts the questions, those that were answered, and those that were
// answered right.
func (t *Session) Score() Score {
	s := Score{Asked: len(t.answers)}
	for n, a := range t.answers {
		if a != NoAnswer {
			s.Answered++
		}
		if t.Reveal(n).Right() {
			s.Right++
		}
	}
	return s
}

// Score counts the questions of a lesson.
type Score struct{ Asked, Answered, Right int }

// Finished reports whether the lesson counts as finished: every question has an
// answer, right or wrong.
func (s Score) Finished() bool { return s.Answered == s.Asked }

// String returns the score as a sentence.
func (s Score) String() string {
	text := fmt.Sprintf("%d of %d answers right", s.Right, s.Asked)
	if s.Asked == 1 {
		text = "your answer was wrong"
		if s.Right == 1 {
			text = "your answer was right"
		}
	}
	if s.Answered < s.Asked {
		text = fmt.Sprintf("%d of %d questions answered, %d right", s.Answered, s.Asked, s.Right)
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
