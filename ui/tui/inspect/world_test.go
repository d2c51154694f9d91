package inspect

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"stickylab/scenarios"
	"stickylab/sim"
	"stickylab/sim/plan"
	"stickylab/ui/tui/style"
)

func init() { style.Setup(termenv.Ascii, true) }

// planOf reads a scenario: a text, or the name of a built-in one.
func planOf(t testing.TB, name, text string) *plan.Plan {
	t.Helper()
	if text == "" {
		b, err := scenarios.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	file, problems := plan.Parse(name, []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	plan, problems := plan.Resolve(file, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return plan
}

// open opens a run.
func open(t testing.TB, plan *plan.Plan) *sim.Live {
	t.Helper()
	live, err := sim.Open(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// opened returns a run that has come to an instant.
func opened(t testing.TB, plan *plan.Plan, at time.Duration) *sim.Live {
	t.Helper()
	live := open(t, plan)
	t.Cleanup(func() {
		if len(plan.Steps) > 0 {
			live.Advance(live.End()) // steps that are still to come have their cluster
		}
		if err := live.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := live.Advance(at); err != nil {
		t.Fatal(err)
	}
	return live
}

// runs are those that tests look at together, by name.
var runs = map[string]*sim.Live{}

// recorded returns a run of 30 s without further steps: a scenario's text, or the
// name of a built-in one.
func recorded(t testing.TB, name, text string) *sim.Live {
	t.Helper()
	if live := runs[name]; live != nil {
		return live
	}
	live := open(t, planOf(t, name, text))
	runs[name] = live
	if err := live.Advance(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	return live
}

func TestMain(m *testing.M) {
	code := m.Run()
	for name, live := range runs {
		live.Advance(live.End()) // steps that are still to come have their cluster
		if err := live.Close(); err != nil {
			fmt.Println(name, err)
			code = 1
		}
	}
	os.Exit(code)
}

// seen returns the run as it was at an instant.
func seen(live *sim.Live, at time.Duration) *Source { return cursorAt(live, live.Before(at), at) }

// after returns the run as it was after its first n events.
func cursorAt(live *sim.Live, n uint64, now time.Duration) *Source {
	return &Source{Run: live, Cursor: n, Now: now, Ledger: live.Ledger(n, now)}
}
