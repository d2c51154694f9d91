package cli

import (
	"github.com/spf13/cobra"

	"stickylab/sim/scenario"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for editors",
		Args:  nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema, err := scenario.Schema()
			if err == nil {
				_, err = cmd.OutOrStdout().Write(schema)
			}
			return failed(err)
		},
	}
}
