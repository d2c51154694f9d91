package yamltree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a file.
type Problem struct {
	File     string `json:"file"`
	Line     int    `json:"line"`   // from 1; 0: no position
	Column   int    `json:"column"` // from 1, in characters
	Text     string `json:"text"`
	Expected string `json:"expected,omitempty"` // what may stand there
	Hint     string `json:"hint,omitempty"`     // what was probably meant, or what to do
	Excerpt  string `json:"excerpt,omitempty"`  // the line with a caret line under it
}

// Error is the problem in one line: file:line:column: text.
func (p Problem) Error() string { return p.where() + p.Text }

func (p Problem) where() string {
	switch {
	case p.Line > 0:
		return fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
	case p.File != "":
		return p.File + ": "
	}
	return ""
}

// String is the problem for people: the line of Error, the excerpt, what was
// expected and the hint, without a newline at the end.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Error())
	if p.Excerpt != "" {
		b.WriteString("\n" + p.Excerpt)
	}
	if p.Expected != "" {
		b.WriteString("\n  expected: " + p.Expected)
	}
	if p.Hint != "" {
		b.WriteString("\n  hint: " + p.Hint)
	}
	return b.String()
}

// Errors are the mistakes of a file in the order of the text; empty: none.
type Errors []Problem

// Error is every problem for people, with an empty line between two.
func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, p := range e {
		texts[i] = p.String()
	}
	return strings.Join(texts, "\n\n")
}

// Err is e as an error, nil when there are none.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// sorted returns e in the order of the text, without repeats.
func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b Problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	var out Errors
	seen := map[Problem]bool{}
	for _, p := range e {
		if !seen[p] {
			out = append(out, p)
		}
		seen[p] = true
	}
	return out
}
