package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"stickylab/sim"
	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/report"
	"stickylab/ui/outfile"
	"stickylab/ui/web/recording"
)

// runOptions are the flags of run.
type runOptions struct {
	loading
	trace string
	junit string
	html  string
	real  bool
	jobs  int
	sets  []string
}

const mostJobs = 1000 // at once

func newRun() *cobra.Command {
	o := runOptions{loading: loading{around: &around{}}}
	cmd := &cobra.Command{
		Use:   "run {SCENARIO | NGINX.CONF}...",
		Short: "Run scenarios at full speed and judge them",
		Long: `run runs scenarios with all their variants at full speed and judges their
expectations.

Around an nginx.conf a scenario is made: its servers become nodes, and clients of
several networks come to them. Its run is not judged: stickylab doctor does that.

The files of --trace, --junit and --html are opened before, never onto a scenario or onto
each other, and get their names when they are whole: a run that is stopped leaves
them as they were.`,
		Example: `  stickylab run two-regions
  stickylab run two-regions redis-adapter --json
  stickylab run no-upgrade --variant fixed
  stickylab run two-regions --variant base --set adapter=redis
  stickylab run nginx.conf
  stickylab run ./my.yaml --seed 8 --trace my.trace`,
		Args:              someScenarios,
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.trace != "" && len(args) > 1 {
				return &exitError{code: ExitInput, err: fmt.Errorf("--trace holds one run: name one scenario, not %d", len(args))}
			}
			if o.html != "" && len(args) > 1 {
				return &exitError{code: ExitInput, err: fmt.Errorf("--html holds one run: name one scenario, not %d", len(args))}
			}
			if o.html != "" && o.real {
				return &exitError{code: ExitInput, err: errors.New("--html records virtual time, which --real does not have")}
			}
			if o.jobs < 1 || o.jobs > mostJobs {
				return &exitError{code: ExitInput, err: fmt.Errorf("--jobs: %d is not a number from 1 to %d", o.jobs, mostJobs)}
			}
			var err error
			if o.set, err = oneSetting(o.sets); err != nil {
				return &exitError{code: ExitInput, err: err}
			}
			o.all = o.trace == "" && o.html == "" // which hold one run
			jobs, code := load(cmd, args, o.loading)
			if code != ExitOK {
				return said(code)
			}
			if err := o.affordable(cmd, jobs, o.jobs); err != nil {
				return err
			}
			tellScenes(cmd, jobs)
			return run(cmd, jobs, o)
		},
	}
	f := cmd.Flags()
	o.seedFlag(cmd, otherSeed)
	o.yesFlag(cmd)
	o.variantFlag(cmd, "run only this `VARIANT`; base is the file itself")
	setFlag(cmd, &o.sets, "set `KEY=VALUE` in the place of what the file has, such as\nclients.beijing.count=40 or steps[0].at=20s (more than once for several)")
	f.BoolVar(&o.json, "json", false, "write one line of JSON for each run, and nothing else, to standard output")
	f.StringVar(&o.trace, "trace", "", "write the trace of the scenario itself, or of --variant, to `FILE`, as JSON Lines")
	f.StringVar(&o.junit, "junit", "", "write the verdicts to `FILE`, as JUnit XML")
	f.StringVar(&o.html, "html", "", "write the run of the scenario itself, or of --variant, to `FILE`, a page to watch it on in any browser")
	f.BoolVar(&o.real, "real", false, "run by the wall clock and over TCP, not in virtual time")
	o.around.register(cmd)
	o.clientsFlag(cmd)
	f.IntVar(&o.jobs, "jobs", runtime.GOMAXPROCS(0), "run `N` scenarios at once")
	return cmd
}

// run runs the jobs, several at once, and reports each in order. The files that it
// writes are opened before, and stay as they were when it is stopped.
func run(cmd *cobra.Command, jobs []job, o runOptions) error {
	var files outfile.Set
	for _, j := range jobs {
		if j.path != "" {
			files.Reads(j.path)
		}
	}
	options := sim.Options{Real: o.real}
	var trace *traceFile
	if o.trace != "" {
		f, err := files.Create("--trace", o.trace)
		if err != nil {
			return &exitError{code: ExitInput, err: err}
		}
		trace = newTraceFile(f)
		options.Trace = trace.add
	}
	var junit *outfile.File
	if o.junit != "" {
		var err error
		if junit, err = files.Create("--junit", o.junit); err != nil {
			if trace != nil {
				trace.end(err)
			}
			return &exitError{code: ExitInput, err: err}
		}
	}
	var page *outfile.File
	if o.html != "" {
		var err error
		if page, err = files.Create("--html", o.html); err != nil {
			if trace != nil {
				trace.end(err)
			}
			if junit != nil {
				junit.Discard()
			}
			return &exitError{code: ExitInput, err: err}
		}
	}
	progress := startProgress(cmd.ErrOrStderr(), jobs, o.json)
	runs := startRuns(cmd.Context(), jobs, o.jobs, options, progress)
	code, results, err := tell(cmd, jobs, runs.outcomes, progress, o)
	runs.end(code)
	stopped := context.Cause(cmd.Context())
	if trace != nil {
		err = errors.Join(err, trace.end(stopped))
	}
	if junit != nil {
		err = errors.Join(err, writeJUnit(junit, results, stopped))
	}
	if page != nil && err != nil {
		page.Discard()
	} else if page != nil {
		err = errors.Join(err, writePage(cmd.Context(), page, &jobs[0]))
	}
	if stopped != nil && (trace != nil || junit != nil || page != nil) {
		err = errors.Join(err, errors.New("the files of --trace, --junit and --html are as they were"))
	}
	if err != nil {
		return &exitError{code: worse(code, ExitProgram), err: err}
	}
	return said(code)
}

// tell reports the outcomes in the order of the jobs, and returns them, and what
// failed to run or to be written.
func tell(cmd *cobra.Command, jobs []job, outcomes []chan outcome, progress *progress, o runOptions) (code int, results []*report.Result, err error) {
	began := time.Now()
	out := cmd.OutOrStdout()
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
		return ExitProgram, results, errors.Join(err, fmt.Errorf("%s without a verdict: %w", format.Plural(stopped, "run"), sim.ErrStopped))
	}
	if len(jobs) > 1 && !o.json {
		fmt.Fprintln(out)
		err = errors.Join(err, report.WriteTotal(out, results, time.Since(began)))
	}
	return code, results, err
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

// writeJUnit ends a file with the results, or leaves it as it was when the command
// was stopped.
func writeJUnit(file *outfile.File, results []*report.Result, stopped error) error {
	if stopped != nil {
		file.Discard()
		return nil
	}
	return file.End(report.WriteJUnit(file, results))
}

// writePage runs a job once more, which is the same run, and ends the file with its recording. It leaves it as it was
// when the command was stopped.
func writePage(ctx context.Context, file *outfile.File, j *job) error {
	text, err := recording.Of(ctx, j.name, j.plan)
	if context.Cause(ctx) != nil {
		file.Discard()
		return nil
	}
	if err == nil {
		_, err = file.Write(text)
	}
	return file.End(err)
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
