package tui

import (
	"fmt"

	"stickylab/sim/format"
	"stickylab/sim/report"
	"stickylab/ui/learn"
	"stickylab/ui/tui/style"
)

// wideLesson is the width from which a lesson's text stands beside the stage.
const wideLesson = 120

// inked paints Markdown.
func inked(as learn.Style, text string) string {
	switch as {
	case learn.Bold:
		return style.Paint(style.Strong, text)
	case learn.Code:
		return style.Paint(style.Accent, text)
	}
	return text
}

// markdown breaks a text of a lesson into lines.
func markdown(text string, width int) []string {
	if style.Painted() {
		return learn.Markdown(text, width, inked)
	}
	return learn.Markdown(text, width, nil)
}

// hang writes a text after a head, its other lines below it.
func hang(head, text string, width int) (out []string) {
	n := style.Width(head)
	for i, line := range markdown(text, width-n) {
		if i > 0 {
			head = style.Fit("", n)
		}
		out = append(out, head+line)
	}
	return out
}

// blocks are the pieces of text of the panel, the newest last.
func (m *Model) blocks(width int) [][]string {
	l := m.lesson
	text := l.Lesson.Text()
	heading := func(s string) string { return style.Paint(style.Strong, s) }
	switch l.phase {
	case phaseDiffers:
		lines := []string{heading("what mends it: " + text.Fix)}
		for _, part := range [][]string{l.differs.Nginx, l.differs.Keys} {
			for _, line := range part {
				ink := style.Plain
				if line[0] == ' ' {
					ink = style.Dim
				}
				lines = append(lines, style.Paint(ink, "  "+line))
			}
		}
		return [][]string{lines}
	case phaseBeside:
		if text.Fixed == "" {
			return [][]string{{"The same clients, side by side."}}
		}
		return [][]string{markdown(text.Fixed, width)}
	case phaseRead:
		return [][]string{m.readOn(width)}
	}
	var out [][]string
	for i, said := range l.Said() {
		out = append(out, m.said(said, i == len(l.Said())-1, width))
	}
	if l.State() == learn.Over {
		lines := []string{heading("why") + "   " + style.Paint(style.Dim, l.tally)}
		lines = append(lines, markdown(l.Lesson.Plan.File.Summary, width)...)
		out = append(out, append(append(lines, ""), markdown(text.Cause, width)...))
	}
	return out
}

// said writes what was said at a moment. last is what is said now.
func (m *Model) said(at learn.Moment, last bool, width int) (out []string) {
	l := m.lesson
	clock := style.Paint(style.Dim, fmt.Sprintf("%-6s", format.Clock(at.At)))
	switch at.Kind {
	case learn.Told:
		return hang(clock, l.Lesson.Text().Narration[at.N].Say, width)
	case learn.Asked:
		asked := l.Lesson.Plan.Asked[at.N]
		out = hang(clock+style.Paint(style.Accent, "? "), asked.Ask, width)
		for i, c := range asked.Choices {
			tip, ink, chosen := "          ", style.Plain, l.AnswerTo(at.N)
			if last && l.State() == learn.Asking {
				ink, chosen = style.Strong, l.chosen
			}
			if i == chosen {
				tip, ink = "        › ", style.Accent
			}
			out = append(out, hang(style.Paint(ink, fmt.Sprintf("%s%d", tip, i+1))+"  ", c.Say, width)...)
		}
	case learn.Answered:
		head := clock + style.Paint(style.Accent, "= ")
		for _, text := range l.Reveal(at.N).Sentences() {
			out = append(out, hang(head, text, width)...)
			head = style.Fit("", style.Width(head))
		}
	}
	return out
}

// readOn tells the texts that people search for, the pages, and how it went.
func (m *Model) readOn(width int) (out []string) {
	l := m.lesson
	if s := l.Score(); s.Asked > 0 {
		out = append(out, style.Paint(style.Strong, s.String()), "")
	}
	list := func(title string, texts []string) {
		if len(texts) == 0 {
			return
		}
		out = append(out, style.Paint(style.Strong, title))
		for _, text := range texts {
			out = append(out, "  "+learn.Line(text))
		}
		out = append(out, "")
	}
	list("what people search for", l.Lesson.Text().Texts)
	list("where it is documented", l.Lesson.Text().Docs)
	if next, ok := m.next(); ok {
		out = append(out, style.Paint(style.Accent, "n")+"  the next lesson: "+next.Title)
	}
	return append(out, style.Paint(style.Accent, "q")+"  quit")
}

// tallied tells what became of the expectations.
func tallied(all []report.Expectation) string {
	ok := 0
	for _, x := range all {
		if x.Verdict == report.Pass {
			ok++
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d expectations of the scenario hold", ok, len(all))
}

// text is the lines of the panel and where to begin, so that what is said now
// is seen, and as much as fits of what was said before.
func (m *Model) text(width, height int) (lines []string, top int) {
	var starts []int
	for _, block := range m.blocks(width) {
		if len(block) == 0 {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		starts = append(starts, len(lines))
		lines = append(lines, block...)
	}
	top = max(len(lines)-height, 0)
	for i, start := range starts {
		if start >= top || i == len(starts)-1 {
			top = start
			break
		}
	}
	l := m.lesson
	shifted := min(max(top+l.shift, 0), max(len(lines)-height, top))
	l.shift = shifted - top
	return lines, shifted
}

// panelHeight is how high the panel is below the stage, which needs some lines
// of its own: as high as what is said needs, within bounds, and never lower
// than it was, so that the stage stands still.
func (m *Model) panelHeight(width, height, rest int) int {
	w, _ := style.Inside(width, height)
	blocks := m.blocks(w)
	l := m.lesson
	if l.size != [2]int{width, height} || l.phase != l.drawn {
		l.size, l.drawn, l.panel = [2]int{width, height}, l.phase, 0
	}
	most := min(max(height-rest, height/2), height)
	need := 0
	for i := len(blocks) - 1; i >= 0; i-- {
		more := need + len(blocks[i]) + min(need, 1)
		if need > 0 && more > most-2 {
			break
		}
		need = more
	}
	least := 5
	if l.phase == phaseRun {
		least = height * 2 / 5
	}
	l.panel = max(l.panel, min(max(need+2, least), most))
	return l.panel
}

// drawPanel draws what is told.
func (m *Model) drawPanel(width, height int) []string {
	w, h := style.Inside(width, height)
	lines, top := m.text(w, h)
	box := style.Box{Title: m.lesson.Lesson.Title(), Note: m.waiting(), Lines: lines[top:], Width: width, Height: height, Focused: true}
	if len(lines)-top > h {
		box.Note = "pgdn: more   " + box.Note
	}
	return box.Draw()
}

// waiting tells what the lesson waits for.
func (m *Model) waiting() string {
	l := m.lesson
	switch {
	case l.phase == phaseRead:
		return "the end"
	case l.phase == phaseBeside && !m.pair.over():
		return ""
	case l.phase != phaseRun:
		return "enter"
	}
	if l.held(m.stage, m.last) {
		return "enter"
	}
	switch l.State() {
	case learn.Asking:
		said, _ := l.Last()
		return fmt.Sprintf("your answer: 1 to %d", len(l.Lesson.Plan.Asked[said.N].Choices))
	case learn.Revealed, learn.Over:
		return "enter"
	}
	return ""
}
