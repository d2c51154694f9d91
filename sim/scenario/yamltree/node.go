package yamltree

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/token"
)

type kind int

const (
	Scalar kind = iota
	Null
	Mapping
	Sequence
)

func (k kind) String() string {
	return [...]string{"a value", "nothing", "a mapping", "a list"}[k]
}

// Node is a YAML value with its place. An alias is the node of its anchor, so
// nodes may be shared: a walk over them counts its steps.
type Node struct {
	Kind  kind
	Place Place
	Text  string // of a scalar
	style token.Type
	Value any // of a scalar that is not text: int64, uint64, float64, bool
	Pairs []Pair
	Items []*Node

	Broken bool // reported already
}

type Pair struct {
	Key    string
	Place  Place
	Value  *Node
	Merged bool // by `<<`: loses against a key written out
}

// walk is the text of a node and where in the file each of its characters is; the last
// place is that of its end.
type walk struct {
	text   []rune
	places []Place
}

// inside returns the place in the file of the character at line and column
// (from 1) of the node's text.
func (r *Reporter) inside(n *Node, line, column int) Place {
	w := r.walks[n]
	if w == nil {
		if r.walks == nil {
			r.walks = map[*Node]*walk{}
		}
		w = n.walk(r.Source)
		r.walks[n] = w
	}
	target := 0
	for l := 1; l < line && target < len(w.text); target++ {
		if w.text[target] == '\n' {
			l++
		}
	}
	for c := 1; c < column && target < len(w.text) && w.text[target] != '\n'; c++ {
		target++
	}
	return r.Source.clamp(w.places[target])
}

// walk finds the places of a node's text: it and the file are walked side by side, white
// space skipped, since folding and indentation change only that.
func (n *Node) walk(s *Source) *walk {
	w := &walk{text: []rune(n.Text)}
	r := &reader{source: s, line: n.Place.Line, column: n.Place.Column, double: n.style == token.DoubleQuoteType, single: n.style == token.SingleQuoteType}
	switch n.style {
	case token.LiteralType, token.FoldedType:
		r.line, r.column = r.line+1, 1
	case token.DoubleQuoteType, token.SingleQuoteType:
		r.column++
	}
	at, lost := Place{r.line, r.column, 1}, false
	for _, c := range w.text {
		place := n.Place
		switch {
		case lost:
		case unicode.IsSpace(c):
			place = at
			at.Column++
		default:
			was, got := r.next()
			if lost = got != c; !lost {
				place = was
			}
			at = Place{r.line, r.column, 1}
		}
		w.places = append(w.places, place)
	}
	if lost {
		at = n.Place
	}
	w.places = append(w.places, at)
	return w
}

// reader reads the characters of a scalar from the file, without white space
// and with escapes decoded.
type reader struct {
	source         *Source
	line, column   int
	single, double bool
	row            []rune
	rowOf          int
}

// next returns the next character and its place; 0 at the end of the file.
func (r *reader) next() (Place, rune) {
	for r.line <= len(r.source.lines) {
		if r.rowOf != r.line {
			r.row, r.rowOf = []rune(r.source.line(r.line)), r.line
		}
		if r.column > len(r.row) {
			r.line, r.column = r.line+1, 1
			continue
		}
		at := Place{r.line, r.column, 1}
		c := r.row[r.column-1]
		r.column++
		switch {
		case c == '\'' && r.single:
			r.column++ // the second of two
		case c == '\\' && r.double && r.column <= len(r.row):
			c = r.escape()
		}
		if !unicode.IsSpace(c) {
			return at, c
		}
	}
	return Place{}, 0
}

// escape decodes what follows a backslash in double quotes (YAML 1.2, 5.7).
func (r *reader) escape() rune {
	c := r.row[r.column-1]
	r.column++
	if i := strings.IndexRune(`0abtnvfre`, c); i >= 0 {
		return rune("\x00\a\b\t\n\v\f\r\x1b"[i])
	}
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 {
		return c
	}
	var code rune
	end := min(r.column-1+digits, len(r.row))
	if _, err := fmt.Sscanf(string(r.row[r.column-1:end]), "%x", &code); err != nil {
		return unicode.ReplacementChar
	}
	r.column = end + 1
	return code
}
