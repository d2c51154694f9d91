package sim

import (
	"time"

	"stickylab/sim/ledger"
	"stickylab/sim/report"
)

// result judges a whole run in the state at its end.
func (s *simulation) result(name string, at *ledger.Ledger, wall time.Duration) (*report.Result, error) {
	expectations, err := s.judge(at)
	if err != nil {
		return nil, err
	}
	predictions, err := s.answer(at)
	if err != nil {
		return nil, err
	}
	return &report.Result{
		Scenario:     name,
		Variant:      s.plan.File.VariantName(),
		Title:        s.plan.File.Heading(),
		Seed:         s.plan.Seed,
		Virtual:      s.plan.File.Duration,
		Wall:         wall,
		Final:        at.Snapshot(s.windows[len(s.windows)-1]),
		Verdict:      report.Worst(expectations),
		Expectations: expectations,
		Predictions:  predictions,
	}, nil
}

// judge gives the expectations their verdicts in a state. One whose window has
// not settled there has none.
func (s *simulation) judge(at *ledger.Ledger) ([]report.Expectation, error) {
	var all []report.Expectation
	for i, x := range s.plan.Expect {
		view := at.View(s.windows[i])
		verdict, actual, err := x.Check.Eval(&view)
		if err != nil {
			return nil, err
		}
		if !at.Judged(s.windows[i]) {
			verdict = ""
		}
		all = append(all, report.Expectation{
			That: x.That, From: x.From, At: x.At,
			Verdict: report.Verdict(verdict), Actual: actual.String(), Measured: actual.Brief(), Why: x.Because,
		})
	}
	return all, nil
}

// answer returns for each choice of the lesson's predictions whether it holds in a
// state. One whose window has not settled there has no verdict.
func (s *simulation) answer(at *ledger.Ledger) ([]report.Prediction, error) {
	var all []report.Prediction
	for i, x := range s.plan.Asked {
		view := at.View(s.asked[i])
		p := report.Prediction{Ask: x.Ask, At: x.At, From: x.From, Until: x.Until}
		for k, check := range x.Checks {
			verdict, actual, err := check.Eval(&view)
			if err != nil {
				return nil, err
			}
			if !at.Judged(s.asked[i]) {
				verdict = ""
			}
			p.Choices = append(p.Choices, report.Choice{Say: x.Choices[k].Say, That: x.Choices[k].That, Verdict: report.Verdict(verdict), Actual: actual.String()})
		}
		all = append(all, p)
	}
	return all, nil
}
