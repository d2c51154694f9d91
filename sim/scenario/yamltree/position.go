package yamltree

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Place is a stretch of one line of the file: line and column from 1, column
// and width in characters. The zero place is unknown.
type Place struct{ Line, Column, Width int }

// Source is the text of a file by lines, for excerpts and for positions inside
// of values.
type Source struct {
	lines []string
}

func newSource(text string) *Source { return &Source{lines: strings.Split(text, "\n")} }

// Origin is where the values of a File came from: the node of each path, such
// as "clients.beijing.ip" or "steps[2].kill".
type Origin struct {
	Nodes map[string]*Node
	Keys  map[string]Place
	Bad   map[string]bool // paths that did not decode: nothing more to say about them
}

// NewOrigin returns an origin without values.
func NewOrigin() *Origin {
	return &Origin{Nodes: map[string]*Node{}, Keys: map[string]Place{}, Bad: map[string]bool{}}
}

// line returns line n, from 1; "" beyond the text.
func (s *Source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// clamp moves a place into the text: the YAML parser's positions are not
// always inside. One column after a line's end is inside.
func (s *Source) clamp(p Place) Place {
	if p.Line < 1 {
		return Place{1, 1, 1}
	}
	if p.Line > len(s.lines) {
		p = Place{len(s.lines), 1 << 30, 1}
	}
	n := utf8.RuneCountInString(s.line(p.Line))
	p.Column = min(max(p.Column, 1), n+1)
	p.Width = max(1, min(p.Width, n+1-p.Column))
	return p
}

// longest is how much of a line an excerpt shows, in characters.
const longest = 160

// excerpt returns the line of p and a line that marks it.
func (s *Source) excerpt(p Place) string {
	line := []rune(s.line(p.Line))
	before, from := p.Column-1, 0
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
	if end := min(before-from+p.Width, len(shown)); end > before-from {
		mark += strings.Repeat("~", max(0, runewidth.StringWidth(string(shown[before-from:end]))-1))
	}
	number := fmt.Sprintf("%5d", p.Line)
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

// Spoil marks a path as unreadable, so that nothing more is said about it.
func (o *Origin) Spoil(path string, when bool) {
	if o != nil && when {
		o.Bad[path] = true
	}
}
