package report

import (
	"testing"

	"stickylab/sim/expect"
)

func TestReplay(t *testing.T) {
	for name, want := range map[string]string{
		"two-regions":    "stickylab run two-regions --seed 7",
		"./my it's.yaml": `stickylab run './my it'\''s.yaml' --seed 7`,
		"":               "stickylab run '' --seed 7",
	} {
		if got := (&Result{Scenario: name, Seed: 7}).Replay(); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// A choice is right only if all choices were judged.
func TestRight(t *testing.T) {
	for _, tt := range []struct {
		verdicts []expect.Verdict
		right    int
		judged   bool
	}{
		{[]expect.Verdict{expect.Fail, expect.Pass, expect.Fail}, 1, true},
		{[]expect.Verdict{expect.Pass, expect.Pass}, -1, true},
		{[]expect.Verdict{expect.Fail, expect.Inconclusive}, -1, true},
		{[]expect.Verdict{expect.Pass, expect.NotJudged}, -1, false},
		{[]expect.Verdict{expect.NotJudged, expect.Pass}, -1, false},
	} {
		var p Prediction
		for _, v := range tt.verdicts {
			p.Choices = append(p.Choices, Choice{Verdict: v})
		}
		if p.Right() != tt.right || p.Judged() != tt.judged {
			t.Errorf("%q: right is %d, judged %v", tt.verdicts, p.Right(), p.Judged())
		}
	}
}
