package lesson

import (
	"fmt"
	"slices"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/learn"
	"stickylab/ui/tui/style"
)

// wideLesson is the width from which a lesson's text stands next to the run.
const wideLesson = 120

// narrowLesson is the width below which choices begin at the margin.
const narrowLesson = 50

// inked paints Markdown.
func inked(as format.Style, text string) string {
	switch as {
	case format.Strong:
		return style.Paint(style.Strong, text)
	case format.Code:
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
func hang(head, text string, width int) []string {
	return style.Hang(head, markdown(text, width-style.Width(head)))
}

// blocks are the pieces of text of the panel, the newest last.
func (m *Model) blocks(width int) [][]string {
	text := m.Lesson.Text()
	heading := func(s string) string { return style.Paint(style.Strong, s) }
	switch m.phase {
	case phaseOpening:
		return [][]string{listing(heading("nginx.conf")+"   "+style.Paint(style.Dim, m.inFrontOf()), m.Lesson.Conf(), false)}
	case phaseDiffers:
		var out []string
		for _, part := range []struct {
			head  string
			lines []string
		}{
			{m.differs.Head(), m.differs.Nginx}, {application, m.Lesson.Code()}, {"the scenario", m.differs.Keys},
		} {
			if len(part.lines) > 0 {
				out = append(append(out, listing(heading("the fix: "+part.head), part.lines, part.head != application)...), "")
			}
		}
		return [][]string{out}
	case phaseBoth:
		if text.Fixed == "" {
			return [][]string{{"The same clients, side by side."}}
		}
		return [][]string{markdown(text.Fixed, width)}
	case phaseRead:
		return [][]string{m.readOn(width)}
	}
	var out [][]string
	for i, said := range m.Said() {
		out = append(out, m.said(said, i == len(m.Said())-1, width))
	}
	if m.State() == learn.Over {
		lines := []string{heading("why") + "   " + style.Paint(style.Dim, m.tally)}
		lines = append(lines, markdown(m.Lesson.Plan.File.Summary, width)...)
		out = append(out, append(append(lines, ""), markdown(text.Cause, width)...))
	}
	return out
}

// application heads what a fix is in the application.
const application = "the application"

// listing is the text of a file below its head; of a difference those lines are dim that
// are the same on both sides.
func listing(head string, text []string, difference bool) []string {
	lines := []string{head}
	for _, line := range text {
		ink := style.Plain
		if difference && line[0] == ' ' {
			ink = style.Dim
		}
		lines = append(lines, style.Paint(ink, "  "+line))
	}
	return lines
}

// inFrontOf tells what the proxy stands in front of.
func (m *Model) inFrontOf() string {
	p := m.Lesson.Plan
	adapter := "without an adapter"
	if p.File.Adapter == scenario.AdapterRedis {
		adapter = "with the Redis adapter"
	}
	return "in front of " + format.Plural(len(p.Nodes), "node") + ", " + adapter
}

// said writes what was said at a moment. last is what is said now.
func (m *Model) said(at learn.Moment, last bool, width int) (out []string) {
	clock := style.Paint(style.Dim, fmt.Sprintf("%-6s", format.Clock(at.At)))
	switch at.Kind {
	case learn.Told:
		return hang(clock, m.Lesson.Text().Narration[at.N].Say, width)
	case learn.Asked:
		asked := m.Lesson.Plan.Asked[at.N]
		out = hang(clock+style.Paint(style.Accent, "? "), asked.Ask, width)
		for i, c := range asked.Choices {
			margin := "        "
			if width < narrowLesson {
				margin = ""
			}
			tip, ink, chosen := margin+"  ", style.Plain, m.AnswerTo(at.N)
			if last && m.State() == learn.Asking {
				ink, chosen = style.Strong, m.chosen
			}
			if i == chosen {
				tip, ink = margin+"› ", style.Accent
			}
			out = append(out, hang(style.Paint(ink, fmt.Sprintf("%s%d", tip, i+1))+"  ", c.Say, width)...)
		}
	case learn.Answered:
		head := clock + style.Paint(style.Accent, "= ")
		for _, text := range m.Reveal(at.N).Sentences() {
			out = append(out, hang(head, text, width)...)
			head = style.Fit("", style.Width(head))
		}
	}
	return out
}

// readOn tells the texts that people search for, the pages, and how it went.
func (m *Model) readOn(width int) (out []string) {
	if s := m.Score(); s.Asked > 0 {
		out = append(out, style.Paint(style.Strong, s.String()), "")
	}
	list := func(title string, texts []string) {
		if len(texts) == 0 {
			return
		}
		out = append(out, style.Paint(style.Strong, title))
		for _, text := range texts {
			out = append(out, "  "+format.Line(text))
		}
		out = append(out, "")
	}
	list("what people search for", m.Lesson.Text().Texts)
	list("where it is documented", m.Lesson.Text().Docs)
	if next, ok := m.next(); ok {
		out = append(out, style.Paint(style.Accent, "n")+"  the next lesson: "+next.Title)
	}
	return append(out, style.Paint(style.Accent, "q")+"  quit")
}

// tallied tells what became of the expectations.
func tallied(all []report.Expectation) string {
	ok := 0
	for _, x := range all {
		if x.Verdict == expect.Pass {
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
	shifted := min(max(top+m.shift, 0), max(len(lines)-height, top))
	m.shift = shifted - top
	return lines, shifted
}

// panelHeight returns the height of the panel below the run, which needs lines
// too: as high as what is said needs, within bounds, and never lower
// than it was, so that the run stays where it is.
func (m *Model) panelHeight(width, height, rest int) int {
	w, _ := style.Inside(width, height)
	blocks := m.blocks(w)
	if m.size != [2]int{width, height} || m.phase != m.drawn {
		m.size, m.drawn, m.panel = [2]int{width, height}, m.phase, 0
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
	if m.phase == phaseRun {
		least = height * 2 / 5
	}
	m.panel = max(m.panel, min(max(need+2, least), most))
	return m.panel
}

// drawPanel draws what is told.
func (m *Model) drawPanel(width, height int) []string {
	w, h := style.Inside(width, height)
	lines, top := m.text(w, h)
	box := style.Box{Title: m.Lesson.Title(), Note: m.waiting(), Lines: lines[top:], Width: width, Height: height, Focused: true}
	if len(lines)-top > h {
		box.Note = "pgdn: more   " + box.Note
		if m.phase == phaseRun && m.State() == learn.Asking && h > 1 {
			box.Lines = append(slices.Clone(lines[top:top+h-1]), style.Paint(style.Accent, style.Cut(fmt.Sprintf("pgdn: more; all is seen in %d lines", m.Height+len(lines)-top-h), w)))
		}
	}
	return box.Draw()
}

// waiting tells what the lesson waits for.
func (m *Model) waiting() string {
	switch {
	case m.phase == phaseRead:
		return "the end"
	case m.phase == phaseBoth && !m.pair.Over():
		return ""
	case m.phase == phaseRun && !m.held() && m.State() == learn.Asking:
		if m.chosen != learn.NoAnswer {
			return "enter"
		}
		return fmt.Sprintf("your answer: 1 to %d", len(m.question().Choices))
	case m.phase == phaseRun && !m.held() && m.State() == learn.Running:
		return ""
	}
	return "enter"
}
