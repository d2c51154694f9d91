package run

import (
	"fmt"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/ui/stage"
	"stickylab/ui/tui/style"
)

// view is the viewer's selection in a run. With a frame it is all that
// the panes depend on.
type view struct {
	focus  Pane
	client string // the selected one of each
	node   string
	line   uint64 // 0 means the newest
	err    string
	from   string // the selected cell of the matrix: nodes, "" for any
	to     string
	whole  bool // the matrix is of the whole run
	filter string
}

// drawing is what a pane that was drawn depends on.
type drawing struct {
	frame *Frame
	view  view
	place place
	form  matrixForm
	at    time.Duration // of the picture
}

// draw returns the lines of a pane. Those of one frame and view are kept: when
// only the clock moves they are not drawn again.
func (p *Player) draw(at place, form matrixForm) []string {
	of := drawing{frame: p.Frame, view: p.view, place: at, form: form}
	var dots []stage.Dot
	if at.pane == PaneStage {
		of.at, dots = p.instant(), p.moving()
	}
	if p.drawnOf[at.pane] != of {
		p.drawnOf[at.pane], p.drawn[at.pane] = of, drawPane(p.Frame, p.view, at, form, dots)
	}
	return p.drawn[at.pane]
}

// DrawPane draws a pane of a size.
func (p *Player) DrawPane(pane Pane, width, height int) []string {
	return p.draw(place{pane: pane, w: width, h: height}, barsAndCounts)
}

// SwitchMatrix shows who hears whom in the whole run, or since the last switch.
func (p *Player) SwitchMatrix() { p.view.whole = !p.view.whole }

// Matrix returns what of the run the matrix shows, and its title in a pane of a width.
func (p *Player) Matrix(width int) (of *ledger.Snapshot, title string) {
	return p.Frame.picture(p.view.whole, width)
}

func (f *Frame) picture(whole bool, width int) (*ledger.Snapshot, string) {
	if whole {
		return f.Whole, titles[PaneMatrix] + ", whole run"
	}
	if f.switched.Kind == 0 {
		return f.Since, titles[PaneMatrix] + ", last 10 s"
	}
	return f.Since, f.sinceTitle(width)
}

// switchWords are what a switch is called in a title, in full and in brief.
var switchWords = map[trace.Kind][2]string{
	trace.AdapterOn:    {"the adapter was turned on", "adapter on"},
	trace.AdapterOff:   {"the adapter was turned off", "adapter off"},
	trace.RedisUp:      {"the link to Redis came back", "Redis back"},
	trace.RedisDown:    {"the link to Redis was lost", "Redis lost"},
	trace.NodeUp:       {"{node} came up", "{node} up"},
	trace.NodeDown:     {"{node} went down", "{node} down"},
	trace.NodeFroze:    {"{node} froze", "{node} froze"},
	trace.NodeResumed:  {"{node} resumed", "{node} resumed"},
	trace.ConfigLoaded: {"nginx was reloaded", "reload"},
}

// sinceTitle is the title of the matrix since the last switch, in brief when the width is small.
func (f *Frame) sinceTitle(width int) string {
	s := f.switched
	node := f.Palette.Letter(s.Node)
	if s.Node == "" {
		node = "nodes"
	}
	var title string
	for _, words := range switchWords[s.Kind] {
		title = titles[PaneMatrix] + ", since " + strings.ReplaceAll(words, "{node}", node) + " at " + style.Brief(s.At)
		if style.Width(title)+6 <= width {
			return title
		}
	}
	return strings.TrimPrefix(title, titles[PaneMatrix]+", ")
}

// titles of the panes.
var titles = map[Pane]string{
	PaneClients: "clients", PaneNodes: "nodes", PaneProxy: "proxy", PaneRedis: "redis", PaneMatrix: "who hears whom", PaneSeries: "over time",
	PaneStage: "the last message", PaneLog: "what happens", PaneErrors: "errors", PaneExpected: "expected",
}

// drawPane draws a pane.
func drawPane(f *Frame, v view, p place, form matrixForm, dots []stage.Dot) []string {
	w, h := p.inside()
	box := style.Box{Title: titles[p.pane], Width: p.w, Height: p.h, Focused: v.focus == p.pane}
	switch p.pane {
	case PaneClients:
		c := drawClients(f, v.client, v.filter, w, h)
		box.Title, box.Note, box.Lines = c.title, c.note, c.lines
	case PaneProxy:
		box.Lines = drawProxy(f, w, h)
	case PaneNodes:
		box.Title = "nodes"
		if len(f.Nodes) > 4 {
			box.Title = fmt.Sprintf("nodes  %d", len(f.Nodes))
		}
		box.Lines, _, _ = drawNodes(f, v.node, w, h)
	case PaneRedis:
		box.Lines = drawRedis(f, w)
	case PaneMatrix:
		var picture *ledger.Snapshot
		picture, box.Title = f.picture(v.whole, p.w)
		box.Lines = drawMatrix(f.Palette, f.down(), &picture.Matrix, cell{v.from, v.to}, form, w, h)
		if note := f.Palette.Letter(v.from) + " to " + f.Palette.Letter(v.to); v.from != "" && style.Width(box.Title+note)+8 <= p.w {
			box.Note = style.Paint(style.Accent, note)
		}
	case PaneStage:
		j := f.Stage.Last
		if j != nil {
			box.Note = style.Paint(style.Dim, style.Instant(j.Sent))
		}
		box.Lines = drawJourney(f, j, dots, w, h)
	case PaneSeries:
		box.Lines = drawSeries(f, f.Live.Plan().File.Duration, w)
	case PaneLog:
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
	case PaneExpected:
		box.Title, box.Lines = f.expectedTitle(), drawExpected(f, w, h)
	case PaneErrors:
		box.Title, box.Lines = drawWords(f, v, box.Focused, p.alone, w, h)
	}
	if p.bare {
		return style.Block(box.Lines, p.w, p.h)
	}
	return box.Draw()
}

// drawWords draws the errors, alone or below the expectations.
func drawWords(f *Frame, v view, focused, alone bool, w, h int) (title string, lines []string) {
	if alone {
		lines, _ = drawErrors(f, v.err, focused, w, h)
		return titles[PaneErrors], lines
	}
	title = f.expectedTitle()
	if len(f.Errors) == 0 {
		return title, drawExpected(f, w, h)
	}
	errors := min(len(f.Errors), max(h-len(f.Expect), 1))
	lines = drawExpected(f, w, h-errors)
	more, _ := drawErrors(f, v.err, focused, w, errors)
	return title + ", and errors", append(lines, more...)
}

// top is the part of the top line that is not in the frame.
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
