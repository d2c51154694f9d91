package run

import (
	"stickylab/ui/tui/style"
)

// Pane is a part of the screen.
type Pane uint8

// The panes. Those that can have the focus come in the order of tab, focusOrder.
const (
	PaneNone Pane = iota
	PaneClients
	PaneNodes
	PaneStage
	PaneMatrix
	PaneLog
	PaneErrors // with the expectations above them where it is narrow

	PaneProxy
	PaneRedis
	PaneSeries
	PaneExpected
)

// place is the place of a pane on the screen, with its border unless it is bare.
type place struct {
	pane       Pane
	x, y, w, h int
	bare       bool
	alone      bool // errors, without the expectations above them
}

// inside returns the size of the pane's content.
func (p place) inside() (w, h int) {
	if p.bare {
		return p.w, p.h
	}
	return style.Inside(p.w, p.h)
}

// layout is the arrangement of the panes. Each row has one height.
type layout struct {
	rows   [][]place
	form   matrixForm // the most telling that is wanted
	folded bool       // proxy and Redis are in the top line
}

// shrink says what has gone. As the screen gets smaller,
//
//	the sparklines go,
//	then the proxy and Redis fold into the top line,
//	then the log shrinks to three lines,
//	then the matrix says percentages only, with the expectations next to it,
//	then the expectations go, and the errors with them,
//	then the nodes,
//	then the matrix, of many nodes: the last message's journey tells as much,
//	then the journey, the log and all borders.
type shrink uint8

const (
	everything shrink = iota
	noSeries
	folded
	shortLog
	percentages
	noExpected
	noNodes
	noMatrix
	marksAndMatrix
)

// arrange lays the panes of a frame out on a screen. The first line is the top
// line's and the last one that of help and messages.
func arrange(f *Frame, width, height int) layout {
	for level := everything; level < marksAndMatrix; level++ {
		if l, ok := (arranger{f, width, height - 2, level}).arrange(); ok {
			return l
		}
	}
	body := max(height-2, 0)
	matrix := min(shadeOnly.height(len(f.Nodes)), body/2)
	return layout{form: barsOnly, folded: true, rows: [][]place{
		{{pane: PaneClients, y: 1, w: width, h: body - matrix, bare: true}},
		{{pane: PaneMatrix, y: 1 + body - matrix, w: width, h: matrix, bare: true}},
	}}
}

// arranger tries one degree of shrinking.
type arranger struct {
	*Frame
	width, height int
	level         shrink
}

// Widths with the border, in cells.
const (
	proxyWidth  = 23
	redisWidth  = 20
	nodesWidth  = 37
	leastMarks  = 24
	leastSeries = 38
	leastWords  = 40 // of expectations
	errorsWidth = 34

	leastJourney = 60
)

// journey returns how high the journey of a message is.
func (a arranger) journey() int {
	room := 3
	if a.level < shortLog {
		room = a.height / 7
	}
	return journeyHeight(len(a.Nodes), room) + 2
}

func (a arranger) arrange() (layout, bool) {
	l := layout{folded: a.level >= folded}
	if a.level >= percentages {
		l.form = barsOnly
	}
	top, ok := a.top()
	if !ok {
		return l, false
	}
	stage := []place{{pane: PaneStage, w: a.width, h: a.journey()}}
	if a.level == noMatrix {
		if a.width < leastJourney {
			return l, false
		}
		log := a.height - top[0].h - stage[0].h
		if log < 3 {
			return l, false
		}
		l.rows = [][]place{top, stage, {{pane: PaneLog, w: a.width, h: log}}}
		l.settle()
		return l, true
	}
	middle, words := a.middle(l.form)
	if middle == nil {
		return l, false
	}
	used := top[0].h + middle[0].h
	l.rows = append(l.rows, top)
	if a.width >= leastJourney {
		l.rows = append(l.rows, stage)
		used += stage[0].h
	}
	l.rows = append(l.rows, middle)
	var bottom []place
	if !words && a.level < noExpected {
		bottom = a.bottom()
		used += bottom[0].h
	}
	least := 7
	if a.level >= shortLog {
		least = 5
	}
	if a.height-used < least {
		return l, false
	}
	l.rows = append(l.rows, []place{{pane: PaneLog, w: a.width, h: a.height - used}})
	if bottom != nil {
		l.rows = append(l.rows, bottom)
	}
	l.settle()
	return l, true
}

