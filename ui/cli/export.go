package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"stickylab/cluster/spell"
	"stickylab/scenarios"
	"stickylab/sim/format"
	"stickylab/ui/export"
)

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export {nginx|compose} SCENARIO",
		Short: "Write a scenario as nginx.conf or compose file, for the real thing",
		Args:  aForm,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("export what? nginx or compose")
		},
	}
	for _, form := range []struct {
		name, short, long, example, listens string
		as                                  func(export.Options) (string, []string, error)
	}{
		{
			"nginx", "Print a whole nginx.conf in front of nodes of this machine",
			`nginx prints the scenario's proxy as a whole nginx.conf. The nodes are expected on
this machine: the first lines tell how to start them.`,
			`  stickylab export nginx two-regions > nginx.conf
  nginx -t -c "$PWD/nginx.conf"`,
			"nginx", export.Nginx,
		},
		{
			"compose", "Print a compose file with nginx, Redis and the nodes",
			`compose prints a file for docker compose: nginx with the scenario's configuration,
Redis, and the nodes, which are built from stickylab's source folder (this one, or
$STICKYLAB_SOURCE).`,
			`  stickylab export compose redis-adapter > compose.yaml
  docker compose up --build`,
			"this machine", export.Compose,
		},
	} {
		var o export.Options
		var l loading
		c := &cobra.Command{
			Use: form.name + " SCENARIO", Short: form.short, Long: form.long, Example: form.example,
			Args:              oneScenario,
			ValidArgsFunction: names,
			RunE:              func(cmd *cobra.Command, args []string) error { return write(cmd, args, l, o, form.as) },
		}
		c.Flags().StringVar(&o.Listen, "listen", "", "where "+form.listens+" listens for clients, `HOST:PORT` (default 127.0.0.1:8080)")
		l.variantFlag(c, "export this `VARIANT`")
		cmd.AddCommand(c)
	}
	return cmd
}

// aForm refuses a word where the form, nginx or compose, has to be.
func aForm(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if slices.Contains(scenarios.Names(), args[0]) || isFile(args[0]) {
		return fmt.Errorf("export %s as what? stickylab export nginx %s, or compose", args[0], args[0])
	}
	err := fmt.Errorf("%q is not a form to export to: nginx or compose", args[0])
	if near := spell.Nearest(args[0], []string{"nginx", "compose"}); near != "" {
		err = fmt.Errorf("%w, did you mean %q?", err, near)
	}
	return err
}

// write writes a scenario in another form.
func write(cmd *cobra.Command, args []string, l loading, o export.Options, as func(export.Options) (string, []string, error)) error {
	if err := checkListen("--listen", o.Listen); err != nil {
		return &exitError{code: ExitInput, err: err}
	}
	jobs, code := load(cmd, args, l)
	if code != ExitOK {
		return said(code)
	}
	o.Plan, o.Name, o.Listen = jobs[0].plan, jobs[0].name, numeric(o.Listen)
	text, notes, err := as(o)
	if err != nil {
		return &exitError{code: ExitInput, err: fmt.Errorf("%s: %w", jobs[0].arg, err)}
	}
	for _, n := range notes {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %s\n", n)
	}
	return failed(format.Data(cmd.OutOrStdout(), text))
}
