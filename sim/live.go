package sim

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/sim/virtualtime"
)

// Live is a run that is watched: its time moves only as far as Advance lets it,
// steps can be added manually, and everything that happened so far can be looked
// at as it was. Methods are safe from any goroutine outside the run.
type Live struct {
	history
	steered
	pacer    *virtualtime.Pacer
	steering sync.Mutex // one Advance or Do at a time
	ended    chan struct{}

	mu     sync.Mutex
	head   time.Duration
	err    error
	closed bool
}

// sliceLength is the resolution of what the ledgers of a watched run show of its
// history: of Look and Series.
const sliceLength = 500 * time.Millisecond

// Open starts a run that waits at its beginning. hand are steps in addition to
// those of the plan, as Hand of an earlier run returned them. It fails if the
// cluster cannot start.
func Open(plan *plan.Plan, hand []scenario.Step) (*Live, error) {
	l := &Live{steered: steered{plan: plan, hand: slices.Clone(hand)}, pacer: virtualtime.NewPacer(), ended: make(chan struct{})}
	l.sim = &simulation{
		ctx: context.Background(), backend: &inMemory{pacer: l.pacer}, plan: plan, hand: l.hand,
		state: ledger.Config{Every: sliceLength}, begun: l.begin, keep: l.record,
	}
	go func() {
		err := l.sim.run()
		l.mu.Lock()
		l.err = err
		l.mu.Unlock()
		close(l.ended)
		l.pacer.Gone()
	}()
	if err := l.Advance(effect); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// End returns how far the run can go: its duration, and the time to settle.
func (l *Live) End() time.Duration { return l.plan.File.Duration + l.plan.File.Settle }

// Head returns how far the run has come.
func (l *Live) Head() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Advance lets the run continue to the instant t, but not beyond its end, and
// returns when it is there. It fails with the error of the run, if it has one.
func (l *Live) Advance(t time.Duration) error {
	l.steering.Lock()
	defer l.steering.Unlock()
	return l.advance(t, nil)
}

// Do applies a step at the head, lets it take effect, and returns it with its
// time. It fails if the run is over or the step cannot be done there, and with the
// error of the step or of the run.
func (l *Live) Do(step scenario.Step) (scenario.Step, error) {
	l.steering.Lock() // what the step was checked against is what it meets
	defer l.steering.Unlock()
	if step.At = l.Head(); step.At >= l.plan.File.Duration {
		return step, errOver
	}
	if err := l.plan.With(l.Hand()...).CheckStep(step); err != nil {
		return step, err
	}
	var failure error
	err := l.advance(0, func() {
		step.At = l.sim.since()
		l.sim.step(step, func(err error) { failure = err })
	})
	if err == nil {
		err = l.advance(step.At+effect, nil)
	}
	if err == nil {
		err = failure
	}
	if err != nil {
		return step, err
	}
	l.did(step)
	return step, nil
}

// Names returns the names that a step in words may use.
func (l *Live) Names() *scenario.Names { return l.plan.With(l.Hand()...).Names() }

// effect is the time in which a manual step takes effect.
const effect = time.Millisecond

var errOver = errors.New("the run is over: go back in time to try something else")

// advance is Advance, or runs do at the head. The caller holds the steering lock.
func (l *Live) advance(t time.Duration, do func()) error {
	l.mu.Lock()
	head, err := l.head, l.err
	l.mu.Unlock()
	if err != nil {
		return err
	}
	t = min(max(t, head), l.End())
	if do != nil && head >= l.plan.File.Duration {
		return errOver
	}
	if do == nil && t == head {
		return nil
	}
	if !l.pacer.Advance(do, t-head) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.err != nil {
			return l.err
		}
		return errOver
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head = t
	return nil
}

// Predictions returns which choices of the lesson's predictions hold, as far as a
// state that Ledger returned shows; the others have no verdict yet. It fails as
// expect.Check.Eval does.
func (l *Live) Predictions(at *ledger.Ledger) ([]report.Prediction, error) {
	return l.sim.answer(at)
}

// Result returns the result of the run. What it has not come to is not judged. It
// fails as expect.Check.Eval does.
func (l *Live) Result(name string) (*report.Result, error) {
	return l.sim.result(name, l.Ledger(l.Len(), l.Head()), 0)
}

// Close ends the run in order. It fails as Run does, but that it knows no
// ErrStopped.
func (l *Live) Close() error {
	l.steering.Lock()
	defer l.steering.Unlock()
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	l.mu.Unlock()
	if first {
		l.pacer.Advance(l.sim.abort, 0)
		l.pacer.Release()
	}
	<-l.ended
	return l.err
}
