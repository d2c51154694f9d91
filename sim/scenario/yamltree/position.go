package yamltree

import (
	"strings"
	"unicode/utf8"

	"stickylab/sim/format"
)

// Place is a stretch of one line of the file: line and column from 1, column
// and width in characters. The zero place is unknown.
type Place struct{ Line, Column, Width int }

// Source is the text of a file by lines, for excerpts and for positions inside
// of values.
type Source struct {
	lines  []string
	widths []int // of the lines, in characters: a long line may hold many values

	own   int      // lines of the file, before those that Inline has added
	names []string // of these
}

func newSource(text string) *Source {
	s := &Source{lines: strings.Split(text, "\n")}
	for _, line := range s.lines {
		s.widths = append(s.widths, utf8.RuneCountInString(line))
	}
	return s
}

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
	n := s.widths[p.Line-1]
	p.Column = min(max(p.Column, 1), n+1)
	p.Width = max(1, min(p.Width, n+1-p.Column))
	return p
}

// excerpt returns the line of p and a line that marks it.
func (s *Source) excerpt(p Place) string {
	return format.Excerpt(s.line(p.Line), p.Line, p.Column, p.Width)
}
