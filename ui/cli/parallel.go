package cli

import (
	"context"
	"os"
	"runtime"
	"sync"

	"stickylab/sim"
	"stickylab/sim/report"
)

// outcome is the result of one job, or why it has none.
type outcome struct {
	result *report.Result
	err    error
}

// runs is a set of jobs of which several run at once.
type runs struct {
	outcomes   []chan outcome // in the order of the jobs, each gets one
	workers    sync.WaitGroup
	processors int // to set again at the end
}

// startRuns runs the jobs, up to atOnce at a time. They wind down when ctx ends.
func startRuns(ctx context.Context, jobs []job, atOnce int, o sim.Options, progress *progress) *runs {
	r := &runs{outcomes: make([]chan outcome, len(jobs))}
	if len(jobs) == 1 && !o.Real && os.Getenv("GOMAXPROCS") == "" {
		// One simulation is one thread of events: a second processor only makes
		// its goroutines wake each other over a distance. The setting is the
		// process's, so it is made here, where the process does nothing else.
		r.processors = runtime.GOMAXPROCS(1)
	}
	waiting := make(chan int, len(jobs))
	for i := range jobs {
		r.outcomes[i] = make(chan outcome, 1)
		waiting <- i
	}
	close(waiting)
	for range max(1, min(atOnce, len(jobs))) {
		r.workers.Go(func() {
			for i := range waiting {
				one := o
				one.Name, one.Progress = jobs[i].arg, &progress.at[i]
				result, err := sim.Run(ctx, jobs[i].plan, one)
				if err == nil {
					jobs[i].unjudged(result)
				}
				r.outcomes[i] <- outcome{result, err}
			}
		})
	}
	return r
}

// end waits for the runs, unless something failed: a run may be stuck for good
// then.
func (r *runs) end(code int) {
	if code != ExitProgram {
		r.workers.Wait()
	}
	if r.processors > 0 {
		runtime.GOMAXPROCS(r.processors)
	}
}
