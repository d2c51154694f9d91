package tui

import (
	"fmt"
	"time"

	"stickylab/ui/tui/style"
)

// view is what a viewer has chosen on the stage. With a frame it is all that
// the panes depend on.
type view struct {
	focus  pane
	client string // the selected one of each
	node   string
	line   uint64 // 0: the newest
	err    string
	whole  bool // the matrix is of the whole run
	filter string
}

// of returns the part of a view on which a pane depends.
func (v view) of(p pane) view {
	focused := paneNone
	if v.focus == p {
		focused = p
	}
	switch p {
	case paneClients:
		return view{focus: focused, client: v.client, filter: v.filter}
	case paneNodes:
		return view{focus: focused, node: v.node}
	case paneLog:
		return view{focus: focused, line: v.line, filter: v.filter}
	case paneErrors:
		return view{focus: focused, err: v.err}
	case paneMatrix:
		return view{whole: v.whole}
	}
	return view{}
}

// drawing is a pane that was drawn, kept until something that it shows changes.
type drawing struct {
	of    drawingOf
	lines []string
}

type drawingOf struct {
	frame *frame
	view  view
	place place
	form  matrixForm
}

// gallery keeps what has been drawn, by pane.
type gallery map[pane]drawing

// draw returns the lines of a pane.
func (g gallery) draw(f *frame, v view, p place, form matrixForm) []string {
	of := drawingOf{f, v.of(p.pane), p, form}
	if kept, ok := g[p.pane]; ok && kept.of == of {
		return kept.lines
	}
	lines := drawPane(f, of.view, p, form)
	g[p.pane] = drawing{of, lines}
	return lines
}

// drawPane draws a pane.
func drawPane(f *frame, v view, p place, form matrixForm) []string {
	w, h := p.inside()
	box := style.Box{Width: p.w, Height: p.h, Focused: v.focus == p.pane}
	switch p.pane {
	case paneClients:
		c := drawClients(f, v.client, v.filter, w, h)
		box.Title, box.Note, box.Lines = c.title, c.note, c.lines
	case paneProxy:
		box.Title, box.Lines = "proxy", drawProxy(f, w, h)
	case paneNodes:
		box.Title = "nodes"
		if len(f.nodes) > 4 {
			box.Title = fmt.Sprintf("nodes  %d", len(f.nodes))
		}
		box.Lines, _, _ = drawNodes(f, v.node, w, h)
	case paneRedis:
		box.Title, box.Lines = "redis", drawRedis(f, w)
	case paneMatrix:
		picture := f.recent
		box.Title = "who hears whom, last 10 s"
		if v.whole {
			picture = f.whole
			box.Title = "who hears whom, whole run"
		}
		box.Lines = drawMatrix(f.palette, &picture.Matrix, form, w, h)
	case paneSeries:
		box.Title, box.Lines = "over time", drawSeries(f, f.live.Plan().File.Duration, w)
	case paneLog:
		box.Title = "what happens"
		if v.filter != "" {
			box.Title += "  /" + v.filter
		}
		box.Lines, _ = drawLog(f, v.line, box.Focused, w, h)
		if len(f.lines) == 0 {
			box.Lines = []string{style.Paint(style.Dim, "nothing yet")}
			if v.filter != "" {
				box.Lines = []string{style.Paint(style.Dim, "nothing with that in it")}
			}
		}
	case paneExpected:
		box.Title, box.Lines = "expected", drawExpected(f, w, h)
	case paneErrors:
		box.Title, box.Lines = drawWords(f, v, box.Focused, p.w == errorsWidth, w, h)
	}
	if p.bare {
		return style.Block(box.Lines, p.w, p.h)
	}
	return box.Draw()
}

// drawWords draws the errors, alone or below the expectations.
func drawWords(f *frame, v view, focused, alone bool, w, h int) (title string, lines []string) {
	if alone {
		lines, _ = drawErrors(f, v.err, focused, w, h)
		return "errors", lines
	}
	title = "expected"
	if len(f.errors) == 0 {
		return title, drawExpected(f, w, h)
	}
	errors := min(len(f.errors), max(h-len(f.expect), 1))
	lines = drawExpected(f, w, h-errors)
	more, _ := drawErrors(f, v.err, focused, w, errors)
	return "expected, and errors", append(lines, more...)
}

// top is what the top line tells beside what the frame knows.
type top struct {
	name     string
	at, end  time.Duration
	head     time.Duration
	playing  bool
	speed    string
	url      string // where clients connect, if there are real ones
	branch   int    // from 1
	branches int
	readOnly bool
}
