package format

import (
	"fmt"
	"strings"
)

// longestExcerpt is how much of a line an excerpt shows, in characters.
const longestExcerpt = 160

// Excerpt returns a line of a file with its number, and below it a line that
// marks length characters from a column on, counted from 1:
//
//	12 |   proxy_pas http://im;
//	   |   ^~~~~~~~~
//
// A long line is cut around the column.
func Excerpt(text string, number, column, length int) string {
	line := []rune(text)
	column = min(max(column, 1), len(line)+1)
	before, from := column-1, 0
	if before > longestExcerpt*3/4 {
		from = before - longestExcerpt/2
	}
	shown := []rune(Printable(string(line[from:min(len(line), from+longestExcerpt)])))
	before -= from
	var margin strings.Builder
	for _, r := range shown[:before] {
		if r == '\t' {
			margin.WriteByte('\t')
		} else {
			margin.WriteString(Spaces(Width(string(r))))
		}
	}
	mark := "^"
	if end := min(before+length, len(shown)); end > before {
		mark += strings.Repeat("~", max(0, Width(string(shown[before:end]))-1))
	}
	head := fmt.Sprintf("%5d | ", number)
	return strings.TrimRight(head+string(shown), " ") + "\n" + Spaces(len(head)-2) + "| " + margin.String() + mark
}
