package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/ui/learn"
	"stickylab/ui/why"
)

func newList() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:   "list [WORD...]",
		Short: "List the built-in scenarios, topic by topic",
		Long: `list shows the built-in scenarios, topic by topic: all, or those that have every
WORD somewhere in their texts, or that show the error text or the symptom that the
WORDs are.

Exit codes: 0 something was found, 2 no scenario matches.`,
		Example: `  stickylab list
  stickylab list redis
  stickylab list Session ID unknown`,
		ValidArgsFunction: lessons,
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := courseIn(lang)
			if err != nil {
				return err
			}
			words := strings.Join(args, " ")
			if all = matching(all, words); len(all) == 0 {
				return noMatch(words)
			}
			width := 0
			for _, l := range all {
				width = max(width, len(l.Name))
			}
			out := cmd.OutOrStdout()
			screen := format.ScreenOf(out)
			p := why.NewPage(screen)
			byTopic(out, all, func(l learn.Entry) {
				fmt.Fprintf(out, "  %-*s  %s\n", width, l.Name, l.Title)
				margin := format.Spaces(width + 4)
				if !screen.Terminal { // whole lines, for grep and the like
					fmt.Fprintln(out, margin+l.Summary)
					return
				}
				for _, line := range format.Wrap(l.Summary, p.Room(len(margin))) {
					fmt.Fprintln(out, margin+line)
				}
			})
			return nil
		},
	}
	languageFlag(cmd, &lang)
	return cmd
}

// matching returns the lessons of a course that words lead to, all for none. The
// name of one leads to it alone.
func matching(course []learn.Entry, words string) []learn.Entry {
	f := why.NewFilter(words)
	var out []learn.Entry
	for _, e := range course {
		if e.Name == words {
			return []learn.Entry{e}
		}
		if f.Matches(e.Name, append([]string{e.Topic, e.Title, e.Summary}, e.Texts...)...) {
			out = append(out, e)
		}
	}
	return out
}

// noMatch is the error for words to which no scenario leads.
func noMatch(words string) error {
	hint := cmp.Or(nginxHint(words), spell.DidYouMean(words, scenarios.Names()), "see: stickylab list, without words, and stickylab why --list")
	return &exitError{code: ExitInput, err: fmt.Errorf("no built-in scenario matches %q\nhint: %s", format.Clip(format.Line(words), shownOfText), hint)}
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
