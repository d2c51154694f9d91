package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
	"stickylab/ui/why"
)

func newWhy() *cobra.Command {
	list := false
	cmd := &cobra.Command{
		Use:   "why {TEXT... | -}",
		Short: "What an error text or a symptom means, and what helps",
		Long: `why looks up what you see: an error text, a disconnect reason, a status, a line of
nginx's log, or a symptom in your own words. Paste it as it is, in quotes, with the
addresses, JSON and stack traces around it.

It says what that means, the usual causes with the most likely first, how to tell
them apart, what fixes each, and the lessons that show it. Where several things may
be meant it lists them. With - it reads standard input.

Exit codes: 0 something was found, 2 nothing matches well (what comes nearest is
listed), or the input is wrong.`,
		Example: `  stickylab why Session ID unknown
  stickylab why 'upstream timed out (110: Connection timed out)'
  stickylab why messages reach only some users
  tail -n 20 /var/log/nginx/error.log | stickylab why -
  stickylab why --list`,
		Args: func(_ *cobra.Command, args []string) error {
			if list && len(args) > 0 {
				return errors.New("--list takes nothing else with it")
			}
			if !list && strings.TrimSpace(strings.Join(args, " ")) == "" {
				return errors.New("paste an error text, or say what you see; --list shows all that is known")
			}
			return nil
		},
		ValidArgsFunction: symptoms,
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return listSymptoms(cmd.OutOrStdout())
			}
			return explainText(cmd, strings.Join(args, " "))
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list all entries")
	cmd.Flags().SetInterspersed(false) // a pasted text may have anything in it
	return cmd
}

// explainText writes what the dictionary says to a text. It fails when that is
// nothing, or standard input cannot be read.
func explainText(cmd *cobra.Command, text string) error {
	if text == "-" {
		read, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), yamltree.MaxSize))
		if err != nil {
			return &exitError{code: ExitInput, err: err}
		}
		if text = string(read); strings.TrimSpace(text) == "" {
			return &exitError{code: ExitInput, err: errors.New("nothing is on standard input")}
		}
	}
	a := why.Ask(text)
	if !a.Found() {
		return &exitError{code: ExitInput, err: unknownText(text, a.Near)}
	}
	p := why.NewPage(format.ScreenOf(cmd.OutOrStdout()))
	a.Write(p)
	_, err := p.WriteTo(cmd.OutOrStdout())
	return failed(err)
}

// unknownText returns the error about a text that nothing in the dictionary matches
// well.
func unknownText(text string, near []*why.Entry) error {
	shown := format.Clip(format.Line(text), shownOfText)
	if hint := nginxHint(text); hint != "" {
		return fmt.Errorf("%q is no error text\nhint: %s", shown, hint)
	}
	err := fmt.Errorf("nothing that is known matches %q well\nhint: paste the exact words of the error; stickylab why --list shows what is known", shown)
	if len(near) == 0 {
		return err
	}
	return unclear{err, near}
}

// unclear is an error about a text that names what comes nearest.
type unclear struct {
	error
	near []*why.Entry
}

// Detail lists what comes nearest.
func (e unclear) Detail() string {
	var p format.Page
	p.Text("The nearest:")
	why.WriteList(&p, e.near)
	return strings.TrimSuffix(p.String(), "\n")
}

// shownOfText is how much of a pasted text an error repeats, in cells.
const shownOfText = 60

// nginxHint names the command for a file that may be a configuration of nginx, "" when
// words name none.
func nginxHint(words string) string {
	if !strings.HasSuffix(words, ".conf") {
		return ""
	}
	if info, err := os.Stat(words); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return fmt.Sprintf("it is a file: stickylab doctor %s finds what it breaks, stickylab watch %[1]s shows it", format.Line(words))
}

// listSymptoms writes the names and titles of all entries.
func listSymptoms(out io.Writer) error {
	p := why.NewPage(format.ScreenOf(out))
	all := why.All()
	width := 0
	for _, e := range all {
		width = max(width, len(e.Name))
	}
	for _, e := range all {
		p.Wrap(why.Plain(e.Title), format.Run{Style: format.Code, Text: format.Left(e.Name, width)}, format.Run{Text: "  "})
	}
	_, err := p.WriteTo(out)
	return failed(err)
}

// symptoms completes the names of the entries.
func symptoms(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, e := range why.All() {
		out = append(out, e.Name+"\t"+why.Plain(e.Title))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
