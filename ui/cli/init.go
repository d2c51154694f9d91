package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"stickylab/sim/scenario"
	"stickylab/ui/outfile"
)

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented scenario to start from (default scenario.yaml)",
		Args:  atMostOne("file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "scenario.yaml"
			if len(args) > 0 {
				path = args[0]
			}
			// Never over a file that is there.
			f, err := outfile.New(path)
			if errors.Is(err, fs.ErrExist) {
				return &exitError{code: ExitInput, err: fmt.Errorf("%s exists already, and stays as it is; give another name", path)}
			}
			if err != nil {
				return &exitError{code: ExitInput, err: err}
			}
			_, err = io.WriteString(f, scenario.Starter)
			if err = f.End(err); err != nil {
				return &exitError{code: ExitProgram, err: err}
			}
			run := path
			if !isFile(path) {
				run = "./" + path
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s; run it with: stickylab run %s\n", path, run)
			return nil
		},
	}
}
