package picker

import (
	"strings"

	"stickylab/sim/format"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// wide is the width from which what a scenario is about stands next to the list.
const wide = 72

// Lines draws the top line and the list.
func (m *Model) Lines(width, height int) []string {
	return append([]string{m.top()}, m.body(height-1)...)
}

func (m *Model) top() string {
	count := ""
	if m.filter != "" {
		count = format.Number(len(m.shown)) + " of " + format.Number(len(m.all))
	}
	return style.Spread(" "+style.Paint(style.Strong, "stickylab")+"  "+style.Paint(style.Dim, "choose a scenario"), count+" ", m.Width)
}

// body draws the list and what the selected entry is about.
func (m *Model) body(height int) []string {
	if m.Width < wide {
		about := m.brief()
		list := m.listBox(m.Width, max(height-len(about), 3)).Draw()
		return style.Block(append(list, about...), m.Width, height)
	}
	left := m.listWidth()
	return style.Join(m.listBox(left, height).Draw(), m.aboutBox(m.Width-left-1, height).Draw())
}

// done follows a finished lesson.
const done = "  done"

// wideEnoughForTitles is the width from which the list has titles too.
const wideEnoughForTitles = 100

// listWidth is the width of the list next to what an entry is about.
func (m *Model) listWidth() int {
	w := 24
	for _, e := range m.all {
		line := e.width()
		if m.Width >= wideEnoughForTitles {
			line += m.names() + 2 + style.Width(e.Title) - style.Width(e.Arg)
		}
		w = max(w, line+6)
	}
	return min(w, m.Width*2/5)
}

// names is the width of the column of names in a list with titles.
func (m *Model) names() int {
	w := 0
	for _, e := range m.all {
		w = max(w, e.width())
	}
	return min(w, 30)
}

// width is the width of an entry's name, and that it is done.
func (e *Entry) width() int {
	if e.finished() {
		return style.Width(e.Arg) + len(done)
	}
	return style.Width(e.Arg)
}

// line is an entry in the list.
func (m *Model) line(e *Entry, ink style.Ink, mark string) string {
	text := style.Paint(ink, mark+e.Arg)
	if e.finished() {
		text += style.Paint(style.Dim, done)
	}
	if m.Width >= wideEnoughForTitles && e.Title != e.Arg {
		text = style.Fit(text, m.names()+4) + style.Paint(style.Dim, e.Title)
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

func (m *Model) listBox(width, height int) style.Box {
	w, h := style.Inside(width, height)
	b := style.Box{Title: "scenarios", Width: width, Height: height, Focused: true}
	if m.filter != "" {
		b.Note = "/" + m.filter
	}
	for _, r := range m.scrolled(h) {
		switch {
		case r.entry < 0:
			b.Lines = append(b.Lines, style.Paint(style.Dim, style.Cut(r.heading, w)))
		case r.entry == m.at:
			b.Lines = append(b.Lines, style.Cut(m.line(&m.shown[r.entry], style.Accent, "> "), w))
		default:
			b.Lines = append(b.Lines, style.Cut(m.line(&m.shown[r.entry], style.Plain, "  "), w))
		}
	}
	if len(m.shown) == 0 {
		b.Lines = []string{style.Cut("no scenario matches", w)}
	}
	return b
}

// entryAt returns the entry at a place of the screen, -1 where there is none.
func (m *Model) entryAt(x, y int) int {
	width, height := m.Width, m.Height-2
	if m.Width < wide {
		height = max(height-len(m.brief()), 3)
	} else {
		width = m.listWidth()
	}
	_, h := style.Inside(width, height)
	rows := m.scrolled(h)
	if i := y - 2; x >= 0 && x < width && i >= 0 && i < min(h, len(rows)) {
		return rows[i].entry
	}
	return -1
}

// aboutBox tells what the selected entry is about.
func (m *Model) aboutBox(width, height int) style.Box {
	b := style.Box{Width: width, Height: height}
	e := m.selected()
	if e == nil {
		return b
	}
	w, _ := style.Inside(width, height)
	b.Title = e.Title
	add := func(ink style.Ink, indent, text string) {
		lines := format.Wrap(text, w-style.Width(indent))
		for i := range lines {
			lines[i] = style.Paint(ink, lines[i])
		}
		b.Lines = append(b.Lines, style.Hang(indent, lines)...)
	}
	if e.Problem != "" {
		for _, line := range strings.Split(e.Problem, "\n") {
			add(style.Loss, "", line)
		}
		return b
	}
	add(style.Plain, "", e.Summary)
	b.Lines = append(b.Lines, "")
	add(style.Dim, "", strings.Join(e.Setting, ", "))
	if e.Lesson {
		b.Lines = append(b.Lines, "")
		add(style.Accent, "", e.lesson())
	}
	if len(e.Teaches) > 0 && (!e.Lesson || e.finished()) { // a lesson asks first
		b.Lines = append(b.Lines, "", style.Paint(style.Dim, "what it shows"))
		for _, t := range e.Teaches {
			add(style.Plain, "- ", t)
		}
	}
	return b
}

// brief returns the lines about the selected entry, below the list.
func (m *Model) brief() []string {
	e := m.selected()
	if e == nil || m.Height < 10 {
		return nil
	}
	ink, text := style.Plain, e.Summary
	if e.Problem != "" {
		ink = style.Loss
		text, _, _ = strings.Cut(e.Problem, "\n")
	}
	lines := format.Wrap(text, m.Width-2)
	if most := max(1, m.Height/5); len(lines) > most {
		lines = lines[:most]
		lines[most-1] = style.Cut(lines[most-1]+"…", m.Width-2)
	}
	for i, l := range lines {
		lines[i] = " " + style.Paint(ink, style.Cut(l, m.Width-2))
	}
	return lines
}

// Footer is the filter while it is typed.
func (m *Model) Footer(width int) string {
	if !m.typing {
		return ""
	}
	filter := []rune(m.filter)
	for style.Width(string(filter)) > width-12 && len(filter) > 0 { // its end is what is typed
		filter = filter[1:]
	}
	line := " " + style.Paint(style.Accent, "/") + string(filter) + "_  "
	return line + screen.HelpLine(m.Keys(), width-style.Width(line)-1)
}
