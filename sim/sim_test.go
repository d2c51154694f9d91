package sim

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"stickylab/cluster/trace"
	"stickylab/scenarios"
	"stickylab/sim/plan"
	"stickylab/sim/report"
)

// planOf resolves a built-in scenario, with other texts in it if replacements
// are given in pairs.
func planOf(t testing.TB, name string, seed *uint64, replace ...string) *plan.Plan {
	t.Helper()
	text, err := scenarios.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(replace...).Replace(string(text))
	if len(replace) > 0 {
		// What the file teaches does not hold for the changed one.
		changed, _, _ = strings.Cut(changed, "\nvariants:\n")
	}
	return parse(t, name+".yaml", changed, seed)
}

func parse(t testing.TB, name, text string, seed *uint64) *plan.Plan {
	t.Helper()
	f, problems := plan.Parse(name, []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, problems := plan.Resolve(f, seed)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// run runs a plan and returns its result and the hash of its trace.
func run(t testing.TB, p *plan.Plan, o Options) (*report.Result, string) {
	t.Helper()
	hash := sha256.New()
	var lines []byte
	o.Trace = func(events []trace.Event) {
		lines = report.AppendEvents(lines[:0], events)
		hash.Write(lines)
	}
	r, err := Run(t.Context(), p, o)
	if err != nil {
		var detailed interface{ Detail() string }
		if errors.As(err, &detailed) {
			t.Log(detailed.Detail())
		}
		t.Error(err)
		return nil, ""
	}
	return r, fmt.Sprintf("%x", hash.Sum(nil))
}

// The same file and seed give the same trace, whatever else the machine does.
func TestSameSeedSameTrace(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	short := []string{"duration: 60s", "duration: 12s"}
	for _, name := range []string{"no-upgrade", "redis-adapter"} {
		_, want := run(t, planOf(t, name, nil, short...), Options{})
		for round, procs := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(procs)
			var wg sync.WaitGroup
			for range 1 + round {
				wg.Go(func() {
					if _, got := run(t, planOf(t, name, nil, short...), Options{}); got != want {
						t.Errorf("%s: another trace with GOMAXPROCS=%d", name, procs)
					}
				})
			}
			wg.Wait()
		}
		seed := uint64(8)
		if _, other := run(t, planOf(t, name, &seed, short...), Options{}); other == want {
			t.Errorf("%s: the seed changes nothing", name)
		}
	}
}

// A run whose context ends is wound down: it leaves nothing behind.
func TestARunThatIsStopped(t *testing.T) {
	for _, real := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		before := runtime.NumGoroutine()
		events := 0
		_, err := Run(ctx, planOf(t, "two-regions", nil), Options{Real: real, Trace: func(more []trace.Event) {
			if events += len(more); events > 100 {
				cancel()
			}
		}})
		if !errors.Is(err, ErrStopped) {
			t.Errorf("real %v: %v", real, err)
		}
		eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
	}
}

// A cluster that cannot start is known when the run is opened.
func TestARunThatCannotStart(t *testing.T) {
	p := planOf(t, "two-regions", nil)
	p.Nodes[1].Listen = p.Nodes[0].Listen
	if l, err := Open(p, nil); err == nil || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v, %v", l, err)
	}
	if _, err := Run(t.Context(), p, Options{}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Error(err)
	}
}
