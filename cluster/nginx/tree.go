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

// maxRepairs is how many wrong braces of a text are looked for.
const maxRepairs = 10

// scanTree reads the text into directives. Whatever is wrong with its braces
// and semicolons is reported, and the tree holds what can be made of the rest:
// where the indentation tells which brace is too many or missing, the text is
// read as if that were mended.
func scanTree(text string, to *report) []*directive {
	mended := map[int]mend{}
	var found []Problem
	for repairs := 0; ; repairs++ {
		var r report
		root, fault := scanOnce(text, &r, mended)
		if fault != nil {
			found = append(found, fault.problem)
			switch already := mended[fault.off]; {
			case fault.mend == 0 || repairs == maxRepairs:
			case already == 0:
				mended[fault.off] = fault.mend
				continue
			case already >= closeBefore && fault.mend == closeBefore:
				mended[fault.off]++
				continue
			}
		}
		for _, p := range append(found, r.problems...) {
			to.fail(p.Pos, p.Hint, "%s", p.Text)
		}
		return root
	}
}

// mend is what to do at a place of the text.
type mend byte

const (
	skipIt      mend = iota + 1 // the "}" here is too many
	closeBoth                   // one is missing before the "}" here
	closeBefore                 // one is missing before the directive here; one more for each number above
)

// fault is a brace that is too many or missing.
type fault struct {
	problem Problem
	block   *directive // that is not closed
	mend    mend       // 0: nothing can be done
	off     int        // where
}

// odd is a "}" that does not stand where its block would have it.
type odd struct {
	block *directive
	at    Pos
	off   int
}

// brackets keeps the first odd "}" of each kind.
type brackets struct {
	early *odd // it stands behind other text, or further in than its block
	late  *odd // by its indentation it is that of an outer block
}

// scanOnce reads the text once, with what is mended. A fault that can be mended
// ends it early.
func scanOnce(text string, to *report, mended map[int]mend) (root []*directive, f *fault) {
	s := newScanner(text, to)
	var open []*directive
	var strange brackets

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
			for n := mended[d.off]; n >= closeBefore && len(open) > 0; n-- {
				last := open[len(open)-1]
				open = open[:len(open)-1]
				last.close, last.end = d.off, d.off
			}
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
				return root, f
			}
		case endClose:
			off := s.i - 1
			if mended[off] == skipIt {
				continue
			}
			s.i--
			at := s.here()
			s.i++
			if len(open) == 0 {
				if strange.early != nil {
					return root, excess(strange.early, at)
				}
				s.fail(at, "no block is open here", `unexpected "}"`)
				continue
			}
			times := 1
			if mended[off] == closeBoth {
				times = 2
			}
			for ; times > 0 && len(open) > 0; times-- {
				d := open[len(open)-1]
				open = open[:len(open)-1]
				d.close, d.end = off, s.i
				if mended[off] == 0 {
					strange.look(text, d, at)
				}
			}
		case endFile:
			if len(open) > 0 && !s.cut {
				f = unclosed(s, open[len(open)-1], strange.late)
				f.closeEarlier(text)
			}
			return root, f
		}
	}
}

// excess is the fault of a "}" that closes nothing, which is due to an early
// one.
func excess(early *odd, at Pos) *fault {
	hint := fmt.Sprintf("it closes the block %q of line %d, and the one in line %d closes none", early.block.text, early.block.at.Line, at.Line)
	return &fault{problem: Problem{early.at, `unexpected "}"`, hint}, mend: skipIt, off: early.off}
}

// unclosed is the fault of a block that is still open at the end of the text:
// the last one, unless a late "}" tells which one lacks its own.
func unclosed(s *scanner, d *directive, late *odd) *fault {
	f := &fault{}
	if late != nil {
		d, f.mend, f.off = late.block, closeBoth, late.off
	}
	f.block = d
	at, hint := s.last(), fmt.Sprintf("the block %q of line %d is not closed", d.text, d.at.Line)
	if at.Line > d.at.Line {
		at, hint = d.at, fmt.Sprintf("the block %q that opens here is not closed", d.text)
	}
	f.problem = Problem{at, `unexpected end of file, expecting "}"`, hint}
	return f
}

// closeEarlier closes the block before the first directive in it that stands no
// further in than the block itself.
func (f *fault) closeEarlier(text string) {
	margin, _ := indent(text, f.block.off)
	for _, d := range f.block.block {
		if own, first := indent(text, d.off); first && d.at.Line > f.block.at.Line && len(own) <= len(margin) && d.off > f.block.inner {
			f.mend, f.off = closeBefore, d.off
			return
		}
	}
}

// look keeps the "}" of a block of several lines if it stands oddly.
func (b *brackets) look(text string, d *directive, at Pos) {
	if d.at.Line == at.Line || b.early != nil && b.late != nil {
		return
	}
	opens, first := indent(text, d.off)
	closes, alone := indent(text, d.close)
	switch {
	case alone && (!first || opens == closes):
	case alone && len(closes) < len(opens):
		if b.late == nil {
			b.late = &odd{d, at, d.close}
		}
	default:
		if b.early == nil {
			b.early = &odd{d, at, d.close}
		}
	}
}

func isLua(name string) bool { return strings.HasSuffix(name, "_by_lua_block") }

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
