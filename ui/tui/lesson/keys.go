package lesson

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/learn"
	"stickylab/ui/tui/screen"
)

// Keys returns what keys do: those of the lesson before those of the run, or of
// the two runs.
func (m *Model) Keys() []screen.Key {
	if m.pair == nil && m.run.Inspecting() {
		return m.run.Keys()
	}
	own := screen.In(screen.Lesson, m.waitsFor()...)
	shift := func(by int) func() tea.Cmd {
		return func() tea.Cmd { m.shift += by; return nil }
	}
	own = append(own, screen.In(screen.Lesson,
		screen.Key{Keys: "pgdown", About: "the text of the lesson, down", Do: shift(1)},
		screen.Key{Keys: "pgup", About: "and up", Do: shift(-1)},
	)...)
	if m.pair != nil {
		return append(own, screen.Without(m.pair.Keys(), own)...)
	}
	others := m.run.Keys()
	for i, k := range others {
		if k.Keys == "enter" { // in a lesson it only continues
			others[i].Keys = "i"
		}
	}
	return append(own, screen.Without(others, own)...)
}

// waitsFor returns the keys that the lesson waits for.
func (m *Model) waitsFor() []screen.Key {
	enter := func(short, about string, do func() tea.Cmd) []screen.Key {
		return []screen.Key{{Keys: "enter", Short: short, About: about, Do: do}}
	}
	switch {
	case m.phase == phaseRead:
		if next, ok := m.next(); ok {
			return []screen.Key{{Keys: "n enter", Hint: "n", Short: "next lesson", About: "next: " + next.Title, Do: m.nextLesson}}
		}
		return []screen.Key{{Keys: "n enter", Hint: "n", Short: "all lessons", About: "the list of lessons", Do: m.nextLesson}}
	case m.phase == phaseOpening:
		return []screen.Key{{Keys: "enter space", Hint: "enter", Short: "begin", About: "let the run begin", Do: m.beginRun}}
	case m.phase == phaseDiffers:
		return enter("run both", "run both, side by side", m.runBoth)
	case m.phase == phaseBoth && !m.pair.Over():
		return enter("to the end", "to the end of the run", m.runBoth)
	case m.phase == phaseBoth:
		return enter("continue", "where to read on", m.runBoth)
	case m.held():
		return enter("continue", "continue: the clock waits for the text to be read", m.readAlready)
	case m.State() == learn.Revealed:
		return enter("continue", "continue", m.resume)
	case m.State() == learn.Over:
		return enter("the fix", "the fix", m.toFix)
	case m.State() != learn.Asking:
		return enter("", "continue, after a pause", m.playOn)
	}
	choose := func(by int) func() tea.Cmd {
		return func() tea.Cmd { return m.moveChoice(by) }
	}
	answer := ""
	if m.chosen != learn.NoAnswer {
		answer = "answer"
	}
	keys := append([]screen.Key{
		{Keys: "down j", Hint: "up down", Short: "choose", About: "choose an answer", Do: choose(1)},
		{Keys: "up k", About: "the one before", Do: choose(-1)},
	}, enter(answer, "that is the answer", m.chooseAnswer)...)
	for i := range m.question().Choices {
		k := screen.Key{Keys: strconv.Itoa(i + 1), Do: func() tea.Cmd { m.chosen = i; return nil }}
		if i == 0 {
			k.About = "choose this answer; 2, 3 ... the others"
		}
		keys = append(keys, k)
	}
	return keys
}
