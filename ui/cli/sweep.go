package cli

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stickylab/cluster/nginx"
	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario/yamltree"
	"stickylab/sim/sweep"
	"stickylab/ui/outfile"
)

// sweepOptions are the flags of sweep.
type sweepOptions struct {
	loading
	seeds string
	sets  []string
	shard string
	jobs  int
	out   string
	merge bool
}

func newSweep() *cobra.Command {
	var o sweepOptions
	cmd := &cobra.Command{
		Use:   "sweep {SCENARIO | --merge FILE...}",
		Short: "Run a scenario over many seeds and values, and report distributions",
		Long: `sweep runs a scenario once for each seed and each combination of the values of
--set, several at once, and reports how many runs met the expectations, the
distribution of what was measured, and the worst runs with the line that replays
each.

KEY is a path in the scenario file: clients.beijing.count, network.client,
steps[0].at, hosts['api.example.com']. VALUE is YAML on one line; null takes a key
away, and commas inside of brackets and quotes belong to the value. proxy.policy
sets the balancing method, also where the file has nginx text.

--shard 2/3 runs the second third of the runs, on any machine. --out writes a line
of JSON for each run; --merge reads those files, in any order, and reports what one
sweep of all would have, byte for byte. Shards that overlap or are missing are an
error. p5, median and p95 are values that occurred (nearest rank).`,
		Example: `  stickylab sweep two-regions --seeds 1..1000
  stickylab sweep two-regions --set adapter=none,redis --set clients.beijing.count=10,20,40
  stickylab sweep node-dies --seeds 1..300 --shard 1/3 --out 1.jsonl
  stickylab sweep --merge 1.jsonl 2.jsonl 3.jsonl`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case o.merge && len(args) == 0:
				return errors.New("sweep --merge needs the files that --out has written")
			case !o.merge:
				return oneScenario(cmd, args)
			}
			return nil
		},
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.merge {
				return mergeShards(cmd, args, o)
			}
			return runSweep(cmd, args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.seeds, "seeds", "1..100", "run with the seeds `FROM..TO`")
	setFlag(cmd, &o.sets, "run with each of the values of `KEY=A,B` (more than once for all combinations)")
	o.variantFlag(cmd, "run this `VARIANT`")
	f.StringVar(&o.shard, "shard", "", "run only part `I/N` of the runs")
	f.IntVar(&o.jobs, "jobs", runtime.GOMAXPROCS(0), "run `N` at once")
	f.BoolVar(&o.json, "json", false, "write a line of JSON for the sweep and for each run, and nothing else, to\nstandard output")
	f.StringVar(&o.out, "out", "", "write those lines to `FILE` as well")
	f.BoolVar(&o.merge, "merge", false, "report what the files of all shards hold")
	o.yesFlag(cmd)
	for _, flag := range []string{"seeds", "set", "variant", "shard", "jobs", "yes"} {
		cmd.MarkFlagsMutuallyExclusive("merge", flag)
	}
	return cmd
}

// runSweep runs the points of a sweep or shard.
func runSweep(cmd *cobra.Command, arg string, o sweepOptions) error {
	wrong := func(err error) error { return &exitError{code: ExitInput, err: err} }
	if o.jobs < 1 || o.jobs > mostJobs {
		return wrong(fmt.Errorf("--jobs: %d is not a number from 1 to %d", o.jobs, mostJobs))
	}
	space, err := sweepSpace(o.seeds, o.sets)
	if err != nil {
		return wrong(err)
	}
	var shard sweep.Shard
	if o.shard != "" {
		if shard, err = sweep.ParseShard(o.shard); err != nil {
			return wrong(fmt.Errorf("--shard: %w", err))
		}
	}
	src, text, plans, problems := readSweep(arg, o.variant, space)
	if len(problems) > 0 {
		return complain(cmd, o.json, arg, problems)
	}
	var jobs []job
	for _, p := range plans {
		jobs = append(jobs, job{source: src, plan: p})
	}
	if err := o.affordable(cmd, jobs, o.jobs); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	header := sweep.NewHeader(space, shard)
	header.Program, header.Scenario, header.Title = version(), arg, plans[0].File.Heading()
	header.Variant, header.SHA256 = plans[0].File.VariantName(), hex.EncodeToString(sum[:])

	reads := []string{}
	if isFile(arg) {
		reads = append(reads, arg)
	}
	lines, err := openLines(cmd, o, reads)
	if err != nil {
		return err
	}
	// Runs are short, and leave little: less is collected, and the runs are a fifth faster.
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(400))
	}
	points := shard.Points(space)
	tally := sweep.NewTally(header)
	progress := startCounting(cmd.ErrOrStderr(), len(points), o.json)
	lines.write(header)
	err = sweep.Run(cmd.Context(), space, points, o.jobs, func(combination int) *plan.Plan { return plans[combination] }, func(r *sweep.Record) error {
		tally.Add(r)
		progress.count(r.Verdict != "pass")
		return lines.write(r)
	})
	progress.stop()
	if errors.Is(err, sim.ErrStopped) {
		err = fmt.Errorf("%s of %s without a verdict: %w", format.Number(len(points)-tally.Records()), format.Plural(len(points), "run"), err)
	}
	return sweepReport(cmd, tally, lines, err, o)
}

