package yamltree

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"stickylab/sim/format"
)

// most is how many problems of one file are reported.
const most = 100

// Reporter collects problems.
type Reporter struct {
	Name     string
	Source   *Source // nil: no text
	Origin   *Origin // nil: no text
	Problems Errors
	Dropped  bool

	walks map[*Node]*walk
}

// Full reports whether no more problems are taken. Who is about to report one may ask
// first, and save the work of wording it.
func (r *Reporter) Full() bool {
	r.Dropped = r.Dropped || len(r.Problems) >= most
	return r.Dropped
}

// At reports a problem at a place of the file.
func (r *Reporter) At(p Place, text, expected, hint string) {
	if r.Full() {
		return
	}
	problem := Problem{File: r.Name, Text: Printable(text), Expected: expected, Hint: Printable(hint)}
	if r.Source != nil && p.Line > 0 {
		p = r.Source.clamp(p)
		if name := r.Source.nameOf(p.Line); name != "" {
			problem.File = Printable(name)
			r.Problems = append(r.Problems, problem)
			return
		}
		problem.Line, problem.Column, problem.Excerpt = p.Line, p.Column, r.Source.excerpt(p)
	}
	r.Problems = append(r.Problems, problem)
}

// Value reports a problem with the value at a path; without a text the path
// stands for the position.
func (r *Reporter) Value(path, text, expected, hint string) {
	if r.Origin == nil {
		r.At(Place{}, path+": "+text, expected, hint)
		return
	}
	if r.Origin.Bad[path] {
		return
	}
	r.At(r.placeOf(path), text, expected, hint)
}

// Key reports a problem at the key of a path.
func (r *Reporter) Key(path, text, expected, hint string) {
	if r.Origin == nil {
		r.Value(path, text, expected, hint)
		return
	}
	r.At(cmp.Or(r.Origin.Keys[path], r.placeOf(path)), text, expected, hint)
}

// Inside reports a problem at line and column, from 1, of the text at a path.
func (r *Reporter) Inside(path string, line, column, width int, text, expected, hint string) {
	n := r.NodeOf(path)
	if r.Full() {
		return
	}
	if n == nil {
		r.Value(path, fmt.Sprintf("line %d, column %d: %s", line, column, text), expected, hint)
		return
	}
	p := r.inside(n, line, column)
	p.Width = max(width, 1)
	r.At(p, r.mapLines(n, text), expected, r.mapLines(n, hint))
}

var aLine = regexp.MustCompile(`\bline [0-9]+\b`)

// mapLines turns the line numbers of an inner text, which a message mentions,
// into those of the file.
func (r *Reporter) mapLines(n *Node, message string) string {
	return aLine.ReplaceAllStringFunc(message, func(s string) string {
		number, err := strconv.Atoi(strings.TrimPrefix(s, "line "))
		if err != nil {
			return s
		}
		return fmt.Sprintf("line %d", r.inside(n, number, 1).Line)
	})
}

// Printable keeps control characters of a file out of a message.
func Printable(message string) string {
	return format.Printable(strings.ReplaceAll(message, "\t", "\\t"))
}

func (r *Reporter) NodeOf(path string) *Node {
	if r.Origin == nil {
		return nil
	}
	return r.Origin.Nodes[path]
}

func (r *Reporter) placeOf(path string) Place {
	if n := r.NodeOf(path); n != nil {
		return n.Place
	}
	return Place{1, 1, 1}
}

// IsBad reports whether the value at a path could not be read, so that checks
// which need it have nothing to say.
func (r *Reporter) IsBad(path string) bool { return r.Origin != nil && r.Origin.Bad[path] }

// Errors returns the problems in the order of the text.
func (r *Reporter) Errors() Errors {
	out := r.Problems.sorted()
	if r.Dropped {
		out = append(out, Problem{File: r.Name, Text: fmt.Sprintf("these are the first %d found, there may be more", most)})
	}
	return out
}

// Repeated reports a key that appears twice.
func (r *Reporter) Repeated(seen map[string]Place, p Pair) bool {
	first, again := seen[p.Key]
	if again {
		r.At(p.Place, fmt.Sprintf("the key %q appears twice", Shorten(p.Key)), "", fmt.Sprintf("the first is on line %d", first.Line))
		return true
	}
	seen[p.Key] = p.Place
	return false
}

func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func Shorten(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "..."
	}
	return text
}
