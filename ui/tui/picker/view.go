package picker

import (
	"strings"

	"stickylab/sim/report"
	"stickylab/ui/tui/look"
)

// wide is the width from which what a scenario is about stands beside the list.
const wide = 72

// View draws the list: exactly as many lines and cells as the screen has.
func (m Model) View() string { return strings.Join(m.Lines(), "\n") }

// Lines are those of View.
func (m Model) Lines() []string {
	if m.width <= 0 || m.height <= 0 {
		return nil
	}
	if m.height < 4 || m.width < 16 {
		return look.Block([]string{"stickylab needs", "a larger screen"}, m.width, m.height)
	}
	out := []string{m.top()}
	out = append(out, m.body(m.height-2)...)
	return append(out, look.Fit(" "+m.foot(), m.width))
}

func (m *Model) top() string {
	count := ""
	if m.filter != "" {
		count = report.Number(len(m.shown)) + " of " + report.Number(len(m.all))
	}
	return look.Spread(" "+look.Paint(look.Strong, "stickylab")+"  "+look.Paint(look.Dim, "choose a scenario"), count+" ", m.width)
}

// body draws the list and what the selected entry is about.
func (m *Model) body(height int) []string {
	if m.helping {
		return m.helpBox(height).Draw()
	}
	if m.width < wide {
		about := m.brief()
		list := m.listBox(m.width, max(height-len(about), 3)).Draw()
		return look.Block(append(list, about...), m.width, height)
	}
	left := m.listWidth()
	return look.Beside(m.listBox(left, height).Draw(), m.aboutBox(m.width-left-1, height).Draw())
}

// done stands behind a finished lesson.
const done = "  done"

// wideEnoughForTitles is the width from which the list has titles too.
const wideEnoughForTitles = 100

// listWidth is the width of the list beside what an entry is about.
func (m *Model) listWidth() int {
	w := 24
	for _, e := range m.all {
		line := look.Width(e.Arg)
		if m.width >= wideEnoughForTitles {
			line = m.names() + 2 + look.Width(e.Title)
		}
		if e.finished() {
			line += len(done)
		}
		w = max(w, line+6)
	}
	return min(w, m.width*2/5)
}

// names is the width of the column of names in a list with titles.
func (m *Model) names() int {
	w := 0
	for _, e := range m.all {
		n := look.Width(e.Arg)
		if e.finished() {
			n += len(done)
		}
		w = max(w, n)
	}
	return min(w, 30)
}

// line is an entry in the list.
func (m *Model) line(e *Entry, ink look.Ink, mark string) string {
	text := look.Paint(ink, mark+e.Arg)
	if e.finished() {
		text += look.Paint(look.Dim, done)
	}
	if m.width >= wideEnoughForTitles && e.Title != e.Arg {
		text = look.Fit(text, m.names()+4) + look.Paint(look.Dim, e.Title)
	}
	return text
}

// row is a line of the list: a heading, or an entry.
type row struct {
	heading string
	entry   int // -1 of a heading
}

func (m *Model) rows() []row {
	var out []row
	for i, e := range m.shown {
		if i == 0 || e.Topic != m.shown[i-1].Topic {
			out = append(out, row{e.Topic, -1})
		}
		out = append(out, row{"", i})
	}
	return out
}

// scrolled returns the rows that fit, with the selected one among them.
func (m *Model) scrolled(height int) []row {
	rows := m.rows()
	if len(rows) <= height || height < 1 {
		return rows
	}
	selected := 0
	for i, r := range rows {
		if r.entry == m.at {
			selected = i
		}
	}
	top := max(0, min(selected-height/2, len(rows)-height))
	return rows[top : top+height]
}

func (m *Model) listBox(width, height int) look.Box {
	w, h := look.Inside(width, height)
	b := look.Box{Title: "scenarios", Width: width, Height: height, Focused: true}
	if m.filter != "" {
		b.Note = "/" + m.filter
	}
	for _, r := range m.scrolled(h) {
		switch {
		case r.entry < 0:
			b.Lines = append(b.Lines, look.Paint(look.Dim, look.Cut(r.heading, w)))
		case r.entry == m.at:
			b.Lines = append(b.Lines, look.Cut(m.line(&m.shown[r.entry], look.Accent, "> "), w))
		default:
			b.Lines = append(b.Lines, look.Cut(m.line(&m.shown[r.entry], look.Plain, "  "), w))
		}
	}
	if len(m.shown) == 0 {
		b.Lines = []string{look.Cut("nothing has all of these words", w)}
	}
	return b
}

