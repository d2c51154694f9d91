package sim

import (
	"time"

	"stickylab/sim/ledger"
	"stickylab/sim/plan"
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
	r := begun(s.plan, name)
	r.Wall, r.Final, r.Verdict = wall, at.Snapshot(s.windows[len(s.windows)-1]), report.Worst(expectations)
	r.Expectations, r.Predictions = expectations, predictions
	return r, nil
}

// begun is the result of a run that has not been judged yet.
func begun(p *plan.Plan, name string) *report.Result {
	return &report.Result{
		Scenario: name, Variant: p.File.VariantName(), Set: p.File.Set, Title: p.File.Heading(), Seed: p.Seed, Virtual: p.File.Duration,
	}
}

// Unjudged returns the result of a run that did not come to its end, and why: none of
// its expectations has a verdict.
func Unjudged(p *plan.Plan, name string, why error) *report.Result {
	r := begun(p, name)
	r.Err = why
	for _, x := range p.Expect {
		r.Expectations = append(r.Expectations, expectation(x, "not measured: "+why.Error()))
	}
	return r
}

// expectation is one that has not been judged yet.
func expectation(x plan.Planned, actual string) report.Expectation {
	return report.Expectation{That: x.That, From: x.From, At: x.At, Actual: actual, Why: x.Because}
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
		one := expectation(x, actual.String())
		one.Measured, one.Words, one.Values = actual.Brief(), actual.Words(), actual
		if at.Judged(s.windows[i]) {
			one.Verdict = verdict
		}
		all = append(all, one)
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
			c := report.Choice{Say: x.Choices[k].Say, That: x.Choices[k].That, Actual: actual.String(), Words: actual.Words()}
			if at.Judged(s.asked[i]) {
				c.Verdict = verdict
			}
			p.Choices = append(p.Choices, c)
		}
		all = append(all, p)
	}
	return all, nil
}