// top is the path of a message: clients, proxy, nodes, Redis.
func (a arranger) top() ([]place, bool) {
	n := len(a.Nodes)
	var row []place
	switch {
	case a.level < folded:
		rest := a.width - proxyWidth - redisWidth - 3
		nodes := min(max(nodesWidth, rest/2), 46)
		row = []place{{pane: PaneClients, w: rest - nodes}, {pane: PaneProxy, w: proxyWidth}, {pane: PaneNodes, w: nodes}, {pane: PaneRedis, w: redisWidth}}
	case a.level < noNodes:
		nodes := min(max(nodesWidth, a.width/2-1), 46)
		row = []place{{pane: PaneClients, w: a.width - 1 - nodes}, {pane: PaneNodes, w: nodes}}
	default:
		row = []place{{pane: PaneClients, w: a.width}}
	}
	need := a.MarksHeight(row[0].w) - 2
	if len(row) > 1 {
		need = max(need, min(3*n, 12))
	}
	if a.level < folded {
		need = max(need, min(n+4, 12))
	}
	most := max(6, a.height*2/5)
	if a.level >= shortLog {
		most = max(4, a.height/5)
	}
	need = min(need, most)
	for i := range row {
		row[i].h = need + 2
	}
	return row, row[0].w >= leastMarks
}

// middle is the matrix with what fits next to it: the sparklines, or, when they
// have gone, the expectations. words reports whether those are in it.
func (a arranger) middle(form matrixForm) (row []place, words bool) {
	n := len(a.Nodes)
	most := a.width
	switch a.level {
	case everything:
		most -= 1 + leastSeries
	case percentages:
		most = max(a.width-1-leastWords, 0)
	}
	least := labelWidth + n*form.least() + 4
	if a.level >= percentages {
		for least > most && form < shadeOnly {
			form++
			least = labelWidth + n*form.least() + 4
		}
	}
	if least > most {
		if a.level < noExpected {
			return nil, false
		}
		least = most
	}
	h := form.height(n) + 2
	switch {
	case a.level == everything:
		w := min(max(least, labelWidth+n*22+4), most)
		h = max(h, 7)
		return []place{{pane: PaneMatrix, w: w, h: h}, {pane: PaneSeries, w: a.width - 1 - w, h: h}}, false
	case a.level < noExpected && a.width-1-least >= leastWords:
		w := least
		if form <= barsOnly {
			w = min(max(least, labelWidth+n*22+4), a.width-1-leastWords)
		}
		most := 6
		if a.level >= percentages {
			most = 4
		}
		h = max(h, min(a.words(), most)+2)
		return []place{{pane: PaneMatrix, w: w, h: h}, {pane: PaneErrors, w: a.width - 1 - w, h: h}}, true
	}
	return []place{{pane: PaneMatrix, w: a.width, h: h}}, false
}

// words returns the number of lines for expectations and errors in one pane.
func (a arranger) words() int { return max(len(a.Expect)+min(len(a.Errors), 3), 1) }

// bottom is the expectations and the errors.
func (a arranger) bottom() []place {
	if a.width < 100 {
		return []place{{pane: PaneErrors, w: a.width, h: min(a.words(), 6) + 2}}
	}
	h := min(max(len(a.Expect), min(len(a.Errors), 4), 2), 6) + 2
	return []place{{pane: PaneExpected, w: a.width - 1 - errorsWidth, h: h}, {pane: PaneErrors, w: errorsWidth, h: h, alone: true}}
}

// layout returns the current layout.
func (m *Model) layout() layout {
	if m.Space == nil {
		return arrange(m.Frame, m.Width, m.Height)
	}
	width, height := m.Space()
	at := arrange(m.Frame, width, height)
	if !at.has(PaneNodes) {
		if low, ok := arrangeLow(m.Frame, width, height-2); ok {
			return low
		}
	}
	return at
}

// settle gives each place its corner.
func (l *layout) settle() {
	y := 1
	for _, row := range l.rows {
		x := 0
		for i := range row {
			row[i].x, row[i].y = x, y
			x += row[i].w + 1
		}
		y += row[0].h
	}
}
