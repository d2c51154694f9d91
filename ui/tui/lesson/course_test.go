package lesson

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/expect"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/learn"
	"stickylab/ui/tui/run"
)

// empty is a run in which nothing happens, so that time passes at once.
type empty struct {
	run.Watched
	plan *plan.Plan
	head time.Duration
}

func (r *empty) Plan() *plan.Plan                                          { return r.plan }
func (r *empty) End() time.Duration                                        { return r.plan.File.Duration }
func (r *empty) Head() time.Duration                                       { return r.head }
func (r *empty) Advance(t time.Duration) error                             { r.head = max(r.head, t); return nil }
func (r *empty) Len() uint64                                               { return 0 }
func (r *empty) Oldest() uint64                                            { return 1 }
func (r *empty) Before(time.Duration) uint64                               { return 0 }
func (r *empty) Events(uint64, uint64) []trace.Event                       { return nil }
func (r *empty) Hand() []scenario.Step                                     { return nil }
func (r *empty) Names() *scenario.Names                                    { return nil }
func (r *empty) Expectations(*ledger.Ledger) ([]report.Expectation, error) { return nil, nil }
func (r *empty) Close() error                                              { return nil }

func (r *empty) Ledger(_ uint64, now time.Duration) *ledger.Ledger {
	l := ledger.New(ledger.Config{Settle: 2 * time.Second, Every: 500 * time.Millisecond})
	l.Advance(now)
	return l
}

// Predictions lets the first choice of each question hold.
func (r *empty) Predictions(*ledger.Ledger) (all []report.Prediction, err error) {
	for _, asked := range r.plan.Asked {
		p := report.Prediction{Ask: asked.Ask, At: asked.At}
		for i, c := range asked.Choices {
			v := expect.Fail
			if i == 0 {
				v = expect.Pass
			}
			p.Choices = append(p.Choices, report.Choice{Say: c.Say, Verdict: v})
		}
		all = append(all, p)
	}
	return all, nil
}

// In every lesson of the course each question is seen whole, with all that
// there is to choose from, also on a small screen.
func TestEveryQuestionIsSeen(t *testing.T) {
	course, err := learn.Course()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range course {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			d := begin(t, e.Name, 80, 24, func(l *learn.Lesson) run.Watched { return &empty{plan: l.Plan, head: run.Beginning} })
			l := d.m
			d.Until("it began", l.Ready)
			for range run.Speeds {
				d.Press(">")
			}
			for left := len(l.Lesson.Plan.Asked); left > 0; {
				d.Until("it waits", func() bool { return l.State() != learn.Running || l.held() })
				switch l.State() {
				case learn.Running:
					d.Press("enter")
				case learn.Asking:
					d.settle()
					said, _ := l.Last()
					asked := l.Lesson.Plan.Asked[said.N]
					for _, size := range [][2]int{{80, 24}, {100, 30}, {140, 45}} {
						d.Size(size[0], size[1])
						screen := d.Screen()
						first := strings.Fields(asked.Ask)[0]
						if !strings.Contains(screen, "? "+first) {
							t.Errorf("%v: the question %q is not on the screen:\n%s", size, asked.Ask, screen)
						}
						for i, c := range asked.Choices {
							words := strings.Fields(c.Say)
							if !strings.Contains(screen, fmt.Sprintf("%d  %s", i+1, words[0])) || !strings.Contains(screen, words[len(words)-1]) {
								t.Errorf("%v: choice %d, %q, is not on the screen:\n%s", size, i+1, c.Say, screen)
							}
						}
					}
					d.Size(80, 24)
					left--
					d.Press("1", "enter")
				case learn.Revealed:
					d.Press("enter")
				}
			}
		})
	}
}
