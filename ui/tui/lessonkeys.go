package tui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/learn"
)

// lessonBindings are the keys of a lesson besides those that are always there:
// what is waited for decides.
func (m *Model) lessonBindings() []binding {
	l := m.lesson
	var out []binding
	add := func(shown, short, about string, do func(*Model) tea.Cmd, keys ...string) {
		out = append(out, bind("learn", shown, short, about, do, keys...))
	}
	switch {
	case l.phase == phaseRead:
		if next, ok := m.next(); ok {
			add("n", "next lesson", "next: "+next.Title, (*Model).nextLesson, "n", "enter")
		} else {
			add("n", "all lessons", "the list of lessons", (*Model).nextLesson, "n", "enter")
		}
	case l.phase == phaseDiffers:
		add("enter", "run both", "run both, side by side", (*Model).runBoth, "enter")
	case l.phase == phaseBeside && !m.pair.over():
		add("enter", "to the end", "to the end of the run", (*Model).runBoth, "enter")
	case l.phase == phaseBeside:
		add("enter", "go on", "where to read on", (*Model).runBoth, "enter")
	case l.held(m.stage, m.last):
		add("enter", "go on", "go on: the clock waits for the text to be read", (*Model).readAlready, "enter")
	case l.State() == learn.Asking:
		said, _ := l.Last()
		add("up down", "choose", "choose an answer", (*Model).nextChoice, "down", "j")
		add("up", "", "the one before", (*Model).choiceBefore, "up", "k")
		short := "answer"
		if l.chosen == learn.NoAnswer {
			short = ""
		}
		add("enter", short, "that is the answer", (*Model).chooseAnswer, "enter")
		for i := range l.Lesson.Plan.Asked[said.N].Choices {
			about := ""
			if i == 0 {
				about = "answer with this choice; 2, 3 ... with the others"
			}
			b := bind("learn", "", "", about, func(m *Model) tea.Cmd { return m.answerWith(i) }, strconv.Itoa(i+1))
			if i > 0 {
				b.group = "more choices" // not in the list of all keys
			}
			out = append(out, b)
		}
	case l.State() == learn.Revealed:
		add("enter", "go on", "go on", (*Model).goOn, "enter")
	case l.State() == learn.Over:
		add("enter", "what mends it", "what mends it", (*Model).toFix, "enter")
	}
	add("pgdn pgup", "", "the text of the lesson, down", (*Model).panelDown, "pgdown")
	add("pgup", "", "and up", (*Model).panelUp, "pgup")
	return out
}

// pairKeys are the keys of two runs side by side.
var pairKeys []binding

func init() {
	pairKeys = []binding{
		bind("time", "space", "pause", "stop and go on", (*Model).pairPause, " "),
		bind("time", "[ ]", "5 s", "five seconds back", (*Model).pairBack, "["),
		bind("time", "]", "", "five seconds on", (*Model).pairOn, "]"),
		bind("time", "< >", "speed", "slower", (*Model).pairSlower, "<"),
		bind("time", ">", "", "faster, up to as fast as it can", (*Model).pairFaster, ">"),
		bind("time", "home", "", "to the beginning", (*Model).pairHome, "home"),
		bind("time", "end", "", "to the end", (*Model).pairEnd, "end"),
		bind("look", "v", "", "matrix of the last 10 s, or of the whole run", (*Model).pairMatrix, "v"),
		bind("look", "esc", "", "leave", (*Model).leavePair, "esc"),
	}
}
