package yamltree

import "slices"

// add puts a line after those of the file, and returns its number. Problems there are of
// what name says, without a position.
func (s *Source) add(name, line string) int {
	if s.names == nil {
		s.own = len(s.lines)
	}
	more := newSource(line)
	s.lines, s.widths = append(slices.Clip(s.lines), line), append(slices.Clip(s.widths), more.widths[0])
	s.names = append(s.names, name)
	return len(s.lines)
}

// nameOf returns what problems at a line call its file, "" for the file itself.
func (s *Source) nameOf(line int) string {
	if s.names == nil || line <= s.own {
		return ""
	}
	return s.names[line-s.own-1]
}

// Inline reads a value that is not in the file, such as one of the command line: YAML on one
// line, after the key that it is for. Name is what problems with it call their file.
// It returns the node, nil after reporting what is wrong, and the place of the key.
func (r *Reporter) Inline(name, key, value string) (*Node, Place) {
	line := r.Source.add(name, key+"="+value)
	start := len([]rune(key)) + 1
	own := &Reporter{}
	n := Read(own, []byte(value))
	for _, p := range own.Problems {
		r.At(Place{line, start + p.Column, 1}, p.Text, p.Expected, p.Hint)
	}
	if len(own.Problems) > 0 {
		n = nil
	}
	move(n, line, start, map[*Node]bool{})
	return n, Place{line, 1, start - 1}
}

// Text returns a text that is not in the file as a node, with problems as Inline has them.
func (r *Reporter) Text(name, text string) *Node {
	return &Node{Kind: Scalar, Text: text, Place: Place{r.Source.add(name, ""), 1, 1}}
}

// move moves the places of what was read from one line to another line.
func move(n *Node, line, right int, moved map[*Node]bool) {
	if n == nil || moved[n] {
		return
	}
	moved[n] = true
	to := func(p *Place) { p.Line, p.Column = line, p.Column+right }
	to(&n.Place)
	for i := range n.Pairs {
		to(&n.Pairs[i].Place)
		move(n.Pairs[i].Value, line, right, moved)
	}
	for _, item := range n.Items {
		move(item, line, right, moved)
	}
}
