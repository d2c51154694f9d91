package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/look"
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
			n := look.Width(h.Key) + 1 + look.Width(h.Desc)
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
			parts = append(parts, look.Paint(look.Strong, b.Help().Key)+" "+look.Paint(look.Dim, b.Help().Desc))
		}
	}
	return strings.Join(parts, "   ")
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

func (m *Model) scrollDown() tea.Cmd {
	last := len(m.helpLines()) - (m.height - 4)
	switch m.mode {
	case modeEntry:
		last = len(m.entryLines()) - (m.height - 4)
	case modeBranches:
		last = len(m.stage.branches) - 1
	}
	m.scroll = max(min(m.scroll+1, last), 0)
	return nil
}

func (m *Model) scrollUp() tea.Cmd {
	m.scroll = max(m.scroll-1, 0)
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
	var columns [2][]string
	for i, h := range headings {
		column := &columns[0]
		if i >= secondColumn {
			column = &columns[1]
		}
		if h.group == "do" && m.o.Served != nil {
			h.title = "do something, now"
		}
		*column = append(*column, helpOf(keys, h.group, h.title, len(*column) > 0)...)
	}
	out := columns[0]
	if w, _ := look.Inside(m.width, m.height); w >= 96 {
		rows := max(len(columns[0]), len(columns[1]))
		out = look.Beside(look.Block(columns[0], 54, rows), look.Block(columns[1], w-55, rows))
	} else {
		out = append(append(out, ""), columns[1]...)
	}
	out = append(out, "", look.Paint(look.Strong, "marks")+"  a letter and a colour are a node; a small letter is on polling", "")
	line := ""
	for _, s := range look.States[2:] {
		line += look.Fit(s.Legend(), 17)
	}
	return append(out, "  "+line, "", "  a click selects, the wheel moves the selection")
}

// helpOf is the keys under a heading.
func helpOf(keys []binding, group, title string, apart bool) (out []string) {
	for _, b := range keys {
		if b.group != group {
			continue
		}
		if out == nil {
			if apart {
				out = append(out, "")
			}
			out = append(out, look.Paint(look.Strong, title))
		}
		out = append(out, "  "+look.Fit(look.Paint(look.Accent, shownKeys(b)), 12)+b.about)
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
	_, h := look.Inside(width, height)
	m.scroll = max(min(m.scroll, len(lines)-h), 0)
	return look.Box{Title: "keys", Lines: lines[m.scroll:], Width: width, Height: height, Focused: true}.Draw()
}
