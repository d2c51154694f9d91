package tui

import (
	"strings"

	"stickylab/ui/tui/style"
)

// View draws the screen.
func (m *Model) View() string {
	if m.dirty {
		m.screen = strings.Join(m.draw(), "\n")
		m.dirty = false
	}
	return m.screen
}

// draw returns the lines of the screen.
func (m *Model) draw() []string {
	switch {
	case m.width <= 0 || m.height <= 0:
		return nil
	case m.mode != modePicker && m.pair != nil && m.width >= 20 && m.height >= 6:
		return m.drawPair()
	case m.mode == modePicker || m.mode == modeConfirm && m.under == modePicker || m.stage == nil && m.pair == nil:
		lines := strings.Split(m.picker.View(), "\n")
		if m.notice.text != "" || m.mode == modeConfirm {
			lines = append(style.Block(lines, m.width, m.height-1), m.footer())
		}
		return lines
	case m.width < 20 || m.height < 6:
		return style.Block([]string{"stickylab needs", "a larger screen"}, m.width, m.height)
	}
	s := m.stage
	if s.frame == nil {
		text := "the cluster starts"
		if s.failure != nil {
			text = s.failure.Error()
		}
		return style.Block(append([]string{""}, style.Wrap("  "+text, m.width-2)...), m.width, m.height)
	}
	at := m.layout()
	lines := make([]string, 0, m.height)
	lines = append(lines, drawTop(s.frame, s.top(m.o.ReadOnly), at.folded || m.background() == modeCloser, m.width))
	lines = append(lines, m.body(at)...)
	return append(style.Block(lines, m.width, m.height-1), m.footer())
}

// background is the mode of what the screen shows behind a question.
func (m *Model) background() mode {
	switch m.mode {
	case modeAsk, modeConfirm, modeBuilding:
		return m.under
	}
	return m.mode
}

// body draws what is between the top line and the footer.
func (m *Model) body(at layout) []string {
	w, h := m.width, m.height-2
	switch m.background() {
	case modeCloser:
		return m.stage.drawCloser(w, h)
	case modeHelp:
		return m.drawHelp(w, h)
	case modeEntry:
		return m.drawEntry(w, h)
	case modeBranches:
		return m.stage.drawBranches(m.scroll, w, h)
	}
	var lines []string
	for _, row := range at.rows {
		blocks := make([][]string, len(row))
		for i, p := range row {
			if m.lesson != nil {
				blocks[i] = m.lesson.draw(m.stage, p, at.form)
				continue
			}
			blocks[i] = m.stage.gallery.draw(m.stage.frame, m.stage.view, p, at.form)
		}
		lines = append(lines, style.Beside(blocks...)...)
	}
	if m.lesson != nil {
		return m.drawLesson(lines)
	}
	return lines
}

// footer is the last line: a question, a notice, that the run is over, or the
// keys.
func (m *Model) footer() string {
	switch {
	case m.mode == modeAsk:
		return m.question.draw(m.stage, m.width)
	case m.mode == modeConfirm:
		return style.Fit(" "+style.Paint(style.Accent, m.confirm.text), m.width)
	case m.mode == modeBuilding:
		return m.stage.drawProgress(m.width)
	case m.notice.text != "":
		ink := style.Strong
		if m.notice.loss {
			ink = style.Loss
		}
		return style.Fit(" "+style.Paint(ink, style.Cut(m.notice.text, m.width-2)), m.width)
	}
	if m.mode == modeStage && m.lesson == nil && m.stage.over() {
		return style.Fit(" "+m.overLine(m.width-2), m.width)
	}
	return style.Fit(" "+helpLine(m.shownBindings(m.mode), m.width-2), m.width)
}
