package scenario

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/token"
)

type kind int

const (
	scalar kind = iota
	null
	mapping
	sequence
)

func (k kind) String() string {
	return [...]string{"a value", "nothing", "a mapping", "a list"}[k]
}

// node is a YAML value with its place. An alias is the node of its anchor, so
// nodes may be shared: who walks them counts his steps.
type node struct {
	kind  kind
	place place
	text  string // of a scalar
	style token.Type
	value any // of a scalar that is not text: int64, uint64, float64, bool
	pairs []pair
	items []*node

	broken bool // reported already
}

type pair struct {
	key    string
	place  place
	value  *node
	merged bool // by `<<`: loses against a key written out
}

// inside returns the place in the file of the character at line and column
// (from 1) of the node's text: both are walked side by side, white space
// skipped, since folding and indentation change only that.
func (n *node) inside(s *source, line, column int) place {
	text := []rune(n.text)
	target := 0
	for l := 1; l < line && target < len(text); target++ {
		if text[target] == '\n' {
			l++
		}
	}
	for c := 1; c < column && target < len(text) && text[target] != '\n'; c++ {
		target++
	}
	r := &reader{source: s, line: n.place.line, column: n.place.column, double: n.style == token.DoubleQuoteType, single: n.style == token.SingleQuoteType}
	switch n.style {
	case token.LiteralType, token.FoldedType:
		r.line, r.column = r.line+1, 1
	case token.DoubleQuoteType, token.SingleQuoteType:
		r.column++
	}
	at, gap := place{r.line, r.column, 1}, 0
	for i, c := range text {
		if unicode.IsSpace(c) {
			if i == target {
				break
			}
			gap++
			continue
		}
		was, got := r.next()
		if got != c {
			return n.place
		}
		if i == target {
			return was
		}
		at, gap = place{r.line, r.column, 1}, 0
	}
	at.column += gap
	return s.clamp(at)
}

// reader reads the characters of a scalar from the file, without white space
// and with escapes decoded.
type reader struct {
	source         *source
	line, column   int
	single, double bool
	row            []rune
	rowOf          int
}

// next returns the next character and its place; 0 at the end of the file.
func (r *reader) next() (place, rune) {
	for r.line <= len(r.source.lines) {
		if r.rowOf != r.line {
			r.row, r.rowOf = []rune(r.source.line(r.line)), r.line
		}
		if r.column > len(r.row) {
			r.line, r.column = r.line+1, 1
			continue
		}
		at := place{r.line, r.column, 1}
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
	return place{}, 0
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