// entryAt returns the entry at a place of the screen, -1 where there is none.
func (m *Model) entryAt(x, y int) int {
	width, height := m.width, m.height-2
	if m.width < wide {
		height = max(height-len(m.brief()), 3)
	} else {
		width = m.listWidth()
	}
	_, h := look.Inside(width, height)
	rows := m.scrolled(h)
	if i := y - 2; x >= 0 && x < width && i >= 0 && i < min(h, len(rows)) {
		return rows[i].entry
	}
	return -1
}

// aboutBox tells what the selected entry is about.
func (m *Model) aboutBox(width, height int) look.Box {
	b := look.Box{Width: width, Height: height}
	e := m.selected()
	if e == nil {
		return b
	}
	w, _ := look.Inside(width, height)
	b.Title = e.Title
	add := func(ink look.Ink, indent, text string) {
		for i, line := range look.Wrap(text, w-look.Width(indent)) {
			if i > 0 {
				indent = strings.Repeat(" ", look.Width(indent))
			}
			b.Lines = append(b.Lines, indent+look.Paint(ink, line))
		}
	}
	if e.Problem != "" {
		for _, line := range strings.Split(e.Problem, "\n") {
			add(look.Loss, "", line)
		}
		return b
	}
	add(look.Plain, "", e.Summary)
	b.Lines = append(b.Lines, "")
	add(look.Dim, "", strings.Join(e.Setting, ", "))
	if e.Lesson {
		b.Lines = append(b.Lines, "")
		add(look.Accent, "", e.lesson())
	}
	if len(e.Teaches) > 0 && (!e.Lesson || e.finished()) { // a lesson asks first
		b.Lines = append(b.Lines, "", look.Paint(look.Dim, "what it shows"))
		for _, t := range e.Teaches {
			add(look.Plain, "- ", t)
		}
	}
	return b
}

// brief is what the selected entry is about, below the list.
func (m *Model) brief() []string {
	e := m.selected()
	if e == nil || m.height < 10 {
		return nil
	}
	ink, text := look.Plain, e.Summary
	if e.Problem != "" {
		ink = look.Loss
		text, _, _ = strings.Cut(e.Problem, "\n")
	}
	lines := look.Wrap(text, m.width-2)
	if most := max(1, m.height/5); len(lines) > most {
		lines = lines[:most]
		lines[most-1] = look.Cut(lines[most-1]+"…", m.width-2)
	}
	for i, l := range lines {
		lines[i] = " " + look.Paint(ink, look.Cut(l, m.width-2))
	}
	return lines
}

// foot is the filter that is typed, or the help line.
func (m *Model) foot() string {
	if m.typing {
		return look.Paint(look.Accent, "/") + m.filter + "_  " + m.helpLine(m.width-6-look.Width(m.filter))
	}
	return m.helpLine(m.width - 2)
}

// helpLine is made of the keys that have a short help, as many as fit.
func (m *Model) helpLine(width int) string {
	out, used := "", 0
	if m.behind != "" && !m.helping && !m.typing && m.filter == "" {
		name := look.Cut(m.behind, max(width-len("esc back to "), 1))
		out = look.Paint(look.Accent, "esc") + " " + look.Paint(look.Dim, "back to "+name) + "  "
		used = look.Width(out)
	}
	for _, b := range m.keys() {
		h := b.Help()
		if h.Desc == "" {
			continue
		}
		if used += look.Width(h.Key) + 1 + look.Width(h.Desc) + 2; used-2 > width {
			break
		}
		out += look.Paint(look.Accent, h.Key) + " " + look.Paint(look.Dim, h.Desc) + "  "
	}
	return strings.TrimRight(out, " ")
}

// helpBox shows every key.
func (m *Model) helpBox(height int) look.Box {
	b := look.Box{Title: "keys", Width: m.width, Height: height, Focused: true}
	for _, k := range listKeys {
		if k.about == "" {
			continue
		}
		b.Lines = append(b.Lines, look.Paint(look.Accent, look.Fit(k.Help().Key, 9))+" "+k.about)
	}
	return b
}
