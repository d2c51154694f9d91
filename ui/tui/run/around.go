package run

import (
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/format"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// showAround shows what the scenario was made around and what was left out. At first the run
// begins when that was read.
func (m *Model) showAround(first bool) tea.Cmd {
	cover := &screen.Cover{Title: "about " + m.Name, More: "pgdn: more", Lines: func(width, _ int) (out []string) {
		for i, text := range m.o.Around {
			if i > 0 {
				out = append(out, "")
			}
			out = append(out, format.Wrap(text, width)...)
		}
		out = append(out, "")
		return append(out, style.Paint(style.Dim, style.Cut("w writes the scenario as a file", width)))
	}}
	if first {
		m.playing = false
		cover.Back = "begin"
		cover.Closed = func() tea.Cmd {
			m.playing = true
			return nil
		}
	}
	return m.Cover(cover)
}
