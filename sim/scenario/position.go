package scenario

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// place is a stretch of one line of the file: line and column from 1, column
// and width in characters. The zero place is unknown.
type place struct{ line, column, width int }

// source is the text of a file by lines, for excerpts and for positions inside
// of values.
type source struct {
	lines []string
}

func newSource(text string) *source { return &source{lines: strings.Split(text, "\n")} }

// origin is where the values of a File came from: the node of each path, such
// as "clients.beijing.ip" or "steps[2].kill".
type origin struct {
	name   string // of the file
	source *source
	nodes  map[string]*node
	keys   map[string]place
	bad    map[string]bool // paths that did not decode: nothing more to say about them
}

// line returns line n, from 1; "" beyond the text.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// clamp moves a place into the text: the YAML parser's positions are not
// always inside. One column after a line's end is inside.
func (s *source) clamp(p place) place {
	if p.line < 1 {
		return place{1, 1, 1}
	}
	if p.line > len(s.lines) {
		p = place{len(s.lines), 1 << 30, 1}
	}
	n := utf8.RuneCountInString(s.line(p.line))
	p.column = min(max(p.column, 1), n+1)
	p.width = max(1, min(p.width, n+1-p.column))
	return p
}

// longest is how much of a line an excerpt shows, in characters.
const longest = 160

// excerpt returns the line of p and a line that marks it.
func (s *source) excerpt(p place) string {
	line := []rune(s.line(p.line))
	before, from := p.column-1, 0
	if before > longest*3/4 {
		from = before - longest/2
	}
	to := min(len(line), from+longest)
	shown := []rune(strings.Map(visible, string(line[from:to])))
	var pad strings.Builder
	for _, r := range shown[:min(before-from, len(shown))] {
		if r == '\t' {
			pad.WriteByte('\t')
		} else {
			pad.WriteString(strings.Repeat(" ", runewidth.RuneWidth(r)))
		}
	}
	mark := "^"
	if end := min(before-from+p.width, len(shown)); end > before-from {
		mark += strings.Repeat("~", max(0, runewidth.StringWidth(string(shown[before-from:end]))-1))
	}
	number := fmt.Sprintf("%5d", p.line)
	return strings.TrimRight(fmt.Sprintf("%s | %s", number, string(shown)), " ") +
		fmt.Sprintf("\n%s | %s%s", strings.Repeat(" ", len(number)), pad.String(), mark)
}

// visible keeps control characters of a file from reaching a terminal.
func visible(r rune) rune {
	if r != '\t' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError) {
		return '?'
	}
	return r
}
