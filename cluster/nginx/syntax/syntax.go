// Package syntax reads nginx configuration text into a tree of directives and
// edits it. It knows nothing of what the directives mean: names, places and
// numbers of arguments are package nginx's affair.
//
// A Tree never changes. An edit is a Change of its text, and Tree.Apply returns
// the tree of the changed text; everything that no Change covers stays as it is,
// comments and white space included.
package syntax

import (
	"slices"
	"strings"
)

// Pos is a place in a text, both numbers from 1. Column counts characters, a tab
// being one.
type Pos struct{ Line, Column int }

// Word is an argument of a directive. Offsets count bytes.
type Word struct {
	Text       string // without quotes and escapes
	Pos        Pos
	Start, End int // quotes included
	Quoted     bool
}

// Directive is one statement of a text. Offsets count bytes.
type Directive struct {
	Name  string // without quotes and escapes
	Args  []Word
	Block []*Directive

	Pos        Pos
	Start, End int  // from the name to after the ";" or "}"
	Quoted     bool // the name is in quotes
	Broken     bool // not well-formed, so nothing may be concluded from it

	IsBlock      bool
	Inner, Close int // after the "{", and of the "}"; both 0 without a block

	nameEnd int
}

// Arg returns an argument by its index, "" when there are fewer.
func (d *Directive) Arg(i int) string {
	if i < len(d.Args) {
		return d.Args[i].Text
	}
	return ""
}

// Has reports whether one of the arguments reads exactly so.
func (d *Directive) Has(arg string) bool {
	return slices.ContainsFunc(d.Args, func(w Word) bool { return w.Text == arg })
}

// Find returns the directives of that name directly in the block.
func (d *Directive) Find(name string) []*Directive { return Find(d.Block, name) }

// Find returns the directives of that name in a list, not those in their blocks.
func Find(list []*Directive, name string) []*Directive {
	var out []*Directive
	for _, d := range list {
		if d.Name == name {
			out = append(out, d)
		}
	}
	return out
}

// Cut ends a directive before its argument i and returns the rest as a directive
// that begins with it: what a missing ";" has joined is parted again.
func (d *Directive) Cut(i int) *Directive {
	end := d.nameEnd
	if i > 0 {
		end = d.Args[i-1].End
	}
	first := d.Args[i]
	rest := *d
	rest.Name, rest.Pos, rest.Start, rest.Quoted, rest.nameEnd = first.Text, first.Pos, first.Start, first.Quoted, first.End
	rest.Args = d.Args[i+1:]
	d.Args, d.Block, d.IsBlock, d.End = d.Args[:i:i], nil, false, end
	return &rest
}

// Clone returns copies of directives and of those in their blocks, for callers
// that change them.
func Clone(list []*Directive) []*Directive {
	out := make([]*Directive, len(list))
	for i, d := range list {
		c := *d
		c.Block = Clone(d.Block)
		out[i] = &c
	}
	return out
}

// Each calls do for each directive of a list and of the blocks in it, outer ones
// first, in the order of the text.
func Each(list []*Directive, do func(*Directive)) {
	for _, d := range list {
		do(d)
		Each(d.Block, do)
	}
}

// Tree is a text with the directives found in it. It is not to be changed.
type Tree struct {
	Directives []*Directive // of the top level
	Problems   []Problem    // of braces, quotes and semicolons, in the order of the text

	text  string
	cache *Cache // that scans what edits make of it; nil means none
}

// Scan reads a text: one file, or several that include each other (see Join). It
// never fails: Problems holds what is wrong, and the
// directives are what can be made of the rest.
func Scan(text string) *Tree {
	var r Report
	files := sections(text)
	for i, f := range files {
		files[i].list = scanTree(text, f, &r)
	}
	list := files[0].list
	if len(files) > 1 {
		list = place(files)
	}
	return &Tree{text: text, Directives: list, Problems: r.Problems()}
}

// Text returns the text, byte for byte as it was scanned.
func (t *Tree) Text() string { return t.text }

// Raw returns the text of a word as it was written, quotes and escapes included.
func (t *Tree) Raw(w Word) string { return t.text[w.Start:w.End] }

// Marked reports whether the text begins with a byte order mark, which nginx refuses.
func (t *Tree) Marked() bool { return strings.HasPrefix(t.text, byteOrderMark) }

// HTTP returns the http block, or nil. A text without one is a fragment: what
// belongs into one.
func (t *Tree) HTTP() *Directive {
	for _, d := range Find(t.Directives, "http") {
		if d.IsBlock {
			return d
		}
	}
	return nil
}

// Upstream returns the upstream block of a name, in any case, at the top level, in
// the http block or in that of stream; nil when there is none.
func (t *Tree) Upstream(name string) *Directive {
	list := t.Directives
	if http := t.HTTP(); http != nil {
		list = slices.Concat(list, http.Block)
	}
	for _, d := range Find(t.Directives, "stream") {
		list = slices.Concat(list, d.Block)
	}
	for _, d := range Find(list, "upstream") {
		if d.IsBlock && len(d.Args) == 1 && strings.EqualFold(d.Args[0].Text, name) {
			return d
		}
	}
	return nil
}
