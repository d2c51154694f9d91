package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"stickylab/sim"
	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/report"
)

// runOptions are the flags of run.
type runOptions struct {
	loading
	trace string
	junit string
	real  bool
	jobs  int
}

func newRun() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run SCENARIO...",
		Short: "Run scenarios at full speed and judge them",
		Example: `  stickylab run two-regions
  stickylab run two-regions redis-adapter --json
  stickylab run no-upgrade --variant fixed
  stickylab run ./my.yaml --seed 8 --trace my.trace`,
		Args:              someScenarios,
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.trace != "" && len(args) > 1 {
				return &exitError{code: ExitInput, err: fmt.Errorf("--trace holds one run: name one scenario, not %d", len(args))}
			}
			o.all = o.trace == "" // which holds one run
			jobs, code := load(cmd, args, o.loading)
			if code != ExitOK {
				return said(code)
			}
			return run(cmd, jobs, o)
		},
	}
	f := cmd.Flags()
	o.seedFlag(cmd, otherSeed)
	o.variantFlag(cmd, "run only this `VARIANT`; base is the file itself")
	f.BoolVar(&o.json, "json", false, "write one line of JSON for each run, and nothing else, to standard output")
	f.StringVar(&o.trace, "trace", "", "write the trace of the scenario itself, or of --variant, to `FILE`, as JSON Lines")
	f.StringVar(&o.junit, "junit", "", "write the verdicts to `FILE`, as JUnit XML")
	f.BoolVar(&o.real, "real", false, "run by the wall clock and over TCP, not in virtual time")
	f.IntVar(&o.jobs, "jobs", runtime.GOMAXPROCS(0), "run `N` scenarios at once")
	return cmd
}

// run runs the jobs, several at once, and reports each in order.
func run(cmd *cobra.Command, jobs []job, o runOptions) error {
	var trace *traceFile
	if o.trace != "" {
		var err error
		if trace, err = createTrace(o.trace); err != nil {
			return &exitError{code: ExitInput, err: err}
		}
	}
	options := sim.Options{Real: o.real}
	if trace != nil {
		options.Trace = trace.add
	}
	progress := startProgress(cmd.ErrOrStderr(), jobs, o.json)
	runs := startRuns(cmd.Context(), jobs, o.jobs, options, progress)
	code, err := tell(cmd, jobs, runs.outcomes, progress, o)
	runs.end(code)
	if trace != nil {
		err = errors.Join(err, trace.close())
	}
	if err != nil {
		return &exitError{code: worse(code, ExitProgram), err: err}
	}
	return said(code)
}

// tell reports the outcomes in the order of the jobs. It returns what failed to
// run or to be written.
func tell(cmd *cobra.Command, jobs []job, outcomes []chan outcome, progress *progress, o runOptions) (code int, err error) {
	began := time.Now()
	out := cmd.OutOrStdout()
	var results []*report.Result
	stopped := 0
	for i := range jobs {
		got := <-outcomes[i]
		progress.clear()
		if got.err != nil {
			code = ExitProgram
			if errors.Is(got.err, sim.ErrStopped) {
				stopped++
			} else {
				err = errors.Join(err, fmt.Errorf("%s: %w", jobs[i].arg, got.err))
			}
			results = append(results, sim.Unjudged(jobs[i].plan, jobs[i].arg, got.err))
			if o.json {
				writeJSONError(out, jobs[i].arg, got.err)
			}
			continue
		}
		results = append(results, got.result)
		code = worse(code, exitOf(got.result.Verdict))
		err = errors.Join(err, writeResult(out, got.result, i, o))
	}
	progress.stop()
	if stopped > 0 {
		return ExitProgram, errors.Join(err, fmt.Errorf("%s without a verdict: %w", format.Plural(stopped, "run"), sim.ErrStopped))
	}
	if len(jobs) > 1 && !o.json {
		fmt.Fprintln(out)
		err = errors.Join(err, report.WriteTotal(out, results, time.Since(began)))
	}
	if o.junit != "" {
		err = errors.Join(err, writeJUnit(o.junit, results))
	}
	return code, err
}

func writeResult(out io.Writer, r *report.Result, i int, o runOptions) error {
	if o.json {
		return report.WriteJSON(out, r)
	}
	if i > 0 {
		fmt.Fprintln(out)
	}
	return report.WriteText(out, r, format.ScreenOf(out))
}

func writeJUnit(path string, results []*report.Result) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(report.WriteJUnit(f, results), f.Close())
}

func exitOf(v expect.Verdict) int {
	switch v {
	case expect.Pass:
		return ExitOK
	case expect.Fail:
		return ExitFailed
	case expect.Inconclusive:
		return ExitInconclusive
	}
	return ExitNotJudged
}
