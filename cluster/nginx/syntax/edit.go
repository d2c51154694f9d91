package syntax

import (
	"slices"
	"strings"
)

// Change puts a text in the place of the bytes from From up to To.
type Change struct {
	From, To int
	Text     string
}

// Apply returns the tree of the text with all changes made. Of changes that
// overlap the first one counts. Without an effect the tree itself is returned.
func (t *Tree) Apply(changes ...Change) *Tree {
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b Change) int { return a.From - b.From })
	var b strings.Builder
	done := 0
	for _, c := range changes {
		if c.From < done {
			continue
		}
		b.WriteString(t.text[done:c.From])
		b.WriteString(c.Text)
		done = c.To
	}
	b.WriteString(t.text[done:])
	switch text := b.String(); {
	case text == t.text:
		return t
	case t.cache != nil:
		return t.cache.Scan(text)
	default:
		return Scan(text)
	}
}

// Replace writes a text in the place of a word, quotes included.
func Replace(w Word, with string) Change { return Change{w.Start, w.End, with} }

// Rewrite writes a text in the place of a directive, its ";" or block included.
func Rewrite(d *Directive, with string) Change { return Change{d.Start, d.End, with} }

// Blank puts spaces in the place of a directive, and keeps its line ends, so that
// nothing else changes its place.
func (t *Tree) Blank(d *Directive) Change {
	return Change{d.Start, d.End, strings.Map(func(c rune) rune {
		if c == '\n' || c == '\r' {
			return c
		}
		return ' '
	}, t.text[d.Start:d.End])}
}

// Remove takes a directive out: with its whole line when nothing else is in it,
// else with the blanks after it.
func (t *Tree) Remove(d *Directive) Change {
	from, to := d.Start, d.End
	margin, first := indent(t.text, from)
	rest := t.text[to:]
	blanks := len(rest) - len(strings.TrimLeft(rest, " \t"))
	end := strings.TrimPrefix(rest[blanks:], "\r")
	if first && strings.HasPrefix(end, "\n") {
		return Change{from - len(margin), len(t.text) - len(end) + 1, ""}
	}
	if end == "" || end[0] == '\n' || end[0] == '#' {
		// A comment that is left alone keeps its column; blanks at the end of a
		// line are not worth it.
		return Change{from, to, ""}
	}
	return Change{from, to + blanks, ""}
}

// RemoveArg takes a word out with the white space before it.
func (t *Tree) RemoveArg(w Word) Change {
	return Change{len(strings.TrimRight(t.text[:w.Start], " \t\r\n")), w.End, ""}
}

// InsertAfter writes statements, without their ";", after a directive: each on its
// own line with the same indentation and after the comment that ends the
// line, or right there where the block is written in one line.
func (t *Tree) InsertAfter(d *Directive, statements ...string) Change {
	return t.insert(d.End, d, nil, statements)
}

// InsertInto writes statements, without their ";", at the beginning of a block,
// laid out as by InsertAfter.
func (t *Tree) InsertInto(block *Directive, statements ...string) Change {
	var first *Directive
	if len(block.Block) > 0 {
		first = block.Block[0]
	}
	return t.insert(block.Inner, first, block, statements)
}

// insert writes statements at an offset, laid out like their neighbour, or like
// the block when it is empty.
func (t *Tree) insert(at int, neighbour, block *Directive, statements []string) Change {
	margin, apart := "", false
	if neighbour != nil {
		margin, apart = indent(t.text, neighbour.Start)
	} else if strings.Contains(t.text[block.Inner:block.Close], "\n") {
		margin, _ = indent(t.text, block.Start)
		margin, apart = margin+"    ", true
	}
	before, after, rest := " ", "", t.text[at:]
	if apart {
		place := at + len(rest) - len(strings.TrimLeft(rest, " \t"))
		line, _, found := strings.Cut(t.text[place:], "\n")
		before = "\n" + margin
		if found && strings.HasSuffix(line, "\r") {
			before = "\r\n" + margin
			line = line[:len(line)-1]
		}
		switch {
		case strings.HasPrefix(line, "#"):
			at = place + len(line)
		case line == "": // otherwise something follows in the line
			at = place
		}
	} else if rest != "" && strings.IndexByte(" \t\r\n", rest[0]) < 0 {
		after = " "
	}
	return Change{at, at, before + strings.Join(statements, ";"+before) + ";" + after}
}
