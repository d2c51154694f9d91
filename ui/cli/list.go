package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"stickylab/scenarios"
	"stickylab/sim/scenario"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in scenarios",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			names := scenarios.Names()
			width := 0
			for _, name := range names {
				width = max(width, len(name))
			}
			for _, name := range names {
				src, err := find(name)
				if err != nil {
					return err
				}
				f, problems := scenario.Parse(src.file, src.text)
				if len(problems) > 0 {
					return &exitError{ExitProgram, problems}
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%-*s  %s\n%-*s  %s\n", width, name, f.Title, width, "", f.Summary)
			}
			return nil
		},
	}
}
