package nginx

import (
	"fmt"
	"strings"
)

// maxDepth is how deep blocks may lie in each other; nginx has no limit, no
// sane text comes near it.
const maxDepth = 64

// directive is one statement of the text, with its place.
type directive struct {
	word  // the name
	args  []word
	block []*directive

	isBlock bool
	inner   int  // offset behind "{"
	close   int  // offset of the "}"
	end     int  // offset behind ";" or "}"
	bad     bool // refused: nothing may be concluded from it
}

// scanTree reads the text into directives. Whatever is wrong with its braces
// and semicolons is reported, and the tree holds what can be made of the rest.
func scanTree(text string, to *report) []*directive {
	s := newScanner(text, to)
	var root []*directive
	var open []*directive
	var suspect *directive // a block that ends where its indentation says it should not

	list := func() *[]*directive {
		if len(open) == 0 {
			return &root
		}
		return &open[len(open)-1].block
	}
	for {
		words, end := s.statement()
		var d *directive
		if len(words) > 0 {
			d = &directive{word: words[0], args: words[1:], end: s.i, bad: s.torn}
		} else if end == endOpen {
			d = &directive{word: word{at: s.here(), off: s.i, end: s.i}, bad: true}
		}
		if d != nil {
			*list() = append(*list(), d)
		}
		switch end {
		case endOpen:
			d.isBlock, d.inner, d.end = true, s.i, len(text)
			d.close = d.end
			if isLua(d.text) {
				s.skipLua()
				d.close, d.end = s.i-1, s.i
				continue
			}
			open = append(open, d)
			if len(open) > maxDepth {
				s.fail(d.at, "", "blocks are nested deeper than %d", maxDepth)
				return root
			}
		case endClose:
			if len(open) == 0 {
				s.i--
				s.fail(s.here(), "no block is open here", `unexpected "}"`)
				s.i++
				continue
			}
			d := open[len(open)-1]
			open = open[:len(open)-1]
			d.close, d.end = s.i-1, s.i
			if suspect == nil && misplaced(text, d) {
				suspect = d
			}
		case endFile:
			if len(open) > 0 && !s.cut {
				if suspect == nil {
					suspect = open[len(open)-1]
				}
				s.fail(s.last(), fmt.Sprintf("the block %q of line %d is not closed", suspect.text, suspect.at.Line),
					`unexpected end of file, expecting "}"`)
			}
			return root
		}
	}
}

func isLua(name string) bool { return strings.HasSuffix(name, "_by_lua_block") }

// misplaced tells whether the "}" of a block stands at the start of a line,
// but not below the start of the line that opened the block.
func misplaced(text string, d *directive) bool {
	opens, first := indent(text, d.off)
	closes, alone := indent(text, d.close)
	return first && alone && opens != closes && strings.Contains(text[d.inner:d.close], "\n")
}

// indent returns the white space before offset i in its line, and whether
// there is nothing else before it.
func indent(text string, i int) (string, bool) {
	// A line of hostile length is not worth looking at.
	start := max(0, i-200)
	if n := strings.LastIndexByte(text[start:i], '\n'); n >= 0 {
		start += n + 1
	} else if start > 0 {
		return "", false
	}
	before := text[start:i]
	return before, strings.Trim(before, " \t") == ""
}
