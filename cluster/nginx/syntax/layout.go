package syntax

import "strings"

// Layout returns the text with one directive on a line, each indented by the
// blocks around it, so that two texts can be compared line by line. Comments have
// their own lines; words stay as they were written. What is malformed is left
// out.
func (t *Tree) Layout() string {
	l := layout{tree: t}
	l.list(t.Directives, 0, len(t.text), 0)
	return l.out.String()
}

type layout struct {
	tree *Tree
	out  strings.Builder
}

func (l *layout) line(depth int, words ...string) {
	l.out.WriteString(strings.Repeat("  ", depth) + strings.Join(words, " ") + "\n")
}

// list writes the directives between two offsets.
func (l *layout) list(list []*Directive, from, to, depth int) {
	for _, d := range list {
		l.comments(from, d.Start, depth)
		words := []string{l.tree.text[d.Start:d.nameEnd]}
		for _, w := range d.Args {
			l.comments(from, w.Start, depth)
			words, from = append(words, l.tree.Raw(w)), w.End
		}
		from = d.End
		if !d.IsBlock {
			words[len(words)-1] += ";"
			l.line(depth, words...)
			continue
		}
		l.line(depth, append(words, "{")...)
		if IsLua(d.Name) {
			l.line(depth+1, strings.TrimSpace(l.tree.text[d.Inner:d.Close]))
		} else {
			l.list(d.Block, d.Inner, d.Close, depth+1)
		}
		l.line(depth, "}")
	}
	l.comments(from, to, depth)
}

// comments writes those of a text between two words.
func (l *layout) comments(from, to, depth int) {
	for line := range strings.Lines(l.tree.text[from:max(from, to)]) {
		if _, comment, found := strings.Cut(line, "#"); found {
			l.line(depth, "#"+strings.TrimRight(comment, " \t\r\n"))
		}
	}
}
