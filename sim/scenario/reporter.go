package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// most is how many problems of one file are reported.
const most = 100

// reporter collects problems.
type reporter struct {
	name     string
	source   *source // nil: no text
	origin   *origin // nil: no text
	problems Errors
	dropped  bool
}

// at reports a problem at a place of the file.
func (r *reporter) at(p place, text, expected, hint string) {
	if len(r.problems) >= most {
		r.dropped = true
		return
	}
	problem := Problem{File: r.name, Text: printable(text), Expected: expected, Hint: printable(hint)}
	if r.source != nil && p.line > 0 {
		p = r.source.clamp(p)
		problem.Line, problem.Column, problem.Excerpt = p.line, p.column, r.source.excerpt(p)
	}
	r.problems = append(r.problems, problem)
}

// value reports a problem with the value at a path; without a text the path
// stands for the position.
func (r *reporter) value(path, text, expected, hint string) {
	if r.origin == nil {
		r.at(place{}, path+": "+text, expected, hint)
		return
	}
	if r.origin.bad[path] {
		return
	}
	r.at(r.placeOf(path), text, expected, hint)
}

// key reports a problem at the key of a path.
func (r *reporter) key(path, text, expected, hint string) {
	if r.origin == nil {
		r.at(place{}, path+": "+text, expected, hint)
		return
	}
	p, ok := r.origin.keys[path]
	if !ok {
		p = r.placeOf(path)
	}
	r.at(p, text, expected, hint)
}

// inside reports a problem at line and column, from 1, of the text at a path.
func (r *reporter) inside(path string, line, column, width int, text, expected, hint string) {
	n := r.nodeOf(path)
	if n == nil {
		r.value(path, fmt.Sprintf("line %d, column %d: %s", line, column, text), expected, hint)
		return
	}
	p := n.inside(r.source, line, column)
	p.width = max(width, 1)
	r.at(p, r.mapLines(n, text), expected, r.mapLines(n, hint))
}

var aLine = regexp.MustCompile(`\bline [0-9]+\b`)

// mapLines turns the line numbers of an inner text, which a message mentions,
// into those of the file.
func (r *reporter) mapLines(n *node, message string) string {
	return aLine.ReplaceAllStringFunc(message, func(s string) string {
		number, err := strconv.Atoi(strings.TrimPrefix(s, "line "))
		if err != nil {
			return s
		}
		return fmt.Sprintf("line %d", n.inside(r.source, number, 1).line)
	})
}

// printable keeps control characters of a file out of a message.
func printable(message string) string {
	return strings.Map(visible, strings.ReplaceAll(message, "\t", "\\t"))
}

func (r *reporter) nodeOf(path string) *node {
	if r.origin == nil {
		return nil
	}
	return r.origin.nodes[path]
}

func (r *reporter) placeOf(path string) place {
	if n := r.nodeOf(path); n != nil {
		return n.place
	}
	return place{1, 1, 1}
}

// isBad tells whether the value at a path could not be read, so that checks
// which need it have nothing to say.
func (r *reporter) isBad(path string) bool { return r.origin != nil && r.origin.bad[path] }

// errors returns the problems in the order of the text.
func (r *reporter) errors() Errors {
	out := r.problems.sorted()
	if r.dropped {
		out = append(out, Problem{File: r.name, Text: fmt.Sprintf("there are more problems; these are the first %d found", most)})
	}
	return out
}
