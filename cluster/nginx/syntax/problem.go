package syntax

import (
	"cmp"
	"fmt"
	"slices"
)

// MaxProblems is how many problems of one text are kept, and how many notes.
// Hostile text can hold one per byte.
const MaxProblems = 100

// Problem is something to say about a text: an error, or a note.
type Problem struct {
	Pos     Pos
	Code    Code
	Subject string // of a note: the directive or name that it is about
	Text    string // in nginx's words where nginx has words for it
	Hint    string // what was expected or what to do; may be empty
}

// Code names a kind of problem or note, for callers that act on it.
type Code string

// Malformed is the code of wrong braces, quotes and semicolons.
const Malformed Code = "malformed"

// Error returns the problem as one line: "3:5: unknown directive "x" (hint)".
func (p Problem) Error() string {
	return fmt.Sprintf("%d:%d: %s", p.Pos.Line, p.Pos.Column, p.Sentence())
}

// Sentence returns the text with the hint.
func (p Problem) Sentence() string {
	if p.Hint == "" {
		return p.Text
	}
	return p.Text + " (" + p.Hint + ")"
}

// Report collects what there is to say about a text. The zero value is empty.
type Report struct {
	problems []Problem
	notes    []Problem
}

// Full reports whether more problems would be dropped, so that the work for a
// hint can be saved.
func (r *Report) Full() bool { return len(r.problems) >= MaxProblems }

// Add adds problems that were found elsewhere.
func (r *Report) Add(problems ...Problem) {
	r.problems = append(r.problems, problems[:min(len(problems), MaxProblems-len(r.problems))]...)
}

// Fail adds a problem. The text is formatted as by fmt.Sprintf.
func (r *Report) Fail(code Code, at Pos, hint, format string, args ...any) {
	if !r.Full() {
		r.problems = append(r.problems, Problem{Pos: at, Code: code, Text: fmt.Sprintf(format, args...), Hint: hint})
	}
}

// Note adds a note, once for each code and subject. The text is formatted as by
// fmt.Sprintf.
func (r *Report) Note(code Code, subject string, at Pos, hint, format string, args ...any) {
	noted := slices.ContainsFunc(r.notes, func(n Problem) bool { return n.Code == code && n.Subject == subject })
	if noted || len(r.notes) >= MaxProblems {
		return
	}
	r.notes = append(r.notes, Problem{Pos: at, Code: code, Subject: subject, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// Problems returns the problems in the order of the text, without repetitions.
func (r *Report) Problems() []Problem { return inOrder(r.problems) }

// Notes returns the notes in the order of the text, without repetitions.
func (r *Report) Notes() []Problem { return inOrder(r.notes) }

// inOrder sorts by place in the text and drops repetitions.
func inOrder(ps []Problem) []Problem {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool { return a.Pos == b.Pos && a.Text == b.Text })
}
