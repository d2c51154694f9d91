package run

import (
	"cmp"
	"fmt"
	"slices"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/report"
	"stickylab/ui/tui/style"
)

// drawExpected draws the expectations and what has become of them.
func drawExpected(f *Frame, width, height int) []string {
	if len(f.Expect) == 0 {
		return []string{style.Paint(style.Dim, expectsNothing(f))}
	}
	that, actual, when := 0, 0, 8
	for i := range f.Expect {
		x := &f.Expect[i]
		that = max(that, style.Width(x.That))
		actual = max(actual, style.Width(measured(x)))
	}
	if width < 56 {
		when, actual = 0, 0 // the expressions themselves are what matters
	}
	room := max(width-when-7, 10)
	that = min(that, max(room*6/10, room-actual-2))
	actual = min(actual, max(room-that-2, 0))
	var lines []string
	for i := range f.Expect {
		x := &f.Expect[i]
		if i == height-1 && len(f.Expect) > height {
			return append(lines, style.Paint(style.Dim, fmt.Sprintf("and %d more", len(f.Expect)-i)))
		}
		word, ink := verdictWord(x.Verdict)
		if f.aside > 0 && x.At > f.aside {
			word = "-" // set aside, which the title says
		}
		line := style.Paint(ink, style.Fit(word, 4)) + "  "
		if when > 0 {
			line += style.Fit(style.Paint(style.Dim, style.Minutes(x.At)), when)
		}
		line += style.Fit(x.That, that)
		if actual > 0 {
			line += "  " + style.Fit(measured(x), actual)
		}
		if rest := width - style.Width(line) - 2; x.Why != "" && rest >= 16 {
			line += "  " + style.Paint(style.Dim, x.Why)
		}
		lines = append(lines, line)
	}
	return lines
}

// expectedTitle is the title of the expectations.
func (f *Frame) expectedTitle() string {
	if f.aside > 0 && len(f.Expect) > 0 {
		return titles[PaneExpected] + ", set aside since " + style.Brief(f.aside)
	}
	return titles[PaneExpected]
}

// expectsNothing tells why there are no expectations: a served run is judged
// only if that is asked for.
func expectsNothing(f *Frame) string {
	if len(f.Live.Plan().Expect) > 0 {
		return "not judged: serve --judge does"
	}
	return "the scenario expects nothing"
}

// verdictWord is a verdict in a word, and its ink.
func verdictWord(v expect.Verdict) (string, style.Ink) {
	switch v {
	case expect.Pass:
		return "ok", style.Strong
	case expect.Fail:
		return "fail", style.Loss
	case expect.Inconclusive:
		return "n/a", style.Dim
	}
	return "open", style.Dim
}

// measured returns the measured value in brief, "-" when there is none.
func measured(x *report.Expectation) string { return cmp.Or(x.Measured, "-") }

// drawErrors draws the error texts, as they are, with their counts.
func drawErrors(f *Frame, selected string, focused bool, width, height int) (lines []string, first int) {
	if len(f.Errors) == 0 {
		return []string{style.Paint(style.Dim, "none")}, 0
	}
	chosen := chosenError(f, selected)
	first = min(max(chosen-height+1, 0), max(len(f.Errors)-height, 0))
	for i := first; i < len(f.Errors) && i < first+height; i++ {
		e := f.Errors[i]
		lines = append(lines, tip(focused && i == chosen)+style.Count(e.Count, 6)+"  "+format.Line(e.Text))
	}
	return lines, first
}

func chosenError(f *Frame, selected string) int {
	return max(slices.IndexFunc(f.Errors, func(e ErrorCount) bool { return e.Text == selected }), 0)
}
