package report

import (
	"strings"
	"unicode/utf8"
)

// table is a label and right-aligned columns. What is too wide for the page
// goes on below, some columns at a time.
type table struct {
	label string
	heads []string
	rows  []row
}

type row struct {
	label string
	cells []string
}

func (t *table) add(label string, cells ...string) {
	t.rows = append(t.rows, row{label, cells})
}

// lines lays the table out.
func (t *table) lines(width int) []string {
	first := wide(t.label)
	for _, r := range t.rows {
		first = max(first, wide(r.label))
	}
	widths := make([]int, len(t.heads))
	for i, head := range t.heads {
		widths[i] = wide(head)
		for _, r := range t.rows {
			widths[i] = max(widths[i], wide(r.cells[i]))
		}
	}

	const gap = 3
	var out []string
	for from := 0; from < len(t.heads) || from == 0; {
		to, used := from, first
		for to < len(t.heads) && (to == from || used+gap+widths[to] <= width) {
			used += gap + widths[to]
			to++
		}
		if from > 0 {
			out = append(out, "")
		}
		line := func(label string, cells []string) {
			var b strings.Builder
			b.WriteString(left(label, first))
			for i := from; i < to; i++ {
				b.WriteString(strings.Repeat(" ", gap))
				b.WriteString(right(cells[i], widths[i]))
			}
			out = append(out, strings.TrimRight(b.String(), " "))
		}
		line(t.label, t.heads)
		for _, r := range t.rows {
			line(r.label, r.cells)
		}
		if to == from {
			break
		}
		from = to
	}
	return out
}

func wide(s string) int { return utf8.RuneCountInString(s) }

func left(s string, width int) string  { return s + strings.Repeat(" ", max(width-wide(s), 0)) }
func right(s string, width int) string { return strings.Repeat(" ", max(width-wide(s), 0)) + s }
