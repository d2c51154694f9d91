package compare

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
	"stickylab/ui/learn"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/style"
)

// LeastHeight is the number of lines that the two sides need.
const LeastHeight = 10

// What else they need, in cells and lines.
const (
	leastSide     = 30
	leastLogWidth = 60
	leastLog      = 6 // with its border
	leastJourney  = 5
)

// Lines draws the top line and the two sides.
func (m *Model) Lines(width, height int) []string {
	lines := []string{m.top(width)}
	switch {
	case m.failure() != nil:
		return append(lines, style.Indent(2, m.failure().Error(), width)...)
	case !m.Ready():
		return append(lines, "", "  the clusters start")
	}
	return append(lines, m.draw(width, height-1)...)
}

// Footer leaves the last line to the keys.
func (m *Model) Footer(int) string { return "" }

// top is the top line: what is compared, and the clock.
func (m *Model) top(width int) string {
	plays := "||"
	if m.Playing {
		plays = ">"
	}
	clock := style.Paint(style.Strong, style.Clock(m.at)) + style.Paint(style.Dim, " / "+style.Minutes(m.sides[0].Plan.File.Duration)) + "   " + plays + " " + run.SpeedText(m.speed)
	names := m.sides[0].Name + " | " + m.sides[1].Name
	return style.Spread(" "+style.Paint(style.Strong, m.title)+"   "+clock, style.Paint(style.Dim, names)+" ", width)
}

// draw draws the two sides.
func (m *Model) draw(width, height int) []string {
	side := (width - 1) / 2
	if side < leastSide || height < LeastHeight {
		return []string{style.Cut(fmt.Sprintf("  this needs %dx%d, here are %dx%d", 2*leastSide+1, LeastHeight+2, width, height+2), width)}
	}
	// Both are laid out alike, by the one that needs more.
	marks, nodes := 0, 0
	for _, p := range m.sides {
		marks = max(marks, p.Frame.MarksHeight(side))
		nodes = max(nodes, len(p.Frame.Nodes))
	}
	matrix := run.MatrixHeight(nodes)
	below := max(min(matrix+4, height/2), 5)
	marks = max(min(marks, height-1-below), 4)
	log := height - 1 - marks - (matrix + 6)
	if log < leastLog || side < leastLogWidth {
		log = 0
	}
	journey := 0
	if side >= leastLogWidth && log >= leastLog+leastJourney {
		journey = leastJourney
		log -= journey
	}
	var blocks [][]string
	for _, p := range m.sides {
		lines := []string{heading(p, side)}
		lines = append(lines, p.DrawPane(run.PaneClients, side, marks)...)
		if journey > 0 {
			lines = append(lines, p.DrawPane(run.PaneStage, side, journey)...)
		}
		lines = append(lines, drawDelivery(p, side, height-1-marks-log-journey)...)
		if log > 0 {
			lines = append(lines, p.DrawPane(run.PaneLog, side, log)...)
		}
		blocks = append(blocks, style.Block(lines, side, height))
	}
	return style.Join(blocks...)
}

// heading tells what a side is.
func heading(p *run.Player, width int) string {
	policy, _, _ := strings.Cut(p.Frame.Policy, " ")
	about := style.Paint(style.Dim, "adapter ") + p.Frame.Adapter()
	if policy != "" {
		about = policy + "   " + about
	}
	return style.Spread(" "+style.Paint(style.Accent, p.Name), about+" ", width)
}

// drawDelivery draws who hears whom, and below it what went wrong.
func drawDelivery(p *run.Player, width, height int) []string {
	w, h := style.Inside(width, height)
	of, title := p.Matrix(width)
	lines := append(p.Frame.DrawMatrix(&of.Matrix, w, h), wrongs(p.Frame, w))
	for _, e := range p.Frame.Errors {
		lines = append(lines, style.Paint(style.Dim, style.Count(e.Count, 6)+"  "+e.Text))
	}
	return style.Box{Title: title, Lines: lines, Width: width, Height: height}.Draw()
}

// wrongs counts what went wrong in the whole run.
func wrongs(f *run.Frame, width int) string {
	p := f.Whole
	long, short := "", ""
	for _, x := range []struct {
		label, brief string
		n            int
	}{{"sessions lost", "lost", p.Sessions.Lost}, {"errors", "errors", learn.Errors(p)}, {"attempts to reconnect", "reconnects", p.Requests.Reconnects}} {
		ink := style.Plain
		if x.n > 0 {
			ink = style.Loss
		}
		long += fmt.Sprintf("%s %s   ", style.Paint(style.Dim, x.label), style.Paint(ink, format.Number(x.n)))
		short += fmt.Sprintf("%s %s  ", style.Paint(style.Dim, x.brief), style.Paint(ink, format.Number(x.n)))
	}
	if long = strings.TrimRight(long, " "); style.Width(long) <= width {
		return long
	}
	return strings.TrimRight(short, " ")
}
