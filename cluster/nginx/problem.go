package nginx

import (
	"fmt"
	"slices"
	"strings"
)

// maxProblems is how many problems of one text are told. Hostile text can hold
// one per byte.
const maxProblems = 100

// String returns the problem as one line: "3:5: unknown directive "x" (hint)".
func (p Problem) String() string {
	s := fmt.Sprintf("%d:%d: %s", p.Pos.Line, p.Pos.Column, p.Text)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Error makes a Problem usable as an error.
func (p Problem) Error() string { return p.String() }

// report collects what there is to say about a text.
type report struct {
	problems []Problem
	notes    []Problem
	noted    map[string]bool
}

// full tells whether more problems would be dropped, so that the work for a
// hint can be saved.
func (r *report) full() bool { return len(r.problems) >= maxProblems }

func (r *report) fail(at Pos, hint, format string, args ...any) {
	if r.full() {
		return
	}
	r.problems = append(r.problems, Problem{Pos: at, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// note says something once per key.
func (r *report) note(key string, at Pos, hint, format string, args ...any) {
	if r.noted[key] || len(r.notes) >= maxProblems {
		return
	}
	if r.noted == nil {
		r.noted = map[string]bool{}
	}
	r.noted[key] = true
	r.notes = append(r.notes, Problem{Pos: at, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// inOrder sorts by place in the text and drops repetitions.
func inOrder(ps []Problem) []Problem {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Pos.Column - b.Pos.Column
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool { return a.Pos == b.Pos && a.Text == b.Text })
}

// listed joins words for a sentence: "a", "a or b", "a, b or c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
