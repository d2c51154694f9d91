package cli

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/ui/learn"
	"stickylab/ui/tui"
)

// watchOptions are the flags of watch.
type watchOptions struct {
	loading
	reading  // of lessons
	speed    speed
	readOnly bool
	lesson   string          // to begin with
	progress *learn.Progress // nil means that it is read
	files    []string        // to choose from, besides the built-in scenarios
}

// speed is how many virtual seconds pass in a second.
type speed float64

// The bounds of --speed, the same as those of the keys.
const (
	slowest = 0.1
	fastest = 1000
)

// Set reads "4", "x4", "0.5" or "max".
func (s *speed) Set(text string) error {
	if text == "max" {
		*s = speed(math.Inf(1))
		return nil
	}
	f, err := strconv.ParseFloat(strings.TrimPrefix(text, "x"), 64)
	if err != nil || !(f >= slowest && f <= fastest) {
		return fmt.Errorf("neither a number from %v to %v nor max", slowest, fastest)
	}
	*s = speed(f)
	return nil
}

func (s *speed) String() string {
	if math.IsInf(float64(*s), 1) {
		return "max"
	}
	return strconv.FormatFloat(float64(*s), 'g', -1, 64)
}

// Type names the value in the help.
func (s *speed) Type() string { return "number" }

func newWatch() *cobra.Command {
	o := watchOptions{speed: 1, loading: loading{around: &around{}}}
	cmd := &cobra.Command{
		Use:   "watch {SCENARIO | NGINX.CONF}",
		Short: "Watch a scenario in the terminal, steer it, go back in time",
		Long: `watch shows a scenario as it runs: which client lands on which node, which
messages arrive, and what happens. Keys pause it, go back in time, switch the
adapter and the policy, kill nodes; ? shows them all. What you did can be saved as
a scenario.

Around an nginx.conf a scenario is made: its servers become nodes, and clients of
several networks come to them. The key w writes it as a file.`,
		Example: `  stickylab watch two-regions
  stickylab watch nginx.conf
  stickylab watch ./my.yaml --speed 4
  stickylab watch redis-adapter --readonly`,
		Args:              oneScenario,
		ValidArgsFunction: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			jobs, code := load(cmd, args, o.loading)
			if code != ExitOK {
				return said(code)
			}
			if err := o.affordable(cmd, jobs, 1); err != nil {
				return err
			}
			if !interactive(cmd) {
				return &exitError{code: ExitInput, err: fmt.Errorf("watch needs a terminal for its input and its output\nhint: without one, use stickylab run %s", args[0])}
			}
			tellScenes(cmd, jobs)
			return screen(cmd, &jobs[0], o)
		},
	}
	f := cmd.Flags()
	f.Var(&o.speed, "speed", "virtual seconds in a second, 0.1 to 1000, or max")
	f.BoolVar(&o.readOnly, "readonly", false, "look only: no key changes the run")
	o.variantFlag(cmd, "watch this `VARIANT`")
	o.seedFlag(cmd, otherSeed)
	o.yesFlag(cmd)
	o.around.register(cmd)
	o.clientsFlag(cmd)
	motionFlag(cmd)
	return cmd
}

// screen runs the terminal program, on a job or, without one, on the list of
// scenarios.
func screen(cmd *cobra.Command, first *job, o watchOptions) error {
	learning, err := learningOf(cmd, o)
	if err != nil {
		return err
	}
	options := tui.Options{
		Learn:    learning,
		Files:    o.files,
		ReadOnly: o.readOnly,
		Speed:    float64(o.speed),
		Still:    still(cmd),
		In:       cmd.InOrStdin(),
		Out:      screenOf(cmd),
		Load: func(arg string) (*plan.Plan, string, error) {
			if first != nil && arg == first.arg {
				return first.plan, first.name, nil
			}
			return loadPlan(arg, o.seed)
		},
	}
	if first != nil {
		options.Arg = first.arg
		options.Around = first.said
		if first.path != "" && first.scene == nil {
			options.Files = []string{first.path}
		}
	}
	return failed(tui.Run(cmd.Context(), options))
}

// loadPlan reads a scenario.
func loadPlan(arg string, seed *uint64) (*plan.Plan, string, error) {
	src, file, problems := read(arg)
	if len(problems) > 0 {
		return nil, "", problems
	}
	p, problems := plan.Resolve(file, seed)
	return p, src.name, problems.Err()
}

// interactive reports whether the command talks to a terminal in both
// directions.
func interactive(cmd *cobra.Command) bool {
	return format.ScreenOf(cmd.InOrStdin()).Terminal && format.ScreenOf(cmd.OutOrStdout()).Terminal && os.Getenv("TERM") != "dumb"
}

// screenOf returns the output of a command for a screen, which steers the
// terminal.
func screenOf(cmd *cobra.Command) io.Writer {
	if o, ok := cmd.OutOrStdout().(*format.Output); ok {
		return o.Unwrap()
	}
	return cmd.OutOrStdout()
}
