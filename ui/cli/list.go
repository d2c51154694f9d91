package cli

import (
	"fmt"
	"io"
	"stickylab/ui/learn"

	"github.com/spf13/cobra"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in scenarios, topic by topic",
		Args:  nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := learn.Course()
			if err != nil {
				return &exitError{ExitProgram, err}
			}
			listCourse(cmd.OutOrStdout(), all)
			return nil
		},
	}
}

// listCourse writes the lessons topic by topic, with their summaries.
func listCourse(w io.Writer, all []learn.Entry) {
	width, topic := 0, ""
	for _, l := range all {
		width = max(width, len(l.Name))
	}
	for i, l := range all {
		if i > 0 && l.Topic != topic {
			fmt.Fprintln(w)
		}
		if i == 0 || l.Topic != topic {
			topic = l.Topic
			fmt.Fprintln(w, topic)
		}
		fmt.Fprintf(w, "  %-*s  %s\n  %-*s  %s\n", width, l.Name, l.Title, width, "", l.Summary)
	}
}
