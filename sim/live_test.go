package sim

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

func hashOf(events []trace.Event) string {
	return fmt.Sprintf("%x", sha256.Sum256(report.AppendEvents(nil, events)))
}

// to lets a run continue, and fails the test if it cannot.
func to(t *testing.T, l *Live, at time.Duration) {
	t.Helper()
	if err := l.Advance(at); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, plan *plan.Plan, hand []scenario.Step) *Live {
	t.Helper()
	l, err := Open(plan, hand)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func closed(t *testing.T, l *Live) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// A run that is watched, in whatever strides, is the run that is not.
func TestWatchingChangesNothing(t *testing.T) {
	t.Parallel()
	p := planOf(t, "toggle-live", nil)
	want, hash := run(t, p, Options{})
	l := open(t, p, nil)
	defer closed(t, l)
	for at := time.Duration(0); at < l.End(); at += 777 * time.Millisecond {
		to(t, l, at)
	}
	to(t, l, l.End())
	if got := hashOf(l.Events(1, l.Len())); got != hash {
		t.Error("another trace")
	}
	got, err := l.Result("test")
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != want.Verdict || got.Final.Delivery != want.Final.Delivery {
		t.Errorf("%s %+v, want %s %+v", got.Verdict, got.Final.Delivery, want.Verdict, want.Final.Delivery)
	}
}

// What is done by a person at an instant is what a step of that instant does.
func TestDuringTheRunAsByFile(t *testing.T) {
	t.Parallel()
	p := planOf(t, "two-regions", nil, "duration: 60s", "duration: 20s")
	l := open(t, p, nil)
	defer closed(t, l)
	to(t, l, 10*time.Second)
	step, err := l.Do(scenario.Step{Verb: scenario.Adapter, Adapter: scenario.AdapterRedis})
	if err != nil {
		t.Fatal(err)
	}
	if step.At != 10*time.Second {
		t.Errorf("done at %v", step.At)
	}
	to(t, l, 14*time.Second)
	if _, err := l.Do(scenario.Step{Verb: scenario.Kill, Node: "im-5080"}); err != nil {
		t.Fatal(err)
	}
	to(t, l, l.End())

	f := *p.File
	f.Steps = append(f.Steps, l.Hand()...)
	saved, err := plan.Marshal(&f)
	if err != nil {
		t.Fatal(err)
	}
	if _, hash := run(t, parse(t, "saved.yaml", string(saved), nil), Options{}); hash != hashOf(l.Events(1, l.Len())) {
		t.Error("the saved file gives another trace")
	}
	again := open(t, p, l.Hand())
	defer closed(t, again)
	to(t, again, again.End())
	if hashOf(again.Events(1, again.Len())) != hashOf(l.Events(1, l.Len())) {
		t.Error("the same hand gives another trace")
	}
}

func TestThePastIsShownAsItWas(t *testing.T) {
	t.Parallel()
	l := open(t, planOf(t, "toggle-live", nil), nil)
	defer closed(t, l)
	type picture struct {
		n        uint64
		clients  int
		delivery any
	}
	var seen []picture
	look := func(n uint64, at time.Duration) picture {
		led := l.Ledger(n, at)
		p := led.SnapshotSince(0)
		return picture{n, p.Clients.Connected, p.Delivery}
	}
	for at := 3 * time.Second; at <= 60*time.Second; at += 3 * time.Second {
		to(t, l, at)
		if before := l.Before(at); before > l.Len() || at > 6*time.Second && before == 0 {
			t.Fatalf("%d events before %v of %d", before, at, l.Len())
		}
		seen = append(seen, look(l.Len(), at))
	}
	if l.Len() < 2*chunkLength {
		t.Fatalf("only %d events: nothing to look back at", l.Len())
	}
	for i, want := range seen {
		if got := look(want.n, 3*time.Second*time.Duration(i+1)); got != want {
			t.Errorf("after %d events: %+v, then it was %+v", want.n, got, want)
		}
	}
}

func TestARunCanBeClosedBeforeItsSteps(t *testing.T) {
	t.Parallel()
	l := open(t, planOf(t, "toggle-live", nil), nil)
	to(t, l, 10*time.Second)
	closed(t, l)
	closed(t, l) // once more is nothing
}

func TestStepsThatCannotBeDone(t *testing.T) {
	t.Parallel()
	l := open(t, planOf(t, "two-regions", nil), nil)
	defer closed(t, l)
	to(t, l, time.Second)
	if _, err := l.Do(scenario.Step{Verb: scenario.Kill, Node: "im-5081"}); err == nil {
		t.Error("a node that does not exist was killed")
	}
	to(t, l, l.End())
	if _, err := l.Do(scenario.Step{Verb: scenario.Kill, Node: "im-5080"}); err == nil {
		t.Error("a step was done when all was over")
	}
	if len(l.Hand()) != 0 {
		t.Errorf("steps that failed are kept: %v", l.Hand())
	}
}

// Of two who want the same at once, one gets it and the other an error: no step
// that failed is left in the trace.
func TestTwoDoTheSameAtOnce(t *testing.T) {
	t.Parallel()
	live := open(t, planOf(t, "two-regions", nil), nil)
	defer closed(t, live)
	real := serve(t, servedText, ServeOptions{NoClients: true})
	for _, run := range []interface {
		Plan() *plan.Plan
		Head() time.Duration
		Advance(time.Duration) error
		Do(scenario.Step) (scenario.Step, error)
		Hand() []scenario.Step
		Len() uint64
		Events(from, to uint64) []trace.Event
	}{live, real} {
		const callers = 8
		step := scenario.Step{Verb: scenario.Scale, Removed: run.Plan().Nodes[1].Name}
		errs := make(chan error, callers)
		for range callers {
			go func() {
				_, err := run.Do(step)
				errs <- err
			}()
		}
		done := 0
		for range callers {
			if <-errs == nil {
				done++
			}
		}
		if err := run.Advance(run.Head() + 50*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		steps := 0
		for _, e := range run.Events(1, run.Len()) {
			if e.Kind == trace.Step {
				steps++
			}
		}
		if done != 1 || steps != 1 || len(run.Hand()) != 1 {
			t.Errorf("%d were done, the trace has %d steps, %d are remembered", done, steps, len(run.Hand()))
		}
	}
}
