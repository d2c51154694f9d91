package tui

import (
	"time"

	"stickylab/ui/learn"
	"stickylab/ui/tui/style"
)

// layout is what is where on the screen now.
func (m *Model) layout() layout {
	if m.lesson == nil {
		return arrange(m.stage.frame, m.width, m.height)
	}
	width, height := m.stageSize()
	at := arrange(m.stage.frame, width, height)
	if !at.has(paneNodes) {
		if low, ok := arrangeLow(m.stage.frame, width, height-2); ok {
			return low
		}
	}
	return at
}

// stageSize is what of the screen is left for the stage: the text of a lesson
// is beside it, or below.
func (m *Model) stageSize() (width, height int) {
	if m.width >= wideLesson {
		return m.width - 1 - min(m.width*2/5, 60), m.height
	}
	return m.width, m.height - m.panelHeight(m.width, m.height-2, 12)
}

// arrangeLow lays the stage out where it is low, since there is text below it:
// the clients and the nodes, and who hears whom with the expectations.
func arrangeLow(f *frame, width, height int) (layout, bool) {
	matrix := min(1+len(f.nodes), max(height/2-2, 2)) + 2
	clients := height - matrix
	if clients < 4 || width < leastMarks {
		return layout{}, false
	}
	words := 0
	if width >= 76 {
		sizes := make([]int, len(f.groups))
		for i := range sizes {
			sizes[i] = len(f.groups[i].clients)
		}
		inner, _ := style.Inside(width-1-max(nodesWidth, width/2-1), 3)
		need := field{gap: true, per: 1, row: max((inner-1)/2, 1)}.height(sizes, len(f.nodes))
		if need = max(need, min(3*len(f.nodes), 9)) + 2; clients-need >= 4 {
			words, clients = clients-need, need
		}
	}
	l := layout{form: barsOnly, folded: true, rows: [][]place{
		{{pane: paneClients, w: width, h: clients}},
		{{pane: paneMatrix, w: width, h: matrix}},
	}}
	if width >= 76 {
		nodes := max(nodesWidth, width/2-1)
		l.rows[0][0].w = width - 1 - nodes
		l.rows[0] = append(l.rows[0], place{pane: paneNodes, w: nodes, h: clients})
		l.rows[1][0].w = width - 1 - leastWords
		l.rows[1] = append(l.rows[1], place{pane: paneErrors, w: leastWords, h: matrix})
	}
	if words > 0 {
		l.rows = append(l.rows, []place{{pane: paneLog, w: width, h: words}})
	}
	l.settle()
	return l, true
}

// covers reports whether a pane is covered, since it would tell what is asked.
func (l *lesson) covers(p pane) bool {
	switch p {
	case paneExpected:
		return l.phase == phaseRun && l.State() != learn.Over
	case paneMatrix, paneSeries, paneLog, paneErrors:
		return l.State() == learn.Asking || l.early()
	}
	return false
}

// early reports whether the first question is about to come.
func (l *lesson) early() bool {
	asked := l.Lesson.Plan.Asked
	if len(asked) == 0 || asked[0].At > 10*time.Second {
		return false
	}
	for _, said := range l.Said() {
		if said.Kind == learn.Asked {
			return false
		}
	}
	return true
}

// titles of panes that may be covered.
var titles = map[pane]string{paneMatrix: "who hears whom", paneSeries: "over time", paneLog: "what happens", paneErrors: "errors", paneExpected: "expected"}

// draw draws a pane of the stage of a lesson.
func (l *lesson) draw(s *stage, p place, form matrixForm) []string {
	box := style.Box{Title: titles[p.pane], Width: p.w, Height: p.h, Focused: s.view.focus == p.pane}
	switch {
	case l.covers(p.pane):
		w, h := p.inside()
		text := "covered until you have answered"
		if p.pane == paneExpected {
			text = "covered until the end"
		}
		box.Lines = append(make([]string, max((h-1)/2, 0)), style.Fit("", max((w-len(text))/2, 0))+style.Paint(style.Dim, text))
	case p.pane == paneErrors && l.State() != learn.Over:
		w, h := p.inside()
		box.Lines, _ = drawErrors(s.frame, s.view.err, box.Focused, w, h) // the expectations tell the answers
	default:
		return s.gallery.draw(s.frame, s.view, p, form)
	}
	if p.bare {
		return style.Block(box.Lines, p.w, p.h)
	}
	return box.Draw()
}

// drawLesson draws the stage with the text of the lesson.
func (m *Model) drawLesson(stage []string) []string {
	width, height := m.stageSize()
	if width < m.width {
		return style.Beside(style.Block(stage, width, height-2), m.drawPanel(m.width-1-width, height-2))
	}
	stage = style.Block(stage, width, height-2)
	return append(stage, m.drawPanel(width, m.height-height)...)
}
