package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"stickylab/scenarios"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the built-in scenarios, topic by topic",
		Args:  nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := course()
			if err != nil {
				return &exitError{ExitProgram, err}
			}
			listCourse(cmd.OutOrStdout(), all)
			return nil
		},
	}
}

// lesson is a built-in scenario by its name.
type lesson struct {
	name string
	*scenario.File
}

// course reads the built-in scenarios, in the order of the course.
func course() ([]lesson, error) {
	var out []lesson
	for _, name := range scenarios.Names() {
		src, err := find(name)
		if err != nil {
			return nil, err
		}
		f, problems := plan.Parse(src.file, src.text)
		if len(problems) > 0 {
			return nil, problems
		}
		out = append(out, lesson{name, f})
	}
	return out, nil
}

func (l lesson) topic() string {
	if l.Lesson == nil {
		return ""
	}
	return l.Lesson.Topic
}

func listCourse(w io.Writer, all []lesson) {
	width, topic := 0, ""
	for _, l := range all {
		width = max(width, len(l.name))
	}
	for i, l := range all {
		if i > 0 && l.topic() != topic {
			fmt.Fprintln(w)
		}
		if i == 0 || l.topic() != topic {
			topic = l.topic()
			fmt.Fprintln(w, topic)
		}
		fmt.Fprintf(w, "  %-*s  %s\n  %-*s  %s\n", width, l.name, l.Title, width, "", l.Summary)
	}
}