// sweepSpace reads the flags that say what a sweep goes over.
func sweepSpace(seeds string, sets []string) (sweep.Space, error) {
	var s sweep.Space
	var err error
	if s.Seeds, err = sweep.ParseSeeds(seeds); err != nil {
		return s, fmt.Errorf("--seeds: %w", err)
	}
	if s.Axes, err = sweep.ParseAxes(sets); err != nil {
		return s, fmt.Errorf("--set: %w", err)
	}
	if err := s.Check(); err != nil {
		return s, fmt.Errorf("--seeds and --set: %w", err)
	}
	return s, nil
}

// readSweep reads the scenario of a sweep, and makes the plan of each combination. Problems
// are those of the first that cannot be run.
func readSweep(arg, variant string, space sweep.Space) (source, []byte, []*plan.Plan, yamltree.Errors) {
	src, text, problems := readText(arg)
	if len(problems) > 0 {
		return src, nil, nil, problems
	}
	plans, problems, err := sweepPlans(src, text, variant, space)
	if err != nil {
		problems = yamltree.Errors{{File: src.file, Text: err.Error()}}
	}
	return src, text, plans, problems
}

// sweepPlans returns the plan of each combination, or what is wrong with the first that
// cannot be run.
func sweepPlans(src source, text []byte, variant string, space sweep.Space) ([]*plan.Plan, yamltree.Errors, error) {
	var plans []*plan.Plan
	texts := &nginx.Cache{}
	for i := range space.Combinations() {
		file, problems, err := plan.ParseSet(src.file, text, variant, space.Settings(i))
		if err != nil || len(problems) > 0 {
			return nil, problems, err
		}
		p, problems := plan.ResolveCached(file, nil, texts)
		if len(problems) > 0 {
			return nil, problems, nil
		}
		plans = append(plans, p)
	}
	return plans, nil, nil
}

// mergeShards reports what files of shards hold.
func mergeShards(cmd *cobra.Command, files []string, o sweepOptions) error {
	var m sweep.Merge
	for _, path := range files {
		if err := readShard(&m, path); err != nil {
			return &exitError{code: ExitInput, err: err}
		}
	}
	header, records, err := m.Whole()
	if err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	lines, err := openLines(cmd, o, files)
	if err != nil {
		return err
	}
	tally := sweep.NewTally(header)
	err = lines.write(header)
	for _, r := range records {
		tally.Add(r)
		err = errors.Join(err, lines.write(r))
	}
	return sweepReport(cmd, tally, lines, err, o)
}

func readShard(m *sweep.Merge, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", format.Line(path), outfile.Reason(err))
	}
	defer f.Close()
	return m.Read(format.Line(path), f)
}

