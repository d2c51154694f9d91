package nginx

import "strings"

// Statement is a directive of a text as it was written, for who reads or edits
// text that is not a configuration yet. Offsets are in bytes.
type Statement struct {
	Name   string
	Args   []string
	Pos    Pos
	Start  int // of the name
	End    int // behind ";" or "}"
	ArgsAt [][2]int
	Broken bool // it is not well-formed

	IsBlock      bool
	Block        []*Statement
	Inner, Close int // behind "{", and of "}"

	d *directive
}

// Scan reads a text into statements, whatever they are: names, places and
// numbers of arguments are not checked. The problems are those of braces,
// quotes and semicolons.
func Scan(text string) ([]*Statement, []Problem) {
	var r report
	tree := scanTree(text, &r)
	return statements(tree), inOrder(r.problems)
}

func statements(list []*directive) []*Statement {
	out := make([]*Statement, 0, len(list))
	for _, d := range list {
		s := &Statement{
			Name: d.text, Pos: d.at, Start: d.off, End: d.end, Broken: d.bad,
			IsBlock: d.isBlock, Inner: d.inner, Close: d.close, d: d,
		}
		for _, a := range d.args {
			s.Args = append(s.Args, a.text)
			s.ArgsAt = append(s.ArgsAt, [2]int{a.off, a.end})
		}
		if d.isBlock && !isLua(d.text) {
			s.Block = statements(d.block)
		}
		out = append(out, s)
	}
	return out
}

// Arg returns an argument, "" when there are fewer.
func (s *Statement) Arg(i int) string {
	if i < len(s.Args) {
		return s.Args[i]
	}
	return ""
}

// Find returns the statements of that name directly in the block.
func (s *Statement) Find(name string) []*Statement {
	var out []*Statement
	for _, x := range s.Block {
		if x.Name == name {
			out = append(out, x)
		}
	}
	return out
}

// InsertBehind writes statements, without their ";", behind one of the same
// text, each on a line of its own with the same indentation, or in the same
// line where the block is written in one.
func InsertBehind(text string, s *Statement, with ...string) string {
	e := edit{text: text + "\n"}
	at, before, after := e.insertion(s.End, s.d)
	out := e.with([]change{{at, at, before + strings.Join(with, ";"+before) + ";" + after}})
	return strings.TrimSuffix(out, "\n")
}

// InsertInto writes statements, without their ";", at the beginning of a block.
func InsertInto(text string, block *Statement, with ...string) string {
	e := edit{text, block.d}
	var first *directive
	if len(block.d.block) > 0 {
		first = block.d.block[0]
	}
	at, before, after := e.insertion(block.Inner, first)
	return e.with([]change{{at, at, before + strings.Join(with, ";"+before) + ";" + after}})
}

// ReplaceArg writes an argument in the place of another.
func ReplaceArg(text string, s *Statement, i int, with string) string {
	return text[:s.ArgsAt[i][0]] + with + text[s.ArgsAt[i][1]:]
}

// Remove takes a statement out of a text, with its line if nothing else is in
// it.
func Remove(text string, s *Statement) string {
	e := edit{text: text}
	from, to := e.whole(s.Start, s.End)
	return e.with([]change{{from, to, ""}})
}
