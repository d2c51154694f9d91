package lesson

import (
	"slices"
	"time"

	"stickylab/ui/learn"
	"stickylab/ui/tui/compare"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/style"
)

// space returns the size that is left for the run: the text of a lesson
// is next to it, or below.
func (m *Model) space() (width, height int) {
	if m.Width >= wideLesson {
		return m.Width - 1 - min(m.Width*2/5, 60), m.Height
	}
	return m.Width, m.Height - m.panelHeight(m.Width, m.Height-2, 12)
}

// covers returns with what a pane is covered, since it would tell what is
// asked.
func (m *Model) covers(p run.Pane) string {
	switch p {
	case run.PaneExpected:
		if m.State() != learn.Over {
			return "covered until the end"
		}
	case run.PaneMatrix, run.PaneSeries, run.PaneStage, run.PaneLog, run.PaneErrors:
		if m.State() == learn.Asking || m.early() {
			return "covered until you have answered"
		}
	}
	return ""
}

// early reports whether the first question is about to come.
func (m *Model) early() bool {
	asked := m.Lesson.Plan.Asked
	return len(asked) > 0 && asked[0].At <= 10*time.Second &&
		!slices.ContainsFunc(m.Said(), func(said learn.Moment) bool { return said.Kind == learn.Asked })
}

// Lines draws the run, or the two runs, with the text of the lesson.
func (m *Model) Lines(width, height int) []string {
	if m.pair != nil {
		panel := 0
		switch {
		case m.phase == phaseDiffers && m.pair.Ready():
			return append(m.pair.Lines(width, height)[:1:1], m.drawPanel(width, height-1)...)
		case m.pair.Ready():
			panel = m.panelHeight(width, height-1, compare.LeastHeight)
		}
		lines := style.Block(m.pair.Lines(width, height-panel), width, height-panel)
		return append(lines, m.drawPanel(width, panel)...)
	}
	lines := m.run.Lines(width, height)
	if !m.run.Ready() || m.run.Inspecting() {
		return lines
	}
	if m.phase == phaseOpening || m.asksAll(width, height) {
		return append(lines[:1:1], m.drawPanel(width, height-1)...)
	}
	top, lines := lines[:1:1], lines[1:]
	w, h := m.space()
	h -= 2 // the top line and the keys
	if w < width {
		return append(top, style.Join(style.Block(lines, w, h), m.drawPanel(width-1-w, h))...)
	}
	return append(append(top, style.Block(lines, w, h)...), m.drawPanel(w, height-1-h)...)
}

// asksAll reports whether a question takes the whole screen, since its choices have no room below the
// run.
func (m *Model) asksAll(width, height int) bool {
	if m.phase != phaseRun || m.State() != learn.Asking || width >= wideLesson {
		return false
	}
	w, h := style.Inside(width, m.panelHeight(width, height-1, 12))
	blocks := m.blocks(w)
	return len(blocks) > 0 && len(blocks[len(blocks)-1]) > h
}

// Footer leaves the last line to the keys.
func (m *Model) Footer(width int) string {
	if m.pair != nil {
		return ""
	}
	return m.run.Footer(width)
}
