package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"stickylab/ui/learn"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in scenarios, topic by topic",
		Args:  nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := learn.Course()
			if err != nil {
				return &exitError{code: ExitProgram, err: err}
			}
			width := 0
			for _, l := range all {
				width = max(width, len(l.Name))
			}
			out := cmd.OutOrStdout()
			byTopic(out, all, func(l learn.Entry) {
				fmt.Fprintf(out, "  %-*s  %s\n  %-*s  %s\n", width, l.Name, l.Title, width, "", l.Summary)
			})
			return nil
		},
	}
}

// byTopic writes the lessons of a course below the headings of their topics.
func byTopic(out io.Writer, course []learn.Entry, write func(learn.Entry)) {
	for i, l := range course {
		if i > 0 && l.Topic != course[i-1].Topic {
			fmt.Fprintln(out)
		}
		if i == 0 || l.Topic != course[i-1].Topic {
			fmt.Fprintln(out, l.Topic)
		}
		write(l)
	}
}