// sweepReport ends the lines, and writes the report unless the lines are all that was asked for.
func sweepReport(cmd *cobra.Command, t *sweep.Tally, lines *jsonLines, err error, o sweepOptions) error {
	if err = lines.end(err); err != nil {
		return &exitError{code: ExitProgram, err: err}
	}
	if !o.json {
		out := cmd.OutOrStdout()
		screen := format.ScreenOf(out)
		if err := sweep.WriteText(out, t, sweep.Paper{Screen: screen, ASCII: onlyASCII(os.Getenv)}); err != nil {
			return failed(err)
		}
	}
	code := ExitOK
	for verdict, n := range t.Verdicts() {
		if n > 0 {
			code = worse(code, sweepExits[verdict])
		}
	}
	return said(code)
}

// sweepExits are the exit codes of the verdicts of runs.
var sweepExits = map[string]int{"pass": ExitOK, "fail": ExitFailed, "inconclusive": ExitInconclusive, "not judged": ExitNotJudged, "error": ExitProgram}

// onlyASCII reports whether the environment says that the terminal shows nothing else: it
// is dumb, or its locale (POSIX, 8.2) is one of another character set than UTF-8.
func onlyASCII(env func(string) string) bool {
	locale := strings.ToUpper(cmp.Or(env("LC_ALL"), env("LC_CTYPE"), env("LANG")))
	return env("TERM") == "dumb" || locale != "" && !strings.Contains(locale, "UTF-8") && !strings.Contains(locale, "UTF8")
}

// jsonLines are the lines of a sweep on their way to standard output, a file, both or none.
type jsonLines struct {
	stdout io.Writer     // nil for none
	file   *outfile.File // nil for none
	out    string
}

func openLines(cmd *cobra.Command, o sweepOptions, reads []string) (*jsonLines, error) {
	l := &jsonLines{out: o.out}
	if o.json {
		l.stdout = cmd.OutOrStdout()
	}
	if o.out == "" {
		return l, nil
	}
	var files outfile.Set
	for _, path := range reads {
		files.Reads(path)
	}
	f, err := files.Create("--out", o.out)
	if err != nil {
		return nil, &exitError{code: ExitInput, err: err}
	}
	l.file = f
	return l, nil
}

// write writes a line. It returns the error of where it goes.
func (l *jsonLines) write(value any) error {
	if l.stdout == nil && l.file == nil {
		return nil
	}
	var line bytes.Buffer
	if err := format.JSONLine(&line, value); err != nil {
		return err
	}
	if l.stdout != nil {
		if _, err := l.stdout.Write(line.Bytes()); err != nil {
			return err
		}
	}
	if l.file != nil {
		_, err := l.file.Write(line.Bytes())
		return err
	}
	return nil
}

// end gives the file its name, unless err is an error: it is as it was then.
func (l *jsonLines) end(err error) error {
	if l.file == nil {
		return err
	}
	if err != nil {
		l.file.Discard()
		return fmt.Errorf("%w; the file of --out is as it was", err)
	}
	return l.file.Commit()
}

// counting is one line on the terminal about how many runs are done, how many of them were
// bad, and what is left. It does nothing when there is no terminal.
type counting struct {
	w      io.Writer // nil for none
	of     int
	began  time.Time
	shown  time.Time
	done   int
	failed int
}

func startCounting(w io.Writer, of int, silent bool) *counting {
	c := &counting{of: of, began: time.Now(), shown: time.Now()}
	if !silent && format.ScreenOf(w).Terminal {
		c.w = w
	}
	return c
}

func (c *counting) count(failed bool) {
	c.done++
	if failed {
		c.failed++
	}
	if c.w == nil || time.Since(c.shown) < quietFor {
		return
	}
	c.shown = time.Now()
	format.Styled(c.w, format.EraseLine+c.line(time.Since(c.began)))
}

// line says how far the runs are after a time.
func (c *counting) line(after time.Duration) string {
	text := fmt.Sprintf("%s of %s", format.Number(c.done), format.Plural(c.of, "run"))
	if c.failed > 0 {
		text += fmt.Sprintf(", %s not as expected", format.Number(c.failed))
	}
	left := time.Duration(float64(after) / float64(c.done) * float64(c.of-c.done))
	return text + ", about " + format.Seconds(left.Round(time.Second)) + " left"
}

func (c *counting) stop() {
	if c.w != nil {
		format.Styled(c.w, format.EraseLine)
	}
}
