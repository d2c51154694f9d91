package run

import "stickylab/ui/tui/style"

// Lines draws the top line and the panes, or what is inspected.
func (m *Model) Lines(width, height int) []string {
	if m.Frame == nil {
		text := "the cluster starts"
		if m.Failure != nil {
			text = m.Failure.Error()
		}
		return append([]string{""}, style.Indent(2, text, width)...)
	}
	if m.projecting && m.page == nil {
		top := drawTop(m.Frame, m.top(m.o.ReadOnly), true, width)
		return append([]string{top}, drawProjector(m.Frame, m.moving(), width, height-1)...)
	}
	at := m.layout()
	lines := make([]string, 0, height)
	lines = append(lines, drawTop(m.Frame, m.top(m.o.ReadOnly), at.folded || m.page != nil, width))
	if m.page != nil {
		return append(lines, m.page.Lines(m.Frame.source, width, height-1)...)
	}
	for _, row := range at.rows {
		blocks := make([][]string, len(row))
		for i, p := range row {
			blocks[i] = m.drawPlace(p, at.form)
		}
		lines = append(lines, style.Join(blocks...)...)
	}
	return lines
}

// drawPlace draws what is in a place, or what covers it.
func (m *Model) drawPlace(p place, form matrixForm) []string {
	if m.Covers == nil {
		return m.draw(p, form)
	}
	if cover := m.Covers(p.pane); cover != "" {
		w, h := p.inside()
		box := style.Box{Title: titles[p.pane], Width: p.w, Height: p.h, Focused: m.view.focus == p.pane}
		box.Lines = append(make([]string, max((h-1)/2, 0)), style.Fit("", max((w-len(cover))/2, 0))+style.Paint(style.Dim, cover))
		if p.bare {
			return style.Block(box.Lines, p.w, p.h)
		}
		return box.Draw()
	}
	p.alone = p.alone || p.pane == PaneErrors && m.Covers(PaneExpected) != ""
	return m.draw(p, form)
}
