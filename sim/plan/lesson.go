package plan

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Asked is a prediction, with the expressions of its choices compiled.
type Asked struct {
	scenario.Prediction
	Checks []*expect.Check // of the choices
}

// InOrder returns the prediction with its choices in another order: choice i is the one
// that was order[i].
func (a Asked) InOrder(order []int) Asked {
	choices, checks := a.Choices, a.Checks
	a.Choices, a.Checks = make([]scenario.Choice, len(choices)), make([]*expect.Check, len(checks))
	for i, was := range order {
		a.Choices[i], a.Checks[i] = choices[was], checks[was]
	}
	return a
}

// lesson checks a lesson against the scenario that it teaches with.
func (r *resolver) lesson() {
	l := r.f.Lesson
	if l == nil || r.IsBad("lesson") {
		return
	}
	for i, n := range l.Narration {
		r.withinRun(yamltree.Index("lesson.narration", i)+".at", "it is told", n.At)
	}
	for i, p := range l.Predictions {
		r.prediction(yamltree.Index("lesson.predictions", i), p)
	}
	for i, doc := range l.Docs {
		if u, err := url.Parse(doc); err != nil || u.Scheme != "https" || u.Host == "" {
			r.Value(yamltree.Index("lesson.docs", i), fmt.Sprintf("%q is not the address of a page", yamltree.Shorten(doc)), "https://...", "")
		}
	}
	if l.Fix != "" && !slices.Contains(r.f.VariantNames(), l.Fix) && !r.IsBad("variants") {
		r.Value("lesson.fix", fmt.Sprintf("no variant %q", l.Fix), cmp.Or(yamltree.OneOf(r.f.VariantNames()), "a variant: there are none"), "")
	}
}

func (r *resolver) withinRun(path, what string, at time.Duration) bool {
	if r.IsBad(path) || r.f.Duration <= 0 {
		return false
	}
	if at > r.f.Duration {
		r.Value(path, fmt.Sprintf("%s at %s, the run ends at %s", what, scenario.FormatDuration(at), scenario.FormatDuration(r.f.Duration)), "a time up to the end", "")
		return false
	}
	return true
}

func (r *resolver) prediction(path string, p scenario.Prediction) {
	if r.IsBad(path) {
		return
	}
	until := path + ".until"
	if p.UntilEnd {
		p.Until, until = r.f.Duration, path+".at"
	}
	if r.withinRun(path+".at", "it is asked", p.At) && r.withinRun(until, "it is answered", p.Until) {
		if p.Until <= p.At {
			r.Value(until, fmt.Sprintf("asked at %s and answered at %s", scenario.FormatDuration(p.At), scenario.FormatDuration(p.Until)), "a question before its answer", "")
		} else if p.From >= p.Until {
			r.Value(path+".from", fmt.Sprintf("the window from %s to %s is empty", scenario.FormatDuration(p.From), scenario.FormatDuration(p.Until)), "from before until", "")
		}
	}
	asked := Asked{Prediction: p}
	for i, c := range p.Choices {
		if strings.TrimSpace(c.That) == "" {
			continue // decoding has said so
		}
		asked.Checks = append(asked.Checks, r.condition(yamltree.Index(path+".choices", i)+".that", c.That))
	}
	r.plan.Asked = append(r.plan.Asked, asked)
}
