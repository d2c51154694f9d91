package run

import (
	"stickylab/cluster/trace"
	"stickylab/ui/tui/style"
)

// drawLog draws what happens, the newest first; the selected line stays in
// sight. The second result is the first line that is shown.
func drawLog(f *Frame, selected uint64, focused bool, width, height int) (lines []string, first int) {
	chosen := chosenLine(f, selected)
	first = min(max(chosen-height+1, 0), max(len(f.lines)-height, 0))
	who, what := columns(f, width)
	when := style.Width(style.Instant(f.Live.End()))
	for i := first; i < len(f.lines) && i < first+height; i++ {
		h := &f.lines[i]
		line := tip(focused && i == chosen) + style.Paint(style.Dim, style.Right(style.Instant(h.at), when)) + "  "
		if h.step {
			lines = append(lines, line+style.Fit(style.Paint(style.Accent, "step"), who)+"  "+style.Paint(style.Strong, h.What))
			continue
		}
		mark := " "
		if h.node != "" {
			mark = f.Palette.Mark(h.node)
		}
		line += style.Fit(h.Subject, who) + "  " + style.Fit(h.What, what) + "  " + mark + "  "
		lines = append(lines, line+rest(h, width-style.Width(line)))
	}
	return lines, first
}

// rest is what a line says after who did what. Why something was lost is not cut off.
func rest(h *logLine, width int) string {
	switch {
	case h.msg != (trace.Msg{}):
		return fateLine("", h.Detail, h.missed, width)
	case h.Loss:
		return style.Paint(style.Loss, style.Middle(h.Detail, width))
	}
	return h.Detail
}

// chosenLine is the index of the selected line: the newest when none is.
func chosenLine(f *Frame, selected uint64) int {
	if selected == 0 {
		return 0
	}
	for i := range f.lines {
		if f.lines[i].holds(selected) {
			return i
		}
	}
	for i := range f.lines {
		if f.lines[i].seq <= selected {
			return i
		}
	}
	return max(len(f.lines)-1, 0)
}

// columns are the widths of who and what, from all lines so that they do
// not move.
func columns(f *Frame, width int) (who, what int) {
	who, what = 8, 12
	for i := range f.groups {
		if c := f.groups[i].clients; len(c) > 0 {
			who = max(who, style.Width(c[len(c)-1].name), style.Width(f.groups[i].name)+5)
		}
	}
	for _, n := range f.Nodes {
		who = max(who, style.Width(n.Name))
	}
	for i := range f.lines {
		if !f.lines[i].step {
			what = max(what, style.Width(f.lines[i].What))
		}
	}
	return min(who, 18), min(what, max(15, width/5))
}
