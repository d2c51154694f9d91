// Package cli is the command line.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
	"stickylab/sim/virtualtime"
	"stickylab/ui/outfile"
	"stickylab/ui/terminal"
)

// Version is the program's version; a release build may set it.
var Version = "dev"

// Main runs the command line and returns the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	if len(args) == 1 && args[0] == terminal.KeeperArg {
		return terminal.Keep()
	}
	root := newRoot()
	root.SetArgs(args)
	ctx, stop := untilSignal(context.Background())
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out, errs := format.NewOutput(stdout, cancel), format.NewOutput(stderr, nil)
	root.SetOut(out)
	root.SetErr(errs)
	exit := execute(ctx, root)
	if s, ended := stoppedBy(ctx); ended && !exit.judged {
		exit.code = s.code()
	} else if err := out.Err(); err != nil {
		exit = &exitError{code: ExitProgram, err: fmt.Errorf("standard output: %w", outfile.Reason(err))}
	}
	return exit.say(errs)
}

// say writes what has not been told, and returns the code.
func (exit *exitError) say(stderr io.Writer) int {
	if problems, ok := exit.err.(yamltree.Errors); ok {
		writeProblems(stderr, problems)
	} else if exit.err != nil {
		fmt.Fprintln(stderr, "stickylab:", exit.err)
		var detailed interface{ Detail() string }
		if errors.As(exit.err, &detailed) {
			fmt.Fprintf(stderr, "\n%s\n", detailed.Detail())
		}
	}
	return exit.code
}

// execute runs the command and returns its outcome. A panic is a failure.
func execute(ctx context.Context, root *cobra.Command) (exit *exitError) {
	defer func() {
		if v := recover(); v != nil {
			outfile.DiscardAll()
			exit = &exitError{code: ExitProgram, err: &virtualtime.PanicError{Value: v, Stack: string(debug.Stack())}}
		}
	}()
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return &exitError{code: ExitOK}
	case errors.As(err, &exit):
		return exit
	}
	return misuse(cmd, err) // whatever cobra says is about the arguments
}

// Root returns the program with all its commands, for what documents them.
func Root() *cobra.Command { return newRoot() }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "stickylab [FILE...]",
		Short: "A sticky-session cluster in one process",
		Long: `stickylab runs a whole sticky-session cluster inside one process: Socket.IO chat
nodes, an nginx-like proxy, an embedded Redis and virtual clients with their own IP
addresses. It shows which node each client lands on, and whether messages cross
nodes.

Without a command, on a terminal, it opens the list of scenarios and FILEs.

A SCENARIO is the name of a built-in one, or a file (with a / or ending in .yaml).

Exit codes:
` + exitHelp(),
		Example: `  stickylab list
  stickylab run two-regions
  stickylab init my.yaml && stickylab run my.yaml`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          onlyFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if interactive(cmd) {
				return screen(cmd, nil, watchOptions{speed: 1, files: args})
			}
			return cmd.Help()
		},
	}
	root.AddCommand(newRun(), newSweep(), newCompare(), newWatch(), newWeb(), newLearn(), newWhy(), newList(), newCheck(), newSchema(), newInit(), newExplain(), newDoctor(), newServe(), newNode(), newExport())
	root.SetHelpCommand(newHelp())
	return root
}

// version is Version with the revision that the build knows.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return Version + " (" + s.Value[:12] + ")"
		}
	}
	return Version
}
