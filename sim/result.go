package sim

import (
	"time"

	"stickylab/sim/report"
)

// result judges the expectations.
func (s *simulation) result(name string, wall time.Duration) (*report.Result, error) {
	r := &report.Result{
		Scenario: name,
		Title:    s.plan.File.Title,
		Seed:     s.plan.Seed,
		Virtual:  s.plan.File.Duration,
		Wall:     wall,
		Final:    s.ledger.Picture(s.windows[len(s.windows)-1]),
	}
	for i, x := range s.plan.Expect {
		view := s.ledger.View(s.windows[i])
		verdict, actual, err := x.Check.Eval(&view)
		if err != nil {
			return nil, err
		}
		r.Expectations = append(r.Expectations, report.Expectation{
			That: x.That, From: x.From, At: x.At,
			Verdict: report.Verdict(verdict), Actual: actual, Why: x.Because,
		})
	}
	r.Verdict = report.Worst(r.Expectations)
	return r, nil
}
