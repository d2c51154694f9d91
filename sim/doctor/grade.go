package doctor

import "slices"

// A Grade is how bad a finding is, by what is lost.
type Grade string

// The grades.
const (
	Breaks Grade = "breaks" // sessions or messages are lost
	If     Grade = "if"     // they are lost under a condition that the text does not settle
	Costs  Grade = "costs"  // nothing is lost, but it is uneven or expensive
)

// A Verdict is what a report comes to: the worst of what is certain.
type Verdict string

// The verdicts.
const (
	Works  Verdict = "works"  // nothing is certain to break or to cost anything
	Costly Verdict = "costs"  // something costs, nothing breaks
	Broken Verdict = "breaks" // something breaks

	Unexamined Verdict = "unexamined" // nothing of the text was examined
)

// verdicts says what findings of a grade come to, the worst first.
var verdicts = []struct {
	grade   Grade
	verdict Verdict
}{
	{Breaks, Broken},
	{Costs, Costly},
	{If, Works},
}

// fatal reports whether nginx does not start with the text.
func (r *Report) fatal() bool {
	return slices.ContainsFunc(r.First, func(n Note) bool { return n.fatal })
}

// Verdict returns what the findings come to.
func (r *Report) Verdict() Verdict {
	switch {
	case r.fatal():
		return Broken
	case len(r.Sites) == 0:
		return Unexamined
	}
	for _, v := range verdicts {
		for _, s := range r.Sites {
			for _, f := range s.Findings {
				if f.Grade == v.grade {
					return v.verdict
				}
			}
		}
	}
	return Works
}
