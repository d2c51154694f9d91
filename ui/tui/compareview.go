package tui

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"stickylab/sim/format"
	"stickylab/ui/learn"
	"stickylab/ui/tui/style"
)

// The least that a side needs: columns, and lines below its name.
const (
	leastSide  = 30
	leastLines = 9
	leastLog   = 6 // with its border

	leastLogWidth = 60
)

// drawPair draws the screen of two runs side by side, with the panel of the
// lesson below them if there is one.
func (m *Model) drawPair() []string {
	p := m.pair
	body := m.height - 2
	lines := []string{p.top(m.width)}
	switch {
	case m.mode == modeHelp:
		lines = append(lines, m.drawHelp(m.width, body)...)
	case p.failure() != nil:
		lines = append(lines, style.Wrap("  "+p.failure().Error(), m.width-2)...)
	case !p.ready():
		lines = append(lines, "", "  the clusters start")
	default:
		panel := 0
		if m.lesson != nil {
			panel = m.panelHeight(m.width, body, 1+leastLines)
		}
		lines = append(lines, p.draw(m.width, body-panel)...)
		lines = style.Block(lines, m.width, 1+body-panel)
		if panel > 0 {
			lines = append(lines, m.drawPanel(m.width, panel)...)
		}
	}
	return append(style.Block(lines, m.width, m.height-1), m.footer())
}

// top is the top line: what is compared, and the clock.
func (p *pair) top(width int) string {
	run, speed := "||", "max"
	if p.playing {
		run = ">"
	}
	if !math.IsInf(p.speed, 1) {
		speed = "x" + strconv.FormatFloat(p.speed, 'g', 4, 64)
	}
	clock := style.Paint(style.Strong, style.Clock(p.at)) + style.Paint(style.Dim, " / "+style.Minutes(p.sides[0].plan.File.Duration)) + "   " + run + " " + speed
	names := p.sides[0].name + " | " + p.sides[1].name
	return style.Spread(" "+style.Paint(style.Strong, p.title)+"   "+clock, style.Paint(style.Dim, names)+" ", width)
}

// draw draws the two sides.
func (p *pair) draw(width, height int) []string {
	side := (width - 1) / 2
	if side < leastSide || height < 1+leastLines {
		return []string{style.Cut("  this needs a larger screen", width)}
	}
	// Both are laid out alike, by the one that needs more.
	marks := 0
	for _, s := range p.sides {
		w, _ := style.Inside(side, 3)
		sizes := make([]int, len(s.frame.groups))
		for i := range sizes {
			sizes[i] = len(s.frame.groups[i].clients)
		}
		marks = max(marks, field{gap: true, per: 1, row: max((w-1)/2, 1)}.height(sizes, len(s.frame.nodes)))
	}
	nodes := max(len(p.sides[0].frame.nodes), len(p.sides[1].frame.nodes))
	below := max(min(barsAndCounts.height(nodes)+4, height/2), 5)
	marks = max(min(marks+2, height-1-below), 4)
	log := height - 1 - marks - (barsAndCounts.height(nodes) + 6)
	if log < leastLog || side < leastLogWidth {
		log = 0
	}
	var blocks [][]string
	for _, s := range p.sides {
		lines := []string{s.heading(side)}
		lines = append(lines, s.gallery.draw(s.frame, s.view, place{pane: paneClients, w: side, h: marks}, barsAndCounts)...)
		lines = append(lines, s.drawHeard(side, height-1-marks-log)...)
		if log > 0 {
			lines = append(lines, s.gallery.draw(s.frame, s.view, place{pane: paneLog, w: side, h: log}, barsAndCounts)...)
		}
		blocks = append(blocks, style.Block(lines, side, height))
	}
	return style.Beside(blocks...)
}

// heading tells what a side is.
func (s *stage) heading(width int) string {
	policy, _, _ := strings.Cut(s.frame.policy, " ")
	about := style.Paint(style.Dim, "adapter ") + s.frame.adapter()
	if policy != "" {
		about = policy + "   " + about
	}
	return style.Spread(" "+style.Paint(style.Accent, s.name), about+" ", width)
}

// drawHeard draws who hears whom, and below it what went wrong.
func (s *stage) drawHeard(width, height int) []string {
	f := s.frame
	w, h := style.Inside(width, height)
	picture, title := f.recent, "who hears whom, last 10 s"
	if s.view.whole {
		picture, title = f.whole, "who hears whom, whole run"
	}
	n := len(picture.Matrix.Nodes)
	form := barsAndCounts
	if form.height(n)+2 > h {
		form = barsOnly
	}
	room := max(h-2, min(1+n, h)) // for the matrix
	lines := style.Block(drawMatrix(f.palette, &picture.Matrix, form, w, room), w, min(matrixFits(form, n, w, room).height(n), room))
	lines = append(lines, s.wrongs(w))
	for _, e := range f.errors {
		lines = append(lines, style.Paint(style.Dim, style.Count(e.count, 6)+"  "+e.text))
	}
	return style.Box{Title: title, Lines: lines, Width: width, Height: height}.Draw()
}

// wrongs counts what went wrong in the whole run.
func (s *stage) wrongs(width int) string {
	p := s.frame.whole
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
