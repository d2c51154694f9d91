package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"stickylab/cluster/trace"
	"stickylab/sim/report"
)

var (
	strictFiles = flag.String("strict", "testdata/strict/*.yaml", "scenarios that TestTheSameTraceWhateverComesFirst runs")
	strictRuns  = flag.Int("strict-runs", 3, "how many times it runs each")
)

// Goroutines that give way to each other at random, on one processor or more, with
// much garbage collection or little, change nothing.
func TestTheSameTraceWhateverComesFirst(t *testing.T) {
	files, err := filepath.Glob(*strictFiles)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s: %v", *strictFiles, err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want, first := "", (*report.Result)(nil)
			for i := range *strictRuns {
				runtime.GOMAXPROCS(1 + i%3)
				debug.SetGCPercent([]int{20, 100, 400}[i%3])
				got, result := strictRun(t, name, text)
				if want == "" {
					want, first = got, result
				}
				if got != want {
					t.Fatalf("run %d has another trace: %s", i, firstDifference(want, got))
				}
				if result.Verdict != first.Verdict {
					t.Fatalf("run %d: %s, the first was %s", i, result.Verdict, first.Verdict)
				}
			}
		})
	}
}

func strictRun(t *testing.T, name string, text []byte) (string, *report.Result) {
	t.Helper()
	var lines []byte
	result, err := Run(t.Context(), parse(t, name, string(text), nil), Options{Strict: true, Trace: func(events []trace.Event) {
		lines = report.AppendEvents(lines, events)
	}})
	if shared, ok := err.(*trace.SharedLaneError); ok {
		t.Fatalf("%v\n%s", err, shared.At)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(lines), result
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d\n%s\n%s", i+1, strings.Join(x[max(0, i-3):min(len(x), i+4)], "\n"), "--- and\n"+strings.Join(y[max(0, i-3):min(len(y), i+4)], "\n"))
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}
