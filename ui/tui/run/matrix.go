package run

import (
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// matrixForm is the form of the cells of the matrix.
type matrixForm uint8

// The forms, the most telling first.
const (
	barsAndCounts matrixForm = iota // "██████░░░░  60 %" and "480/800" below it
	barsOnly                        // "████░░  60 %"
	percentOnly                     // " 60 %"
	shadeOnly                       // "▒"
)

// labelWidth is the width of the label of a row: "said on A ".
const labelWidth = 10

// least returns the width that a column needs in a form.
func (x matrixForm) least() int {
	return [...]int{17, 12, 6, 2}[x]
}

// height returns the number of lines of the matrix of some nodes.
func (x matrixForm) height(nodes int) int {
	if x == barsAndCounts {
		return 1 + 2*nodes
	}
	return 1 + nodes
}

// matrixFits is the most telling form, from one on, that fits.
func matrixFits(from matrixForm, nodes, width, height int) matrixForm {
	for x := from; x < shadeOnly; x++ {
		if labelWidth+nodes*x.least() <= width && x.height(nodes) <= height {
			return x
		}
	}
	return shadeOnly
}

// MatrixHeight returns how many lines the matrix of some nodes takes at most.
func MatrixHeight(nodes int) int { return barsAndCounts.height(nodes) }

// DrawMatrix draws who hears whom as high as it needs, with room for two lines
// below it.
func (f *Frame) DrawMatrix(m *ledger.Matrix, width, height int) []string {
	n := len(m.Nodes)
	form := barsAndCounts
	if form.height(n)+2 > height {
		form = barsOnly
	}
	room := max(height-2, min(1+n, height)) // for the matrix
	return style.Block(drawMatrix(f.Palette, f.down(), m, cell{}, form, width, room), width, min(matrixFits(form, n, width, room).height(n), room))
}

// down returns the nodes that are down.
func (f *Frame) down() map[string]bool {
	out := make(map[string]bool)
	for _, n := range f.Nodes {
		out[n.Name] = !n.Up
	}
	return out
}

// matrixColumns returns the form of a matrix of some nodes in a space, and how wide its columns are.
func matrixColumns(from matrixForm, n, width, height int) (form matrixForm, column int) {
	form = matrixFits(from, n, width, height)
	if column = form.least(); form <= barsOnly && n > 0 {
		column = min((width-labelWidth)/n, 24)
	}
	return form, column
}

// cell is one of the matrix: nodes, "" for none.
type cell struct{ from, to string }

// drawMatrix draws who hears whom. The rows and columns of nodes that are down are faded, and
// the chosen cell has a tip.
func drawMatrix(p *style.Palette, down map[string]bool, m *ledger.Matrix, chosen cell, from matrixForm, width, height int) []string {
	n := len(m.Nodes)
	if n == 0 {
		return nil
	}
	form, column := matrixColumns(from, n, width, height)
	head := strings.Repeat(" ", labelWidth)
	for _, to := range m.Nodes {
		switch {
		case form == barsAndCounts || form == barsOnly && column >= 12:
			head += style.Fit(style.Paint(style.Dim, "heard on ")+p.Mark(to), column)
		case form == percentOnly:
			head += style.Right(p.Mark(to), column-1) + " "
		default:
			head += style.Fit(p.Mark(to), column)
		}
	}
	lines := []string{head}
	for a, said := range m.Nodes {
		row, counts := style.Fit(style.Paint(style.Dim, "said on ")+p.Mark(said), labelWidth), strings.Repeat(" ", labelWidth)
		if down[said] {
			lines = append(lines, style.Paint(style.Dim, style.Fit("said on "+p.Letter(said), labelWidth)+"down"))
			if form == barsAndCounts {
				lines = append(lines, "")
			}
			continue
		}
		for b, heard := range m.Nodes {
			c := m.Cells[a][b]
			if down[heard] {
				c = ledger.Counts{}
			}
			if chosen == (cell{said, heard}) {
				row += drawCell(p, said, c, form, column-1) + style.Paint(style.Accent, "‹")
			} else {
				row += drawCell(p, said, c, form, column)
			}
			counts += style.Fit(countsOf(c), column)
		}
		lines = append(lines, row)
		if form == barsAndCounts {
			lines = append(lines, style.Paint(style.Dim, counts))
		}
	}
	return lines
}

// drawCell draws a share: full in the colour of the node on which it was said.
func drawCell(p *style.Palette, said string, c ledger.Counts, form matrixForm, column int) string {
	judged := c.Arrived + c.Missed
	percent := style.Percent(c.Arrived, judged)
	if judged > 0 && c.Arrived == 0 {
		percent = style.Paint(style.Loss, percent)
	}
	switch form {
	case shadeOnly:
		return style.Fit(p.Paint(said, style.Shade(c.Arrived, judged)), column)
	case percentOnly:
		return percent + strings.Repeat(" ", column-5)
	}
	width := min(column-7, 12)
	bar := strings.Repeat(" ", width)
	if judged > 0 {
		text := style.Bar(c.Arrived, judged, width)
		full := strings.Count(text, "█")
		bar = p.Paint(said, strings.Repeat("█", full)) + style.Paint(style.Border, strings.Repeat("░", width-full))
	}
	return style.Fit(bar+" "+percent, column)
}

// countsOf writes the counts of a cell.
func countsOf(c ledger.Counts) string {
	judged := c.Arrived + c.Missed
	if judged == 0 {
		return "nothing due"
	}
	return format.Number(c.Arrived) + "/" + format.Number(judged)
}
