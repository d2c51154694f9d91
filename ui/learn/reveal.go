package learn

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/report"
)

// Reveal is a prediction with its outcome and the answer.
type Reveal struct {
	report.Prediction
	Answer int // a choice from 0, or NoAnswer
}

// Right reports whether the answer was the choice that holds.
func (r Reveal) Right() bool { return r.Answer != NoAnswer && r.Answer == r.Prediction.Right() }

// Word is the verdict on the answer: "Right.", "Wrong.", "No answer.".
func (r Reveal) Word() string {
	switch {
	case r.Answer == NoAnswer:
		return "No answer."
	case r.Right():
		return "Right."
	}
	return "Wrong."
}

// Sentences tell, in Markdown, what was asked, what was answered, what holds,
// and what was measured.
func (r Reveal) Sentences() []string {
	verdict := "**" + r.Word() + "**"
	if r.Answer != NoAnswer {
		verdict = fmt.Sprintf("You said: %s. %s", sentence(r.Choices[r.Answer].Say), verdict)
	}
	out := []string{format.Line(r.Ask), verdict}
	right := r.Prediction.Right()
	if right < 0 {
		if !r.Judged() {
			return append(out, "It was not judged: the run did not come so far.")
		}
		out = append(out, "It was none of these, or more than one:")
		for i, c := range r.Choices {
			out = append(out, fmt.Sprintf("- %d %s: %s", i+1, c.Verdict, format.Line(c.Words)))
		}
		return out
	}
	if !r.Right() {
		out = append(out, fmt.Sprintf("It was: %s.", sentence(r.Choices[right].Say)))
	}
	return append(out, "Measured: "+format.Line(r.Choices[right].Words))
}

// sentence takes away the full stop of a text that gets one.
func sentence(text string) string {
	return strings.TrimRight(format.Line(text), ".")
}
