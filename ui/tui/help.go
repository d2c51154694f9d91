package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/style"
)

// helpLine is the keys worth a reminder, as many as fit.
func helpLine(keys []binding, width int) string {
	shown, left := make([]bool, len(keys)), width
	for _, first := range []func(b *binding) bool{
		func(b *binding) bool { return b.group == "" }, // help and quitting are not pushed out
		func(b *binding) bool { return !b.late },
		func(b *binding) bool { return true },
	} {
		for i := range keys {
			h := keys[i].Help()
			n := style.Width(h.Key) + 1 + style.Width(h.Desc)
			if left < width {
				n += 3
			}
			if !shown[i] && h.Desc != "" && h.Key != "" && n <= left && first(&keys[i]) {
				shown[i] = true
				left -= n
			}
		}
	}
	var parts []string
	for i, b := range keys {
		if shown[i] {
			parts = append(parts, style.Paint(style.Strong, b.Help().Key)+" "+style.Paint(style.Dim, b.Help().Desc))
		}
	}
	return strings.Join(parts, "   ")
}

// atTheEnd are the keys that are of use when the run is over, the most wanted
// first.
var atTheEnd = []struct{ key, shown, short string }{
	{"q", "q", "quit"},
	{"[", "[", "back"},
	{"home", "home", "beginning"},
	{"esc", "esc", "scenarios"},
	{"enter", "enter", "look closer"},
	{"?", "?", "keys"},
	{"w", "w", "write"},
}

// overLine tells that the run is over, with the keys that do something then.
func (m *Model) overLine(width int) string {
	said := "the run is over:"
	var keys []binding
	for _, x := range atTheEnd {
		for _, b := range m.shownBindings(modeStage) {
			if slices.Contains(b.Keys(), x.key) {
				b.Binding, b.group = key.NewBinding(key.WithKeys(b.Keys()...), key.WithHelp(x.shown, x.short)), "end"
				keys = append(keys, b)
			}
		}
	}
	return style.Paint(style.Strong, said) + " " + helpLine(keys, width-style.Width(said)-1)
}

func (m *Model) help() tea.Cmd {
	m.under, m.mode, m.scroll = m.mode, modeHelp, 0
	return nil
}

// uncover goes back to what the help or the branches cover.
func (m *Model) uncover() tea.Cmd {
	m.mode = m.under
	return nil
}

func (m *Model) scrollDown() tea.Cmd { return m.scrollBy(1) }
func (m *Model) scrollUp() tea.Cmd   { return m.scrollBy(-1) }

// A page keeps a line of the one before.
func (m *Model) scrollPageDown() tea.Cmd { return m.scrollBy(max(m.height-5, 1)) }
func (m *Model) scrollPageUp() tea.Cmd   { return m.scrollBy(-max(m.height-5, 1)) }

func (m *Model) scrollBy(by int) tea.Cmd {
	last := len(m.helpLines()) - (m.height - 4)
	switch m.mode {
	case modeEntry:
		last = len(m.entryLines()) - (m.height - 4)
	case modeBranches:
		last = len(m.stage.branches) - 1
	}
	m.scroll = max(min(m.scroll+by, last), 0)
	return nil
}

// headings of the list of all keys, in order.
var headings = [...]struct{ group, title string }{
	{"learn", "the lesson"},
	{"do", "do something, here; in the past, on a new branch"},
	{"files", "files"},
	{"", "and"},
	{"time", "time"},
	{"look", "look"},
}

// secondColumn is the first heading of the right column.
const secondColumn = 4

// helpLines is every key of the mode that the help covers, and every mark: in
// two columns when there is room.
func (m *Model) helpLines() []string {
	keys := m.shownBindings(m.under)
	w, _ := style.Inside(m.width, m.height)
	out := m.helpColumns(keys, w)
	out = append(out, "")
	for i, line := range style.Wrap("marks  a letter and a colour are a node; a small letter is on polling", w) {
		if rest, first := strings.CutPrefix(line, "marks"); first && i == 0 {
			line = style.Paint(style.Strong, "marks") + rest
		}
		out = append(out, line)
	}
	out = append(out, "")
	line := "  "
	for _, s := range style.States[2:] {
		if style.Width(line)+legendWidth > w && len(line) > 2 {
			out, line = append(out, line), "  "
		}
		line += style.Fit(s.Legend(), legendWidth)
	}
	out = append(out, line, "")
	return append(out, style.Wrap("  a click selects, the wheel moves the selection", w)...)
}

// Widths of the list of all keys, in cells.
const (
	twoColumns  = 96 // from which there are two
	keysWidth   = 12
	legendWidth = 17
)

// helpColumns is the keys by heading. Two columns are as wide as they need; what
// does not fit goes on below.
func (m *Model) helpColumns(keys []binding, width int) []string {
	column := func(from, to, width int) (out []string) {
		for _, h := range headings[from:to] {
			if h.group == "do" && m.o.Served != nil {
				h.title = "do something, now"
			}
			out = append(out, helpOf(keys, h.group, h.title, len(out) > 0, width)...)
		}
		return out
	}
	if width < twoColumns {
		return append(append(column(0, secondColumn, width), ""), column(secondColumn, len(headings), width)...)
	}
	left := 0
	for _, line := range column(0, secondColumn, width) {
		left = max(left, style.Width(line))
	}
	left = min(left+1, width/2)
	first, second := column(0, secondColumn, left-1), column(secondColumn, len(headings), width-left-1)
	rows := max(len(first), len(second))
	return style.Beside(style.Block(first, left, rows), style.Block(second, width-left-1, rows))
}

// helpOf is the keys under a heading.
func helpOf(keys []binding, group, title string, apart bool, width int) (out []string) {
	for _, b := range keys {
		if b.group != group {
			continue
		}
		if out == nil {
			if apart {
				out = append(out, "")
			}
			for _, line := range style.Wrap(title, width) {
				out = append(out, style.Paint(style.Strong, line))
			}
		}
		head := "  " + style.Fit(style.Paint(style.Accent, shownKeys(b)), keysWidth)
		for _, line := range style.Wrap(b.about, max(width-2-keysWidth, 1)) {
			out = append(out, head+line)
			head = style.Fit("", 2+keysWidth)
		}
	}
	return out
}

// shownKeys are the keys themselves, in words.
func shownKeys(b binding) string {
	var out []string
	for _, k := range b.Keys() {
		if k == " " {
			k = "space"
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

// drawHelp draws all keys.
func (m *Model) drawHelp(width, height int) []string {
	lines := m.helpLines()
	_, h := style.Inside(width, height)
	m.scroll = max(min(m.scroll, len(lines)-h), 0)
	box := style.Box{Title: "keys", Lines: lines[m.scroll:], Width: width, Height: height, Focused: true}
	if len(box.Lines) > h {
		box.Note = "pgdn: more"
	}
	return box.Draw()
}
