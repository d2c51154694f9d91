package format

import "strings"

// Table is a table of a text: the first column is a label, and those after it
// are right-aligned unless Align says otherwise. A column with nothing below its
// head is left out.
type Table struct {
	Heads []string // of all columns
	Align string   // "l" or "r" for each column; "" means that only the first is "l"

	rows [][]string
}

// Add adds a row: a cell for each column, of which empty ones may be missing at
// its end.
func (t *Table) Add(cells ...string) {
	row := make([]string, len(t.Heads))
	copy(row, cells)
	t.rows = append(t.rows, row)
}

const gap = 3 // between columns, in cells

// Lines lays the table out. Columns that do not fit into width cells follow
// below, after the first column again. There are no lines without columns.
func (t *Table) Lines(width int) []string {
	if len(t.Heads) == 0 {
		return nil
	}
	widths := t.widths()
	var out []string
	for from := 1; from < len(t.Heads) || from == 1; {
		to, used := from, widths[0]
		for to < len(t.Heads) && (to == from || used+gap+widths[to] <= width) {
			if widths[to] > 0 {
				used += gap + widths[to]
			}
			to++
		}
		if from > 1 {
			out = append(out, "")
		}
		for _, row := range append([][]string{t.Heads}, t.rows...) {
			if line := t.line(row, widths, from, to); line != "" || len(out) > 0 {
				out = append(out, line)
			}
		}
		if to == from {
			break
		}
		from = to
	}
	return out
}

// widths returns the width of each column, 0 for one that is left out.
func (t *Table) widths() []int {
	widths := make([]int, len(t.Heads))
	for i, head := range t.Heads {
		for _, row := range t.rows {
			if row[i] != "" {
				widths[i] = max(widths[i], Width(row[i]), Width(head))
			}
		}
		if i == 0 {
			widths[i] = max(widths[i], Width(head))
		}
	}
	return widths
}

// line lays a row out, in its first column and those from one to another.
func (t *Table) line(row []string, widths []int, from, to int) string {
	var b strings.Builder
	b.WriteString(t.cell(row[0], 0, widths[0]))
	for i := from; i < to; i++ {
		if widths[i] > 0 {
			b.WriteString(Spaces(gap) + t.cell(row[i], i, widths[i]))
		}
	}
	return strings.TrimRight(b.String(), " ")
}

func (t *Table) cell(s string, column, width int) string {
	if column == 0 && t.Align == "" || t.Align != "" && t.Align[column] == 'l' {
		return Left(s, width)
	}
	return Right(s, width)
}
