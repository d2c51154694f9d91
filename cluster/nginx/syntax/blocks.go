package syntax

import (
	"fmt"
	"strings"
)

// maxDepth is how deep blocks may be nested. nginx has no limit; no sane text comes
// near this one.
const maxDepth = 64

// maxRepairs is how many wrong braces of a text are looked for.
const maxRepairs = 10

// byteOrderMark begins what some editors save. nginx refuses it.
const byteOrderMark = "\ufeff"

// scanTree reads a file of the text into directives. Whatever is wrong with its braces
// and semicolons is reported, and the tree holds what can be made of the rest:
// where the indentation tells which brace is too many or missing, the text is
// read as if that were repaired.
func scanTree(text string, f section, to *Report) []*Directive {
	text = text[:f.to]
	repaired := map[int]repair{}
	var found []Problem
	for repairs := 0; ; repairs++ {
		var r Report
		root, fault := scanOnce(text, f, &r, repaired)
		if fault != nil {
			found = append(found, fault.problem)
			switch already := repaired[fault.off]; {
			case fault.repair == 0 || repairs == maxRepairs:
			case already == 0:
				repaired[fault.off] = fault.repair
				continue
			case already >= closeBefore && fault.repair == closeBefore:
				repaired[fault.off]++
				continue
			}
		}
		to.Add(append(found, r.problems...)...)
		return root
	}
}

// repair is what to do at a place of the text.
type repair byte

const (
	skipIt      repair = iota + 1 // the "}" here is too many
	closeBoth                     // one is missing before the "}" here
	closeBefore                   // one is missing before the directive here; one more for each number above
)

// fault is a brace that is too many or missing.
type fault struct {
	problem Problem
	block   *Directive // that is not closed
	repair  repair     // 0 when nothing can be done
	off     int        // where
}

// odd is a "}" that is not where its block would have it.
type odd struct {
	block *Directive
	at    Pos
	off   int
}

// brackets keeps the first odd "}" of each kind.
type brackets struct {
	early *odd // it follows other text, or is further in than its block
	late  *odd // by its indentation it is that of an outer block
}

// scanOnce reads the text once, with what is repaired. A fault that can be repaired
// ends it early.
func scanOnce(text string, file section, to *Report, repaired map[int]repair) (root []*Directive, f *fault) {
	s := newScanner(text, to)
	s.i, s.start, s.line = file.from, file.from, file.line
	if file.from == 0 && strings.HasPrefix(text, byteOrderMark) {
		s.i, s.start = len(byteOrderMark), len(byteOrderMark)
	}
	var open []*Directive
	var strange brackets

	list := func() *[]*Directive {
		if len(open) == 0 {
			return &root
		}
		return &open[len(open)-1].Block
	}
	closeLast := func(at, end int) *Directive {
		last := open[len(open)-1]
		open = open[:len(open)-1]
		last.Close, last.End = at, end
		return last
	}
	for {
		words, end := s.statement()
		var d *Directive
		if len(words) > 0 {
			name := words[0]
			d = &Directive{
				Name: name.Text, Args: words[1:], Pos: name.Pos, Start: name.Start, End: s.i, Quoted: name.Quoted, Broken: s.torn, nameEnd: name.End,
			}
		} else if end == endOpen {
			d = &Directive{Pos: s.here(), Start: s.i, End: s.i, Broken: true, nameEnd: s.i}
		}
		if d != nil {
			for n := repaired[d.Start]; n >= closeBefore && len(open) > 0; n-- {
				closeLast(d.Start, d.Start)
			}
			*list() = append(*list(), d)
		}
		switch end {
		case endOpen:
			d.IsBlock, d.Inner, d.End = true, s.i, len(text)
			d.Close = d.End
			if IsLua(d.Name) {
				s.skipLua()
				d.Close, d.End = s.i-1, s.i
				continue
			}
			open = append(open, d)
			if len(open) > maxDepth {
				s.Fail(Malformed, d.Pos, "", "blocks are nested deeper than %d", maxDepth)
				return root, f
			}
		case endClose:
			off := s.i - 1
			if repaired[off] == skipIt {
				continue
			}
			s.i--
			at := s.here()
			s.i++
			if len(open) == 0 {
				if strange.early != nil {
					return root, excess(strange.early, at)
				}
				s.Fail(Malformed, at, "no block is open here", `unexpected "}"`)
				continue
			}
			times := 1
			if repaired[off] == closeBoth {
				times = 2
			}
			for ; times > 0 && len(open) > 0; times-- {
				if d := closeLast(off, s.i); repaired[off] == 0 {
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
	hint := fmt.Sprintf("it closes the block %q of line %d, and the one in line %d closes none", early.block.Name, early.block.Pos.Line, at.Line)
	return &fault{problem: Problem{Pos: early.at, Code: Malformed, Text: `unexpected "}"`, Hint: hint}, repair: skipIt, off: early.off}
}

// unclosed is the fault of a block that is still open at the end of the text:
// the last one, unless a late "}" tells which one lacks its own.
func unclosed(s *scanner, d *Directive, late *odd) *fault {
	f := &fault{}
	if late != nil {
		d, f.repair, f.off = late.block, closeBoth, late.off
	}
	f.block = d
	at, hint := s.last(), fmt.Sprintf("the block %q of line %d is not closed", d.Name, d.Pos.Line)
	if at.Line > d.Pos.Line {
		at, hint = d.Pos, fmt.Sprintf("the block %q that opens here is not closed", d.Name)
	}
	f.problem = Problem{Pos: at, Code: Malformed, Text: `unexpected end of file, expecting "}"`, Hint: hint}
	return f
}

// closeEarlier closes the block before the first directive in it that is no
// further in than the block itself.
func (f *fault) closeEarlier(text string) {
	margin, _ := indent(text, f.block.Start)
	for _, d := range f.block.Block {
		if own, first := indent(text, d.Start); first && d.Pos.Line > f.block.Pos.Line && len(own) <= len(margin) && d.Start > f.block.Inner {
			f.repair, f.off = closeBefore, d.Start
			return
		}
	}
}

// look keeps the "}" of a block of several lines if its place is odd.
func (b *brackets) look(text string, d *Directive, at Pos) {
	if d.Pos.Line == at.Line || b.early != nil && b.late != nil {
		return
	}
	opens, first := indent(text, d.Start)
	closes, alone := indent(text, d.Close)
	switch {
	case alone && (!first || opens == closes):
	case alone && len(closes) < len(opens):
		if b.late == nil {
			b.late = &odd{d, at, d.Close}
		}
	default:
		if b.early == nil {
			b.early = &odd{d, at, d.Close}
		}
	}
}

// IsLua reports whether a block of that name holds Lua, which is not scanned.
func IsLua(name string) bool { return strings.HasSuffix(name, "_by_lua_block") }

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
